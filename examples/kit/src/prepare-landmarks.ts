import type { RunOptions } from "./command-line.ts";
import type { Context } from "./context.ts";
import { openDataset, sourceOf, unpackedArchives } from "./dataset.ts";
import { type GeneratedSet, generateSet } from "./generated-set.ts";
import type { ImagesConfig } from "./image-settings.ts";
import { type PreparedData, prepareData } from "./prepared-data.ts";

/** The settings of a system that works with one data set. */
export interface LandmarksConfig {
  readonly seed: number;
  /** What is generated where no `--data` is given. */
  readonly landmarks: GeneratedSet;
  readonly images: ImagesConfig;
}

/** The stage `prepare`: brings the data set of `--data`, or makes one in the run folder, and measures every image. */
export async function prepareLandmarks(context: Context<LandmarksConfig, RunOptions>): Promise<PreparedData> {
  const { config, options } = context;
  const { seed, landmarks, images } = config;
  const folder = options.data;
  const data =
    folder === undefined
      ? await generateSet(context, landmarks, { folder: "data", seed, name: "generate" })
      : await openDataset(sourceOf(folder, seed));
  const archives = folder === undefined ? [] : unpackedArchives(folder);
  return prepareData(context, { name: "prepare", data, check: images.check, archives });
}
