import { open, readFile, stat, unlink, writeFile } from "node:fs/promises";
import { type Connection, discard, interruption, request } from "./requests.ts";
import { WeightsDownloadError } from "./weights-download-error.ts";
import type { Located } from "./weights-path.ts";

/** The file to transfer, as far as it is known before the transfer. */
export interface Remote {
  readonly connection: Connection;
  readonly headers: Readonly<Record<string, string>>;
  /** What the hub's API calls the content; absent for other servers, whose responses carry their tags. */
  readonly etag?: string;
  readonly bytes?: number;
  /** Whether the whole file is checked by SHA-256 in the end, so that a part may be continued without a tag. */
  readonly isChecked: boolean;
}

/** Called with the bytes that are in the part file, and those of the whole file where they are known. */
export type Report = (received: number, total: number | undefined) => void;

/** What is noted beside a part file, to know whether the server still has the same file. */
interface PartNote {
  readonly etag?: string;
}

/**
 * One attempt at the rest of a file: appends to `part` what it lacks, and resolves when it is whole.
 *
 * The hub's library can download a file, but neither continue one nor report how far it is, so this asks by itself.
 */
export async function transfer(remote: Remote, part: string, report: Report): Promise<void> {
  const { connection } = remote;
  const { located } = connection;
  const note = await readNote(part);
  const start = await usableBytes(remote, part, note);
  if (start > 0 && start === remote.bytes) {
    report(start, remote.bytes);
    return;
  }

  const response = await request(connection, located.url, {
    headers: rangeHeaders(remote, note, start),
  });
  const answer = describe(response);
  const continues = response.status === 206 && start > 0;
  const isOther = continues && !(answer.start === start && sameFile(remote, note, answer));
  if (isOther || (response.status === 416 && start > 0)) {
    await discard(response);
    await removePart(part);
    return await transfer(remote, part, report);
  }
  if (remote.bytes !== undefined && answer.total !== undefined && answer.total !== remote.bytes) {
    await discard(response);
    throw sizeError(located, remote.bytes, answer.total);
  }

  const total = remote.bytes ?? answer.total;
  const etag = remote.etag ?? answer.etag;
  report(continues ? start : 0, total);
  await writeFile(notePath(part), JSON.stringify(etag === undefined ? {} : { etag }));
  const received = await append(response, part, continues ? start : 0, { remote, total, report });
  if (total !== undefined && received < total) throw interruption(located, received, total);
  if (total !== undefined && received > total) {
    await removePart(part);
    throw sizeError(located, total, received);
  }
}

/** Removes a part file and its note. */
export async function removePart(part: string): Promise<void> {
  for (const path of [part, notePath(part)]) {
    await unlink(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
    });
  }
}

async function append(
  response: Response,
  part: string,
  start: number,
  { remote, total, report }: { remote: Remote; total: number | undefined; report: Report },
): Promise<number> {
  const { located, signal } = remote.connection;
  const file = await open(part, start > 0 ? "r+" : "w");
  const body = response.body?.getReader();
  let received = start;
  try {
    for (;;) {
      const chunk = await body?.read().catch((error: unknown) => {
        signal?.throwIfAborted();
        throw interruption(located, received, total, error);
      });
      if (chunk === undefined || chunk.done) break;
      await writeAll(file, chunk.value, received);
      received += chunk.value.length;
      if (total !== undefined && received > total) break;
      report(received, total);
    }
    await file.sync();
  } finally {
    await body?.cancel().catch(() => undefined);
    await file.close();
  }
  return received;
}

async function writeAll(
  file: Awaited<ReturnType<typeof open>>,
  bytes: Uint8Array,
  at: number,
): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += (await file.write(bytes, written, bytes.length - written, at + written)).bytesWritten;
  }
}

/** How much of the part file is the beginning of the file as the server has it now. */
async function usableBytes(remote: Remote, part: string, note: PartNote): Promise<number> {
  const size = await stat(part).then(
    (found) => found.size,
    () => 0,
  );
  if (remote.bytes !== undefined && size > remote.bytes) return 0;
  if (remote.etag !== undefined) return note.etag === remote.etag ? size : 0;
  return note.etag !== undefined || remote.isChecked ? size : 0;
}

function rangeHeaders(remote: Remote, note: PartNote, start: number): Record<string, string> {
  // A compressed body has neither the length nor the byte positions of the file.
  const headers = { ...remote.headers, "Accept-Encoding": "identity" };
  if (start === 0) return headers;
  const range = { ...headers, Range: `bytes=${start}-` };
  // The hub's name for the content is not the tag of the store that sends the bytes.
  const isStrong = remote.etag === undefined && note.etag?.startsWith('"') === true;
  return isStrong ? { ...range, "If-Range": note.etag! } : range;
}

interface Answer {
  readonly etag?: string;
  readonly start?: number;
  readonly total?: number;
}

function describe(response: Response): Answer {
  const etag = response.headers.get("etag") ?? undefined;
  const tag = etag === undefined ? {} : { etag };
  if (response.status === 206) {
    const [, start, total] =
      /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "") ?? [];
    return { ...tag, ...(start === undefined ? {} : { start: Number(start) }), ...totalOf(total) };
  }
  const isPlain = (response.headers.get("content-encoding") ?? "identity") === "identity";
  return isPlain ? { ...tag, ...totalOf(response.headers.get("content-length")) } : tag;
}

/** A length that a header states; nothing where it is no whole number. */
function totalOf(length: string | null | undefined): Pick<Answer, "total"> {
  const total = /^\d+$/.test(length ?? "") ? Number(length) : Number.NaN;
  return Number.isSafeInteger(total) ? { total } : {};
}

function sameFile(remote: Remote, note: PartNote, answer: Answer): boolean {
  if (remote.etag !== undefined || note.etag === undefined) return true;
  return answer.etag === note.etag;
}

function sizeError(located: Located, expected: number, got: number): WeightsDownloadError {
  return new WeightsDownloadError(
    "size-mismatch",
    `fetchWeights: expected ${located.url} to have ${expected} bytes, got ${got}`,
    located,
  );
}

async function readNote(part: string): Promise<PartNote> {
  try {
    const note: unknown = JSON.parse(await readFile(notePath(part), "utf8"));
    const etag = typeof note === "object" && note !== null && "etag" in note ? note.etag : undefined;
    return typeof etag === "string" ? { etag } : {};
  } catch {
    // Without a readable note the part counts as one whose server gave no tag.
    return {};
  }
}

function notePath(part: string): string {
  return `${part}.json`;
}
