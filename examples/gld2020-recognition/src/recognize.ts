import {
  fuseHeadAndNeighbors,
  type LabelPredictions,
  recognizeBySummedScores,
  rerankByNonLandmarks,
} from "@lmk/rerank/recognition";
import { firstNeighbors } from "@lmk-example/kit";
import type { RecognitionConfig } from "./config.ts";
import type { Evidence } from "./evidence.ts";
import { spaceOf } from "./list-names.ts";
import { byDifference, byRules, unprovenOf, withoutC } from "./non-landmark-steps.ts";
import type { FusionWay, HeadWay, NeighborsWay, SummedWay, Way } from "./way.ts";

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
  const found = firstNeighbors(list(`${networks}/test-gallery`), neighborCount);
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
function byFusion(way: FusionWay, evidence: Evidence, config: RecognitionConfig): Recognized {
  const { networks, neighborPower, headPower, ranking, rules } = way;
  const { labels, list } = evidence;
  const { neighborCount } = config.fusion;
  const head = list(`${networks}/test-classes`);
  const reranked = ranking ? byDifference(evidence, networks, neighborCount, config) : undefined;
  const options = { neighborCount, neighborPower, headPower };
  let predictions = fuseHeadAndNeighbors(reranked ?? list(`${networks}/test-gallery`), labels, head, options);
  if (ranking || rules) predictions = cosineScale(predictions, neighborPower + headPower);
  if (ranking) predictions = withoutC(evidence, networks, predictions, config);
  if (rules) predictions = byRules(predictions, list(`${networks}/test-non-landmarks`), config);
  return { predictions, unproven: reranked === undefined ? 0 : unprovenOf(reranked) };
}

/** The first place's ranking: the sum over networks of each one's best A or A − B by landmark, less C. */
function bySums(way: SummedWay, evidence: Evidence, config: RecognitionConfig): Recognized {
  const { labels, members, list } = evidence;
  const { neighborCount } = config.nonLandmarkRanking;
  const lists = members.map((member) => {
    const space = spaceOf(member, way);
    if (way.terms !== "A") return byDifference(evidence, space, neighborCount, config);
    const none = new Float64Array(labels.length);
    return rerankByNonLandmarks(list(`${space}/test-gallery`), none, { neighborCount });
  });
  // The nearest by A alone are the first of any shortlist.
  const unproven = way.terms === "A" ? 0 : lists.reduce((sum, one) => sum + unprovenOf(one), 0);
  const predictions = recognizeBySummedScores(lists, labels);
  if (way.terms !== "A-B-C") return { predictions, unproven };
  return { predictions: withoutC(evidence, spaceOf("ensemble", way), predictions, config), unproven };
}

/** Scores that are products of so many cosines, as one cosine: their root. */
export function cosineScale({ labels, scores }: LabelPredictions, power: number): LabelPredictions {
  return { labels, scores: scores.map((score, row) => (labels[row]! < 0 ? score : score ** (1 / power))) };
}
