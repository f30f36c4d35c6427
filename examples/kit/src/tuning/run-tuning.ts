import { join } from "node:path";
import type { ReportTable } from "../report-table.ts";
import { markdownTable } from "../report-text.ts";
import { InterruptedError, oneLine, UserError } from "../user-error.ts";
import { blockOf, candidateName, expandGrid, sampleGrid } from "./candidates.ts";
import { addResult, readResults, type TuningRow, type TuningScores } from "./results-file.ts";
import type { Candidate, SearchSpace } from "./space.ts";

/** A candidate that is about to run. */
export interface TuningJob {
  readonly candidate: Candidate;
  readonly name: string;
  /** A folder for what it makes; not made yet. */
  readonly folder: string;
  /** From 0 to `workers` - 1; no two jobs have the same one at the same time, so it can choose a device. */
  readonly worker: number;
}

/** Trains and scores one candidate, here or in a process of its own. */
export type RunCandidate = (job: TuningJob) => Promise<TuningScores>;

/** Which candidates to run. */
export interface TuningPlan {
  readonly space: SearchSpace | readonly SearchSpace[];
  /** Every candidate, or `iterations` of them drawn by `seed`. */
  readonly mode: "grid" | "random";
  readonly iterations: number;
  readonly seed: number;
  /** Only block `block`, from 0, of `blocks`. */
  readonly blocks: number;
  readonly block: number;
  /** Candidates that run at the same time. */
  readonly workers: number;
}

/** Options of {@link runTuning}. */
export interface RunTuningOptions extends TuningPlan {
  /** Holds `results.csv` and a folder for each candidate. */
  readonly folder: string;
  /** The measure that decides which candidate is best, and which way. */
  readonly best: { readonly measure: string; readonly order: "highest" | "lowest" };
  readonly runCandidate: RunCandidate;
  /** Told a line for each candidate that begins, ends, fails or is skipped, and the table at the end. */
  readonly say: (text: string) => void;
}

/**
 * Tries settings: runs every candidate that `results.csv` does not have yet, adds what it reached, and says the table of
 * all results, best first, which it also returns.
 *
 * Several runs, on several machines, can share a folder, each with a block of its own. A candidate that fails does not
 * stop the others; it is named at the end, and runs again the next time.
 */
export async function runTuning(options: RunTuningOptions): Promise<readonly TuningRow[]> {
  const { folder, workers, runCandidate, say } = options;
  if (!Number.isInteger(workers) || workers < 1) {
    throw new UserError(`expected \`workers\` to be a whole number of at least 1, got ${workers}`);
  }
  const file = join(folder, "results.csv");
  const waiting = [...candidatesOf(options)];
  const count = waiting.length;
  const failures: string[] = [];
  let interruption: InterruptedError | undefined;

  const runOne = async (candidate: Candidate, worker: number): Promise<void> => {
    const name = candidateName(candidate);
    if (readResults(file).some((row) => row.name === name)) return say(`skip  ${name}`);
    say(`begin ${name}`);
    try {
      const scores = await runCandidate({ candidate, name, folder: join(folder, name), worker });
      requireScore(name, scores, options.best.measure);
      await addResult(file, candidate, scores);
      say(`done  ${name}`);
    } catch (error) {
      if (error instanceof InterruptedError) {
        interruption = error;
        return say(`stop  ${name}`);
      }
      failures.push(name);
      say(`fail  ${name}: ${oneLine(error)}`);
    }
  };
  const work = async (worker: number): Promise<void> => {
    while (waiting.length > 0 && interruption === undefined) await runOne(waiting.shift()!, worker);
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));

  if (interruption !== undefined) throw interruption;
  const rows = sortResults(readResults(file), options.best);
  if (rows.length > 0) say(`\n${markdownTable(resultsTable(rows))}\n`);
  if (failures.length > 0) {
    throw new UserError(
      `${failures.length} of ${count} candidates failed: ${failures.join(", ")}; run again to repeat them`,
    );
  }
  return rows;
}

/** The candidates of a plan, in order. */
export function candidatesOf(plan: TuningPlan): readonly Candidate[] {
  const { space, mode, iterations, seed, blocks, block } = plan;
  const all = mode === "grid" ? expandGrid(space) : sampleGrid(space, iterations, seed);
  return blockOf(all, blocks, block);
}

/** The results as a table, a row for each candidate. */
export function resultsTable(rows: readonly TuningRow[]): ReportTable {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter((column) => column !== "name");
  const isNumber = (column: string): boolean =>
    rows.every((row) => Number.isFinite(Number(row[column] ?? "")));
  return {
    title: "Tuning",
    columns: columns.map((title) => ({ title, align: isNumber(title) ? "right" : "left" })),
    rows: rows.map((row) => columns.map((column) => shortened(row[column]))),
  };
}

/** A number with six digits, another text as it is, `undefined` for an empty cell. */
function shortened(text: string | undefined): string | undefined {
  if (text === undefined || text === "") return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : text;
}

/** Best first; equal ones by name; those without the measure last. */
function sortResults(rows: readonly TuningRow[], { measure, order }: RunTuningOptions["best"]): TuningRow[] {
  const sign = order === "highest" ? -1 : 1;
  const rank = (row: TuningRow): number => (row[measure] ? sign * Number(row[measure]) : Infinity);
  const byName = (a: TuningRow, b: TuningRow): number => (a.name! < b.name! ? -1 : 1);
  return [...rows].sort((a, b) => (rank(a) === rank(b) ? byName(a, b) : rank(a) - rank(b)));
}

function requireScore(name: string, scores: TuningScores, measure: string): void {
  if (scores[measure] === undefined) {
    const got = Object.keys(scores).join(", ") || "none";
    throw new RangeError(`runTuning: expected the scores of ${name} to have \`${measure}\`, got ${got}`);
  }
}
