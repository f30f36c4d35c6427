// The originals (RRT, CVNet, AMES, OML) run their own network over the pairs; here the network is the caller's. Their
// tail keeps its scores also where these are of another scale; here it follows in score as it does in order.

import type { Neighbors, Progress } from "../matrix.ts";
import { requirePositiveInteger } from "../require.ts";
import { describePairs, PairScoringError } from "./pair-scoring-error.ts";
import { requireRankedLists } from "./require-lists.ts";
import { rerankHead } from "./rerank-head.ts";
import { type PairFusion, requireFusion } from "./score-fusion.ts";

/** Pairs to be scored together. The arrays are the scorer's to keep, transfer or change. */
export interface PairBatch {
  /** The query of each pair. */
  readonly queries: Int32Array;
  /** The database row of each pair. */
  readonly ids: Int32Array;
  /** The score of each pair in the first search. */
  readonly scores: Float32Array;
}

/** What a scorer is given beside the pairs. */
export interface PairContext {
  /** Aborts where the result is no longer waited for: with the caller's signal, or once another batch has failed. */
  readonly signal: AbortSignal;
}

/** Scores pairs: one finite number for each, in their order; higher is more similar. */
export type PairScorer = (
  pairs: PairBatch,
  context: PairContext,
) => ArrayLike<number> | Promise<ArrayLike<number>>;

/** Options of {@link rerankPairwise}. */
export interface RerankPairwiseOptions {
  /**
   * How many of the first neighbors of each query are scored; 1 or more, at most all are.
   *
   * @defaultValue 100, as in RRT, CVNet and AMES
   */
  readonly depth?: number;
  /**
   * Pairs of one call of the scorer, the last one may have fewer; 1 or more.
   *
   * @defaultValue 32
   */
  readonly batchSize?: number;
  /**
   * Calls of the scorer that are waited for at a time; 1 or more.
   *
   * @defaultValue 1, for a scorer that is one model
   */
  readonly concurrency?: number;
  /**
   * How the scores of pairs and of the first search make the new order.
   *
   * @defaultValue `{ kind: "replace" }`, as in RRT
   */
  readonly fusion?: PairFusion;
  /** Ends the call early: it rejects with the signal's reason, whatever the scorer does. */
  readonly signal?: AbortSignal;
  /** Told after each batch how many pairs are scored; the stage is "score pairs". */
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Re-ranks the first neighbors of each query by scores of pairs, from a model or anything else.
 *
 * ```text
 * replace               p                                     RRT
 * add                   s + weight * p                        CVNet, weight 0.5
 * sigmoid-mix           lambda * s + (1 - lambda) * σ(gamma * p)      AMES
 * rescale-below-tail    p, its distances scaled below the tail's      OML
 * inliers-first, add-capped                                   see rerankByInliers
 * ```
 *
 * with the pair's score p and the score s of the first search. Pairs go to the scorer query by query, best first, in
 * batches that may hold several queries. The result does not depend on the order in which batches are done. Ties are
 * broken by id. Neighbors behind the depth keep their order and follow; where they would have a higher score than the
 * last before them, all their scores are lowered by what the first of them exceeds it.
 *
 * Once a batch has failed no other is begun. Memory: 16 bytes per pair, and the batches under way.
 *
 * @param neighbors - Results of a first search, best first.
 * @param score - Scores a batch of pairs.
 * @returns Lists of the same length.
 * @throws RangeError (as a rejection) if scores of `neighbors` do not descend or are not finite, an option is out of range,
 * or the scorer gives other than one finite number for each pair.
 * @throws {@link PairScoringError} (as a rejection) if the scorer throws or rejects, with its error as `cause`.
 *
 * @example
 * ```ts
 * import { rerankPairwise } from "@lmk/rerank";
 *
 * const neighbors = { ids: Int32Array.of(4, 7, 2), scores: Float32Array.of(0.9, 0.8, 0.7), rows: 1, k: 3 };
 * const score = async ({ ids }: { readonly ids: Int32Array }) => ids.map((id) => (id === 7 ? 5 : 3));
 *
 * const { ids, scores } = await rerankPairwise(neighbors, score, { depth: 2 });
 * console.log([...ids], [...scores].map((s) => s.toFixed(1))); // => [ 7, 4, 2 ] [ '5.0', '3.0', '0.7' ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2103.12236 | Tan et al., Instance-level Image Retrieval using Reranking Transformers, 2021}
 * @see {@link https://arxiv.org/abs/2204.01458 | Lee et al., Correlation Verification for Image Retrieval, 2022}
 * @see {@link https://arxiv.org/abs/2408.03282 | Suma et al., AMES: Asymmetric and Memory-Efficient Similarity Estimation, 2024}
 */
export async function rerankPairwise(
  neighbors: Neighbors,
  score: PairScorer,
  options: RerankPairwiseOptions = {},
): Promise<Neighbors> {
  const { depth: asked = 100, batchSize = 32, concurrency = 1, fusion = { kind: "replace" } } = options;
  const { signal, onProgress } = options;
  const caller = "rerankPairwise";
  requireRankedLists(caller, neighbors);
  requirePositiveInteger(caller, "depth", asked);
  requirePositiveInteger(caller, "batchSize", batchSize);
  requirePositiveInteger(caller, "concurrency", concurrency);
  requireFusion(caller, fusion, [
    "replace",
    "add",
    "sigmoid-mix",
    "rescale-below-tail",
    "inliers-first",
    "add-capped",
  ]);
  signal?.throwIfAborted();
  const depth = Math.min(asked, neighbors.k);
  const pairs = listPairs(neighbors, depth);
  const scores = new Float64Array(neighbors.rows * depth);
  const stop = new AbortController();
  let fail: (reason: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = (reason) => {
      stop.abort(reason);
      reject(reason);
    };
  });
  // Nobody waits for it where nothing is left to do.
  failed.catch(() => undefined);
  const abort = (): void => fail(signal!.reason);
  signal?.addEventListener("abort", abort, { once: true });

  let next = 0;
  let done = 0;
  const scoreBatches = async (): Promise<void> => {
    while (next < pairs.length && !stop.signal.aborted) {
      const first = next;
      next = Math.min(pairs.length, first + batchSize);
      const batch = batchOf(neighbors, depth, pairs.subarray(first, next));
      const got = await scoreBatch(score, batch, stop.signal);
      // Its result came too late.
      if (stop.signal.aborted) return;
      for (let i = 0; i < got.length; i++) scores[pairs[first + i]!] = got[i]!;
      done += got.length;
      onProgress?.({ stage: "score pairs", done, total: pairs.length });
    }
  };
  try {
    const lanes = Math.min(concurrency, Math.ceil(pairs.length / batchSize));
    const work = Array.from({ length: lanes }, () => scoreBatches().catch(fail));
    await Promise.race([Promise.all(work), failed]);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  return rerankHead(caller, neighbors, depth, scores, fusion);
}

/** Where among `rows` x `depth` there are neighbors. */
function listPairs({ ids, rows, k }: Neighbors, depth: number): Int32Array {
  const pairs = new Int32Array(rows * depth);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    for (let rank = 0; rank < depth; rank++) {
      if (ids[row * k + rank]! >= 0) pairs[count++] = row * depth + rank;
    }
  }
  return pairs.subarray(0, count);
}

function batchOf({ ids, scores, k }: Neighbors, depth: number, pairs: Int32Array): PairBatch {
  const batch = {
    queries: new Int32Array(pairs.length),
    ids: new Int32Array(pairs.length),
    scores: new Float32Array(pairs.length),
  };
  for (let i = 0; i < pairs.length; i++) {
    const row = Math.floor(pairs[i]! / depth);
    const at = row * k + (pairs[i]! - row * depth);
    batch.queries[i] = row;
    batch.ids[i] = ids[at]!;
    batch.scores[i] = scores[at]!;
  }
  return batch;
}

async function scoreBatch(
  score: PairScorer,
  batch: PairBatch,
  signal: AbortSignal,
): Promise<ArrayLike<number>> {
  // The scorer may transfer what it was given.
  const queries = batch.queries.slice();
  const ids = batch.ids.slice();
  let got: ArrayLike<number>;
  try {
    got = await score(batch, { signal });
  } catch (error) {
    throw new PairScoringError(queries, ids, error);
  }
  const given = got?.length;
  if (given !== ids.length) {
    throw new RangeError(
      `rerankPairwise: expected \`score\` to give ${ids.length} numbers for ${describePairs(queries, ids)}, got ${given}`,
    );
  }
  for (let i = 0; i < given; i++) {
    if (!Number.isFinite(got[i]!)) {
      throw new RangeError(
        `rerankPairwise: expected \`score\` to give finite numbers, got ${got[i]} for query ${queries[i]} and id ${ids[i]}`,
      );
    }
  }
  return got;
}
