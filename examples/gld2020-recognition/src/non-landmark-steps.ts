import {
  type LabelPredictions,
  meanTopScores,
  type Neighbors,
  type NonLandmarkRanking,
  penalizeByNonLandmarks,
  penalizeFrequentLabels,
  rerankByNonLandmarks,
  subtractPenalties,
} from "@lmk/rerank/recognition";
import type { RecognitionConfig } from "./config.ts";
import type { Evidence } from "./evidence.ts";
import type { Space } from "./list-names.ts";

/** Searched images by A − B, where B is how near each is to images without a landmark: the first place's ranking. */
export function byDifference(
  { list }: Pick<Evidence, "list">,
  space: Space,
  neighborCount: number,
  { nonLandmarkRanking }: RecognitionConfig,
): NonLandmarkRanking {
  const near = list(`${space}/gallery-non-landmarks`);
  const b = meanTopScores(near, { count: Math.min(nonLandmarkRanking.galleryCount, near.k) });
  return rerankByNonLandmarks(list(`${space}/test-gallery`), b, { neighborCount });
}

/** Takes C from the scores: how near each test image is to images without a landmark. */
export function withoutC(
  { list }: Pick<Evidence, "list">,
  space: Space,
  predictions: LabelPredictions,
  { nonLandmarkRanking }: RecognitionConfig,
): LabelPredictions {
  const { queryCount, weight } = nonLandmarkRanking;
  const near = list(`${space}/test-non-landmarks`);
  const c = meanTopScores(near, { count: Math.min(queryCount, near.k) });
  return subtractPenalties(predictions, c, { weight });
}

/**
 * The second place's rules (i) and (ii).
 *
 * @param near - Images without a landmark that are nearest to each test image.
 */
export function byRules(
  predictions: LabelPredictions,
  near: Neighbors,
  { nonLandmarkRules }: RecognitionConfig,
): LabelPredictions {
  const { rank, above, factor, mostPredictions, frequentPenalty } = nonLandmarkRules;
  const lowered = penalizeByNonLandmarks(predictions, near, {
    penalty: { kind: "similarity", weight: factor },
    threshold: above,
    rank,
  });
  return penalizeFrequentLabels(lowered, { maxCount: mostPredictions, penalty: frequentPenalty });
}

/** Lists by A − B of which it is not proven that a longer shortlist would give the same. */
export function unprovenOf({ exact }: Pick<NonLandmarkRanking, "exact">): number {
  return exact.reduce((sum, one) => sum + 1 - one, 0);
}
