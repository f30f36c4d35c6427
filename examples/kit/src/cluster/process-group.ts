import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { InterruptedError, UserError } from "../user-error.ts";

/** Options of {@link openProcessGroup}. */
export interface ProcessGroupOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Told each line that a process writes, with its name in brackets before it. */
  readonly onLine: (line: string) => void;
  /**
   * Time a process has to end when it is told to, before it is killed, in milliseconds.
   *
   * @defaultValue 10000
   */
  readonly graceMs?: number;
}

/** Processes of one work: when one fails or this process is interrupted, all are stopped. */
export interface ProcessGroup {
  /** Runs a command to its end, however it ends; nothing once the group is stopping. */
  readonly run: (name: string, command: readonly string[]) => Promise<void>;
  /** Whether a process failed, or this process was interrupted. */
  readonly isStopping: () => boolean;
  /**
   * To be called when all have ended.
   *
   * @throws {UserError} naming the process that failed first and the last line it wrote on standard error.
   * @throws {InterruptedError} when all ended after a signal to this process.
   */
  readonly close: () => void;
}

/** Opens a group of processes. Ctrl-C and SIGTERM are passed on to them until it is closed. */
export function openProcessGroup({ env, onLine, graceMs = 10_000 }: ProcessGroupOptions): ProcessGroup {
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
  const isStopping = (): boolean => failure !== undefined || interruptedBy !== undefined;

  process.on("SIGINT", interrupt);
  process.on("SIGTERM", interrupt);
  return {
    isStopping,
    async run(name, [program, ...args]) {
      if (isStopping()) return;
      const child = spawn(program!, args, { env, stdio: ["ignore", "pipe", "pipe"] });
      running.add(child);
      let lastError = "";
      createInterface({ input: child.stdout }).on("line", (line) => onLine(`[${name}] ${line}`));
      createInterface({ input: child.stderr }).on("line", (line) => {
        if (line.trim() !== "") lastError = line.trim();
        onLine(`[${name}] ${line}`);
      });
      await new Promise<void>((resolve) => {
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
    },
    close() {
      clearTimeout(killTimer);
      process.off("SIGINT", interrupt);
      process.off("SIGTERM", interrupt);
      if (interruptedBy !== undefined) {
        const exitCode = interruptedBy === "SIGINT" ? 130 : 143;
        throw new InterruptedError(
          "stopped; what is done stays: run the same command again to go on",
          exitCode,
        );
      }
      if (failure !== undefined) throw failure;
    },
  };
}

function howItEnded(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exited with ${code}` : `ended by ${signal}`;
}
