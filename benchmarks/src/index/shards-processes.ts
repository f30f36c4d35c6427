import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const program = fileURLToPath(new URL("shards-worker.ts", import.meta.url));

/** A search of a file of rows, or of a shard of them, in a process of its own. */
export interface ShardTask {
  /** Files of NumPy. */
  readonly queries: string;
  readonly database: string;
  readonly k: number;
  readonly threads: number;
  /** Without a shard: where ids (int32) and then scores (float32) are written. With one: the folder of the shards. */
  readonly to: string;
  readonly shard?: { readonly index: number; readonly count: number };
  /** Whether to wait for ever after half of the shard's rows. */
  readonly stall?: boolean;
}

/** How a process ended. */
export interface ShardRun {
  /** From before the process was started to its end. */
  readonly milliseconds: number;
  /** Of these, reading rows, searching them and writing the result; 0 if it was killed. */
  readonly searching: number;
  /** What sent it to its end, if not itself. */
  readonly signal: NodeJS.Signals | null;
  /** Whether the shard was there already. */
  readonly skipped: boolean;
}

/** Searches in a Node process, which is killed when it waits. */
export async function searchInProcess(task: ShardTask): Promise<ShardRun> {
  const begin = performance.now();
  const args = ["--conditions=@lmk/source", "--import", "tsx", program, JSON.stringify(task)];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk;
    if (output.includes("waiting")) child.kill("SIGKILL");
  });
  const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(
    (resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve({ code, signal }));
    },
  );
  const milliseconds = performance.now() - begin;
  if (signal !== null) return { milliseconds, searching: 0, signal, skipped: false };
  if (code !== 0) throw new Error(`a process of bench:shards ended with ${code}`);
  const searching = Number(/searched in ([\d.]+) ms/.exec(output)?.[1]);
  return { milliseconds, searching, signal, skipped: output.includes("skipped") };
}
