// Deviations from the 2020 winners' notebook: means and sums are taken in double precision, there in float32; equal values
// go by id, there in no order in particular. It searches the whole gallery by A - B, here a shortlist is re-ranked.

import type { LabelPredictions } from "../labels/label-predictions.ts";
import { addToLabel, emptyPredictions, requireLabels, writeBestLabel } from "../labels/label-predictions.ts";
import type { Neighbors } from "../matrix.ts";
import { emptyNeighbors, writeBest } from "../ranking.ts";
import { requireFiniteScores, requireNeighbors, requirePositiveInteger, requireRows } from "../require.ts";
import { idLimit, requireFiniteRows } from "./penalties.ts";

/** Options of {@link meanTopScores}. */
export interface MeanTopScoresOptions {
  /** Scores averaged, 1 or more: 5 for images of a gallery (B), 10 for queries (C) in the 2020 winners' code. */
  readonly count: number;
  /**
   * Scores left out before them: 1 where the searched images are the images without a landmark themselves, so that each
   * finds itself first. `skip + count` is at most `neighbors.k`.
   *
   * @defaultValue 0
   */
  readonly skip?: number;
}

/**
 * Averages the highest scores of each list: how near an image is to the images of another set, such as those without a
 * landmark.
 *
 * Of a list with fewer neighbors those that exist are averaged; without any the mean is 0. Takes no memory beside the
 * result.
 *
 * @param neighbors - Search results, best first.
 * @returns One mean per row, in double precision.
 * @throws RangeError if shapes do not fit, a score is not finite, or `skip + count` is more than `neighbors.k`.
 *
 * @example
 * ```ts
 * import { meanTopScores } from "@lmk/rerank/recognition";
 *
 * const neighbors = { ids: Int32Array.of(4, 0, 2), scores: Float32Array.of(1, 0.75, 0.25), rows: 1, k: 3 };
 * console.log(meanTopScores(neighbors, { count: 2, skip: 1 })[0]); // => 0.5
 * ```
 *
 * @see {@link https://arxiv.org/abs/2010.01650 | Henkel and Singer, Supporting large-scale image recognition with out-of-domain samples, 2020}
 */
export function meanTopScores(neighbors: Neighbors, options: MeanTopScoresOptions): Float64Array {
  const { count, skip = 0 } = options;
  requireNeighbors("meanTopScores", neighbors, idLimit);
  requireFiniteScores("meanTopScores", "neighbors", neighbors);
  requirePositiveInteger("meanTopScores", "count", count);
  const { ids, scores, rows, k } = neighbors;
  if (!(Number.isInteger(skip) && skip >= 0 && skip + count <= k)) {
    throw new RangeError(
      `meanTopScores: expected \`skip\` to be a count of at most \`neighbors.k\` - \`count\` = ${k - count}, got ${skip}`,
    );
  }
  const means = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let sum = 0;
    let found = 0;
    for (let at = row * k + skip; at < row * k + skip + count; at++) {
      if (ids[at]! < 0) continue;
      sum += scores[at]!;
      found += 1;
    }
    if (found > 0) means[row] = sum / found;
  }
  return means;
}

/** Options of {@link rerankByNonLandmarks}. */
export interface RerankByNonLandmarksOptions {
  /**
   * Gallery images given for each query.
   *
   * @defaultValue 3, the 2020 winners' number
   */
  readonly neighborCount?: number;
}

/** The result of {@link rerankByNonLandmarks}. */
export interface NonLandmarkRanking extends Neighbors {
  /** For each query 1 if a search of the whole gallery is proven to give the same list, else 0: search with more `k`. */
  readonly exact: Uint8Array;
}

/**
 * Re-ranks gallery images by how much nearer they are to the query than to images without a landmark: the step "A - B"
 * of the ranking of the 2020 recognition winners.
 *
 * ```text
 * A'(q, x) = min(1, max(0, s(q, x))) - B(x)
 * ```
 *
 * with the cosine s and B from {@link meanTopScores} of each gallery image's 5 nearest images without a landmark. It
 * keeps noisy gallery images from attracting queries. Of equal A' the smaller id comes first.
 *
 * A gallery image that is not in the list of a query is no nearer to it than the last one that is, at `s_last`. So the
 * result is that of the whole gallery if the last A' kept is above `min(1, max(0, s_last)) - min B`; `exact` tells. It is
 * always so with lists of the whole gallery, which have -1 at the end or as many places as there are gallery images. The
 * lists have to be without gaps, as of an exact search. Takes 8 bytes for each of `neighbors.k` beside the result.
 *
 * @param neighbors - Search results of the queries in the gallery, best first: a shortlist; scores are cosines.
 * @param nonLandmarkScores - B of each gallery image.
 * @returns For each query `neighborCount` gallery images with A', rounded to float32, and what is proven of them.
 * @throws RangeError if shapes do not fit, a score is not finite, or `neighborCount` is not a positive integer.
 *
 * @example
 * ```ts
 * import { rerankByNonLandmarks } from "@lmk/rerank/recognition";
 *
 * const neighbors = { ids: Int32Array.of(1, 0, 2), scores: Float32Array.of(0.75, 0.5, 0.25), rows: 1, k: 3 };
 * const { ids, scores, exact } = rerankByNonLandmarks(neighbors, Float64Array.of(0, 0.5, 0.125, 0.5));
 * console.log([...ids], [...scores], exact[0]); // => [ 0, 1, 2 ] [ 0.5, 0.25, 0.125 ] 0
 * ```
 *
 * @see {@link https://arxiv.org/abs/2010.01650 | Henkel and Singer, Supporting large-scale image recognition with out-of-domain samples, 2020}
 */
export function rerankByNonLandmarks(
  neighbors: Neighbors,
  nonLandmarkScores: Float64Array,
  options: RerankByNonLandmarksOptions = {},
): NonLandmarkRanking {
  const { neighborCount = 3 } = options;
  const gallery = nonLandmarkScores.length;
  requireNeighbors("rerankByNonLandmarks", neighbors, gallery);
  requireFiniteScores("rerankByNonLandmarks", "neighbors", neighbors);
  requireFiniteRows("rerankByNonLandmarks", "nonLandmarkScores", nonLandmarkScores, gallery);
  requirePositiveInteger("rerankByNonLandmarks", "neighborCount", neighborCount);

  const { ids, scores, rows, k } = neighbors;
  let lowest = Infinity;
  for (let id = 0; id < gallery; id++) lowest = Math.min(lowest, nonLandmarkScores[id]!);
  const ranked = emptyNeighbors(rows, neighborCount);
  const exact = new Uint8Array(rows);
  const values = new Float64Array(k);
  for (let row = 0; row < rows; row++) {
    const start = row * k;
    for (let i = 0; i < k; i++) {
      const id = ids[start + i]!;
      values[i] = id < 0 ? -Infinity : clamp(scores[start + i]!) - nonLandmarkScores[id]!;
    }
    writeBest(ranked, row, ids.subarray(start, start + k), values, k);
    const whole = k >= gallery || ids[start + k - 1]! < 0;
    const unseenAtMost = clamp(scores[start + k - 1]!) - lowest;
    exact[row] = whole || countAbove(values, unseenAtMost) >= neighborCount ? 1 : 0;
  }
  return { ...ranked, exact };
}

function clamp(score: number): number {
  return Math.min(1, Math.max(0, score));
}

function countAbove(values: Float64Array, bound: number): number {
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i]! > bound) count += 1;
  return count;
}

/**
 * Recognises landmarks by the sums of scores by label, over the lists of one or more models.
 *
 * ```text
 * score(l) = sum over models and listed images x with label l of  score(x)
 * label    = the l with the highest score;   score = score(label)
 * ```
 *
 * With lists of {@link rerankByNonLandmarks}, one per model, this is how the 2020 recognition winners blend; with one
 * list how the 2021 winners recognise. Of equal scores the label met first wins. An image without any neighbor gets
 * label -1 and score -Infinity. Takes no memory beside the result.
 *
 * @param lists - For each model the gallery images found for each query; all of their entries count.
 * @param labels - The label of each gallery image, 0 or more.
 * @returns One prediction per query.
 * @throws RangeError if there is no list, lists differ in rows, shapes do not fit, a label is negative or a score is not
 * finite.
 *
 * @example
 * ```ts
 * import { recognizeBySummedScores } from "@lmk/rerank/recognition";
 *
 * const first = { ids: Int32Array.of(0, 1), scores: Float32Array.of(0.5, 0.375), rows: 1, k: 2 };
 * const second = { ids: Int32Array.of(2, 1), scores: Float32Array.of(0.5, 0.25), rows: 1, k: 2 };
 * const { labels, scores } = recognizeBySummedScores([first, second], Int32Array.of(7, 4, 4));
 * console.log(labels[0], scores[0]); // => 4 1.125
 * ```
 *
 * @see {@link https://arxiv.org/abs/2010.01650 | Henkel and Singer, Supporting large-scale image recognition with out-of-domain samples, 2020}
 */
export function recognizeBySummedScores(lists: readonly Neighbors[], labels: Int32Array): LabelPredictions {
  requirePositiveInteger("recognizeBySummedScores", "lists.length", lists.length);
  const { rows } = lists[0]!;
  for (const [i, list] of lists.entries()) {
    requireNeighbors("recognizeBySummedScores", list, labels.length, `lists[${i}]`);
    requireFiniteScores("recognizeBySummedScores", `lists[${i}]`, list);
    requireRows("recognizeBySummedScores", `lists[${i}]`, list.rows, rows);
  }
  requireLabels("recognizeBySummedScores", "labels", labels);
  const predictions = emptyPredictions(rows);
  const sums = new Map<number, number>();
  for (let row = 0; row < rows; row++) {
    sums.clear();
    for (const { ids, scores, k } of lists) {
      for (let at = row * k; at < (row + 1) * k; at++) {
        if (ids[at]! >= 0) addToLabel(sums, labels[ids[at]!]!, scores[at]!);
      }
    }
    writeBestLabel(predictions, row, sums);
  }
  return predictions;
}
