import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What a command of an example took and said. */
export interface ExampleRun {
  /** From its start to its end, with loading and compiling. */
  readonly seconds: number;
  /** The most resident bytes that it had. */
  readonly peak: number;
  readonly output: string;
}

/**
 * Runs a command of an example in a process of its own.
 *
 * @param folder - Where it runs.
 * @throws Error with what it said if it fails.
 */
export async function runExample(
  example: string,
  args: readonly string[],
  folder: string,
): Promise<ExampleRun> {
  const program = fileURLToPath(new URL(`../../../examples/${example}/src/main.ts`, import.meta.url));
  const started = performance.now();
  const child = spawn(
    process.execPath,
    ["--conditions=@lmk/source", "--import", import.meta.resolve("tsx"), program, ...args],
    { cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += text));
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, peakOf(child.pid!));
  }, 50);
  const [code, signal] = await once(child, "close");
  clearInterval(watch);
  if (signal !== null) throw new Error(`was ended by ${signal}, at ${(peak / 1e9).toFixed(1)} GB`);
  if (code !== 0) {
    const said = output.replaceAll(folder, ".");
    throw new Error(`${example} ${args[0]} ended with ${code}:\n${said}`);
  }
  return { seconds: (performance.now() - started) / 1000, peak, output };
}

/** The kernel keeps the most; 0 once the process has ended. */
function peakOf(pid: number): number {
  try {
    const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
    return 1024 * Number(kilobytes ?? 0);
  } catch {
    return 0;
  }
}
