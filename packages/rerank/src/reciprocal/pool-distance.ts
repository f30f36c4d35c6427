// Published code takes the row maximum from the full matrix of distances. Here it comes from the least similarity of
// each row, which one more search gives, so that no such matrix is needed.
import type { Neighbors } from "../matrix.ts";
import { requireOneOf } from "../require.ts";

/**
 * How the distance `d(i, j)` of two rows of the pool follows from their cosine `s`:
 *
 * ```text
 * "squared-euclidean"          d = (2 - 2s) / max over the pool rows x of (2 - 2 s(i, x)), as in the paper
 * "squared-euclidean-squared"  the same with (2 - 2s)², as in code that squares squared distances once more
 * "half-cosine"                d = (1 - s) / 2, without a maximum, as the second place of 2021 did
 * ```
 *
 * `leastSimilarities` holds, for each row of the pool, its lowest cosine with any row of the pool. To get it, search
 * the pool for its own rows with all numbers negated and `k: 1`, and negate the scores. A row equal to all others has
 * distance 0 to them, where published code divides 0 by 0.
 */
export type PoolDistance =
  | {
      readonly kind: "squared-euclidean" | "squared-euclidean-squared";
      readonly leastSimilarities: Float32Array;
    }
  | { readonly kind: "half-cosine" };

/** Factors, one a row, and whether distances are squared once more: all that {@link distanceOf} needs. */
export interface DistanceScales {
  readonly scales: Float64Array;
  readonly squared: boolean;
}

/** The distance of two rows from their cosine and the factor of the first; never below 0. */
export function distanceOf(similarity: number, scale: number, squared: boolean): number {
  const distance = similarity < 1 ? 2 - 2 * similarity : 0;
  return scale * (squared ? distance * distance : distance);
}

/** How much a least similarity may be above a listed one: another order of summation, or half precision. */
const leastTolerance = 0.005;

export function requirePoolDistance(caller: string, distance: PoolDistance, graph: Neighbors): void {
  requireOneOf(caller, "distance.kind", distance.kind, [
    "squared-euclidean",
    "squared-euclidean-squared",
    "half-cosine",
  ]);
  if (distance.kind === "half-cosine") return;
  const { leastSimilarities } = distance;
  if (leastSimilarities.length !== graph.rows) {
    throw new RangeError(
      `${caller}: expected \`distance.leastSimilarities\` to hold ${graph.rows} numbers, one per row of \`graph\`, got ${leastSimilarities.length}`,
    );
  }
  for (let row = 0; row < graph.rows; row++) {
    const least = leastSimilarities[row];
    if (!Number.isFinite(least)) {
      throw new RangeError(
        `${caller}: expected \`distance.leastSimilarities\` to be finite, got ${least} for row ${row}`,
      );
    }
    for (let at = row * graph.k; at < (row + 1) * graph.k; at++) {
      if (graph.ids[at] < 0 || least <= graph.scores[at] + leastTolerance) continue;
      throw new RangeError(
        `${caller}: expected \`distance.leastSimilarities\` to be at most the row's similarities in \`graph\`, got ${least} above ${graph.scores[at]} for row ${row}`,
      );
    }
  }
}

export function distanceScales(distance: PoolDistance, rows: number): DistanceScales {
  const scales = new Float64Array(rows);
  if (distance.kind === "half-cosine") return { scales: scales.fill(0.25), squared: false };
  const squared = distance.kind === "squared-euclidean-squared";
  for (let row = 0; row < rows; row++) {
    const largest = distanceOf(distance.leastSimilarities[row], 1, squared);
    scales[row] = largest > 0 ? 1 / largest : 0;
  }
  return { scales, squared };
}
