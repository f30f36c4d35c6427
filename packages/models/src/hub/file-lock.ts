import { randomUUID } from "node:crypto";
import { link, open, readFile, rename, unlink } from "node:fs/promises";
import { hostname } from "node:os";
import { kill, pid } from "node:process";
import { setTimeout as sleep } from "node:timers/promises";

const pollMs = 50;
const beatMs = 2000;
/** A holder that has not written for this long, by the waiter's own count, is taken for dead. */
const silenceMs = 20_000;

/**
 * Does `work` while no other caller, of this process or another, does its own under the same lock file.
 *
 * The file names its holder and changes with every beat. A waiter takes over from a holder on this machine whose
 * process is gone at once, and from any other when the file has stopped changing; no clocks are compared.
 */
export async function withFileLock<T>(
  path: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const holder = `${hostname()} ${pid} ${randomUUID()}`;
  const handle = await acquire(path, holder, signal);
  let beats = 0;
  let pending: Promise<unknown> = Promise.resolve();
  const beat = () => {
    beats += 1;
    // A beat that cannot be written makes the lock look dead, which costs a second download and nothing else.
    pending = handle.write(`${holder} ${beats}`, 0).catch(() => undefined);
  };
  const timer = setInterval(beat, beatMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    await pending;
    await handle.close();
    if ((await read(path))?.startsWith(holder)) await unlink(path).catch(ignoreMissing);
  }
}

async function acquire(path: string, holder: string, signal: AbortSignal | undefined) {
  let seen = "";
  let silent = 0;
  for (;;) {
    signal?.throwIfAborted();
    const handle = await open(path, "wx").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "EEXIST") return undefined;
      throw error;
    });
    if (handle !== undefined) {
      try {
        await handle.write(`${holder} 0`, 0);
        return handle;
      } catch (error) {
        await handle.close();
        await unlink(path).catch(ignoreMissing);
        throw error;
      }
    }
    const text = await read(path);
    if (text === undefined) continue;
    silent = text === seen ? silent + pollMs : 0;
    seen = text;
    if (silent >= silenceMs || isDead(text)) {
      await takeAway(path, text);
    } else {
      await sleep(pollMs, undefined, signal === undefined ? {} : { signal }).catch(() =>
        signal?.throwIfAborted(),
      );
    }
  }
}

function isDead(text: string): boolean {
  const [host, id] = text.split(" ");
  if (host !== hostname() || id === undefined) return false;
  try {
    kill(Number(id), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

/** Removes a dead lock; one that a faster waiter has put there meanwhile goes back to its place. */
async function takeAway(path: string, dead: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    ignoreMissing(error);
    return;
  }
  if ((await read(aside)) !== dead) await link(aside, path).catch(() => undefined);
  await unlink(aside);
}

async function read(path: string): Promise<string | undefined> {
  return await readFile(path, "utf8").catch((error) => {
    ignoreMissing(error);
    return undefined;
  });
}

function ignoreMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
}
