import { join } from "node:path";
import type { LandmarkData, SizeTemplate, Split } from "@lmk/data";
import { groupOfSize } from "@lmk/data";
import { type ImageFailure, readImageSizes } from "@lmk/data/images";
import { readNpy, writeNpy } from "@lmk/index/npy";
import type { Context } from "./context.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { type CompletedStage, readJson, runStage, writeJson } from "./run-folder.ts";
import { UserError } from "./user-error.ts";

/** The splits of a data set, in the order in which they are worked on. */
export const splits: readonly Split[] = ["train", "index", "test"];

/** The data set with the size of each image; an image of size 0 is left out everywhere. */
export interface PreparedData {
  readonly stage: CompletedStage;
  readonly data: LandmarkData;
  readonly sizes: Readonly<Record<Split, ImageSizesOfSplit>>;
}

/** The sizes of a split's images in pixels, by row; 0 for those that cannot be read. */
export interface ImageSizesOfSplit {
  readonly widths: Int32Array;
  readonly heights: Int32Array;
}

/** What {@link prepareData} is told. */
export interface PrepareOptions {
  /** The stage's name. */
  readonly name: string;
  readonly data: LandmarkData;
  /** Whether every image is decoded, or only its header read. */
  readonly check: "decode" | "header";
  /** The archives that the data set's folder has; with others every stage starts anew. */
  readonly archives?: readonly string[];
}

/** Images of a split that cannot be read: with part of a data set it may be millions. */
interface Unreadable {
  readonly split: Split;
  readonly count: number;
  /** Some of the first of them, each on a line. */
  readonly lines: readonly string[];
}

const shownLines = 100;

/** Measures every image of a data set, and finds those that cannot be read. */
export async function prepareData(context: Context<unknown>, options: PrepareOptions): Promise<PreparedData> {
  const { run, options: runOptions, notice } = context;
  const { name, data, check, archives = [] } = options;
  const { skipCorrupt } = runOptions;
  const settings = { data: fingerprintOf(data), unpacked: archives, check, skipCorrupt };
  const stage = await runStage(run, name, { settings }, async (folder) => {
    const unreadable: Unreadable[] = [];
    for (const split of splits) unreadable.push(await measure(context, options, split, folder));
    const corrupt = unreadable.reduce((sum, { count }) => sum + count, 0);
    if (corrupt > 0 && !skipCorrupt) throw corruptImages(unreadable, corrupt);
    for (const { split, count, lines } of unreadable) {
      for (const line of lines) notice(`left out ${line}`);
      if (count > lines.length) notice(`left out ${count - lines.length} more of ${split}`);
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

/** The rows of a split that can be read, ascending: row `i` of its embeddings belongs to `usableRows(…)[i]`. */
export function usableRows({ sizes }: Pick<PreparedData, "sizes">, split: Split): Int32Array {
  const { widths } = sizes[split];
  return Int32Array.from(widths.keys()).filter((row) => widths[row]! > 0);
}

/** The size group of each row of a split; −1 for rows that cannot be read. */
export function groupsOf(
  { sizes }: Pick<PreparedData, "sizes">,
  split: Split,
  template: SizeTemplate,
): Int32Array {
  const { widths, heights } = sizes[split];
  return Int32Array.from(widths, (width, row) =>
    width > 0 ? groupOfSize(template, { width, height: heights[row]! }) : -1,
  );
}

/** The landmark of each usable train row. */
export function trainLabels(prepared: PreparedData): Int32Array {
  return usableRows(prepared, "train").map((row) => prepared.data.train.landmarkIds[row]!);
}

/** How many images and landmarks there are, as {@link prepareData} counted them. */
export function readCounts({
  stage,
}: PreparedData): Readonly<Record<"train" | "index" | "test" | "landmarks" | "corrupt", number>> {
  return readJson(join(stage.folder, "counts.json"))!;
}

async function measure(
  { progress }: Context<unknown>,
  { name, data, check }: PrepareOptions,
  split: Split,
  folder: string,
): Promise<Unreadable> {
  const { paths } = data[split];
  const first: ImageFailure[] = [];
  let count = 0;
  const bar = progress(`${name} ${split}`, paths.length);
  const { widths, heights } = await readImageSizes(paths, {
    check,
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

async function readSizes(folder: string, split: Split): Promise<ImageSizesOfSplit> {
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
