import { createReadStream } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { Unpack } from "tar";

/** Options of {@link extractArchive}. */
export interface ExtractArchiveOptions {
  /**
   * Whether files go into the folder itself, without the folders they have in the archive.
   *
   * @defaultValue false
   */
  readonly flat?: boolean;
  /**
   * Names of files, without folders, that are not wanted.
   *
   * @defaultValue none
   */
  readonly leaveOut?: readonly string[];
  /** Stops; files that were begun are written as far as they were read, and stay. */
  readonly signal?: AbortSignal;
}

/** What an archive held. */
export interface ExtractedArchive {
  /** Files written. */
  readonly files: number;
  /** Their bytes. */
  readonly bytes: number;
}

/** An archive that ends too early, or is none. */
export class BrokenArchiveError extends Error {
  override readonly name = "BrokenArchiveError";
}

const chunkSize = 1 << 20;

const fileTypes: readonly string[] = ["File", "OldFile", "ContiguousFile"];

/**
 * Unpacks the files of a `.tar` or `.tar.gz` archive into a folder, over files of the same name.
 *
 * Only files are written, and only below the folder: a link, a device, an absolute name or a name with `..` is refused
 * where it is met, and so is a link that stands in the folder in the way of a file. What stood before it in the archive is
 * written then. However the promise ends, nothing is written after it.
 *
 * Files are left to the system to bring to the disk: after a power cut within the next seconds, some may be empty.
 *
 * @param archive - The file, compressed or not.
 * @param folder - Where its files go; made if it is not there.
 * @returns How much was written.
 * @throws Error `archive: expected …, got …` for an entry that is refused, and for a broken archive; that of the file
 * system.
 * @throws The reason of `signal` if that stopped it.
 *
 * @example
 * ```ts
 * import { mkdirSync, writeFileSync } from "node:fs";
 * import { create } from "tar";
 * import { extractArchive } from "@lmk/data/download";
 *
 * mkdirSync("photos");
 * writeFileSync("photos/a.jpg", "a photo");
 * await create({ file: "photos.tar" }, ["photos"]);
 * console.log(await extractArchive("photos.tar", "unpacked", { flat: true })); // => { files: 1, bytes: 7 }
 * ```
 */
export async function extractArchive(
  archive: string,
  folder: string,
  options: ExtractArchiveOptions = {},
): Promise<ExtractedArchive> {
  const { flat = false, leaveOut = [], signal } = options;
  signal?.throwIfAborted();
  await mkdir(folder, { recursive: true });
  const compressed = await isGzip(archive);
  signal?.throwIfAborted();
  const input = createReadStream(archive, { highWaterMark: chunkSize });
  const content: Readable = compressed ? input.pipe(createGunzip({ chunkSize })) : input;
  const unwanted = new Set(leaveOut);
  let files = 0;
  let bytes = 0;
  let failure: { readonly error: unknown } | undefined;

  const unpack = new Unpack({
    cwd: folder,
    strict: true,
    zstd: false,
    preserveOwner: false,
    // Throwing here would end the process: the parser calls it from a stream's event.
    filter(path, entry) {
      if (failure !== undefined || !("type" in entry)) return false;
      const problem = problemOf(path, entry.type);
      if (problem !== undefined) stop(new Error(`${archive}: ${problem}`));
      return problem === undefined && fileTypes.includes(entry.type) && !unwanted.has(baseName(path));
    },
    onReadEntry(entry) {
      if (flat) entry.path = baseName(entry.path);
      files += 1;
      bytes += entry.size;
    },
  });
  const stop = (error: unknown): void => {
    if (failure !== undefined) return;
    failure = { error };
    content.unpipe();
    input.destroy();
    content.destroy();
    // It closes once what was begun is written.
    unpack.end();
  };
  const abort = (): void => stop(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  await new Promise<void>((resolve, reject) => {
    const settle = (): void => (failure === undefined ? resolve() : reject(failure.error));
    unpack.on("close", settle);
    unpack.on("error", (error: Error) => {
      stop(clearer(archive, error));
      // Without the folder nothing is begun, and it never closes.
      if (error.name === "CwdError") settle();
    });
    for (const stream of [input, content])
      stream.on("error", (error: Error) => stop(clearer(archive, error)));
    content.pipe(unpack as unknown as NodeJS.WritableStream);
  }).finally(() => signal?.removeEventListener("abort", abort));
  return { files, bytes };
}

async function isGzip(archive: string): Promise<boolean> {
  const file = await open(archive);
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return buffer.readUInt16BE() === 0x1f8b;
  } finally {
    await file.close();
  }
}

/** What is wrong with an entry; `undefined` if it may be written, or is a folder. */
function problemOf(path: string, type: string): string | undefined {
  if (type !== "Directory" && !fileTypes.includes(type)) {
    return `expected files and folders, got ${path} of type ${type}`;
  }
  const parts = path.split(/[/\\]/);
  const leaves = parts.includes("..") || parts[0] === "" || /^[A-Za-z]:/.test(path);
  return leaves ? `expected names below the folder, got ${path}` : undefined;
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** What tar adds to its errors. */
interface TarError extends Error {
  readonly symlink?: string;
  readonly entry?: { readonly path: string };
}

/** An error of tar or gzip in the words of this function; one of the file system as it is. */
function clearer(archive: string, error: TarError): Error {
  if (error.symlink !== undefined) {
    const message = `${archive}: expected no link in the way of ${error.entry?.path}, got ${error.symlink}`;
    return new Error(message, { cause: error });
  }
  if ("syscall" in error) return error;
  const message = `${archive}: expected a whole tar archive, got ${error.message}`;
  return new BrokenArchiveError(message, { cause: error });
}
