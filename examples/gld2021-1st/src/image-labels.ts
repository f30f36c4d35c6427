import {
  fuseRankings,
  type LabelPredictions,
  type Neighbors,
  predictLabels,
  scoreLabelsBySimilarity,
} from "@lmk/rerank";

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

/** Lists of several sets of labelled images as those of one. */
export interface JoinedLabelled {
  readonly nearest: Neighbors;
  readonly labels: Int32Array;
}

/**
 * The nearest of two sets of labelled images together, from lists of each.
 *
 * @param nearest - Images of each set near the same images.
 * @param labels - Landmark of each image of each set.
 * @param count - Length of the lists; those that are given are as long, or hold all images of their set.
 */
export function joinLabelled(
  [first, second]: readonly [Neighbors, Neighbors],
  [own, others]: readonly [Int32Array, Int32Array],
  count: number,
): JoinedLabelled {
  const labels = new Int32Array(own.length + others.length);
  labels.set(own);
  labels.set(others, own.length);
  const behind = second.ids.map((id) => (id < 0 ? -1 : own.length + id));
  // Each image is in one of the lists, so that its sum is its score.
  return { nearest: fuseRankings([first, { ...second, ids: behind }], { k: count }), labels };
}
