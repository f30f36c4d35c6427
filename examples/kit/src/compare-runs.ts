import { largestIn, type ReportCell, type ReportTable } from "./report-table.ts";

/** What a run scored with one method. */
export interface ComparedMethod {
  /** Tells methods apart; the same in every run. */
  readonly name: string;
  /** What it is called where people read it. */
  readonly title: string;
  /** Shares from 0 to 1 by the name of the measure; those that were not measured are missing, `null` or NaN. */
  readonly scores: Readonly<Record<string, number | null | undefined>>;
}

/** The scores of one run. */
export interface ComparedRun {
  readonly name: string;
  readonly methods: readonly ComparedMethod[];
}

/** A row for each method that any run measured, and a column for each run, then their mean and range; in percent. */
export function comparisonTable(
  runs: readonly ComparedRun[],
  { measure, title }: { readonly measure: string; readonly title: string },
): ReportTable {
  const titles = new Map<string, string>();
  for (const { methods } of runs) {
    for (const { name, title } of methods) if (!titles.has(name)) titles.set(name, title);
  }
  const rows = [...titles].flatMap(([name, title]): ReportCell[][] => {
    const values = runs.map(({ methods }) =>
      percent(methods.find((method) => method.name === name)?.scores[measure]),
    );
    const known = values.filter((value) => value !== undefined);
    if (known.length === 0) return [];
    // A mean of some runs would stand beside means of all of them.
    const summary = known.length < runs.length ? [undefined, undefined] : [meanOf(known), rangeOf(known)];
    return [[title, ...values, ...summary]];
  });
  const mean = runs.length + 1;
  return {
    title: "Runs compared",
    caption: `${title}, percent`,
    columns: [
      { title: "method" },
      ...runs.map(({ name }) => ({ title: name, decimals })),
      { title: "mean", decimals },
      { title: "range" },
    ],
    rows,
    emphasis: largestIn(rows, [mean]),
  };
}

const decimals = 2;

function percent(share: number | null | undefined): number | undefined {
  return typeof share === "number" && Number.isFinite(share) ? 100 * share : undefined;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rangeOf(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(decimals)}–${Math.max(...values).toFixed(decimals)}`;
}
