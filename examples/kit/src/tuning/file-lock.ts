import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../user-error.ts";

/** Options of {@link withFileLock}. */
export interface FileLockOptions {
  /**
   * How long to wait for the lock.
   *
   * @defaultValue 60000
   */
  readonly timeoutMs?: number;
}

/**
 * Runs `work` while no other process does so for the same file, and gives back its result.
 *
 * The lock is a file beside it, `FILE.lock`, that holds the name of the machine and the number of the process. The lock
 * of a process of this machine that has ended is taken over; one of another machine, whose processes are not seen from
 * here, stays until somebody removes it.
 */
export async function withFileLock<T>(
  file: string,
  work: () => T,
  { timeoutMs = 60_000 }: FileLockOptions = {},
): Promise<T> {
  const lock = `${file}.lock`;
  const started = performance.now();
  while (!create(lock)) {
    removeIfAbandoned(lock);
    if (performance.now() - started > timeoutMs) {
      throw new UserError(
        `${lock}: expected to get the lock in ${timeoutMs / 1000} s; if no other run uses ${file}, remove it`,
      );
    }
    await sleep(20);
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function create(lock: string): boolean {
  try {
    writeFileSync(lock, `${hostname()} ${process.pid}`, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Only one process at a time removes an abandoned lock, and it looks again first: else a second one could remove the
 * lock that a third one has just got.
 */
function removeIfAbandoned(lock: string): void {
  if (!isAbandoned(lock)) return;
  const removal = `${lock}.removal`;
  if (!create(removal)) {
    if (isAbandoned(removal)) rmSync(removal, { force: true });
    return;
  }
  try {
    if (isAbandoned(lock)) rmSync(lock, { force: true });
  } finally {
    rmSync(removal, { force: true });
  }
}

function isAbandoned(lock: string): boolean {
  let owner: string;
  let age: number;
  try {
    owner = readFileSync(lock, "utf8");
    age = Date.now() - statSync(lock).mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
  // Empty between its making and its writing, which take no time.
  if (owner === "") return age > 10_000;
  const [machine, process] = owner.split(" ");
  return machine === hostname() && !isRunning(Number(process));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is such a process, of another user.
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}
