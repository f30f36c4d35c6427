import { table } from "../measure/markdown.ts";
import type { Report } from "../measure/report.ts";
import { runLine } from "./run-line.ts";

/** A side of the search of many rows; milliseconds and bytes. */
export interface LargeRow {
  readonly name: string;
  /** Reading the rows and searching them. */
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** Searching alone, where rows are read before. */
  readonly search: number | null;
  /** Resident before. */
  readonly loaded: number;
  /** Resident at most, in any run. */
  readonly peak: number;
  readonly recall: number;
}

/** What the benchmark of the search of many rows found. */
export interface LargeResults {
  readonly rows: number;
  readonly columns: number;
  readonly queries: number;
  readonly k: number;
  /** Queries whose neighbors were compared with the true ones. */
  readonly sampled: number;
  readonly sides: readonly LargeRow[];
}

/** A result of the benchmark of the search of many rows. */
export type LargeReport = Report<LargeResults>;

/** The table of a result, as Markdown. */
export function largeSearchTables(report: LargeReport): string {
  const { rows, columns, queries, k, sampled, sides } = report.results;
  const flops = 2 * queries * rows * columns;
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  return [
    runLine(report),
    table(
      `### Search of ${queries.toLocaleString("en")} queries in ${rows.toLocaleString("en")} × ${columns}, k ${k}`,
      ["side", "s", "s, search alone", "GFLOP/s", "peak memory", "before", `recall@${k}`],
      sides.map(({ name, median, search, loaded, peak, recall }) => [
        name,
        (median / 1000).toFixed(2),
        search === null ? "–" : (search / 1000).toFixed(2),
        (flops / ((search ?? median) * 1e6)).toFixed(1),
        mebibytes(peak),
        mebibytes(loaded),
        recall.toFixed(5),
      ]),
      `Seconds of reading the file, which the system has in its cache, and of searching; lmk reads while it searches. Each run is a process of its own, whose resident memory is counted. Recall is that of ${sampled} queries against float64 products of the float32 vectors.`,
    ),
    ...report.failures.map((failure) => `Short of the aim: ${failure}.`),
  ].join("\n\n");
}
