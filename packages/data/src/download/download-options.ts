import { requireInteger } from "../require.ts";
import { freeBytesOf } from "./disk-space.ts";
import type { ExistingFileCheck } from "./download-file.ts";
import type { Transport } from "./exchange.ts";

/** How far a download is. */
export interface DownloadProgress {
  /** Bytes that are there: of earlier runs and of this one. */
  readonly doneBytes: number;
  /** Bytes of all files whose size is known, of files that stood there already too. */
  readonly totalBytes: number;
  /** Files that are complete. */
  readonly doneFiles: number;
  /** All files. */
  readonly totalFiles: number;
}

/** Options of {@link downloadFiles}. */
export interface DownloadFilesOptions {
  /**
   * Files that come at the same time, at least 1.
   *
   * @defaultValue 4
   */
  readonly concurrency?: number;
  /**
   * How often a request is made again after a status of 5xx or 429, a lost connection or a timeout, counted from the
   * last attempt that brought new bytes.
   *
   * @defaultValue 5
   */
  readonly retries?: number;
  /**
   * Milliseconds before the first of them; each further one waits twice as long, at most a minute. A server's
   * `Retry-After` is waited for if it is longer, at most ten minutes.
   *
   * @defaultValue 1000
   */
  readonly retryDelayMs?: number;
  /**
   * A connection that brings no byte for so many milliseconds is given up, and tried again.
   *
   * @defaultValue 60000
   */
  readonly timeoutMs?: number;
  /**
   * What is looked at before a file that stands at its path is left as it is: its size, where that is known, or its
   * checksum, which takes the time to read it. A file comes to its path only once it is whole and right, so the size
   * is enough unless something else writes there.
   *
   * @defaultValue "size"
   */
  readonly verify?: ExistingFileCheck;
  /** Stops; what came so far is kept, and the same call goes on from it. */
  readonly signal?: AbortSignal;
  /** Called whenever bytes have come. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /**
   * Makes the requests, such as one that goes through a proxy.
   *
   * @defaultValue the `fetch` of Node
   */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * Tells the bytes that may be written on the disk of a folder, such as what a quota leaves, which the disk does not
   * know of.
   *
   * @defaultValue what `statfs` says is free
   */
  readonly freeBytes?: (folder: string) => Promise<number>;
}

/** Options with their defaults. */
export interface DownloadSettings extends Transport {
  readonly concurrency: number;
  readonly verify: ExistingFileCheck;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly freeBytes: (folder: string) => Promise<number>;
}

export function settingsOf(caller: string, options: DownloadFilesOptions): DownloadSettings {
  const {
    concurrency = 4,
    retries = 5,
    retryDelayMs = 1000,
    timeoutMs = 60_000,
    verify = "size",
    signal,
    onProgress = () => {},
    fetch = globalThis.fetch,
    freeBytes = freeBytesOf,
  } = options;
  requireInteger(caller, "concurrency", concurrency, 1);
  requireInteger(caller, "retries", retries, 0);
  requireInteger(caller, "retryDelayMs", retryDelayMs, 0);
  requireInteger(caller, "timeoutMs", timeoutMs, 1);
  return { concurrency, retries, retryDelayMs, timeoutMs, verify, signal, onProgress, fetch, freeBytes };
}
