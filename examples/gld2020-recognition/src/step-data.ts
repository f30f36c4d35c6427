import { assignClassIds, chooseGldv2x, type FoldedLabels, foldsOfRows, type LandmarkData } from "@lmk/data";
import type { StepData } from "./system.ts";
import type { TrainStep } from "./train-run.ts";

/**
 * The images of a training step with their classes: of step 0 the whole train table, of the others those of the landmarks
 * on the cleaned list, whether they are on it or not. The fold is known of images on the list only, so all others are
 * trained on.
 */
export function stepData(
  { train }: Pick<LandmarkData, "train">,
  clean: FoldedLabels,
  trainStep: TrainStep,
): StepData {
  const chosen = trainStep === 0 ? assignClassIds(train.landmarkIds) : chooseGldv2x(train, clean);
  return { ...chosen, folds: foldsOfRows(chosen.rows, { train, clean, folds: clean.folds }) };
}
