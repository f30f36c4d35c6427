import { WeightsDownloadError, type WeightsDownloadErrorCode } from "./weights-download-error.ts";
import type { Located } from "./weights-path.ts";

/** The pieces of a call that every request of it needs. */
export interface Connection {
  readonly located: Located;
  readonly fetch: typeof globalThis.fetch;
  readonly signal: AbortSignal | undefined;
}

/** `fetch` that refuses every failure and every status but 2xx, and 416 to a range, with a coded error. */
export async function request(
  { located, fetch, signal }: Connection,
  input: string | URL | Request,
  init: RequestInit = {},
): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(input, signal === undefined ? init : { ...init, signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw connectionError(located, error);
  }
  const isPastEnd = response.status === 416 && new Headers(init.headers).has("range");
  if (response.ok || isPastEnd) return response;
  await discard(response);
  throw statusError(located, response.status);
}

/** Lets go of a body that nobody reads, so that its connection is free. */
export async function discard(response: Response): Promise<void> {
  if (!response.bodyUsed) await response.body?.cancel().catch(() => undefined);
}

/** The error of a connection that broke after `received` bytes. */
export function interruption(
  located: Located,
  received: number,
  total: number | undefined,
  cause?: unknown,
): WeightsDownloadError {
  const whole = total === undefined ? "all bytes" : `${total} bytes`;
  const why = cause === undefined ? "" : ` (${reason(cause)})`;
  return new WeightsDownloadError(
    "interrupted",
    `fetchWeights: expected ${whole} of ${located.url}, got ${received} before the connection ended${why}; the next call goes on from there`,
    located,
    cause === undefined ? {} : { cause },
  );
}

/** Codes of a connection that was there: reset, cut off, or answering with no HTTP. */
const broken = /^(ECONNRESET|EPIPE|HPE_|UND_ERR_(?!CONNECT))/;

function connectionError(located: Located, error: unknown): WeightsDownloadError {
  const code = reason(error);
  if (broken.test(code)) {
    const message = `fetchWeights: expected an answer from ${located.url}, got a broken connection (${code}); call again to go on`;
    return new WeightsDownloadError("interrupted", message, located, { cause: error });
  }
  return new WeightsDownloadError(
    "offline",
    `fetchWeights: expected a connection to ${new URL(located.url).host} for the weights ${located.label}, got ${code}; ${placing(located)}`,
    located,
    { cause: error },
  );
}

function statusError(located: Located, status: number): WeightsDownloadError {
  const [code, meaning] = meaningOf(status);
  return new WeightsDownloadError(
    code,
    `fetchWeights: expected ${located.url} to be served, got status ${status} (${meaning}); ${placing(located)}`,
    located,
  );
}

function meaningOf(status: number): readonly [WeightsDownloadErrorCode, string] {
  if (status === 401 || status === 403) {
    return ["unauthorized", "it does not exist, or needs an `accessToken` that may read it"];
  }
  if (status === 404 || status === 410) return ["not-found", "no such repository, revision or file"];
  if (status === 408 || status === 429 || status >= 500)
    return ["unavailable", "the server cannot answer now"];
  return ["unexpected-response", "not an answer that this download knows"];
}

/** What a person without a network does instead. */
export function placing({ url, path }: Located): string {
  return `to do without, download ${url} elsewhere and place it at ${path}`;
}

/** The system's code of a failed fetch where it has one, else its message. */
function reason(error: unknown): string {
  const { code, cause, message } = (error ?? {}) as { code?: unknown; cause?: unknown; message?: unknown };
  if (typeof code === "string") return code;
  if (cause instanceof Error) return reason(cause);
  return typeof message === "string" && message !== "" ? message : String(error);
}
