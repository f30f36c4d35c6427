import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { LanceIndexOptions, LanceSearchOptions } from "@lmk/index/lancedb";
import type { ClusterOptions } from "./clustered-vectors.ts";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A table that is written and indexed in a process of its own. */
export interface LanceBuildTask {
  readonly stage: "build";
  readonly folder: string;
  readonly vectors: ClusterOptions;
  readonly rows: number;
  readonly index: LanceIndexOptions;
}

/** How thoroughly is searched. */
export type LanceSetting = Pick<LanceSearchOptions, "nprobes" | "refineFactor" | "ef" | "exact">;

/** A table that is searched in a process of its own. */
export interface LanceSearchTask {
  readonly stage: "search";
  readonly folder: string;
  /** A file of NumPy. */
  readonly queries: string;
  readonly k: number;
  readonly settings: readonly LanceSetting[];
  /** Runs over all queries that are counted, after one that is not. */
  readonly steps: number;
  /** Queries that are asked one at a time. */
  readonly singles: number;
  /** Queries of an exact search, which takes longer. */
  readonly exactQueries: number;
  /** Where the ids of each setting are written, as raw int32, with its number behind. */
  readonly ids: string;
}

/** What building took; milliseconds and bytes. */
export interface LanceBuild {
  /** Writing the rows, without making them. */
  readonly write: number;
  /** Building the index. */
  readonly train: number;
  /** Of the table on disk, without and with the index. */
  readonly rowBytes: number;
  readonly allBytes: number;
  /** Resident at most while the rows were written, and at the end. */
  readonly writePeak: number;
  readonly peak: number;
}

/** What searching with one setting took; milliseconds. */
export interface LanceTimes {
  readonly queries: number;
  /** All queries together, of each run. */
  readonly runs: readonly number[];
  /** Each query by itself. */
  readonly singles: readonly number[];
}

/** What the searches of one table took. */
export interface LanceSearches {
  readonly settings: readonly LanceTimes[];
  /** Resident before, and at most. */
  readonly loaded: number;
  readonly peak: number;
}

/** Writes and indexes a table in a fresh process. */
export function buildInProcess(task: LanceBuildTask): Promise<LanceBuild> {
  return runWorker(task);
}

/** Searches a table in a fresh process. */
export function searchInProcess(task: LanceSearchTask): Promise<LanceSearches> {
  return runWorker(task);
}

async function runWorker<Result>(task: LanceBuildTask | LanceSearchTask): Promise<Result> {
  const program = fileURLToPath(new URL("lancedb-worker.ts", import.meta.url));
  const args = ["--conditions=@lmk/source", "--import", "tsx", program, JSON.stringify(task)];
  const { stdout } = await execute(process.execPath, args, { cwd: root, maxBuffer: 64 * 2 ** 20 });
  return JSON.parse(stdout.trim().split("\n").at(-1)!);
}
