import {
  banFrequentLabels,
  banNearFrequentLabels,
  type LabelPredictions,
  type Neighbors,
  recognizeByNeighbors,
} from "@lmk/rerank/recognition";
import type { RecognitionConfig } from "./config.ts";

/** What is known of the test images. Rows are usable images of their split. */
export interface Evidence {
  /** For each test image its nearest train images; scores are cosines. */
  readonly neighbors: Neighbors;
  /** The landmark of each train image. */
  readonly labels: Int32Array;
  /** Inliers of each test image with some train images, in any order; scores are counts. */
  readonly verified?: Neighbors;
  /** Nearest images of the test and the train images in both together, where votes of reciprocal neighbors grow. */
  readonly reciprocal?: { readonly graph: Neighbors; readonly count: number };
}

/** Recognizes the landmark of each test image: its neighbors vote, with a bonus for places that agree. */
export function recognize(evidence: Evidence, config: RecognitionConfig): LabelPredictions {
  const { neighbors, labels, verified, reciprocal } = evidence;
  const { neighborCount, weight, divideByFrequency, reciprocalFactor, inlierCap } = config;
  return recognizeByNeighbors(neighbors, labels, {
    neighborCount,
    weight,
    divideByFrequency,
    ...(reciprocalFactor === 1 || reciprocal === undefined
      ? {}
      : { poolGraph: reciprocal.graph, reciprocalCount: reciprocal.count, reciprocalFactor }),
    ...(inlierCap === 0 || verified === undefined
      ? {}
      : { inliers: inliersOf(neighbors, verified), inlierCap }),
  });
}

/** Images that look like those of banned landmarks: for each banned test image others, with cosines. */
export interface BannedNeighbors {
  readonly graph: Neighbors;
  readonly above: number;
}

/** Puts predictions of landmarks that are predicted too often last, and perhaps what looks like them before those. */
export function ban(
  predictions: LabelPredictions,
  { mostPredictions }: RecognitionConfig,
  near?: BannedNeighbors,
): LabelPredictions {
  if (mostPredictions === 0) return predictions;
  const rule = { maxCount: mostPredictions };
  const banned = banFrequentLabels(predictions, rule);
  if (near === undefined) return banned;
  return banNearFrequentLabels(banned, near.graph, { ...rule, above: near.above });
}

/** The rows whose landmark is predicted more than `mostPredictions` times. */
export function frequentRows({ labels }: LabelPredictions, mostPredictions: number): Int32Array {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Int32Array.from(labels.keys()).filter(
    (row) => labels[row]! >= 0 && counts.get(labels[row]!)! > mostPredictions,
  );
}

/** The inliers of each neighbor: 0 for pairs that were not compared. */
export function inliersOf({ ids, rows, k }: Neighbors, verified: Neighbors): Int32Array {
  const inliers = new Int32Array(ids.length);
  for (let row = 0; row < rows; row++) {
    const counts = new Map<number, number>();
    for (let at = row * verified.k; at < (row + 1) * verified.k; at++) {
      counts.set(verified.ids[at]!, verified.scores[at]!);
    }
    for (let at = row * k; at < (row + 1) * k; at++) {
      inliers[at] = ids[at]! < 0 ? 0 : (counts.get(ids[at]!) ?? 0);
    }
  }
  return inliers;
}
