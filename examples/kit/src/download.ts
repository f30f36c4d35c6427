import { join } from "node:path";
import { type ImageTable, readRevisited } from "@lmk/data";
import {
  type DatasetName,
  type DownloadDatasetOptions,
  DownloadError,
  type DownloadProgress,
  downloadDataset,
  planDataset,
} from "@lmk/data/download";
import { readImageSizes } from "@lmk/data/images";
import { stopOnInterrupt } from "@lmk/train";
import { createProgressBar, type ProgressBar } from "@lmk/train/progress";
import { InterruptedError, UserError } from "./user-error.ts";

/** What a download takes from the command line. */
export interface DownloadOptions {
  /** Which data set. */
  readonly download?: DatasetName;
  /** Where it goes. */
  readonly data?: string;
  /** First and last of the numbered archives to take of each split. */
  readonly archives?: readonly [first: number, last: number];
  /** Where the files are asked for instead of where they are published. */
  readonly mirror?: string;
  /** Whether to tell only what would be fetched. */
  readonly dryRun?: boolean;
}

/**
 * Does what `--download` says, if it is given.
 *
 * @param say - Shows a line.
 * @returns Whether there is a folder to go on with: not after a dry run, nor with a set that has nothing to train on.
 */
export async function downloadData(options: DownloadOptions, say: (line: string) => void): Promise<boolean> {
  const { download: name, data: folder, dryRun = false } = options;
  if (name === undefined) {
    if (dryRun || options.archives !== undefined || options.mirror !== undefined) {
      throw new UserError("--dry-run, --archives and --mirror: expected --download with them, got none");
    }
    return true;
  }
  if (folder === undefined) {
    throw new UserError(`--download ${name}: expected a folder to download to, got none; pass --data DIR`);
  }
  if (dryRun) {
    await showPlan(name, folder, options, say);
    return false;
  }
  await bring(name, folder, options, say);
  if (name === "gldv2") return true;
  await checkRevisited(name, folder, say);
  return false;
}

function sourceOptions(name: DatasetName, { archives, mirror }: DownloadOptions): DownloadDatasetOptions {
  const sameFolder = name === "gldv2" ? {} : { groundTruthUrl: mirror! };
  return {
    ...(archives === undefined ? {} : { archives }),
    ...(mirror === undefined ? {} : { baseUrl: mirror, ...sameFolder }),
  };
}

async function showPlan(
  name: DatasetName,
  folder: string,
  options: DownloadOptions,
  say: (line: string) => void,
): Promise<void> {
  const { missing, complete, bytes, neededBytes } = await planDataset(
    name,
    folder,
    sourceOptions(name, options),
  );
  for (const { file, bytes } of missing) {
    const size = bytes === undefined ? "size unknown" : megabytes(bytes);
    say(`${size.padStart(14)}  ${file.url}`);
  }
  say(`would fetch ${missing.length} files, ${bytes} bytes (${megabytes(bytes)}); ${complete} are there`);
  say(`would need ${neededBytes} bytes (${megabytes(neededBytes)}) in ${folder}`);
}

async function bring(
  name: DatasetName,
  folder: string,
  options: DownloadOptions,
  say: (line: string) => void,
): Promise<void> {
  const stop = stopOnInterrupt();
  let bar: ProgressBar | undefined;
  const onProgress = ({ doneBytes, totalBytes, doneFiles, totalFiles }: DownloadProgress): void => {
    const total = Math.max(1, Math.ceil(totalBytes / 1e6));
    // Short of its end until the last file: a log gets a line for each update at the end, and more bytes than the
    // total come where a server tells no size.
    const done = doneFiles === totalFiles ? total : Math.min(Math.floor(doneBytes / 1e6), total - 1);
    bar ??= createProgressBar({ label: `  download ${name}`, total, unit: "MB", done });
    bar.update(done, `${doneFiles} of ${totalFiles} files`);
  };
  try {
    const source = sourceOptions(name, options);
    const brought = await downloadDataset(name, folder, { ...source, signal: stop.signal, onProgress });
    say(`download ${name}: ${brought.files} files fetched, ${brought.unpacked} unpacked from them`);
  } catch (error) {
    if (stop.signal.aborted) {
      throw new InterruptedError("stopped; the same command goes on from here", stop.exitCode());
    }
    if (!DownloadError.isInstance(error)) throw error;
    const wayOut = {
      "no-space": "free some, or pass another --data",
      "failed-files": "run the same command to try again",
    };
    throw new UserError(`${error.message}; ${wayOut[error.code]}`);
  } finally {
    bar?.stop();
    stop.dispose();
  }
}

/** Reads the ground truth, and looks at every image that it names. */
async function checkRevisited(
  name: "roxford5k" | "rparis6k",
  folder: string,
  say: (line: string) => void,
): Promise<void> {
  const { index, queries } = await readRevisited(folder, { name });
  for (const { paths } of [index, queries] satisfies ImageTable[]) {
    const bar = createProgressBar({ label: `  measure ${name}`, total: paths.length });
    const { failures } = await readImageSizes(paths, { onProgress: bar.update });
    bar.stop();
    const [first] = failures;
    if (first === undefined) continue;
    const others = failures.length > 1 ? ` (and ${failures.length - 1} more)` : "";
    const markers = join(folder, "*.unpacked");
    throw new UserError(
      `${first.path}: ${first.message}${others}; remove ${markers} and run the same command to fetch them again`,
    );
  }
  const { length } = index.ids;
  say(
    `${name}: ${length} images and ${queries.ids.length} queries in ${folder}; nothing to train on, so it ends here`,
  );
}

function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
