// Deviations from the 2019 winners' code: its last form fails on an undefined name where the query's confidence is
// meant, and its contest form inserts in the arbitrary order of a Python set; here it is by confidence or by id.

import type { Neighbors } from "../matrix.ts";
import { compareScores, emptyNeighbors } from "../ranking.ts";
import { requireNeighbors, requireOneOf, requirePositiveInteger } from "../require.ts";
import { type LabelPredictions, requirePredictions } from "./label-predictions.ts";

/**
 * Which index images may be inserted for a query, by the confidence of their label and of the query's, `s_i`, `s_q`.
 *
 * - `sum`: `s_q + s_i > above`;
 * - `separate`: `s_q > query` and `s_i > index`;
 * - `none`: all.
 */
export type InsertionThreshold =
  | { readonly kind: "sum"; readonly above: number }
  | { readonly kind: "separate"; readonly query: number; readonly index: number }
  | { readonly kind: "none" };

/** Options of {@link rerankByLabel}. */
export interface RerankByLabelOptions {
  /**
   * How many of the retrieved images are re-ranked, and how many are returned; 1 or more.
   *
   * @defaultValue 100, as many as the challenge counts
   */
  readonly depth?: number;
  /**
   * Which index images may be inserted.
   *
   * @defaultValue `{ kind: "sum", above: 0.6 }`, the last form of the 2019 winners' code; their contest used
   * `{ kind: "separate", query: 0, index: 0 }` on votes of 1 - d²
   */
  readonly threshold?: InsertionThreshold;
  /**
   * The order of inserted images: by the confidence of their label, highest first (of equal ones the smaller id), or
   * by id, a fixed stand-in for the arbitrary order of the contest code.
   *
   * @defaultValue "confidence", as in the last form of the winners' code
   */
  readonly insertionOrder?: "confidence" | "id";
  /**
   * Whether images that were not retrieved are inserted; false leaves the sort step alone.
   *
   * @defaultValue true
   */
  readonly insert?: boolean;
}

/**
 * Re-ranks search results by predicted labels: the sort and insert steps of the 2019 landmark retrieval winners.
 *
 * 1. Sort: of the first `depth` retrieved images, those whose label equals the query's come first, the others after
 *    them, both in the order they had.
 * 2. Insert: index images that were not retrieved, whose label equals the query's and whose confidence passes
 *    `threshold`, go between the two groups.
 * 3. The list is cut to `depth`.
 *
 * The threshold holds back insertions only; sorting ignores confidence. A query with label -1 keeps its list. Takes
 * `12 n + 4 depth` bytes for an index of n images beside the result.
 *
 * @param neighbors - Search results of the queries in the index, best first.
 * @param queryLabels - The predicted label of each query, from {@link predictLabels}.
 * @param indexLabels - The predicted label of **every** index image, from {@link predictLabels}.
 * @returns Lists of `depth`, newly allocated. Scores are no similarities: the image at rank `r`, from 0, has
 * `depth - r`, which keeps the order for whatever comes next.
 * @throws RangeError if shapes do not fit, an id is no row of `indexLabels`, or an option is out of range.
 *
 * @example
 * ```ts
 * import { rerankByLabel } from "@lmk/rerank";
 *
 * const neighbors = { ids: Int32Array.of(2, 0), scores: Float32Array.of(0.9, 0.8), rows: 1, k: 2 };
 * const queryLabels = { labels: Int32Array.of(5), scores: Float64Array.of(0.4) };
 * const indexLabels = { labels: Int32Array.of(5, 5, 6), scores: Float64Array.of(0.1, 0.7, 0.9) };
 *
 * const { ids } = rerankByLabel(neighbors, queryLabels, indexLabels, { depth: 3 });
 * console.log([...ids]); // => [ 0, 1, 2 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2003.11211 | Yokoo et al., Two-stage Discriminative Re-ranking for Large-scale Landmark Retrieval, 2020}
 */
export function rerankByLabel(
  neighbors: Neighbors,
  queryLabels: LabelPredictions,
  indexLabels: LabelPredictions,
  options: RerankByLabelOptions = {},
): Neighbors {
  const {
    depth = 100,
    threshold = { kind: "sum", above: 0.6 },
    insertionOrder = "confidence",
    insert = true,
  } = options;
  requirePredictions("rerankByLabel", "indexLabels", indexLabels, indexLabels.labels.length);
  requireNeighbors("rerankByLabel", neighbors, indexLabels.labels.length);
  requirePredictions("rerankByLabel", "queryLabels", queryLabels, neighbors.rows);
  requirePositiveInteger("rerankByLabel", "depth", depth);
  requireThreshold(threshold);
  requireOneOf("rerankByLabel", "insertionOrder", insertionOrder, ["confidence", "id"]);

  const { rows, k } = neighbors;
  const reranked = emptyNeighbors(rows, depth);
  const groups = insert ? groupByLabel(indexLabels, insertionOrder) : new Map<number, Int32Array>();
  // The last query, counted from 1, that retrieved an image.
  const retrievedBy = new Int32Array(indexLabels.labels.length);
  const others = new Int32Array(Math.min(k, depth));
  for (let row = 0; row < rows; row++) {
    const label = queryLabels.labels[row]!;
    const limit = (row + 1) * depth;
    let end = row * depth;
    let otherCount = 0;
    for (let at = row * k; at < row * k + others.length; at++) {
      const id = neighbors.ids[at]!;
      if (id < 0) continue;
      retrievedBy[id] = row + 1;
      if (label >= 0 && indexLabels.labels[id] === label) reranked.ids[end++] = id;
      else others[otherCount++] = id;
    }
    const group = label >= 0 ? (groups.get(label) ?? none) : none;
    for (let i = 0; i < group.length && end < limit; i++) {
      const id = group[i]!;
      if (retrievedBy[id] === row + 1) continue;
      if (passes(threshold, queryLabels.scores[row]!, indexLabels.scores[id]!)) reranked.ids[end++] = id;
    }
    for (let i = 0; i < otherCount && end < limit; i++) reranked.ids[end++] = others[i]!;
    for (let at = row * depth; at < end; at++) reranked.scores[at] = limit - at;
  }
  return reranked;
}

const none = new Int32Array(0);

/** Index images of each label in the order in which they are inserted. */
function groupByLabel(predictions: LabelPredictions, order: "confidence" | "id"): Map<number, Int32Array> {
  const { labels, scores } = predictions;
  const sorted = Int32Array.from({ length: labels.length }, (_, id) => id);
  const byConfidence = (a: number, b: number): number => compareScores(scores[a]!, scores[b]!);
  sorted.sort(
    (a, b) => labels[a]! - labels[b]! || (order === "confidence" ? byConfidence(a, b) : 0) || a - b,
  );
  const groups = new Map<number, Int32Array>();
  for (let start = 0, end = 0; start < sorted.length; start = end) {
    const label = labels[sorted[start]!]!;
    while (end < sorted.length && labels[sorted[end]!] === label) end += 1;
    if (label >= 0) groups.set(label, sorted.subarray(start, end));
  }
  return groups;
}

function passes(threshold: InsertionThreshold, queryScore: number, score: number): boolean {
  switch (threshold.kind) {
    case "sum":
      return queryScore + score > threshold.above;
    case "separate":
      return queryScore > threshold.query && score > threshold.index;
    case "none":
      return true;
  }
}

function requireThreshold(threshold: InsertionThreshold): void {
  requireOneOf("rerankByLabel", "threshold.kind", threshold.kind, ["sum", "separate", "none"]);
  for (const [name, value] of Object.entries(threshold)) {
    if (name === "kind" || (typeof value === "number" && !Number.isNaN(value))) continue;
    throw new RangeError(`rerankByLabel: expected \`threshold.${name}\` to be a number, got ${value}`);
  }
}
