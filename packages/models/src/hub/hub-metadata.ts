import { type Connection, placing, request } from "./requests.ts";
import { WeightsDownloadError } from "./weights-download-error.ts";
import type { HubWeights } from "./weights-source.ts";

/** What the hub says of a file; empty where it does not know the file, or is a mirror without the hub's API. */
export interface HubMetadata {
  /** The name that the file's content has in the repository. */
  readonly etag?: string;
  readonly bytes?: number;
  /** Of a file in LFS, which all large ones are. */
  readonly sha256?: string;
}

/**
 * Asks the hub's API for a file's length and checksum.
 *
 * The headers of the file itself do not serve: those with the checksum come with a redirect, which `fetch` follows
 * unseen, and the store behind it sends a tag that looks like a SHA-256 and is another number.
 */
export async function hubMetadata(
  source: HubWeights,
  connection: Connection,
  hub: { readonly hubUrl: string; readonly accessToken: string | undefined },
): Promise<HubMetadata> {
  const { located, signal } = connection;
  const { pathsInfo } = await loadHub(connection);
  try {
    const [info] = await pathsInfo({
      repo: { type: "model", name: source.repository },
      paths: [source.file],
      revision: source.revision ?? "main",
      hubUrl: hub.hubUrl,
      ...(hub.accessToken === undefined ? {} : { accessToken: hub.accessToken }),
      fetch: (input, init) => request(connection, input, init),
    });
    const etag = info?.lfs?.oid ?? info?.oid;
    const bytes = info?.lfs?.size ?? info?.size;
    const sha256 = info?.lfs?.oid;
    return {
      ...(typeof etag === "string" ? { etag } : {}),
      ...(Number.isSafeInteger(bytes) && bytes! >= 0 ? { bytes: bytes! } : {}),
      ...(typeof sha256 === "string" && /^[0-9a-f]{64}$/.test(sha256) ? { sha256 } : {}),
    };
  } catch (error) {
    signal?.throwIfAborted();
    if (WeightsDownloadError.isInstance(error)) {
      if (error.code === "not-found") return {};
      throw error;
    }
    throw new WeightsDownloadError(
      "unexpected-response",
      `fetchWeights: expected ${hub.hubUrl} to describe the weights ${located.label}, got an answer that is none (${error instanceof Error ? error.message : error}); ${placing(located)}`,
      located,
      { cause: error },
    );
  }
}

async function loadHub({ located }: Connection): Promise<typeof import("@huggingface/hub")> {
  try {
    return await import("@huggingface/hub");
  } catch (error) {
    throw new WeightsDownloadError(
      "missing-package",
      `fetchWeights: expected the package @huggingface/hub, which downloads from the hub, got none; install it (npm install @huggingface/hub), or ${placing(located)}`,
      located,
      { cause: error },
    );
  }
}
