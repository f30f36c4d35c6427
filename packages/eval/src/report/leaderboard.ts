// What the text and the HTML page are made of: checked, sorted, best values found.
import { requirePositiveInteger, requireShare } from "../require.ts";
import type { LeaderboardMetric, LeaderboardOptions, LeaderboardRun, LeaderboardScore } from "./options.ts";

/** A metric with its defaults filled in. */
export type Column = Required<LeaderboardMetric> & {
  readonly hasIntervals: boolean;
  readonly hasPValues: boolean;
};

export interface Cell {
  /** NaN for none. */
  readonly value: number;
  readonly isBest: boolean;
  readonly interval: { readonly low: number; readonly high: number } | undefined;
  /** Value less that of the baseline; undefined for the baseline itself and without one. */
  readonly difference: number | undefined;
  readonly pValue: number | undefined;
}

export interface Row {
  readonly run: LeaderboardRun;
  readonly isBaseline: boolean;
  /** In the order of the columns. */
  readonly cells: readonly Cell[];
}

export interface Leaderboard {
  readonly title: string;
  readonly description: string;
  readonly level: number;
  readonly columns: readonly Column[];
  /** Best first by the first column; equal ones, and those without a value, in the order given. */
  readonly rows: readonly Row[];
  readonly baseline: LeaderboardRun | undefined;
  readonly detail: LeaderboardRun | undefined;
  readonly queries: readonly string[] | undefined;
  readonly queryMetric: string;
  readonly queryCount: number;
}

/** Checks runs and options and sorts the runs. */
export function createLeaderboard(
  caller: string,
  runs: readonly LeaderboardRun[],
  options: LeaderboardOptions,
): Leaderboard {
  const { metrics, title = "Leaderboard", description = "", level = 0.95 } = options;
  const { queryMetric = "average precision", queryCount = 10 } = options;
  requireOptions(caller, metrics, level, queryCount);
  requireRuns(caller, runs, options);
  const baseline = findRun(caller, "baseline", runs, options.baseline);
  const columns = metrics.map((metric) => columnOf(metric, runs));
  const unsorted = runs.map((run) => ({
    run,
    isBaseline: run === baseline,
    cells: columns.map((column) => cellOf(run, column, runs, baseline)),
  }));
  const sign = columns[0]!.better === "higher" ? -1 : 1;
  const keyOf = (row: Row): number => {
    const value = row.cells[0]!.value;
    return Number.isNaN(value) ? Number.POSITIVE_INFINITY : sign * value;
  };
  const rows = unsorted.sort((a, b) => compare(keyOf(a), keyOf(b)));
  const withQueries = rows.map(({ run }) => run).filter(({ perQuery }) => perQuery !== undefined);
  const detail =
    findRun(caller, "detail", runs, options.detail) ??
    withQueries.find((run) => run !== baseline) ??
    withQueries[0];
  return {
    title,
    description,
    level,
    columns,
    rows,
    baseline,
    detail,
    queries: options.queries?.map(String),
    queryMetric,
    queryCount,
  };
}

function compare(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function scoreOf(run: LeaderboardRun, key: string): LeaderboardScore {
  const score = Object.hasOwn(run.scores, key) ? run.scores[key]! : Number.NaN;
  if (typeof score === "number") return { value: score };
  const { interval, ...rest } = score;
  const isKnown = interval !== undefined && !Number.isNaN(interval.low) && !Number.isNaN(interval.high);
  return isKnown ? score : rest;
}

function columnOf(metric: LeaderboardMetric, runs: readonly LeaderboardRun[]): Column {
  const { key, label, unit = "percent", digits = 2, better = "higher" } = metric;
  const scores = runs.map((run) => scoreOf(run, key));
  const hasIntervals = scores.some(({ interval }) => interval !== undefined);
  const hasPValues = scores.some(({ pValue }) => pValue !== undefined);
  return { key, label, unit, digits, better, hasIntervals, hasPValues };
}

function cellOf(
  run: LeaderboardRun,
  column: Column,
  runs: readonly LeaderboardRun[],
  baseline: LeaderboardRun | undefined,
): Cell {
  const { value, interval, pValue } = scoreOf(run, column.key);
  const values = runs
    .map((other) => scoreOf(other, column.key).value)
    .filter((other) => !Number.isNaN(other));
  const best = column.better === "higher" ? Math.max(...values) : Math.min(...values);
  const isCompared = baseline !== undefined && run !== baseline;
  const difference = isCompared ? value - scoreOf(baseline, column.key).value : undefined;
  return { value, isBest: runs.length > 1 && value === best, interval, difference, pValue };
}

function findRun(
  caller: string,
  option: string,
  runs: readonly LeaderboardRun[],
  name: string | undefined,
): LeaderboardRun | undefined {
  if (name === undefined) return undefined;
  const run = runs.find((other) => other.name === name);
  if (run === undefined) {
    throw new RangeError(
      `${caller}: expected \`${option}\` to be the name of a run, got ${JSON.stringify(name)}`,
    );
  }
  return run;
}

function requireOptions(
  caller: string,
  metrics: readonly LeaderboardMetric[],
  level: number,
  queryCount: number,
): void {
  if (metrics.length === 0) {
    throw new RangeError(`${caller}: expected \`metrics\` to have at least one metric, got none`);
  }
  for (const { key, digits = 2 } of metrics) {
    if (Number.isInteger(digits) && digits >= 0 && digits <= 10) continue;
    throw new RangeError(
      `${caller}: expected \`digits\` of ${key} to be an integer from 0 to 10, got ${digits}`,
    );
  }
  requireShare(caller, "level", level);
  requirePositiveInteger(caller, "queryCount", queryCount);
}

function requireRuns(caller: string, runs: readonly LeaderboardRun[], { queries }: LeaderboardOptions): void {
  const names = new Set<string>();
  for (const { name, perQuery } of runs) {
    if (names.has(name)) {
      throw new RangeError(
        `${caller}: expected \`runs\` to have different names, got ${JSON.stringify(name)} twice`,
      );
    }
    names.add(name);
    requireValues(caller, name, perQuery ?? []);
    if (queries === undefined || perQuery === undefined || perQuery.length === queries.length) continue;
    throw new RangeError(
      `${caller}: expected \`perQuery\` of ${JSON.stringify(name)} to have ${queries.length} values, one per query, got ${perQuery.length}`,
    );
  }
}

function requireValues(caller: string, name: string, values: ArrayLike<number>): void {
  for (let query = 0; query < values.length; query++) {
    const value = values[query]!;
    if (!(value < 0 || value > 1)) continue;
    throw new RangeError(
      `${caller}: expected \`perQuery\` of ${JSON.stringify(name)} to be from 0 to 1, got ${value} at ${query}`,
    );
  }
}
