import { createHash } from "node:crypto";
import { mkdir, rename } from "node:fs/promises";
import { dirname } from "node:path";
import type { Transport } from "./exchange.ts";
import type { FileToDownload } from "./file-to-download.ts";
import { hashInto } from "./hash-file.ts";
import { discardNote, discardPartial, partialPath, sizeOf } from "./partial-file.ts";
import { TransferError, withRetries } from "./retry.ts";
import { type Checksum, transfer } from "./transfer.ts";

/** A file that stands where it should. */
export interface DownloadedFile {
  /** Where it stands. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
  /** True if it stood there already and nothing was asked for. */
  readonly skipped: boolean;
}

/** What is looked at before a file that stands there is taken for the right one. */
export type ExistingFileCheck = "size" | "checksum";

function checksumOf({ sha256, md5 }: FileToDownload): Checksum | undefined {
  if (sha256 !== undefined) return { algorithm: "sha256", expected: sha256.toLowerCase() };
  if (md5 !== undefined) return { algorithm: "md5", expected: md5.toLowerCase() };
  return undefined;
}

/** The file that stands there already, as far as its size, or its checksum, says that it is the right one. */
export async function findComplete(
  file: FileToDownload,
  { verify, signal }: { readonly verify: ExistingFileCheck; readonly signal: AbortSignal | undefined },
): Promise<DownloadedFile | undefined> {
  const bytes = await sizeOf(file.path);
  if (bytes === undefined || (file.bytes !== undefined && bytes !== file.bytes)) return undefined;
  const checksum = checksumOf(file);
  if (verify === "checksum" && checksum !== undefined) {
    const hash = createHash(checksum.algorithm);
    await hashInto(hash, file.path, signal);
    if (hash.digest("hex") !== checksum.expected) return undefined;
  }
  return { path: file.path, bytes, skipped: true };
}

/** Brings one file: into `<path>.partial`, over as many attempts as it takes, and to its name once it is right. */
export async function downloadFile(
  file: FileToDownload,
  transport: Transport,
  onBytes: (bytes: number) => void,
): Promise<DownloadedFile> {
  await mkdir(dirname(file.path), { recursive: true });
  const checksum = checksumOf(file);
  let reached = 0;
  let furthest = 0;
  let mismatches = 0;
  const attempt = async (): Promise<DownloadedFile> => {
    const { bytes, digest } = await transfer(file, checksum, transport, (count) => {
      reached = Math.max(reached, count);
      onBytes(count);
    });
    if (checksum !== undefined && digest !== checksum.expected) {
      await discardPartial(file.path);
      mismatches += 1;
      const { algorithm, expected } = checksum;
      const message = `${file.url}: expected ${algorithm} ${expected}, got ${digest}`;
      throw new TransferError(message, mismatches > 1 ? "never" : "now");
    }
    await rename(partialPath(file.path), file.path);
    await discardNote(file.path);
    return { path: file.path, bytes, skipped: false };
  };
  return withRetries(transport, attempt, () => {
    const further = reached > furthest;
    furthest = reached;
    return further;
  });
}
