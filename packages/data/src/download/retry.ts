import { setTimeout as sleep } from "node:timers/promises";

/** How often and after what time a request is made again. */
export interface RetryPolicy {
  readonly retries: number;
  readonly retryDelayMs: number;
  readonly signal: AbortSignal | undefined;
}

const longestBackoffMs = 60_000;
const longestRetryAfterMs = 600_000;

interface TransferErrorOptions {
  readonly afterMs?: number;
  readonly status?: number;
  readonly cause?: unknown;
}

/** A request that did not give what was asked for. */
export class TransferError extends Error {
  override readonly name = "TransferError";
  /** Whether the same request may succeed: not at all, after a while, or at once. */
  readonly retry: "never" | "later" | "now";
  /** How long the server asked to wait. */
  readonly afterMs: number;
  /** The status of an answer that was refused. */
  readonly status: number | undefined;

  constructor(
    message: string,
    retry: "never" | "later" | "now",
    { afterMs = 0, status, cause }: TransferErrorOptions = {},
  ) {
    super(message, { cause });
    this.retry = retry;
    this.afterMs = afterMs;
    this.status = status;
  }
}

/**
 * Tries until it succeeds, waiting twice as long after each failure. A failure after which `progressed` says true
 * begins the count again: a file that comes in many pieces is not given up while pieces come.
 */
export async function withRetries<Result>(
  policy: RetryPolicy,
  attempt: () => Promise<Result>,
  progressed: () => boolean = () => false,
): Promise<Result> {
  let failures = 0;
  for (;;) {
    policy.signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      policy.signal?.throwIfAborted();
      if (!(error instanceof TransferError) || error.retry === "never") throw error;
      if (error.retry === "now") continue;
      failures = progressed() ? 1 : failures + 1;
      if (failures > policy.retries) throw error;
      const backoff = Math.min(policy.retryDelayMs * 2 ** (failures - 1), longestBackoffMs);
      await wait(Math.max(backoff, Math.min(error.afterMs, longestRetryAfterMs)), policy.signal);
    }
  }
}

async function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** The time a server asks to wait: seconds, or a date that is read against the server's own clock. */
export function retryAfterMs(headers: Headers): number {
  const text = headers.get("retry-after");
  if (text === null) return 0;
  const milliseconds = /^\d+$/.test(text)
    ? Number(text) * 1000
    : Date.parse(text) - Date.parse(headers.get("date") ?? "");
  return Number.isNaN(milliseconds) ? 0 : Math.max(milliseconds, 0);
}
