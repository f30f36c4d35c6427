import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { parseMd5 } from "../readers/gldv2-archives.ts";
import type { DatasetFile, DatasetName } from "./datasets.ts";
import { requireDiskSpace } from "./disk-space.ts";
import { downloadFile, findComplete } from "./download-file.ts";
import { createCount } from "./download-files.ts";
import type { DownloadSettings } from "./download-options.ts";
import { fetchText } from "./exchange.ts";
import { BrokenArchiveError, type ExtractedArchive, extractArchive } from "./extract-archive.ts";
import { sizeOf } from "./partial-file.ts";
import { type DownloadDatasetOptions, markerPath, workOf } from "./plan-dataset.ts";
import { withRetries } from "./retry.ts";
import { runAll } from "./run-all.ts";

/** What a call of {@link downloadDataset} did. */
export interface DownloadedDataset {
  /** Files that it brought, and archives that it only had to unpack. */
  readonly files: number;
  /** Files that were complete before. */
  readonly complete: number;
  /** Files that it unpacked. */
  readonly unpacked: number;
}

/**
 * Brings a data set: downloads its files as {@link downloadFiles} does, checks them against the published checksums,
 * unpacks each archive as soon as it is whole, and deletes it then.
 *
 * An unpacked archive leaves the file `<archive>.unpacked`. After a crash or an abort the same call goes on: archives with
 * such a file are skipped, partial ones continue, and one that was being unpacked is unpacked again, over what is there.
 * An archive that was unpacked and not yet deleted is deleted now. One that stands there already is checked against its MD5
 * sum. `onProgress` counts what was missing at the start.
 *
 * An archive that is broken and has no published checksum is deleted if this call fetched it, so that the next fetches it anew.
 * After a power cut within seconds of its unpacking some images of an archive may be empty: with its `.unpacked` removed,
 * it is fetched and unpacked again.
 *
 * @param name - The data set.
 * @param root - Its folder; made if it is not there.
 * @throws DownloadError `no-space` before anything is written if the disk cannot hold what is missing; `failed-files`
 * after everything else was brought.
 * @throws The reason of `signal` if that stopped it.
 * @throws RangeError as {@link datasetFiles} and {@link downloadFiles} do.
 *
 * @example
 * ```ts
 * import { downloadDataset } from "@lmk/data/download";
 *
 * const fetch = async () => new Response("id\n", { headers: { "content-length": "3" } });
 * const options = { splits: ["test"], metadataOnly: true, fetch };
 * console.log(await downloadDataset("gldv2", "tables", options)); // => { files: 3, complete: 0, unpacked: 0 }
 * console.log(await downloadDataset("gldv2", "tables", options)); // => { files: 0, complete: 3, unpacked: 0 }
 * ```
 */
export async function downloadDataset(
  name: DatasetName,
  root: string,
  options: DownloadDatasetOptions = {},
): Promise<DownloadedDataset> {
  const { keepArchives = false } = options;
  const work = await workOf("downloadDataset", name, root, options);
  const { plan, sized, needs, settings } = work;
  if (!keepArchives) await Promise.all(work.unpacked.map(removeLeftover));
  await requireDiskSpace(needs, settings.freeBytes);
  const count = createCount(sized, settings);
  const unpacked = await runAll(
    sized.map(({ file }) => file),
    settings,
    async (file, number) => {
      const extracted = await bring(file, settings, keepArchives, (bytes) => count.report(number, bytes));
      count.complete();
      return extracted.files;
    },
  );
  return {
    files: unpacked.length,
    complete: plan.complete,
    unpacked: unpacked.reduce((sum, files) => sum + files, 0),
  };
}

async function bring(
  file: DatasetFile,
  settings: DownloadSettings,
  keepArchive: boolean,
  onBytes: (bytes: number) => void,
): Promise<ExtractedArchive> {
  const checked = await withPublishedMd5(file, settings);
  // An archive may have been put there by hand: reading it once more is little beside unpacking it.
  const verify = file.unpack === undefined ? settings.verify : "checksum";
  const found = await findComplete(checked, { ...settings, verify });
  const { bytes } = found ?? (await downloadFile(checked, settings, onBytes));
  onBytes(bytes);
  if (file.unpack === undefined) return { files: 0, bytes: 0 };
  const { folder, flat, leaveOut } = file.unpack;
  const { signal } = settings;
  const stop = signal === undefined ? {} : { signal };
  const extracted = await extractArchive(file.path, folder, { flat, leaveOut, ...stop }).catch((error) =>
    refuseArchive(checked, found !== undefined, error),
  );
  await writeMarker(checked, { ...extracted, archiveBytes: bytes, kept: keepArchive });
  if (!keepArchive) await rm(file.path);
  return extracted;
}

/**
 * Passes an error of unpacking on. Where no checksum told, what was fetched may be something else, such as the page of a
 * proxy: it goes, so that the next call fetches it anew.
 */
async function refuseArchive(
  { path, md5 }: DatasetFile,
  stoodThere: boolean,
  error: unknown,
): Promise<never> {
  if (!(error instanceof BrokenArchiveError) || md5 !== undefined) throw error;
  if (stoodThere) throw new BrokenArchiveError(`${error.message}; remove it to have it fetched anew`);
  await rm(path);
  throw error;
}

/** Removes an archive that was unpacked by a process which ended before it could. */
async function removeLeftover({ path }: DatasetFile): Promise<void> {
  if ((await sizeOf(path)) === undefined) return;
  // No JSON.parse: a marker that a power cut emptied says nothing, and the archive stays.
  const marker = await readFile(markerPath(path), "utf8");
  if (marker.includes('"kept": false')) await rm(path);
}

/** The file with the checksum that is published beside it. */
async function withPublishedMd5(file: DatasetFile, settings: DownloadSettings): Promise<DatasetFile> {
  const { md5Url } = file;
  if (md5Url === undefined) return file;
  const text = await withRetries(settings, () => fetchText(md5Url, settings));
  return { ...file, md5: parseMd5(text, md5Url).hash };
}

/** The marker appears whole or not at all. */
async function writeMarker(
  { url, path, md5 }: DatasetFile,
  held: ExtractedArchive & { readonly archiveBytes: number; readonly kept: boolean },
): Promise<void> {
  const marker = markerPath(path);
  await writeFile(`${marker}.partial`, `${JSON.stringify({ url, md5, ...held }, null, 2)}\n`);
  await rename(`${marker}.partial`, marker);
}
