import { type Matrix, matrixSource } from "@lmk/index";
import { augmentDatabaseAsync } from "@lmk/rerank";
import {
  type EmbeddingRows,
  type Ensemble,
  readAugmented,
  readLists,
  replaceRows,
  searchRows,
  takeRows,
  writeRows,
} from "@lmk-example/gld2019-kit";
import { type CompletedStage, runStage, trainLabels, usableRows } from "@lmk-example/kit";
import type { Augmentation } from "../config.ts";
import { once, type RecognitionContext } from "../context.ts";

export type Averaging = Exclude<Augmentation, "none">;

/** Finds the nearest clean train images of each clean one. `name` is what the networks are called. */
export function searchClean(
  context: RecognitionContext,
  ensemble: Ensemble,
  train: EmbeddingRows,
  name: string,
): Promise<CompletedStage> {
  const { stage, rows: places } = cleanImages(context, ensemble);
  const clean: EmbeddingRows = {
    rows: places.length,
    settings: { clean: train.settings },
    stages: [...train.stages, stage],
    open: async () => ({
      ...matrixSource(await takeRows(train, places)),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  };
  const k = context.config.ablations.augmentation.neighborCount;
  return once(context, `search/${name}/clean`, (list) =>
    searchRows(context, { name: list, queries: clean, database: clean, k }),
  );
}

/**
 * Supervised DBA: each clean train image becomes the weighted sum of itself and those of its nearest clean images that
 * have its label; the others stay as they are.
 */
export async function augment(
  context: RecognitionContext,
  ensemble: Ensemble,
  train: EmbeddingRows,
  name: string,
  augmentation: Averaging,
): Promise<EmbeddingRows> {
  const { neighborCount, alpha, saturation } = context.config.ablations.augmentation;
  const found = await searchClean(context, ensemble, train, name);
  const { rows: places } = cleanImages(context, ensemble);
  if (places.length === 0) return train;
  const settings = { augmentation, neighborCount, alpha, saturation };
  const stage = await once(context, `augment/${name}/${augmentation}`, (made) =>
    runStage(context.run, made, { settings, after: [found] }, async (folder) => {
      const clean: Matrix = await takeRows(train, places);
      const labels = trainLabels(ensemble.data.v2);
      const augmented = await augmentDatabaseAsync(clean, await readLists(found), {
        // The image itself is one of the neighbors that are counted.
        neighborCount: neighborCount - 1,
        ...weightsOf(augmentation, alpha, saturation),
        labels: places.map((place) => labels[place]!),
        threads: context.options.threads,
      });
      await writeRows(folder, augmented);
    }),
  );
  return replaceRows(train, places, stage);
}

/**
 * The clean train images: their places among the usable ones, ascending, and where they are from. Without a cleaning of its
 * own the ensemble is trained on the data set's list, or on all.
 */
function cleanImages(
  context: RecognitionContext,
  { data: { v2 }, lists }: Ensemble,
): { readonly stage: CompletedStage; readonly rows: Int32Array } {
  if (lists !== undefined) return readAugmented(context, lists, v2);
  const usable = usableRows(v2, "train");
  const given = v2.data.clean === undefined ? undefined : new Set(v2.data.clean);
  const rows = Int32Array.from(usable.keys()).filter((place) => given?.has(usable[place]!) ?? true);
  return { stage: v2.stage, rows };
}

function weightsOf(
  augmentation: Averaging,
  alpha: number,
  saturation: number,
): { weights: "log-spaced" } | { weights: "power"; alpha: number; saturation?: number } {
  switch (augmentation) {
    case "power":
      return { weights: "power", alpha };
    case "saturated":
      return { weights: "power", alpha, saturation };
    case "log-spaced":
      return { weights: "log-spaced" };
  }
}
