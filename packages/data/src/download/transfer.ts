import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { exchange, isEncoded, plainLength, type Transport } from "./exchange.ts";
import type { FileToDownload } from "./file-to-download.ts";
import { hashInto } from "./hash-file.ts";
import {
  beginPartial,
  discardPartial,
  findPartial,
  type Partial,
  type PartialNote,
  partialPath,
  validatorOf,
} from "./partial-file.ts";
import { TransferError } from "./retry.ts";

/** A checksum that a file must have. */
export interface Checksum {
  readonly algorithm: "md5" | "sha256";
  readonly expected: string;
}

/** What a partial file holds when it is whole. */
export interface Transferred {
  readonly bytes: number;
  /** Hexadecimal, of the algorithm that was asked for; empty where none was. */
  readonly digest: string;
}

/**
 * One attempt to make the partial file whole: asks for what is missing, or for everything where the file changed, the
 * server does not know ranges, or nothing usable is there.
 */
export async function transfer(
  file: FileToDownload,
  checksum: Checksum | undefined,
  transport: Transport,
  onBytes: (bytes: number) => void,
): Promise<Transferred> {
  const partial = await findPartial(file.path, file.url, checksum !== undefined);
  onBytes(partial.bytes);
  const hash = checksum && createHash(checksum.algorithm);
  if (hash !== undefined && partial.bytes > 0) await hashInto(hash, partialPath(file.path), transport.signal);
  return exchange(file.url, transport, {
    headers: rangeHeaders(partial),
    accept: partial.bytes > 0 ? [206, 200, 416] : [200],
    async use(response, chunks) {
      if (response.status === 416) return wholeOrAnew(file, partial, response, hash);
      if (response.status === 206) {
        const total = await totalOfRange(file, partial, response, checksum !== undefined);
        return receive(file, partial.bytes, total, hash, chunks(), onBytes);
      }
      const total = plainLength(response.headers);
      requireListedSize(file, total);
      await beginPartial(file.path, noteOf(file.url, response.headers));
      onBytes(0);
      return receive(file, 0, total, checksum && createHash(checksum.algorithm), chunks(), onBytes);
    },
  });
}

function requireListedSize(file: FileToDownload, total: number | undefined): void {
  if (file.bytes === undefined || total === undefined || total === file.bytes) return;
  throw new TransferError(`${file.url}: expected ${file.bytes} bytes, got ${total}`, "never");
}

/** What to keep beside the bytes; nothing where ranges would count other bytes than those that arrive. */
function noteOf(url: string, headers: Headers): PartialNote | undefined {
  if (isEncoded(headers)) return undefined;
  const validator = validatorOf(headers);
  return validator === undefined ? { url } : { url, validator };
}

function rangeHeaders({ bytes, validator }: Partial): Record<string, string> {
  if (bytes === 0) return {};
  const range = { range: `bytes=${bytes}-` };
  return validator === undefined ? range : { ...range, "if-range": validator };
}

/** A range that cannot be given begins where the file ends: it is whole, or another one. */
async function wholeOrAnew(
  file: FileToDownload,
  { bytes }: Partial,
  response: Response,
  hash: Hash | undefined,
): Promise<Transferred> {
  const total = Number(/^bytes \*\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1]);
  if (total === bytes) {
    requireListedSize(file, total);
    return { bytes, digest: hash?.digest("hex") ?? "" };
  }
  return beginAnew(file, `${file.url}: expected bytes from ${bytes} on, got status 416`);
}

/** The size of the whole file, of an answer that holds just what was asked for; `undefined` only if something else tells. */
async function totalOfRange(
  file: FileToDownload,
  { bytes, validator }: Partial,
  response: Response,
  hasChecksum: boolean,
): Promise<number | undefined> {
  const range = response.headers.get("content-range") ?? "";
  const [, first, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range) ?? [];
  const version = validatorOf(response.headers);
  const sameVersion = validator === undefined || version === undefined || version === validator;
  if (Number(first) !== bytes || !sameVersion || isEncoded(response.headers)) {
    const got = sameVersion ? JSON.stringify(range) : "another version";
    return beginAnew(file, `${file.url}: expected bytes from ${bytes} on, got ${got}`);
  }
  if (total !== "*") {
    requireListedSize(file, Number(total));
    return Number(total);
  }
  // The range may end before the file does.
  if (file.bytes !== undefined || hasChecksum) return undefined;
  return beginAnew(file, `${file.url}: expected the size of the file, got ${JSON.stringify(range)}`);
}

async function beginAnew(file: FileToDownload, message: string): Promise<never> {
  await discardPartial(file.path);
  throw new TransferError(message, "now");
}

/** Appends what comes to the partial file, and has it on the disk before it returns. */
async function receive(
  file: FileToDownload,
  start: number,
  total: number | undefined,
  hash: Hash | undefined,
  chunks: AsyncGenerator<Uint8Array>,
  onBytes: (bytes: number) => void,
): Promise<Transferred> {
  const expected = total ?? file.bytes;
  let bytes = start;
  const handle = await open(partialPath(file.path), "r+");
  try {
    await handle.truncate(start);
    for await (const chunk of chunks) {
      hash?.update(chunk);
      await writeAll(handle, chunk, bytes);
      bytes += chunk.length;
      onBytes(bytes);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (expected === undefined || bytes === expected) return { bytes, digest: hash?.digest("hex") ?? "" };
  const message = `${file.url}: expected ${expected} bytes, got ${bytes}`;
  if (bytes < expected) throw new TransferError(message, "later");
  await discardPartial(file.path);
  throw new TransferError(message, "never");
}

async function writeAll(handle: FileHandle, chunk: Uint8Array, position: number): Promise<void> {
  for (let offset = 0; offset < chunk.length; ) {
    const { bytesWritten } = await handle.write(chunk, offset, chunk.length - offset, position + offset);
    offset += bytesWritten;
  }
}
