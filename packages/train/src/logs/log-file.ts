import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";

/** A file that grows at its end. */
export interface LogFile {
  /** Keeps the text or bytes in memory, and writes what waits if the last write was long enough ago. */
  readonly append: (chunk: string | Uint8Array) => void;
  /** Writes what waits; `durable` also waits for the disk. */
  readonly flush: (options?: { readonly durable?: boolean }) => void;
}

/**
 * Appends to a file in blocks.
 *
 * Blocks are written at once and in order, so that a failed write reaches the caller; a block of some seconds' lines takes
 * far less time than a step.
 */
export function openLogFile(path: string, flushEverySeconds: number): LogFile {
  let waiting: Uint8Array[] = [];
  let flushed = performance.now();
  const flush: LogFile["flush"] = ({ durable = false } = {}) => {
    flushed = performance.now();
    if (waiting.length === 0 && !durable) return;
    const file = openSync(path, "a");
    let rest: Uint8Array = Buffer.concat(waiting);
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(file, rest));
      if (durable) fdatasyncSync(file);
    } finally {
      // After a failure, such as a full disk, the next write goes on where this one came to.
      waiting = rest.length > 0 ? [rest] : [];
      closeSync(file);
    }
  };
  return {
    append(chunk) {
      waiting.push(typeof chunk === "string" ? Buffer.from(chunk) : chunk);
      if (performance.now() - flushed >= flushEverySeconds * 1000) flush();
    },
    flush,
  };
}
