import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { PeerRun } from "./peer.ts";
import { threads } from "./settings.ts";

/** A Python process that answers requests, one line of JSON each. */
export interface PythonProcess {
  /** Versions of its libraries. */
  readonly versions: Readonly<Record<string, string>>;
  ask<Answer>(request: object): Promise<Answer>;
  /** A request that is answered by its time and by a file of the ids that it found. */
  run(request: object): Promise<PeerRun>;
  close(): Promise<void>;
}

/** Starts a script of `benchmarks/python` with its settings, and waits until it is ready. */
export async function startPython(python: string, script: string, settings: object): Promise<PythonProcess> {
  const path = fileURLToPath(new URL(`../../python/${script}`, import.meta.url));
  const child = spawn(python, ["-W", "ignore", path], {
    stdio: ["pipe", "pipe", "inherit"],
    env: {
      ...process.env,
      PYTHONDONTWRITEBYTECODE: "1",
      OMP_NUM_THREADS: String(threads),
      OPENBLAS_NUM_THREADS: String(threads),
    },
  });
  const ended = once(child, "exit");
  ended.catch(() => undefined);
  // A process that has ended takes no more requests; that it gives no more answers tells.
  child.stdin.on("error", () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async <Answer>(request: object): Promise<Answer> => {
    child.stdin.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${script} ended with ${(await ended)[0]}`);
    return JSON.parse(value);
  };
  const { versions } = await ask<{ versions: Record<string, string> }>(settings);
  return {
    versions,
    ask,
    run: async (request) => {
      const { milliseconds, file } = await ask<{ milliseconds: number; file: string }>(request);
      return { milliseconds, values: readIds(file) };
    },
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

/** Raw little-endian int32 numbers. */
export function readIds(file: string): Int32Array {
  const bytes = readFileSync(file);
  return new Int32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}
