import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
const root = fileURLToPath(new URL("../../..", import.meta.url));
const typescript = ["--conditions=@lmk/source", "--import", "tsx"];

/** One search in a process of its own. */
export interface LargeTask {
  /** Files of NumPy. */
  readonly queries: string;
  readonly database: string;
  readonly k: number;
  readonly engine: "onnxruntime" | "wasm";
  readonly threads: number;
  /** Where the ids are written, as raw int32. */
  readonly file: string;
}

/** What a process tells of its search; milliseconds and bytes. */
export interface LargeRun {
  /** Reading the rows and searching them. */
  readonly total: number;
  /** Searching alone, where that is apart. */
  readonly search?: number;
  /** Resident before. */
  readonly loaded: number;
  /** Resident at most. */
  readonly peak: number;
  readonly versions?: Readonly<Record<string, string>>;
}

/** Searches in a Node process. */
export function searchByNode(task: LargeTask): Promise<LargeRun> {
  const program = fileURLToPath(new URL("large-search-worker.ts", import.meta.url));
  return runProcess(process.execPath, [...typescript, program, JSON.stringify(task)]);
}

/** Searches by faiss in a Python process. */
export function searchByPython(python: string, task: Omit<LargeTask, "engine">): Promise<LargeRun> {
  const script = fileURLToPath(new URL("../../python/index-large-search.py", import.meta.url));
  return runProcess(python, ["-W", "ignore", script, JSON.stringify(task)]);
}

async function runProcess(program: string, args: readonly string[]): Promise<LargeRun> {
  const env = { ...process.env, PYTHONDONTWRITEBYTECODE: "1" };
  const { stdout } = await execute(program, args, { cwd: root, env });
  return JSON.parse(stdout);
}
