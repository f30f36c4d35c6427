import { meanOverQueries } from "../retrieval/means.ts";
import { indexPredictions, type RecognitionPrediction } from "./predictions.ts";

/**
 * Whether the prediction for each image names one of its labels: what {@link topOneAccuracy} is the mean of.
 *
 * @param predictions - At most one per image.
 * @param solution - Labels of every evaluated image by id, empty for an image that shows no landmark.
 * @returns For each image in the order of the solution: 1, 0 if the label is wrong or there is no prediction, NaN if
 * the image has no label.
 * @throws PredictionError if an image is predicted twice or is not in the solution, or a score is NaN.
 *
 * @example
 * ```ts
 * import { topOneHits } from "@lmk/eval";
 *
 * const solution = new Map([["a", [1]], ["b", [2, 3]], ["c", []]]);
 * console.log(topOneHits([{ id: "b", label: 3, score: 0.1 }], solution)); // => Float64Array(3) [ 0, 1, NaN ]
 * ```
 */
export function topOneHits<Id extends string | number, Label extends string | number>(
  predictions: readonly RecognitionPrediction<Id, Label>[],
  solution: ReadonlyMap<Id, readonly Label[]>,
): Float64Array {
  return hitsOf("topOneHits", predictions, solution);
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
  return meanOverQueries(hitsOf("topOneAccuracy", predictions, solution));
}

function hitsOf<Id extends string | number, Label extends string | number>(
  caller: string,
  predictions: readonly RecognitionPrediction<Id, Label>[],
  solution: ReadonlyMap<Id, readonly Label[]>,
): Float64Array {
  const byId = indexPredictions(caller, predictions, solution);
  const hits = new Float64Array(solution.size);
  let image = 0;
  for (const [id, labels] of solution) {
    const prediction = byId.get(id);
    hits[image] = prediction !== undefined && labels.includes(prediction.label) ? 1 : 0;
    if (labels.length === 0) hits[image] = Number.NaN;
    image += 1;
  }
  return hits;
}
