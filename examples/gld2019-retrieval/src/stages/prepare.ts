import { join } from "node:path";
import type { LandmarkData, Split } from "@lmk/data";
import { type ImageFailure, readImageSizes } from "@lmk/data/images";
import { readNpy, writeNpy } from "@lmk/index/npy";
import {
  fingerprintOf,
  openDataset,
  readJson,
  runStage,
  sourceOf,
  UserError,
  unpackedArchives,
  writeJson,
} from "@lmk-example/kit";
import { type Context, type PreparedData, splits } from "../context.ts";

/** Images of a split that cannot be read: with part of a data set it may be millions. */
interface Unreadable {
  readonly split: Split;
  readonly count: number;
  /** Some of the first of them, each on a line. */
  readonly lines: readonly string[];
}

const shownLines = 100;

/** Brings the data set, measures every image, and finds those that cannot be read. */
export async function prepare(context: Context): Promise<PreparedData> {
  const data = await openData(context);
  const { run, config, options } = context;
  const settings = {
    data: fingerprintOf(data),
    unpacked: options.data === undefined ? [] : unpackedArchives(options.data),
    check: config.images.check,
    skipCorrupt: options.skipCorrupt,
  };
  const stage = await runStage(run, "prepare", { settings }, async (folder) => {
    const unreadable: Unreadable[] = [];
    for (const split of splits) unreadable.push(await measure(context, data, split, folder));
    const corrupt = unreadable.reduce((sum, { count }) => sum + count, 0);
    if (corrupt > 0 && !options.skipCorrupt) throw corruptImages(unreadable, corrupt);
    for (const { split, count, lines } of unreadable) {
      for (const line of lines) context.notice(`left out ${line}`);
      if (count > lines.length) context.notice(`left out ${count - lines.length} more of ${split}`);
    }
    writeJson(join(folder, "counts.json"), {
      train: data.train.ids.length,
      index: data.index.ids.length,
      test: data.test.ids.length,
      landmarks: new Set(data.train.landmarkIds).size,
      corrupt,
    });
  });

  const sizes = await Promise.all(
    splits.map(async (split) => [split, await readSizes(stage.folder, split)] as const),
  );
  return { stage, data, sizes: Object.fromEntries(sizes) as PreparedData["sizes"] };
}

/** Opens the user's data, or makes some in the run folder. */
async function openData({ run, config, options, progress }: Context): Promise<LandmarkData> {
  if (options.data !== undefined) return openDataset(sourceOf(options.data, config.seed));
  const folder = join(run.path, "data");
  const { trainImages, indexImages, testImages } = config.landmarks;
  const bar = progress("generate", trainImages + indexImages + testImages);
  const onProgress = ({ done }: { readonly done: number }): void => bar.update(done);
  const data = await openDataset({
    kind: "generated",
    folder,
    options: { ...config.landmarks, seed: config.seed, onProgress },
  });
  bar.stop();
  return data;
}

async function measure(
  { config, progress }: Context,
  data: LandmarkData,
  split: Split,
  folder: string,
): Promise<Unreadable> {
  const { paths } = data[split];
  const bar = progress(`measure ${split}`, paths.length);
  const first: ImageFailure[] = [];
  let count = 0;
  const { widths, heights } = await readImageSizes(paths, {
    check: config.images.check,
    onProgress: bar.update,
    onFailure(failure) {
      count += 1;
      if (first.length < shownLines) first.push(failure);
    },
  });
  bar.stop();
  const table = new Float32Array(2 * paths.length);
  for (let row = 0; row < paths.length; row++) table.set([widths[row]!, heights[row]!], 2 * row);
  await writeNpy(join(folder, `sizes-${split}.npy`), { data: table, rows: paths.length, columns: 2 });
  const lines = first.sort((a, b) => a.row - b.row).map(({ path, message }) => `${path}: ${message}`);
  return { split, count, lines };
}

async function readSizes(folder: string, split: Split): Promise<{ widths: Int32Array; heights: Int32Array }> {
  const { data, rows } = await readNpy(join(folder, `sizes-${split}.npy`));
  return {
    widths: Int32Array.from({ length: rows }, (_, row) => data[2 * row]!),
    heights: Int32Array.from({ length: rows }, (_, row) => data[2 * row + 1]!),
  };
}

function corruptImages(unreadable: readonly Unreadable[], count: number): UserError {
  const [first] = unreadable.flatMap(({ lines }) => lines);
  const others = count > 1 ? ` (and ${count - 1} more)` : "";
  return new UserError(`${first}${others}; remove or replace it, or pass --skip-corrupt`);
}

/** How many images and landmarks there are, as `prepare` counted them. */
export function readCounts(
  folder: string,
): Readonly<Record<"train" | "index" | "test" | "landmarks" | "corrupt", number>> {
  return readJson(join(folder, "counts.json"))!;
}
