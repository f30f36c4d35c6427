import { introduction, table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";
import type { TaskMemory } from "./task-process.ts";

/** What a method took for sets of growing size. */
export interface GrowthRow {
  readonly method: string;
  /** One for each size; nothing where the method was not run. */
  readonly runs: readonly (TaskMemory | null)[];
}

/** What the benchmark of growth found. */
export interface GrowthResults {
  readonly sizes: readonly number[];
  readonly columns: number;
  readonly queries: number;
  readonly depth: number;
  readonly neighborCount: number;
  readonly methods: readonly GrowthRow[];
}

export type GrowthReport = Report<GrowthResults>;

/** The slope of the logarithms: cost grows as the size to this power. */
export function exponentOf(sizes: readonly number[], costs: readonly number[]): number {
  const x = sizes.map((size) => Math.log(size));
  const y = costs.map((cost) => Math.log(cost));
  const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
  const [centerX, centerY] = [mean(x), mean(y)];
  const covariance = mean(x.map((value, i) => (value - centerX) * (y[i]! - centerY)));
  return covariance / mean(x.map((value) => (value - centerX) ** 2));
}

/** The tables of a result, as Markdown. */
export function growthTables(report: GrowthReport): string {
  const { sizes, columns, queries, depth, neighborCount, methods } = report.results;
  const names = sizes.map((size) => `N = ${size.toLocaleString("en")}`);
  const of = (row: GrowthRow, value: (run: TaskMemory) => number, digits: (cost: number) => string) => {
    const known = sizes.flatMap((size, i) =>
      row.runs[i] === null ? [] : [{ size, cost: value(row.runs[i]!) }],
    );
    // Small sets show what a call costs at least, not how it grows.
    const large = known.filter(({ size }) => size >= 10_000);
    const exponent = exponentOf(
      large.map(({ size }) => size),
      large.map(({ cost }) => Math.max(cost, 1e-3)),
    );
    const cells = row.runs.map((run) => (run === null ? "" : digits(value(run))));
    return [row.method, ...cells, large.length > 1 ? exponent.toFixed(2) : ""];
  };
  return [
    introduction(report),
    table(
      `### Milliseconds, ${queries} queries, lists of ${depth}, graphs of ${neighborCount}, ${columns} columns`,
      ["method", ...names, "exponent from 10,000"],
      methods.map((row) =>
        of(
          row,
          ({ milliseconds }) => milliseconds,
          (cost) => cost.toPrecision(3),
        ),
      ),
    ),
    table(
      "### Memory: MB resident at most, more than before the call",
      ["method", ...names, "exponent from 10,000"],
      methods.map((row) =>
        of(
          row,
          ({ peak, loaded }) => (peak - loaded) / 1e6,
          (cost) => cost.toFixed(0),
        ),
      ),
    ),
    ...report.failures.map((failure) => `Not measured: ${failure}.`),
  ].join("\n\n");
}
