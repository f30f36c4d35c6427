import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { deserialize } from "node:v8";
import type { QueryScores } from "./scores.ts";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));
const typescript = ["--conditions=@lmk/source", "--expose-gc", "--import", "tsx"];

/** One method on one set. */
export interface MethodTask {
  readonly method: string;
  /** A folder with `problems`, prepared and serialized by v8. */
  readonly folder: string;
  /** Timed runs with the default settings, at most. */
  readonly repeats: number;
  /** Whether the other settings are run. */
  readonly grid: boolean;
}

/** What a process found out about a method. */
export interface MethodRun {
  /** For all queries, with the defaults; the median of the runs. */
  readonly milliseconds: number;
  readonly runs: number;
  /** What is done before there are queries, beyond graphs. */
  readonly prepareMilliseconds: number;
  /** Resident bytes with the method's input, before it is prepared and run. */
  readonly loaded: number;
  /** Resident bytes at most, of the first run. */
  readonly peak: number;
  /** The defaults first. */
  readonly variants: readonly { readonly settings: string; readonly scores: QueryScores }[];
}

/** Runs a method in a process of its own. */
export async function runMethodProcess(task: MethodTask): Promise<MethodRun> {
  const program = fileURLToPath(new URL("method-worker.ts", import.meta.url));
  const output = join(task.folder, "run");
  await execute(process.execPath, [...typescript, program, JSON.stringify(task), output], { cwd: root });
  return deserialize(readFileSync(output));
}
