import { join } from "node:path";
import type { LandmarkData } from "@lmk/data";
import type { Context } from "./context.ts";
import { openDataset } from "./dataset.ts";

/** A data set of generated landmarks that stands in for Google Landmarks v2. */
export interface GeneratedSet {
  readonly landmarks: number;
  readonly trainImages: number;
  readonly indexImages: number;
  readonly testImages: number;
  /** Share of train images with a wrong label. */
  readonly noiseRate: number;
  /**
   * Share of test images without a landmark.
   *
   * @defaultValue that of `generateLandmarks`
   */
  readonly distractorRate?: number;
  /** From 0, frontal views by day, to 1. */
  readonly sceneDifficulty: number;
  /** Longer side, in pixels. */
  readonly longSide: number;
}

/**
 * Makes a data set in a folder of the run, or opens the one that is there.
 *
 * @param options - `seed`: other seeds make other landmarks; `name`: said while it is made.
 */
export async function generateSet(
  { run, progress }: Pick<Context<unknown>, "run" | "progress">,
  set: GeneratedSet,
  options: { readonly folder: string; readonly seed: number | string; readonly name: string },
): Promise<LandmarkData> {
  const bar = progress(options.name, set.trainImages + set.indexImages + set.testImages);
  const data = await openDataset({
    kind: "generated",
    folder: join(run.path, options.folder),
    options: { ...set, seed: options.seed, onProgress: ({ done }) => bar.update(done) },
  });
  bar.stop();
  return data;
}
