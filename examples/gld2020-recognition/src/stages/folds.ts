import { type FoldedLabels, type ImageLabels, type LandmarkData, stratifiedFolds } from "@lmk/data";
import { type Gallery, galleryOf, type PreparedData, runStage } from "@lmk-example/kit";
import { writeFolds } from "../folds-files.ts";
import type { SystemContext, SystemData } from "../system.ts";

/** Deals the cleaned images into folds, as `preprocess` does, and chooses what is searched. */
export async function folds(context: SystemContext, prepared: PreparedData): Promise<SystemData> {
  const stage = await runStage(
    context.run,
    "folds",
    { settings: {}, after: [prepared.stage] },
    async (folder) => {
      await writeFolds(folder, cleanLabels(prepared.data));
    },
  );
  return { prepared, folds: stage, gallery: chooseGallery(context, prepared) };
}

/** The cleaned list in the order of its file; all train images where the data set has none. */
export function cleanLabels({
  train,
  clean,
  cleanLabels: labels,
}: LandmarkData & { readonly cleanLabels?: ImageLabels | undefined }): ImageLabels {
  if (labels !== undefined) return labels;
  if (clean === undefined) return train;
  throw new RangeError("expected the cleaned list with its labels, got its rows alone");
}

/** The cleaned list with its folds. */
export function foldedLabels(data: LandmarkData): FoldedLabels {
  const labels = cleanLabels(data);
  return { ...labels, folds: stratifiedFolds(labels.landmarkIds) };
}

/** The cleaned images that can be read, of the landmarks that test images show, or of all where that is not known. */
function chooseGallery({ config }: SystemContext, prepared: PreparedData): Gallery {
  const { train, clean, recognition } = prepared.data;
  const listed = new Uint8Array(train.landmarkIds.length).fill(clean === undefined ? 1 : 0);
  for (const row of clean ?? []) listed[row] = 1;
  const shown =
    config.recognition.gallery === "matched" && recognition !== undefined
      ? new Set(recognition.landmarkIds.flatMap((ids) => [...ids]))
      : undefined;
  return galleryOf(
    "folds",
    prepared,
    (row, landmark) => listed[row] === 1 && (shown === undefined || shown.has(landmark)),
  );
}
