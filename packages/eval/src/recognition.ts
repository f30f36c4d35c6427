import { PredictionError } from "./prediction-error.ts";

/** What a system says about one image. */
export interface RecognitionPrediction<
  Id extends string | number = string,
  Label extends string | number = number,
> {
  /** The image. */
  readonly id: Id;
  /** The landmark it is said to show. */
  readonly label: Label;
  /** Confidence on any scale, comparable between images; higher is surer. */
  readonly score: number;
}

/**
 * Share of the images with a landmark whose prediction names one of their labels.
 *
 * Scores do not matter, images without a landmark neither; an image without a prediction counts as wrong.
 *
 * @param predictions - At most one per image.
 * @param solution - Labels of every evaluated image by id, empty for an image that shows no landmark.
 * @returns From 0 to 1; NaN if no image has a label.
 * @throws PredictionError if an image is predicted twice or is not in the solution, or a score is NaN.
 *
 * @example
 * ```ts
 * import { topOneAccuracy } from "@lmk/eval";
 *
 * const solution = new Map([["a", [1]], ["b", [2, 3]], ["c", []]]);
 * console.log(topOneAccuracy([{ id: "b", label: 3, score: 0.1 }], solution)); // => 0.5
 * ```
 */
export function topOneAccuracy<Id extends string | number, Label extends string | number>(
  predictions: readonly RecognitionPrediction<Id, Label>[],
  solution: ReadonlyMap<Id, readonly Label[]>,
): number {
  const byId = indexPredictions("topOneAccuracy", predictions, solution);
  let labelled = 0;
  let correct = 0;
  for (const [id, labels] of solution) {
    if (labels.length === 0) continue;
    labelled += 1;
    const prediction = byId.get(id);
    if (prediction !== undefined && labels.includes(prediction.label)) correct += 1;
  }
  return correct / labelled;
}

/** Predictions by id; refuses what the challenge's readers refuse. */
export function indexPredictions<Id extends string | number, Label extends string | number>(
  caller: string,
  predictions: readonly RecognitionPrediction<Id, Label>[],
  solution: ReadonlyMap<Id, unknown>,
): Map<Id, RecognitionPrediction<Id, Label>> {
  const byId = new Map<Id, RecognitionPrediction<Id, Label>>();
  for (const prediction of predictions) {
    const { id, score } = prediction;
    const name = JSON.stringify(id);
    if (!solution.has(id)) {
      throw new PredictionError(
        `${caller}: expected \`predictions\` to be for images of the solution, got ${name}`,
        "unknown-id",
        id,
      );
    }
    if (byId.has(id)) {
      throw new PredictionError(
        `${caller}: expected \`predictions\` to name each image once, got ${name} twice`,
        "repeated-id",
        id,
      );
    }
    if (Number.isNaN(score)) {
      throw new PredictionError(
        `${caller}: expected the score of ${name} to be a number, got NaN`,
        "bad-score",
        id,
      );
    }
    byId.set(id, prediction);
  }
  return byId;
}
