import { readFile, rm, stat, writeFile } from "node:fs/promises";

/** What is known of the bytes in a partial file: which version of which address they are of. */
export interface PartialNote {
  readonly url: string;
  /** Strong entity tag or date of last change, as the server gave it; goes into `If-Range`. */
  readonly validator?: string;
}

/** Bytes that an earlier attempt left. */
export interface Partial {
  readonly bytes: number;
  readonly validator?: string;
}

export function partialPath(path: string): string {
  return `${path}.partial`;
}

function notePath(path: string): string {
  return `${path}.partial.json`;
}

/**
 * The bytes that can be gone on from. Without anything that names the version, only those of a file whose checksum
 * will tell.
 */
export async function findPartial(path: string, url: string, hasChecksum: boolean): Promise<Partial> {
  const note = await readNote(path);
  if (note === undefined || !isOf(note, url) || (note.validator === undefined && !hasChecksum))
    return { bytes: 0 };
  const bytes = (await sizeOf(partialPath(path))) ?? 0;
  return note.validator === undefined ? { bytes } : { bytes, validator: note.validator };
}

/** Whether bytes are of an address. A strong entity tag names them also where the query is another: signatures change. */
function isOf(note: PartialNote, url: string): boolean {
  if (note.url === url) return true;
  return note.validator?.startsWith('"') === true && withoutQuery(note.url) === withoutQuery(url);
}

function withoutQuery(url: string): string {
  return url.replace(/[?#].*$/, "");
}

async function readNote(path: string): Promise<PartialNote | undefined> {
  try {
    return JSON.parse(await readFile(notePath(path), "utf8")) as PartialNote;
  } catch {
    // None, or one that a crash cut: the file is begun anew.
    return undefined;
  }
}

/** Empties the partial file and notes what will come into it; without a note it is never gone on from. */
export async function beginPartial(path: string, note: PartialNote | undefined): Promise<void> {
  await discardNote(path);
  await writeFile(partialPath(path), "");
  if (note !== undefined) await writeFile(notePath(path), JSON.stringify(note));
}

export async function discardPartial(path: string): Promise<void> {
  await discardNote(path);
  await rm(partialPath(path), { force: true });
}

export async function discardNote(path: string): Promise<void> {
  await rm(notePath(path), { force: true });
}

/** The size of a file; `undefined` if there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** What `If-Range` may carry: a strong tag, else the date. */
export function validatorOf(headers: Headers): string | undefined {
  const etag = headers.get("etag");
  if (etag !== null && !etag.startsWith("W/")) return etag;
  return headers.get("last-modified") ?? undefined;
}
