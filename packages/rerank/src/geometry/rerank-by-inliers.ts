import type { Neighbors } from "../matrix.ts";
import { requireRankedLists } from "../pairwise/require-lists.ts";
import { rerankHead } from "../pairwise/rerank-head.ts";
import { type InlierFusion, requireFusion } from "../pairwise/score-fusion.ts";
import { requirePositiveInteger, requireRows } from "../require.ts";

/** Options of {@link rerankByInliers}. */
export interface RerankByInliersOptions {
  /**
   * How many of the first neighbors of each query are re-ranked; 1 or more, at most all are.
   *
   * @defaultValue 100, as in DELG; the second places of 2020 and 2021 have 10
   */
  readonly depth?: number;
  /**
   * How inliers and the scores of the first search make the new order.
   *
   * @defaultValue `{ kind: "inliers-first" }`, as in DELG
   */
  readonly fusion?: InlierFusion;
}

/**
 * Re-ranks search results by the number of local features that agree in position with the query's.
 *
 * ```text
 * inliers-first:  by inliers, equal ones by score         new score: the inliers           DELG
 * add-capped:     score + weight * min(inliers, cap) / cap
 *                 weight 1, cap 70, then 90                                                second place of 2020
 *                 weight 0.15, cap 90, of the first 10                                     second place of 2021
 *                 weight 0.5, cap 70, of cosines                                           recognition of 2019
 * ```
 *
 * 2019 adds `min(inliers, 70) / 70` to `1 - d²`, of squared distances of unit vectors; that is twice the score given
 * here, less 1, and the order is the same.
 *
 * Counts are looked up by id; a neighbor that was not verified has 0 inliers. So `matches` may come from another list: in
 * 2020 from that of the best model, for the merged list of all.
 *
 * Neighbors behind the depth keep their order and follow; where they would have a higher score than the last before them,
 * all their scores are lowered by what the first of them exceeds it. Remaining ties are broken by id.
 *
 * @param neighbors - Results of a first search, best first.
 * @param matches - For each query the images it was verified with, in any order; scores are counts of inliers, as from
 * {@link countInliers}.
 * @returns Lists of the same length.
 * @throws RangeError if shapes do not fit, scores of `neighbors` do not descend or are not finite, a count is below 0 or
 * not finite, or an option is out of range.
 *
 * @example
 * ```ts
 * import { rerankByInliers } from "@lmk/rerank/geometry";
 *
 * const neighbors = { ids: Int32Array.of(8, 5, 9, 7), scores: Float32Array.of(0.9, 0.8, 0.7, 0.5), rows: 1, k: 4 };
 * const matches = { ids: Int32Array.of(9, 5), scores: Float32Array.of(30, 12), rows: 1, k: 2 };
 *
 * console.log([...rerankByInliers(neighbors, matches).ids]); // => [ 9, 5, 8, 7 ]
 * const fusion = { kind: "add-capped", weight: 0.15, cap: 90 } as const;
 * console.log([...rerankByInliers(neighbors, matches, { fusion }).ids]); // => [ 8, 5, 9, 7 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2001.05027 | Cao et al., Unifying Deep Local and Global Features for Image Search, 2020}
 */
export function rerankByInliers(
  neighbors: Neighbors,
  matches: Neighbors,
  options: RerankByInliersOptions = {},
): Neighbors {
  const { depth: asked = 100, fusion = { kind: "inliers-first" } } = options;
  const caller = "rerankByInliers";
  requireRankedLists(caller, neighbors);
  requireMatches(caller, matches);
  requireRows(caller, "matches", matches.rows, neighbors.rows);
  requirePositiveInteger(caller, "depth", asked);
  requireFusion(caller, fusion, ["inliers-first", "add-capped"]);
  const depth = Math.min(asked, neighbors.k);
  const inliers = new Float64Array(neighbors.rows * depth);
  for (let row = 0; row < neighbors.rows; row++) {
    const counts = countsOf(matches, row);
    for (let rank = 0; rank < depth; rank++) {
      inliers[row * depth + rank] = counts.get(neighbors.ids[row * neighbors.k + rank]!) ?? 0;
    }
  }
  return rerankHead(caller, neighbors, depth, inliers, fusion);
}

function countsOf({ ids, scores, k }: Neighbors, row: number): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (let i = row * k; i < (row + 1) * k; i++) if (ids[i]! >= 0) counts.set(ids[i]!, scores[i]!);
  return counts;
}

function requireMatches(caller: string, { ids, scores, rows, k }: Neighbors): void {
  requirePositiveInteger(caller, "matches.k", k);
  if (ids.length !== rows * k || scores.length !== rows * k) {
    throw new RangeError(
      `${caller}: expected \`matches\` to hold ${rows} x ${k} = ${rows * k} ids and scores, got ${ids.length} and ${scores.length}`,
    );
  }
  for (let i = 0; i < ids.length; i++) {
    if (ids[i]! >= 0 && !(scores[i]! >= 0 && scores[i]! < Infinity)) {
      throw new RangeError(
        `${caller}: expected \`matches.scores\` to be counts, got ${scores[i]} for query ${Math.floor(i / k)}`,
      );
    }
  }
}
