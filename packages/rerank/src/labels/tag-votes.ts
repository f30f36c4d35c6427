import type { Neighbors } from "../matrix.ts";
import { requireFiniteScores, requireNeighbors, requirePositiveInteger } from "../require.ts";

/** For each query the tags it may have, the surest first. */
export interface TagVotes {
  /** `rows x count` tags; -1 where there are fewer. */
  readonly tags: Int32Array;
  /** Their shares of the vote, which sum to 1 per query; 0 where there are fewer. */
  readonly shares: Float64Array;
  readonly rows: number;
  readonly count: number;
}

/** Options of {@link voteTags}. */
export interface VoteTagsOptions {
  /**
   * Neighbors that vote, 1 or more; of shorter lists, all.
   *
   * @defaultValue 3, the number of the second place of 2021
   */
  readonly neighborCount?: number;
}

/**
 * Has the nearest references of each query vote on its tags, such as landmarks or countries.
 *
 * ```text
 * share(t) = sum over neighbors x with tag t of s(q, x)  /  sum over neighbors x with any tag of s(q, x)
 * ```
 *
 * Shares say nothing of how near the references are: a query that shows no landmark still gives shares that sum to 1.
 * References with tag -1 do not vote. A query without votes, or whose scores sum to 0 or less, has no tags. Tags are in
 * the order of their shares, of equal ones the smaller first.
 *
 * The second place of 2021 votes with the scores of {@link rerankByFastKReciprocal}.
 *
 * @param neighbors - For each query its nearest references, best first.
 * @param tags - The tag of each reference, 0 or more; -1 for none.
 * @returns Up to `neighborCount` tags per query, newly allocated.
 * @throws RangeError if shapes do not fit, an id is no row of `tags`, a tag is below -1, a score is not finite, or
 * `neighborCount` is no positive integer.
 *
 * @example
 * ```ts
 * import { voteTags } from "@lmk/rerank";
 *
 * const neighbors = { ids: Int32Array.of(0, 1, 2), scores: Float32Array.of(0.5, 0.25, 0.25), rows: 1, k: 3 };
 * const { tags, shares } = voteTags(neighbors, Int32Array.of(7, 4, 7));
 * console.log([...tags], [...shares]); // => [ 7, 4, -1 ] [ 0.75, 0.25, 0 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2110.04294 | Zhang et al., 2nd Place Solution to Google Landmark Retrieval 2021}
 */
export function voteTags(neighbors: Neighbors, tags: Int32Array, options: VoteTagsOptions = {}): TagVotes {
  const { neighborCount = 3 } = options;
  requireNeighbors("voteTags", neighbors, tags.length);
  requireFiniteScores("voteTags", "neighbors", neighbors);
  requireTags("voteTags", "tags", tags);
  requirePositiveInteger("voteTags", "neighborCount", neighborCount);

  const { ids, scores, rows, k } = neighbors;
  const length = Math.min(neighborCount, k);
  const chosen = new Int32Array(rows * neighborCount).fill(-1);
  const shares = new Float64Array(rows * neighborCount);
  const votes = new Map<number, number>();
  for (let row = 0; row < rows; row++) {
    votes.clear();
    let total = 0;
    for (let at = row * k; at < row * k + length; at++) {
      const tag = ids[at]! < 0 ? -1 : tags[ids[at]!]!;
      if (tag < 0) continue;
      votes.set(tag, (votes.get(tag) ?? 0) + scores[at]!);
      total += scores[at]!;
    }
    if (!(total > 0)) continue;
    const sorted = [...votes].sort(([a, sumA], [b, sumB]) => sumB - sumA || a - b);
    for (let i = 0; i < sorted.length; i++) {
      const [tag, sum] = sorted[i]!;
      chosen[row * neighborCount + i] = tag;
      shares[row * neighborCount + i] = sum / total;
    }
  }
  return { tags: chosen, shares, rows, count: neighborCount };
}

/** Checks that tags are -1 or more. */
export function requireTags(caller: string, argument: string, tags: Int32Array): void {
  const bad = tags.findIndex((tag) => tag < -1);
  if (bad < 0) return;
  throw new RangeError(
    `${caller}: expected \`${argument}\` to be -1 or more, got ${tags[bad]} for row ${bad}`,
  );
}
