import { type RetryPolicy, retryAfterMs, TransferError } from "./retry.ts";

/** How requests are made. */
export interface Transport extends RetryPolicy {
  readonly fetch: typeof fetch;
  readonly timeoutMs: number;
}

/** A request and what reads its answer. */
export interface ExchangeOptions<Result> {
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  /** Statuses that `use` handles; any other is an error. */
  readonly accept: readonly number[];
  readonly use: (response: Response, chunks: () => AsyncGenerator<Uint8Array>) => Promise<Result>;
}

const worthRetrying: readonly number[] = [408, 425, 429];

/**
 * Makes one request and reads its answer; gives up where no byte comes for `timeoutMs`.
 *
 * Whatever the network does wrong is a {@link TransferError}; errors of `use` itself pass as they are.
 */
export async function exchange<Result>(
  url: string,
  transport: Transport,
  { method = "GET", headers = {}, accept, use }: ExchangeOptions<Result>,
): Promise<Result> {
  transport.signal?.throwIfAborted();
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  let stalled = false;
  const timer = setTimeout(() => {
    stalled = true;
    stop.abort();
  }, transport.timeoutMs);
  transport.signal?.addEventListener("abort", abort);
  const lost = (error: unknown): unknown => {
    if (transport.signal?.aborted === true) return transport.signal.reason;
    const got = stalled ? `none for ${transport.timeoutMs / 1000} s` : reasonOf(error);
    return new TransferError(`${url}: expected an answer, got ${got}`, "later", { cause: error });
  };

  async function* chunks(response: Response): AsyncGenerator<Uint8Array> {
    if (response.body === null) return;
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read().catch((error: unknown) => {
        throw lost(error);
      });
      if (done) return;
      timer.refresh();
      yield value;
    }
  }

  try {
    // Bytes as they are stored: a compressed answer could not be resumed, and its length says nothing.
    const init = { method, headers: { "accept-encoding": "identity", ...headers }, signal: stop.signal };
    const response = await transport.fetch(url, init).catch((error: unknown) => {
      throw lost(error);
    });
    timer.refresh();
    if (!accept.includes(response.status)) throw refused(url, response, accept);
    return await use(response, () => chunks(response));
  } finally {
    clearTimeout(timer);
    transport.signal?.removeEventListener("abort", abort);
    // Frees the connection of an answer that was not read to its end.
    stop.abort();
  }
}

function refused(url: string, response: Response, accept: readonly number[]): TransferError {
  const { status, headers } = response;
  const retry = status >= 500 || worthRetrying.includes(status) ? "later" : "never";
  const message = `${url}: expected status ${accept[0]}, got ${status} ${response.statusText}`.trim();
  return new TransferError(message, retry, { afterMs: retryAfterMs(headers), status });
}

/** The innermost reason of an error of fetch, whose own message is `fetch failed` or `terminated`. */
function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  return "code" in inner && typeof inner.code === "string"
    ? `${inner.code} (${inner.message})`
    : inner.message;
}

/** The text of a small file. */
export async function fetchText(url: string, transport: Transport): Promise<string> {
  return exchange(url, transport, {
    accept: [200],
    async use(_, chunks) {
      const parts: Uint8Array[] = [];
      for await (const chunk of chunks()) parts.push(chunk);
      return Buffer.concat(parts).toString("utf8");
    },
  });
}

/** The size a server gives for a file; `undefined` where it gives none, or refuses the question. */
export async function fetchSize(url: string, transport: Transport): Promise<number | undefined> {
  return exchange(url, transport, {
    method: "HEAD",
    accept: [200, 204, 400, 401, 403, 404, 405, 410, 501],
    use: async (response) => (response.status === 200 ? plainLength(response.headers) : undefined),
  });
}

/** Whether the bytes that arrive are not the ones that lengths and ranges count. */
export function isEncoded(headers: Headers): boolean {
  return (headers.get("content-encoding") ?? "identity") !== "identity";
}

/** The number of bytes that an answer announces; `undefined` if it is not told or the bytes are encoded. */
export function plainLength(headers: Headers): number | undefined {
  const length = headers.get("content-length");
  return length === null || isEncoded(headers) ? undefined : Number(length);
}
