import { type FoldedLabels, type ImageLabels, type LandmarkData, stratifiedFolds } from "@lmk/data";
import { type PreparedData, runStage, UserError, usableRows } from "@lmk-example/kit";
import { writeFolds } from "../folds-files.ts";
import type { Gallery, SystemContext, SystemData } from "../system.ts";

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
  return { prepared, folds: stage, gallery: galleryOf(context, prepared) };
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
function galleryOf({ config }: SystemContext, prepared: PreparedData): Gallery {
  const { train, clean, recognition } = prepared.data;
  const listed = new Uint8Array(train.landmarkIds.length).fill(clean === undefined ? 1 : 0);
  for (const row of clean ?? []) listed[row] = 1;
  const shown =
    config.recognition.gallery === "matched" && recognition !== undefined
      ? new Set(recognition.landmarkIds.flatMap((ids) => [...ids]))
      : undefined;
  const rows = usableRows(prepared, "train").filter(
    (row) => listed[row] === 1 && (shown === undefined || shown.has(train.landmarkIds[row]!)),
  );
  if (rows.length === 0) {
    throw new UserError("folds: expected clean train images of a landmark to search, got none; check --data");
  }
  return { rows, labels: rows.map((row) => train.landmarkIds[row]!) };
}
