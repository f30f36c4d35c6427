import { dirname } from "node:path";
import { type DatasetFile, type DatasetFilesOptions, type DatasetName, datasetFiles } from "./datasets.ts";
import type { SpaceNeed } from "./disk-space.ts";
import { requireFiles, type SizedFile, sizeFiles } from "./download-files.ts";
import { type DownloadFilesOptions, type DownloadSettings, settingsOf } from "./download-options.ts";
import { sizeOf } from "./partial-file.ts";

/** Options of {@link downloadDataset}. */
export interface DownloadDatasetOptions extends DatasetFilesOptions, DownloadFilesOptions {
  /**
   * Whether archives stay beside what was unpacked from them.
   *
   * @defaultValue false
   */
  readonly keepArchives?: boolean;
}

/** A file that is not there, or not unpacked yet. */
export interface MissingFile {
  /** The file. */
  readonly file: DatasetFile;
  /** Bytes to fetch; `undefined` where no server told its size. */
  readonly bytes: number | undefined;
}

/** What is still to be done for a data set. */
export interface DatasetPlan {
  /** What is missing, in the order of {@link datasetFiles}. */
  readonly missing: readonly MissingFile[];
  /** How many files are complete. */
  readonly complete: number;
  /** Bytes to fetch, as far as sizes are known. */
  readonly bytes: number;
  /** Bytes that must be free: for what comes, for what is unpacked from it, and for archives on their way. */
  readonly neededBytes: number;
}

/** A plan with what is needed to carry it out. */
export interface DatasetWork {
  readonly plan: DatasetPlan;
  /** Archives that were unpacked before. */
  readonly unpacked: readonly DatasetFile[];
  readonly sized: readonly SizedFile<DatasetFile>[];
  readonly needs: readonly SpaceNeed[];
  readonly settings: DownloadSettings;
}

/** Unpacked images may take so much more than their archive: they fill whole blocks, and gzip gains a little. */
const unpackedFactor = 1.05;

/** The file that says that an archive is unpacked. */
export function markerPath(archive: string): string {
  return `${archive}.unpacked`;
}

/**
 * What {@link downloadDataset} would do with the same arguments: asks servers for sizes, writes nothing.
 *
 * @param name - The data set.
 * @param root - Its folder, which need not be there.
 * @throws DownloadError `failed-files` if no server answers.
 * @throws RangeError as {@link datasetFiles} and {@link downloadFiles} do.
 *
 * @example
 * ```ts
 * import { planDataset } from "@lmk/data/download";
 *
 * const fetch = async () => new Response(null, { headers: { "content-length": "1000" } });
 * const plan = await planDataset("gldv2", "gldv2", { splits: ["test"], archives: [0, 9], fetch });
 * console.log(plan.missing.length, plan.bytes); // => 13 13000
 * ```
 */
export async function planDataset(
  name: DatasetName,
  root: string,
  options: DownloadDatasetOptions = {},
): Promise<DatasetPlan> {
  return (await workOf("planDataset", name, root, options)).plan;
}

export async function workOf(
  caller: string,
  name: DatasetName,
  root: string,
  options: DownloadDatasetOptions,
): Promise<DatasetWork> {
  const settings = settingsOf(caller, options);
  const files = datasetFiles(name, root, options);
  requireFiles(caller, files);
  const marked = await Promise.all(files.map(isUnpacked));
  const sized = await sizeFiles(
    files.filter((_, i) => !marked[i]),
    settings,
  );
  const missing = sized.filter(({ file, complete }) => complete === undefined || file.unpack !== undefined);
  const needs = spaceNeeds(missing, settings.concurrency, options.keepArchives ?? false);
  const plan: DatasetPlan = {
    missing: missing.map((sized) => ({ file: sized.file, bytes: bytesToFetch(sized) })),
    complete: files.length - missing.length,
    bytes: sum(missing.map((sized) => bytesToFetch(sized) ?? 0)),
    neededBytes: sum(needs.map(({ bytes }) => bytes)),
  };
  return { plan, unpacked: files.filter((_, i) => marked[i]), sized: missing, needs, settings };
}

async function isUnpacked({ path, unpack }: DatasetFile): Promise<boolean> {
  return unpack !== undefined && (await sizeOf(markerPath(path))) !== undefined;
}

function bytesToFetch({ complete, bytes, partialBytes }: SizedFile<DatasetFile>): number | undefined {
  if (complete !== undefined) return 0;
  return bytes === undefined ? undefined : Math.max(0, bytes - partialBytes);
}

/** An archive that is deleted once it is unpacked takes its own space only while it is among the `concurrency` under way. */
function spaceNeeds(
  sized: readonly SizedFile<DatasetFile>[],
  concurrency: number,
  keepArchives: boolean,
): SpaceNeed[] {
  const archives = sized.filter(({ file }) => file.unpack !== undefined);
  const fetched = archives.map(fetchedBytes);
  const largest = fetched.toSorted((a, b) => b.bytes - a.bytes).slice(0, concurrency);
  const unpacked = archives.map(({ file, bytes = 0 }) => ({
    folder: file.unpack!.folder,
    bytes: Math.ceil(bytes * unpackedFactor),
  }));
  const tables = sized.filter(({ file }) => file.unpack === undefined).map(fetchedBytes);
  return [...tables, ...unpacked, ...(keepArchives ? fetched : largest)];
}

function fetchedBytes(sized: SizedFile<DatasetFile>): SpaceNeed {
  return { folder: dirname(sized.file.path), bytes: bytesToFetch(sized) ?? 0 };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
