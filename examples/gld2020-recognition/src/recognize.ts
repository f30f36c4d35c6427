import {
  fuseHeadAndNeighbors,
  type LabelPredictions,
  meanTopScores,
  type Neighbors,
  type NonLandmarkRanking,
  penalizeByNonLandmarks,
  penalizeFrequentLabels,
  recognizeBySummedScores,
  rerankByNonLandmarks,
  subtractPenalties,
} from "@lmk/rerank/recognition";
import type { RecognitionConfig } from "./config.ts";
import { type ListName, type Space, spaceOf } from "./list-names.ts";
import type { MemberName } from "./train-run.ts";
import type { FusionWay, HeadWay, NeighborsWay, SummedWay, Way } from "./way.ts";

/** What is known of the test images. */
export interface Evidence {
  /** The landmark of each searched image. */
  readonly labels: Int32Array;
  readonly members: readonly MemberName[];
  /** Lists of the ways that are asked for; of `test-classes` ids are landmarks. */
  readonly list: (name: ListName) => Neighbors;
}

/** A landmark for each test image. */
export interface Recognized {
  readonly predictions: LabelPredictions;
  /** Lists by A − B of which it is not proven that a longer shortlist would give the same. */
  readonly unproven: number;
}

/** Recognizes the landmark of each test image. */
export function recognize(way: Way, evidence: Evidence, config: RecognitionConfig): Recognized {
  switch (way.kind) {
    case "head":
      return { predictions: byHead(way, evidence), unproven: 0 };
    case "neighbors":
      return { predictions: byNeighbors(way, evidence), unproven: 0 };
    case "fusion":
      return byFusion(way, evidence, config);
    case "summed":
      return bySums(way, evidence, config);
  }
}

function byHead({ networks }: HeadWay, { list }: Evidence): LabelPredictions {
  const { ids, scores, rows, k } = list(`${networks}/test-classes`);
  return {
    labels: Int32Array.from({ length: rows }, (_, row) => ids[row * k]!),
    scores: Float64Array.from({ length: rows }, (_, row) => scores[row * k]!),
  };
}

function byNeighbors(way: NeighborsWay, { labels, list }: Evidence): LabelPredictions {
  const { networks, neighborCount, power } = way;
  const found = list(`${networks}/test-gallery`);
  // A head that is sure of every class changes nothing.
  const head = {
    ...found,
    ids: found.ids.map((id) => (id < 0 ? -1 : labels[id]!)),
    scores: found.scores.map((_, i) => (found.ids[i]! < 0 ? -Infinity : 1)),
  };
  return fuseHeadAndNeighbors(found, labels, head, { neighborCount, neighborPower: power, headPower: 1 });
}

/**
 * The votes of the nearest images times the head's scores, with what ours adds to it. With `ranking` the five nearest are
 * those with the largest A − B of the shortlist, max(0, A − B) votes in place of the cosine, and C is taken from the
 * score; with `rules` the second place's two rules follow. Before either the score's root is taken, whose power is that
 * of the two factors together: so it is on the scale of cosines, of which C and the rules are, and no order changes.
 */
function byFusion(way: FusionWay, { labels, list }: Evidence, config: RecognitionConfig): Recognized {
  const { networks, neighborPower, headPower, ranking, rules } = way;
  const { neighborCount } = config.fusion;
  const found = list(`${networks}/test-gallery`);
  const head = list(`${networks}/test-classes`);
  const reranked = ranking ? byDifference({ list }, networks, found, neighborCount, config) : undefined;
  const options = { neighborCount, neighborPower, headPower };
  let predictions = fuseHeadAndNeighbors(reranked ?? found, labels, head, options);
  if (ranking || rules) predictions = cosineScale(predictions, neighborPower + headPower);
  if (ranking) predictions = withoutC({ list }, networks, predictions, config);
  if (rules) predictions = byRules(predictions, list(`${networks}/test-non-landmarks`), config);
  return { predictions, unproven: reranked === undefined ? 0 : unprovenOf(reranked) };
}

/** The first place's ranking: the sum over networks of each one's best A or A − B by landmark, less C. */
function bySums(way: SummedWay, evidence: Evidence, config: RecognitionConfig): Recognized {
  const { labels, members, list } = evidence;
  const { neighborCount } = config.nonLandmarkRanking;
  const lists = members.map((member) => {
    const space = spaceOf(member, way);
    const found = list(`${space}/test-gallery`);
    if (way.terms !== "A") return byDifference(evidence, space, found, neighborCount, config);
    return rerankByNonLandmarks(found, new Float64Array(labels.length), { neighborCount });
  });
  const unproven = lists.reduce((sum, one) => sum + unprovenOf(one), 0);
  const predictions = recognizeBySummedScores(lists, labels);
  if (way.terms !== "A-B-C") return { predictions, unproven };
  return { predictions: withoutC(evidence, spaceOf("ensemble", way), predictions, config), unproven };
}

/** Searched images by A − B, where B is how near each is to images without a landmark. */
function byDifference(
  { list }: Pick<Evidence, "list">,
  space: Space,
  found: Neighbors,
  neighborCount: number,
  { nonLandmarkRanking }: RecognitionConfig,
): NonLandmarkRanking {
  const near = list(`${space}/gallery-non-landmarks`);
  const b = meanTopScores(near, { count: Math.min(nonLandmarkRanking.galleryCount, near.k) });
  return rerankByNonLandmarks(found, b, { neighborCount });
}

/** Takes C from the scores: how near each test image is to images without a landmark. */
function withoutC(
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

/** The second place's rules (i) and (ii). */
function byRules(
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

/** Scores that are products of so many cosines, as one cosine: their root. */
export function cosineScale({ labels, scores }: LabelPredictions, power: number): LabelPredictions {
  return { labels, scores: scores.map((score, row) => (labels[row]! < 0 ? score : score ** (1 / power))) };
}

function unprovenOf({ exact }: { readonly exact: Uint8Array }): number {
  return exact.reduce((sum, one) => sum + 1 - one, 0);
}
