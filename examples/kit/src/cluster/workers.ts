import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { InterruptedError, UserError } from "../user-error.ts";

/** What {@link runWorkers} runs. */
export interface WorkersOptions {
  /** Number of processes. */
  readonly count: number;
  /** Program and arguments; each process gets `--shard i/count` after them. */
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Told each line that a process writes, with `[i/count]` before it. */
  readonly onLine: (line: string) => void;
  /**
   * Time a process has to end when it is told to, before it is killed, in milliseconds.
   *
   * @defaultValue 10000
   */
  readonly graceMs?: number;
}

/**
 * Runs one program in several processes of this machine, each with its shard, and waits for all.
 *
 * Ctrl-C and SIGTERM are passed on. When a process fails the others are stopped; what they finished stays, so the same
 * command goes on from there. Joining the parts is left to the caller.
 *
 * @throws {UserError} naming the process that failed first and the last line it wrote on standard error.
 * @throws {InterruptedError} when all ended after a signal to this process.
 */
export async function runWorkers(options: WorkersOptions): Promise<void> {
  const { count, graceMs = 10_000 } = options;
  const running = new Set<ChildProcess>();
  let failure: UserError | undefined;
  let interruptedBy: "SIGINT" | "SIGTERM" | undefined;
  let killTimer: NodeJS.Timeout | undefined;

  const stop = (signal: "SIGINT" | "SIGTERM"): void => {
    for (const child of running) child.kill(signal);
    killTimer ??= setTimeout(() => {
      for (const child of running) child.kill("SIGKILL");
    }, graceMs);
  };
  const interrupt = (signal: "SIGINT" | "SIGTERM"): void => {
    interruptedBy ??= signal;
    stop(signal);
  };
  const fail = (message: string): void => {
    if (failure !== undefined || interruptedBy !== undefined) return;
    failure = new UserError(`${message}; what is done stays: run the same command again to go on`);
    stop("SIGTERM");
  };

  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  try {
    const all = Array.from({ length: count }, (_, index) => runWorker(options, index, running, fail));
    await Promise.all(all);
  } finally {
    clearTimeout(killTimer);
    process.off("SIGINT", interrupt);
    process.off("SIGTERM", interrupt);
  }
  if (interruptedBy !== undefined) {
    const exitCode = interruptedBy === "SIGINT" ? 130 : 143;
    throw new InterruptedError("stopped; what is done stays: run the same command again to go on", exitCode);
  }
  if (failure !== undefined) throw failure;
}

/** Ends, always well, when the process has ended and its lines are told. */
function runWorker(
  { count, command: [program, ...args], env, onLine }: WorkersOptions,
  index: number,
  running: Set<ChildProcess>,
  fail: (message: string) => void,
): Promise<void> {
  const name = `${index}/${count}`;
  const child = spawn(program!, [...args, "--shard", name], { env, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  let lastError = "";
  createInterface({ input: child.stdout }).on("line", (line) => onLine(`[${name}] ${line}`));
  createInterface({ input: child.stderr }).on("line", (line) => {
    if (line.trim() !== "") lastError = line.trim();
    onLine(`[${name}] ${line}`);
  });
  return new Promise((resolve) => {
    child.once("error", (error) => {
      running.delete(child);
      fail(`worker ${name}: cannot be started: ${error.message}`);
      resolve();
    });
    child.once("close", (code, signal) => {
      running.delete(child);
      if (code !== 0) fail(`worker ${name}: ${howItEnded(code, signal)}${lastError && `: ${lastError}`}`);
      resolve();
    });
  });
}

function howItEnded(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exited with ${code}` : `ended by ${signal}`;
}
