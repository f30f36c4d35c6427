import { requireOneOf } from "../require.ts";

/**
 * How inliers p and the score s of the first search make the new score.
 *
 * - `inliers-first`: p, and of equal ones the higher s comes first (DELG);
 * - `add-capped`: `s + weight * min(p, cap) / cap` (second places of 2020 and 2021).
 */
export type InlierFusion =
  | { readonly kind: "inliers-first" }
  | { readonly kind: "add-capped"; readonly weight: number; readonly cap: number };

/**
 * How the score p of a pair and the score s of the first search make the new score.
 *
 * - `replace`: p (RRT);
 * - `add`: `s + weight * p` (CVNet: 0.5);
 * - `sigmoid-mix`: `lambda * s + (1 - lambda) / (1 + exp(-gamma * p))` (AMES: 0.55 and 0.3 with DINOv2, 0.85 and 0.8
 *   with CVNet features);
 * - `rescale-below-tail`: p as distances `origin - p`, and where the largest exceeds the distance t of the first neighbor
 *   behind the depth, all times `t / largest`, so that the first search's scores may follow (OML). `origin` is the score
 *   of distance 0: 1, the default, for cosines; 0 for negated distances. Scores above it are refused, but for the rounding
 *   that makes a cosine 1.0000001.
 */
export type PairFusion =
  | { readonly kind: "replace" }
  | { readonly kind: "add"; readonly weight: number }
  | { readonly kind: "sigmoid-mix"; readonly lambda: number; readonly gamma: number }
  | { readonly kind: "rescale-below-tail"; readonly origin?: number }
  | InlierFusion;

/** Checks a fusion and its numbers. */
export function requireFusion(
  caller: string,
  fusion: PairFusion,
  kinds: readonly PairFusion["kind"][],
): void {
  requireOneOf(caller, "fusion.kind", fusion.kind, kinds);
  switch (fusion.kind) {
    case "add":
      requireFinite(caller, "fusion.weight", fusion.weight);
      break;
    case "sigmoid-mix":
      if (!(fusion.lambda >= 0 && fusion.lambda <= 1)) {
        throw new RangeError(`${caller}: expected \`fusion.lambda\` to be from 0 to 1, got ${fusion.lambda}`);
      }
      requireFinite(caller, "fusion.gamma", fusion.gamma);
      break;
    case "rescale-below-tail":
      requireFinite(caller, "fusion.origin", fusion.origin ?? 1);
      break;
    case "add-capped":
      requireFinite(caller, "fusion.weight", fusion.weight);
      if (!(fusion.cap > 0 && fusion.cap < Infinity)) {
        throw new RangeError(`${caller}: expected \`fusion.cap\` to be a number above 0, got ${fusion.cap}`);
      }
      break;
    default:
  }
}

function requireFinite(caller: string, argument: string, value: number): void {
  if (!Number.isFinite(value)) {
    throw new RangeError(`${caller}: expected \`${argument}\` to be a finite number, got ${value}`);
  }
}

/**
 * The new scores of the first neighbors of a query.
 *
 * @param tail - The score of the first neighbor behind them; undefined where there is none.
 */
export function fuseScores(
  fusion: PairFusion,
  first: Float32Array,
  pairs: Float64Array,
  tail: number | undefined,
): Float64Array {
  switch (fusion.kind) {
    case "replace":
    case "inliers-first":
      return pairs.slice();
    case "add":
      return pairs.map((score, i) => first[i]! + fusion.weight * score);
    case "add-capped":
      return pairs.map((score, i) => first[i]! + (fusion.weight * Math.min(score, fusion.cap)) / fusion.cap);
    case "sigmoid-mix":
      return pairs.map(
        (score, i) => fusion.lambda * first[i]! + (1 - fusion.lambda) / (1 + Math.exp(-fusion.gamma * score)),
      );
    case "rescale-below-tail":
      return rescale(pairs, fusion.origin ?? 1, tail);
  }
}

function rescale(pairs: Float64Array, origin: number, tail: number | undefined): Float64Array {
  if (tail === undefined) return pairs.slice();
  let largest = 0;
  for (let i = 0; i < pairs.length; i++) largest = Math.max(largest, origin - pairs[i]!);
  const limit = Math.max(0, origin - tail);
  const factor = largest > limit ? limit / largest : 1;
  return pairs.map((score) => origin - (origin - score) * factor);
}
