import { rename, rm, writeFile } from "node:fs/promises";
import { parseMd5 } from "../readers/gldv2-archives.ts";
import type { DatasetFile, DatasetName } from "./datasets.ts";
import { requireDiskSpace } from "./disk-space.ts";
import { downloadFile, findComplete } from "./download-file.ts";
import { createCount } from "./download-files.ts";
import type { DownloadSettings } from "./download-options.ts";
import { fetchText } from "./exchange.ts";
import { type ExtractedArchive, extractArchive } from "./extract-archive.ts";
import { type DownloadDatasetOptions, markerPath, workOf } from "./plan-dataset.ts";
import { withRetries } from "./retry.ts";
import { runAll } from "./run-all.ts";

/** What a call of {@link downloadDataset} did. */
export interface DownloadedDataset {
  /** Files that it brought, archives among them. */
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
  const { plan, sized, needs, settings } = await workOf("downloadDataset", name, root, options);
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
  const found = await findComplete(checked, settings.verify);
  const { bytes } = found ?? (await downloadFile(checked, settings, onBytes));
  onBytes(bytes);
  if (file.unpack === undefined) return { files: 0, bytes: 0 };
  const { folder, flat, leaveOut } = file.unpack;
  const { signal } = settings;
  const stop = signal === undefined ? {} : { signal };
  const extracted = await extractArchive(file.path, folder, { flat, leaveOut, ...stop });
  await writeMarker(checked, { ...extracted, archiveBytes: bytes });
  if (!keepArchive) await rm(file.path);
  return extracted;
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
  held: ExtractedArchive & { readonly archiveBytes: number },
): Promise<void> {
  const marker = markerPath(path);
  await writeFile(`${marker}.partial`, `${JSON.stringify({ url, md5, ...held }, null, 2)}\n`);
  await rename(`${marker}.partial`, marker);
}
