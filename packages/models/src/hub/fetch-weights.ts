import { mkdir, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withFileLock } from "./file-lock.ts";
import { type HubMetadata, hubMetadata } from "./hub-metadata.ts";
import type { PretrainedWeightsName } from "./pretrained-weights.ts";
import type { Connection } from "./requests.ts";
import { type Remote, type Report, removePart, transfer } from "./transfer.ts";
import { checksumError, checksumOf, fits, hashFile, isInPlace, writeChecksum } from "./verify.ts";
import { WeightsDownloadError } from "./weights-download-error.ts";
import { defaultHubUrl, type Located, locate, type WeightsPathOptions } from "./weights-path.ts";
import type { WeightsSource } from "./weights-source.ts";

/** How far a download is; see {@link FetchWeightsOptions}. */
export interface DownloadProgress {
  /** Bytes on the disk, those of an earlier call included. Never fewer than in the call before. */
  readonly received: number;
  /** Bytes of the whole file; `undefined` while the server has not said. */
  readonly total: number | undefined;
}

/** Options of {@link fetchWeights}. */
export interface FetchWeightsOptions extends WeightsPathOptions {
  /** Told of every piece that arrives; not called for a file that is in the cache. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  /** Stops the call, which then rejects with the signal's reason. What has arrived is kept for the next call. */
  readonly signal?: AbortSignal;
  /** A token that may read the repository, `hf_…`, for those that are private or gated; sent to the hub only. */
  readonly accessToken?: string;
  /**
   * The hub, or a mirror of it, without a `/` at the end.
   *
   * @defaultValue "https://huggingface.co"
   */
  readonly hubUrl?: string;
  /**
   * Makes every request, for example through a proxy.
   *
   * @defaultValue the platform's `fetch`
   */
  readonly fetch?: typeof globalThis.fetch;
  /**
   * Attempts after one that broke off or met a busy server (408, 429, 5xx), without a new byte in between; 0 to 20.
   *
   * @defaultValue 4
   */
  readonly retries?: number;
  /**
   * Milliseconds before the first retry; each further one waits twice as long, up to a minute.
   *
   * @defaultValue 500
   */
  readonly retryDelayMs?: number;
}

/**
 * Gets a file of pretrained weights: from the cache, or by download from the Hugging Face hub or a release.
 *
 * A file that is in the cache, downloaded or put there by hand, is checked and returned without a request. Else
 * its bytes go to `<path>.part`, which a later call continues with an HTTP range, from the byte where the last one
 * stopped, if the server still has the same file by the hub's checksum or its ETag. The whole is checked and then
 * renamed, so that a file under its own name is always complete. Callers of one file, in any number of processes,
 * wait for one download.
 *
 * The checksum is that of the source, or the one that the hub publishes for its large files; without either,
 * that of what arrived. It is noted in `<path>.sha256` and compared at every call, which reads the whole file.
 *
 * Files of the hub need the package `@huggingface/hub`, which is loaded when one has to be downloaded.
 *
 * @param weights - A name of {@link pretrainedWeights}, or a source of one's own.
 * @returns The path of a complete file, as {@link weightsPath} gives it.
 * @throws RangeError for a name that the table lacks, or a source, `hubUrl`, `accessToken`, `retries` or
 *   `retryDelayMs` out of range.
 * @throws WeightsDownloadError if the file cannot be had, or one in the cache is not the right one. A download that
 *   fails its checksum is removed; a file in the cache never is.
 *
 * @example
 * ```ts
 * import { fetchWeights } from "@lmk/models/hub";
 *
 * const path = await fetchWeights("tf_efficientnet_b0_ns", {
 *   cache: "weights",
 *   onProgress: ({ received, total }) => console.log(received, total),
 * });
 * path; // => weights/timm/tf_efficientnet_b0.ns_jft_in1k/main/model.safetensors
 * ```
 */
export async function fetchWeights(
  weights: PretrainedWeightsName | WeightsSource,
  options: FetchWeightsOptions = {},
): Promise<string> {
  const { hubUrl = defaultHubUrl, signal, accessToken } = options;
  const { fetch = globalThis.fetch, retries = 4, retryDelayMs = 500 } = options;
  const located = locate("fetchWeights", weights, { ...options, hubUrl });
  requireRetries(retries, retryDelayMs);
  if (accessToken !== undefined && !accessToken.startsWith("hf_")) {
    throw new RangeError('fetchWeights: expected `accessToken` to begin with "hf_", got another text');
  }
  signal?.throwIfAborted();
  if (await isInPlace(located, signal)) return located.path;

  const { path } = located;
  await mkdir(dirname(path), { recursive: true });
  await withFileLock(`${path}.lock`, signal, async () => {
    if (await isInPlace(located, signal)) return;
    const connection = { located, fetch, signal };
    const report = monotone(options.onProgress);
    let metadata: HubMetadata | undefined;
    const attempt = async () => {
      metadata ??= await describe(connection, { hubUrl, accessToken });
      await transfer(remoteOf(connection, metadata, accessToken), `${path}.part`, report.report);
    };
    await persist(attempt, { retries, retryDelayMs, signal, received: report.received });
    await settle(located, metadata ?? {}, signal).catch(async (error: NodeJS.ErrnoException) => {
      // Another process that took this one for dead has finished the same file.
      if (error.code !== "ENOENT" || !(await isInPlace(located, signal))) throw error;
    });
  });
  return path;
}

async function describe(
  connection: Connection,
  hub: { readonly hubUrl: string; readonly accessToken: string | undefined },
): Promise<HubMetadata> {
  const { source } = connection.located;
  return "url" in source ? {} : await hubMetadata(source, connection, hub);
}

function remoteOf(connection: Connection, metadata: HubMetadata, accessToken: string | undefined): Remote {
  const { source } = connection.located;
  const bytes = source.bytes ?? metadata.bytes;
  const isHub = !("url" in source);
  const { sha256 = metadata.sha256, sha256Prefix } = checksumOf(connection.located);
  return {
    connection,
    headers: isHub && accessToken !== undefined ? { Authorization: `Bearer ${accessToken}` } : {},
    ...(metadata.etag === undefined ? {} : { etag: metadata.etag }),
    ...(bytes === undefined ? {} : { bytes }),
    isChecked: sha256 !== undefined || sha256Prefix !== undefined,
  };
}

/** Checks the whole part file and gives it its name. */
async function settle(
  located: Located,
  metadata: HubMetadata,
  signal: AbortSignal | undefined,
): Promise<void> {
  const part = `${located.path}.part`;
  const stated = checksumOf(located);
  const expected =
    metadata.sha256 === undefined || stated.sha256 !== undefined
      ? stated
      : { ...stated, sha256: metadata.sha256 };
  const got = await hashFile(part, signal);
  if (!fits(got, expected)) {
    await removePart(part);
    throw checksumError(located, located.url, { expected, got, advice: "what was downloaded is removed" });
  }
  await writeChecksum(located.path, got);
  await rename(part, located.path);
  await removePart(part);
}

/** Repeats an attempt that failed for a passing reason, until it has failed `retries` times more without a new byte. */
async function persist(
  attempt: () => Promise<void>,
  limits: {
    readonly retries: number;
    readonly retryDelayMs: number;
    readonly signal: AbortSignal | undefined;
    readonly received: () => number;
  },
): Promise<void> {
  const { retries, retryDelayMs, signal, received } = limits;
  let failures = 0;
  let best = received();
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      failures = received() > best ? 1 : failures + 1;
      best = received();
      if (failures > retries || !isPassing(error, best > 0)) throw error;
    }
    const delay = Math.min(retryDelayMs * 2 ** (failures - 1), 60_000);
    await sleep(delay, undefined, signal === undefined ? {} : { signal }).catch(() =>
      signal?.throwIfAborted(),
    );
  }
}

/** A server that cannot be reached at all is not waited for; one that went away in the middle is. */
function isPassing(error: unknown, hasReceived: boolean): boolean {
  if (!(error instanceof WeightsDownloadError)) return false;
  return (
    error.code === "interrupted" || error.code === "unavailable" || (error.code === "offline" && hasReceived)
  );
}

/** A transfer that starts over reports nothing until it is past where it was. */
function monotone(onProgress: FetchWeightsOptions["onProgress"]): { report: Report; received: () => number } {
  let best = -1; // so that a first report of 0 is passed on
  return {
    report: (received, total) => {
      if (received <= best) return;
      best = received;
      onProgress?.({ received, total });
    },
    received: () => best,
  };
}

function requireRetries(retries: number, retryDelayMs: number): void {
  if (!(Number.isInteger(retries) && retries >= 0 && retries <= 20)) {
    throw new RangeError(
      `fetchWeights: expected \`retries\` to be a whole number from 0 to 20, got ${retries}`,
    );
  }
  if (!(Number.isFinite(retryDelayMs) && retryDelayMs >= 0)) {
    throw new RangeError(
      `fetchWeights: expected \`retryDelayMs\` to be a finite number of at least 0, got ${retryDelayMs}`,
    );
  }
}
