import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { SetSize } from "./task-set.ts";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));
const typescript = ["--conditions=@lmk/source", "--expose-gc", "--import", "tsx"];

/** One method on one set. */
export interface MemoryTask {
  readonly method: string;
  readonly size: SetSize;
  /** The folder that `writeSet` filled. */
  readonly folder: string;
  /** Runs at least and at most; runs of seconds are not repeated as often as those of milliseconds. */
  readonly repeats: number;
}

/** What a process tells of a method: milliseconds (the median of its runs) and bytes. */
export interface TaskMemory {
  readonly milliseconds: number;
  readonly runs: number;
  /** Resident with the method's input, before it runs. */
  readonly loaded: number;
  /** Resident at most. */
  readonly peak: number;
}

/** Runs a method in a process of its own. */
export async function runTask(task: MemoryTask): Promise<TaskMemory> {
  const program = fileURLToPath(new URL("task-worker.ts", import.meta.url));
  const args = [...typescript, program, JSON.stringify(task)];
  const { stdout } = await execute(process.execPath, args, { cwd: root, maxBuffer: 2 ** 24 });
  return JSON.parse(stdout);
}
