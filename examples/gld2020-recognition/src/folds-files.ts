import { join } from "node:path";
import {
  assignClassIds,
  type ImageLabels,
  stratifiedFolds,
  writeClassLandmarksPickle,
  writeFoldsCsv,
} from "@lmk/data";

/** The names under which {@link writeFolds} writes, which are the original's. */
export const foldsFiles = { folds: "train_0.csv", classes: "idx2landmark_id.pkl" } as const;

/**
 * Deals the cleaned images into the original's five folds, and writes them as `train_0.csv` and the landmark of each class
 * as `idx2landmark_id.pkl`. Files that are there are replaced, each as a whole.
 *
 * @param folder - Where to write; it must exist.
 * @param labels - The cleaned list, in the order of the `train.csv` of the 2020 contest.
 * @throws RangeError as {@link stratifiedFolds}, if no landmark has five images.
 */
export async function writeFolds(folder: string, labels: ImageLabels): Promise<void> {
  const folds = stratifiedFolds(labels.landmarkIds);
  await writeFoldsCsv(join(folder, foldsFiles.folds), { ...labels, folds });
  await writeClassLandmarksPickle(
    join(folder, foldsFiles.classes),
    assignClassIds(labels.landmarkIds).landmarkIds,
  );
}
