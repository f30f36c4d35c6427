import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { WeightsDownloadError } from "./weights-download-error.ts";
import type { Located } from "./weights-path.ts";

/** What is known of a file's SHA-256, in hexadecimal: all of it, its beginning, or nothing. */
export interface Checksum {
  readonly sha256?: string;
  readonly sha256Prefix?: string;
}

/** The checksum that a source states. */
export function checksumOf({ source }: Located): Checksum {
  const { sha256 } = source;
  const prefix = "sha256Prefix" in source ? source.sha256Prefix : undefined;
  return {
    ...(sha256 === undefined ? {} : { sha256: sha256.toLowerCase() }),
    ...(prefix === undefined ? {} : { sha256Prefix: prefix.toLowerCase() }),
  };
}

/** The SHA-256 of a file, in hexadecimal. */
export async function hashFile(path: string, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  const source = createReadStream(path, { highWaterMark: 1 << 20 });
  try {
    await pipeline(source, hash, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
  return hash.digest("hex");
}

/** Whether a hash is the one that is known, as far as it is known. */
export function fits(hash: string, { sha256 = "", sha256Prefix = "" }: Checksum): boolean {
  return hash.startsWith(sha256) && hash.startsWith(sha256Prefix);
}

/** The coded error of a file that has another hash; `advice` says what became of the file or should. */
export function checksumError(
  located: Located,
  where: string,
  { expected, got, advice }: { expected: Checksum; got: string; advice: string },
): WeightsDownloadError {
  const { sha256, sha256Prefix } = expected;
  const wanted =
    sha256 === undefined ? `a SHA-256 that begins with ${sha256Prefix}` : `the SHA-256 ${sha256}`;
  return new WeightsDownloadError(
    "checksum-mismatch",
    `fetchWeights: expected ${where} to have ${wanted}, got ${got}; ${advice}`,
    located,
  );
}

/**
 * Whether the file is in its place already, downloaded or put there by hand.
 *
 * What is known is checked: the source's length and checksum, and the checksum that a download noted.
 */
export async function isInPlace(located: Located, signal: AbortSignal | undefined): Promise<boolean> {
  const { source, path } = located;
  const size = await stat(path).then(
    (found) => (found.isFile() ? found.size : undefined),
    (error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    },
  );
  if (size === undefined) return false;
  if (source.bytes !== undefined && size !== source.bytes) {
    throw new WeightsDownloadError(
      "size-mismatch",
      `fetchWeights: expected ${path} to have ${source.bytes} bytes, got ${size}; remove it to download it again`,
      located,
    );
  }
  const stated = checksumOf(located);
  const noted = stated.sha256 === undefined ? await readChecksum(path) : undefined;
  const expected = noted === undefined ? stated : { ...stated, sha256: noted };
  if (expected.sha256 === undefined && expected.sha256Prefix === undefined) return true;
  const got = await hashFile(path, signal);
  if (fits(got, expected)) return true;
  const which = noted === undefined ? "it" : `it and ${checksumPath(path)}`;
  throw checksumError(located, path, { expected, got, advice: `remove ${which} to download it again` });
}

/** Notes a file's checksum beside it, as `sha256sum --check` reads it. */
export async function writeChecksum(path: string, sha256: string): Promise<void> {
  const beside = checksumPath(path);
  await writeFile(`${beside}.new`, `${sha256}  ${basename(path)}\n`);
  await rename(`${beside}.new`, beside);
}

async function readChecksum(path: string): Promise<string | undefined> {
  const text = await readFile(checksumPath(path), "utf8").catch(() => "");
  return /^([0-9a-f]{64}) [ *]/.exec(text)?.[1];
}

function checksumPath(path: string): string {
  return `${path}.sha256`;
}
