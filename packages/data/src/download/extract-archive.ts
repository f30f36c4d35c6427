import { createReadStream } from "node:fs";
import { mkdir } from "node:fs/promises";
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
  /** Stops; the files of before stay. */
  readonly signal?: AbortSignal;
}

/** What an archive held. */
export interface ExtractedArchive {
  /** Files written. */
  readonly files: number;
  /** Their bytes. */
  readonly bytes: number;
}

const fileTypes: readonly string[] = ["File", "OldFile", "ContiguousFile"];

/**
 * Unpacks the files of a `.tar` or `.tar.gz` archive into a folder, over files of the same name.
 *
 * Only files are written, and only below the folder: a link, a device, an absolute name or a name with `..` is refused
 * where it is met. What stood before it in the archive is written then.
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
  signal?.throwIfAborted();
  const unwanted = new Set(leaveOut);
  let files = 0;
  let bytes = 0;

  await new Promise<void>((resolve, reject) => {
    const input = createReadStream(archive, { highWaterMark: 1 << 20 });
    let stopped = false;
    const stop = (error: unknown): void => {
      stopped = true;
      signal?.removeEventListener("abort", abort);
      input.destroy();
      reject(error);
    };
    const abort = (): void => stop(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });

    const unpack = new Unpack({
      cwd: folder,
      strict: true,
      preserveOwner: false,
      // Throwing here would end the process: the parser calls it from a stream's event.
      filter(path, entry) {
        if (stopped || !("type" in entry)) return false;
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
    input.on("error", stop);
    unpack.on("error", (error: unknown) => stop(brokenArchive(archive, error)));
    unpack.on("close", () => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    input.pipe(unpack as unknown as NodeJS.WritableStream);
  });
  return { files, bytes };
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

function brokenArchive(archive: string, error: unknown): unknown {
  if (!(error instanceof Error) || "syscall" in error) return error;
  return new Error(`${archive}: expected a whole tar archive, got ${error.message}`, { cause: error });
}
