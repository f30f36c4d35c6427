import {
  broadcastTo,
  concat,
  div,
  maximum,
  mean,
  mul,
  reshape,
  sqrt,
  square,
  sub,
  sum,
  type Tensor2D,
  type Tensor4D,
  tidy,
} from "@tensorflow/tfjs-core";
import { requireName, requireShape } from "../require.ts";

/**
 * What the projection on the global descriptor divides by: its length, as the 2021 recognition winners' code does, or
 * the square of its length, which alone makes the rest orthogonal to it, as in the paper.
 */
export type FusionNorm = "l2" | "l2_squared";

/** Options of {@link orthogonalFusion}. */
export interface OrthogonalFusionOptions {
  /**
   * What the projection divides by.
   *
   * @defaultValue "l2", the 2021 winners' code
   */
  readonly norm?: FusionNorm;
}

/** Every {@link FusionNorm}. */
export const fusionNorms: Readonly<Record<FusionNorm, true>> = { l2: true, l2_squared: true };

/**
 * DOLG's orthogonal fusion: local features less their part along the global descriptor, and the descriptor beside each.
 *
 * ```text
 * l − (g · l / ‖g‖) g   with norm "l2"
 * l − (g · l / ‖g‖²) g  with norm "l2_squared"
 * ```
 *
 * @param local - `[N, H, W, C]`.
 * @param global - `[N, C]`; a row of zeros has no direction, and nothing is taken off along it.
 * @returns `[N, H, W, 2 C]`, first the rest, then the descriptor; the caller disposes it.
 * @throws RangeError if `local` is not of rank 4, `global` does not fit it, or `norm` is none of the two.
 *
 * @example
 * ```ts
 * import { orthogonalFusion } from "@lmk/models";
 * import { tensor2d, tensor4d } from "@tensorflow/tfjs-core";
 *
 * const local = tensor4d([1, 1], [1, 1, 1, 2]);
 * orthogonalFusion(local, tensor2d([[2, 0]]), { norm: "l2_squared" }); // => [[[[0, 1, 2, 0]]]]
 * orthogonalFusion(local, tensor2d([[2, 0]])); // => [[[[-1, 1, 2, 0]]]]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2108.02927 | Yang et al., DOLG}
 */
export function orthogonalFusion(
  local: Tensor4D,
  global: Tensor2D,
  options: OrthogonalFusionOptions = {},
): Tensor4D {
  const { norm = "l2" } = options;
  const [count, height, width, channels] = local.shape;
  requireShape("orthogonalFusion", "local", local.shape, ["N", "H", "W", "C"]);
  requireShape("orthogonalFusion", "global", global.shape, [count, channels]);
  requireName("orthogonalFusion", "norm", norm, fusionNorms);
  return tidy(() => {
    const axis = reshape(global, [count, 1, 1, channels]);
    const along = div(sum(mul(local, axis), 3, true), reshape(lengthOf(global, norm), [count, 1, 1, 1]));
    const rest = sub<Tensor4D>(local, mul(along, axis));
    return concat([rest, broadcastTo(axis, [count, height, width, channels])], 3);
  });
}

/** The mean over all places of {@link orthogonalFusion}, from the mean of the local features: fusion is linear in them. */
export function pooledFusion(local: Tensor4D, global: Tensor2D, norm: FusionNorm): Tensor2D {
  const average: Tensor2D = mean(local, [1, 2]);
  const along = div(sum(mul(average, global), 1, true), lengthOf(global, norm));
  return concat([sub<Tensor2D>(average, mul(along, global)), global], 1);
}

function lengthOf(global: Tensor2D, norm: FusionNorm): Tensor2D {
  const squared: Tensor2D = maximum(sum(square(global), 1, true), 1e-24);
  return norm === "l2" ? sqrt(squared) : squared;
}
