import { type LabelPredictions, type Neighbors, predictLabels, scoreLabelsBySimilarity } from "@lmk/rerank";

/**
 * What the confidence of a label is, which the authors call the top-3 cosine similarity: the cosines of the neighbors with that
 * label by the number of neighbors, or the mean or the sum of the cosines of all.
 */
export type LabelScore = "vote_mean" | "mean3" | "sum3";

/** How labels are predicted. */
export interface LabelOptions {
  /** @defaultValue "vote_mean", as the solution of 2019 has it that they refer to */
  readonly labelScore?: LabelScore;
  /**
   * Labelled images that vote.
   *
   * @defaultValue 3
   */
  readonly neighborCount?: number;
}

/** Landmark of each image by its nearest labelled ones. */
export function labelImages(
  nearest: Neighbors,
  labels: Int32Array,
  { labelScore = "vote_mean", neighborCount = 3 }: LabelOptions = {},
): LabelPredictions {
  const predictions = predictLabels(nearest, labels, { neighborCount });
  if (labelScore === "vote_mean") return predictions;
  const reduce = labelScore === "mean3" ? "mean" : "sum";
  return scoreLabelsBySimilarity(predictions, nearest, { neighborCount, reduce });
}
