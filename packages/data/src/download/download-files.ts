import { dirname } from "node:path";
import { requireInteger } from "../require.ts";
import { requireDiskSpace } from "./disk-space.ts";
import { type DownloadedFile, downloadFile, findComplete } from "./download-file.ts";
import { type DownloadFilesOptions, type DownloadSettings, settingsOf } from "./download-options.ts";
import type { FileToDownload } from "./file-to-download.ts";
import { partialPath, sizeOf } from "./partial-file.ts";
import { ProgressCount } from "./progress-count.ts";
import { runAll } from "./run-all.ts";
import { SizeQuery } from "./size-query.ts";

/** A file with what is known of it before anything is asked for but its size. */
export interface SizedFile<File extends FileToDownload> {
  readonly file: File;
  readonly complete: DownloadedFile | undefined;
  /** Its size; `undefined` where neither the list nor the server tells. */
  readonly bytes: number | undefined;
  /** Bytes of it that an earlier run left. */
  readonly partialBytes: number;
}

/**
 * Brings files over HTTP, several at a time, and goes on where an earlier call stopped.
 *
 * Each file comes into `<path>.partial` and gets its name once it is whole, has its checksum and is on the disk; so a
 * file that stands at its path is right, and is skipped. Beside the partial file, `<path>.partial.json` keeps which
 * version its bytes are of (`ETag` or `Last-Modified`): after a crash, an abort or a lost connection only the missing
 * bytes are asked for, and a file that changed meanwhile, or a server that does not know ranges, makes it begin anew.
 * A wrong checksum throws the bytes away and tries once more.
 *
 * Before the first byte, the sizes of all files (asked for with HEAD where the list does not tell) are added up and held
 * against the free space; files of unknown size are not counted.
 *
 * Two processes must not bring the same file at the same time.
 *
 * @param files - What to bring; the folders of the paths are made.
 * @returns The files in their order.
 * @throws DownloadError `no-space` if they do not fit; `failed-files` with a list, after all others were brought.
 * @throws The reason of `signal` if that stopped it.
 * @throws RangeError if an option or a size is out of range, a checksum has not its hexadecimal digits, an address is
 * no `http:` or `https:` URL, or two files have one path.
 *
 * @example
 * ```ts
 * import { createServer } from "node:http";
 * import { downloadFiles } from "@lmk/data/download";
 *
 * const server = createServer((_, response) => response.end("id\n6e158a47eb2ca3f6\n")).listen(0);
 * const url = `http://localhost:${server.address().port}/index.csv`;
 * const [file] = await downloadFiles([{ url, path: "downloaded/index.csv" }]);
 * console.log(file.bytes, file.skipped); // => 20 false
 * server.close();
 * ```
 */
export async function downloadFiles(
  files: readonly FileToDownload[],
  options: DownloadFilesOptions = {},
): Promise<DownloadedFile[]> {
  const settings = settingsOf("downloadFiles", options);
  requireFiles("downloadFiles", files);
  const sized = await sizeFiles(files, settings);
  const needs = sized.map(({ file, complete, bytes = 0, partialBytes }) => ({
    folder: dirname(file.path),
    bytes: complete === undefined ? Math.max(0, bytes - partialBytes) : 0,
  }));
  await requireDiskSpace(needs, settings.freeBytes);
  const count = createCount(sized, settings);
  return runAll(files, settings, async (file, number) => {
    const found = sized[number]!.complete;
    const done = found ?? (await downloadFile(file, settings, (bytes) => count.report(number, bytes)));
    count.report(number, done.bytes);
    count.complete();
    return done;
  });
}

export function createCount(
  sized: readonly SizedFile<FileToDownload>[],
  { onProgress }: DownloadSettings,
): ProgressCount {
  const total = sized.reduce((sum, { bytes = 0 }) => sum + bytes, 0);
  return new ProgressCount(sized.length, total, onProgress);
}

/**
 * Looks for each file on the disk, and asks for the size of those that are not there.
 *
 * A server that does not tell is no error here, the file's own request will show what is wrong; but if no file gets an
 * answer, none is tried further.
 */
export async function sizeFiles<File extends FileToDownload>(
  files: readonly File[],
  settings: DownloadSettings,
): Promise<SizedFile<File>[]> {
  const query = new SizeQuery(settings);
  const size = async (file: File): Promise<SizedFile<File>> => {
    const complete = await findComplete(file, settings);
    if (complete !== undefined) return { file, complete, bytes: complete.bytes, partialBytes: 0 };
    const bytes = file.bytes ?? (await query.ask(file));
    return { file, complete, bytes, partialBytes: (await sizeOf(partialPath(file.path))) ?? 0 };
  };
  const sized = await runAll(files, settings, size, () => true);
  const missing = sized.filter(({ complete }) => complete === undefined);
  query.requireAnswer(missing.map(({ file }) => file));
  return sized;
}

export function requireFiles(caller: string, files: readonly FileToDownload[]): void {
  const paths = new Set<string>();
  for (const { url, path, bytes, md5, sha256 } of files) {
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
      throw new RangeError(`${caller}: expected \`url\` to be an http or https URL, got ${url}`);
    }
    if (paths.has(path))
      throw new RangeError(`${caller}: expected \`files\` of different paths, got ${path} twice`);
    paths.add(path);
    if (bytes !== undefined) requireInteger(caller, "bytes", bytes, 0);
    requireDigits(caller, "md5", md5, 32);
    requireDigits(caller, "sha256", sha256, 64);
  }
}

function requireDigits(caller: string, argument: string, text: string | undefined, digits: number): void {
  if (text === undefined || (text.length === digits && /^[0-9a-f]+$/i.test(text))) return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be ${digits} hexadecimal digits, got ${JSON.stringify(text)}`,
  );
}
