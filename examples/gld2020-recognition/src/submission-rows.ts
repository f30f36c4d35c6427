import type { RecognitionSubmissionRow } from "@lmk/data";
import type { RecognitionPrediction } from "@lmk/eval";
import type { KaggleFolder } from "./kaggle-folder.ts";

/**
 * The rows that are handed in, in the order of `sample_submission.csv`. Images that were not looked at stay empty, as in
 * the notebook, and so do those that cannot be read.
 */
export function* submissionRows(
  { submission }: Pick<KaggleFolder, "submission">,
  predictions: readonly RecognitionPrediction[],
): Generator<RecognitionSubmissionRow> {
  const predicted = new Map(predictions.map((prediction) => [prediction.id, prediction]));
  for (let row = 0; row < submission.length; row++) {
    const id = submission.at(row);
    const found = predicted.get(id);
    yield { id, prediction: found && { landmarkId: found.label, score: found.score } };
  }
}
