import type { Leaderboard } from "./leaderboard.ts";

/** The scale of values per query. */
export const queryScale: { readonly unit: "percent"; readonly digits: number } = {
  unit: "percent",
  digits: 2,
};

/** A query in a table of the report. */
export interface QueryRow {
  readonly id: string;
  /** Value of the run that is shown. */
  readonly value: number;
  /** Value of the baseline, NaN without one. */
  readonly baseline: number;
  /** How far the first lies above the second, NaN without a baseline. */
  readonly change: number;
}

/** A table of the report. */
export interface QueryTable {
  readonly title: string;
  readonly rows: readonly QueryRow[];
}

/** The largest changes against the baseline where there is one, and the worst and the best queries of a run. */
export function queryTables(board: Leaderboard): readonly QueryTable[] {
  const { detail, baseline, queries, queryCount } = board;
  const values = detail?.perQuery;
  if (detail === undefined || values === undefined || queries === undefined) return [];
  const compared = baseline === detail ? undefined : baseline?.perQuery;
  const rows = queries
    .map((id, query) => {
      const reference = compared === undefined ? Number.NaN : compared[query]!;
      return { id, value: values[query]!, baseline: reference, change: values[query]! - reference };
    })
    .filter(({ value }) => !Number.isNaN(value));
  const tables: QueryTable[] = [];
  const add = (title: string, chosen: readonly QueryRow[]): void => {
    if (chosen.length > 0) tables.push({ title, rows: chosen.slice(0, queryCount) });
  };
  add(
    "Largest gains",
    rows.filter(({ change }) => change > 0).sort((a, b) => b.change - a.change),
  );
  add(
    "Largest losses",
    rows.filter(({ change }) => change < 0).sort((a, b) => a.change - b.change),
  );
  add(
    "Worst queries",
    [...rows].sort((a, b) => a.value - b.value),
  );
  add(
    "Best queries",
    [...rows].sort((a, b) => b.value - a.value),
  );
  return tables;
}

/** How many queries a run has more and less than the baseline, such as "12 better, 3 worse, 5 equal". */
export function countChanges(board: Leaderboard): string {
  const { detail, baseline } = board;
  if (detail?.perQuery === undefined || baseline?.perQuery === undefined || detail === baseline) return "";
  let better = 0;
  let worse = 0;
  let equal = 0;
  for (let query = 0; query < detail.perQuery.length; query++) {
    const change = detail.perQuery[query]! - baseline.perQuery[query]!;
    if (change > 0) better += 1;
    else if (change < 0) worse += 1;
    else if (change === 0) equal += 1;
  }
  return `${better} better, ${worse} worse, ${equal} equal`;
}
