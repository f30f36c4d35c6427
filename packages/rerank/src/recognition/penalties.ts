import { type LabelPredictions, requirePredictions } from "../labels/label-predictions.ts";
import { requireRows } from "../require.ts";

/** More than any id: where ids are not rows of something at hand. */
export const idLimit: number = 2 ** 31;

/** How many images have each label; those with label -1 are not counted. */
export function countLabels(labels: Int32Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row]!;
    if (label >= 0) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  return counts;
}

export function copyPredictions({ labels, scores }: LabelPredictions): LabelPredictions {
  return { labels: labels.slice(), scores: scores.slice() };
}

/** Checks that a number is finite and 0 or more. */
export function requireAmount(caller: string, argument: string, value: number): void {
  if (!(value >= 0 && value < Infinity)) {
    throw new RangeError(`${caller}: expected \`${argument}\` to be finite and 0 or more, got ${value}`);
  }
}

/** Checks that a number is finite. */
export function requireFinite(caller: string, argument: string, value: number): void {
  if (!Number.isFinite(value)) {
    throw new RangeError(`${caller}: expected \`${argument}\` to be finite, got ${value}`);
  }
}

/** Checks that there is a finite number for each of `rows` rows. */
export function requireFiniteRows(
  caller: string,
  argument: string,
  values: Float64Array,
  rows: number,
): void {
  requireRows(caller, argument, values.length, rows);
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new RangeError(
      `${caller}: expected \`${argument}\` to be finite, got ${values[bad]} in row ${bad}`,
    );
  }
}

/** Options of {@link subtractPenalties}. */
export interface SubtractPenaltiesOptions {
  /**
   * Factor of the penalties.
   *
   * @defaultValue 1, as in the 2020 winners' code
   */
  readonly weight?: number;
}

/**
 * Lowers the score of each prediction by a penalty of its row: the similarity to images without a landmark, or what a
 * detector says.
 *
 * ```text
 * score - weight * penalty
 * ```
 *
 * With {@link meanTopScores} of the 10 images without a landmark that are nearest to each query, this is the last step,
 * "- C", of the ranking of the 2020 recognition winners. With a penalty of 1 where a detector finds no building, else
 * 0, and a weight of 2, it is the detector rule of that year's second place. Rows of `penalties` and `predictions` are
 * the same images. Labels stay, and so does the score of an image with label -1.
 *
 * @param predictions - One prediction per image.
 * @param penalties - One number per image.
 * @returns New predictions, in the same rows.
 * @throws RangeError if the numbers of rows differ, a score is NaN, or a penalty or `weight` is not finite.
 *
 * @example
 * ```ts
 * import { subtractPenalties } from "@lmk/rerank/recognition";
 *
 * const predictions = { labels: Int32Array.of(5, 8), scores: Float64Array.of(2.5, 1) };
 * const lowered = subtractPenalties(predictions, Float64Array.of(0.25, 0.75), { weight: 2 });
 * console.log([...lowered.scores]); // => [ 2, -0.5 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2010.01650 | Henkel and Singer, Supporting large-scale image recognition with out-of-domain samples, 2020}
 */
export function subtractPenalties(
  predictions: LabelPredictions,
  penalties: Float64Array,
  options: SubtractPenaltiesOptions = {},
): LabelPredictions {
  const { weight = 1 } = options;
  requirePredictions("subtractPenalties", "predictions", predictions, predictions.labels.length);
  requireFiniteRows("subtractPenalties", "penalties", penalties, predictions.labels.length);
  requireFinite("subtractPenalties", "weight", weight);
  const lowered = copyPredictions(predictions);
  for (let row = 0; row < penalties.length; row++) {
    if (lowered.labels[row]! >= 0) lowered.scores[row]! -= weight * penalties[row]!;
  }
  return lowered;
}
