import type { LandmarkData } from "@lmk/data";
import { averagePrecisions, evaluateRetrieval, meanOverQueries, type RetrievalAnswer } from "@lmk/eval";
import type { Neighbors } from "@lmk/index";
import type { ChallengeScores } from "@lmk-example/kit";
import type { IndexExpand } from "./lists/index-expand.ts";
import { rankedIdsOf, rankedRowsOf } from "./ranked-ids.ts";
import type { Searched } from "./searched.ts";

/** What a ranking is scored for: rows of test and index, and what was found by their places. */
type Ranked = Pick<Searched, "prepared" | "queries" | "images">;

/**
 * The average precision of each query of the validation set, as the authors' `eval_cbir.py` has it: images that do not count
 * are left out, and the sum is divided by the number of all right images, be they more than the list is long.
 *
 * A query that cannot be read, and so has no list, has 0; one without right images NaN.
 */
export function validationPrecisions(
  { queries, images }: Pick<Searched, "queries" | "images">,
  ranking: Pick<Neighbors, "ids" | "k">,
  expand: Omit<IndexExpand, "added">,
): Float64Array {
  const found = rankedRowsOf(images, ranking);
  const places = new Map(Array.from(queries, (row, place) => [row, place]));
  const rankings = Array.from(expand.queries, (row, query) => {
    const place = places.get(row);
    if (place === undefined) return new Int32Array();
    const ignored = new Set(Array.from(expand.ignored[query]!, (one) => expand.images[one]!));
    return found(place).filter((image) => !ignored.has(image));
  });
  const relevant = expand.relevant.map((ofQuery) => ofQuery.map((place) => expand.images[place]!));
  return averagePrecisions(rankings, relevant, { denominator: "all" });
}

/** The mean of {@link validationPrecisions}. */
export function validationScore(precisions: Float64Array): number {
  return meanOverQueries(precisions);
}

/** mAP@100 as the challenge counts it. */
export function challengeScores(ranked: Ranked, ranking: Pick<Neighbors, "ids" | "k">): ChallengeScores {
  const solution = answersOf(ranked.prepared.data);
  const known = new Set(solution.map(({ id }) => id));
  const predictions = new Map([...rankedIdsOf(ranked, ranking)].filter(([id]) => known.has(id)));
  const of = (usage: "Private" | "Public" | "both"): number =>
    evaluateRetrieval(predictions, solution, { usage }).meanAveragePrecision;
  return { private: of("Private"), public: of("Public"), all: of("both") };
}

function answersOf({ test, index, retrieval }: LandmarkData): readonly RetrievalAnswer[] {
  if (retrieval === undefined) throw new RangeError("expected a retrieval solution, got none");
  return Array.from(retrieval.queries, (row, i) => ({
    id: test.ids.at(row),
    usage: retrieval.usages[i]!,
    images: Array.from(retrieval.relevant[i]!, (image) => index.ids.at(image)),
  }));
}
