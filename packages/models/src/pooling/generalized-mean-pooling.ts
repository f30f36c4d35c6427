import {
  div,
  maximum,
  mean,
  pow,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tidy,
} from "@tensorflow/tfjs-core";
import { requireAbove, requireShape } from "../require.ts";

/** Options of {@link generalizedMeanPooling}. */
export interface GeneralizedMeanPoolingOptions {
  /**
   * Power p, above 0: 1 is average pooling, a large one comes near max pooling. A tensor is a learnable power: one value,
   * or `[C]`, one per channel.
   *
   * @defaultValue 3
   */
  readonly power?: number | Tensor;
  /**
   * Features below this are raised to it, since a power of a negative number is not real.
   *
   * @defaultValue 1e-6
   */
  readonly epsilon?: number;
}

/**
 * Generalized-mean (GeM) pooling over height and width.
 *
 * ```text
 * yᶜ = ( 1/(H·W) · Σ max(xᶜ, ε)ᵖ )^(1/p)
 * ```
 *
 * @param features - `[N, H, W, C]`.
 * @returns `[N, C]`, at least ε; the caller disposes it.
 * @throws RangeError if `features` is not of rank 4, or `power` or `epsilon` is a number that is not above 0.
 *
 * @example
 * ```ts
 * import { generalizedMeanPooling } from "@lmk/models";
 * import { tensor4d } from "@tensorflow/tfjs-core";
 *
 * generalizedMeanPooling(tensor4d([0, 1, 2, -3], [1, 2, 2, 1])); // => [[1.310371]], the cube root of 9 / 4
 * ```
 *
 * @see {@link https://arxiv.org/abs/1711.02512 | Radenović et al., Fine-tuning CNN image retrieval with no human
 * annotation}
 */
export function generalizedMeanPooling(
  features: Tensor4D,
  options: GeneralizedMeanPoolingOptions = {},
): Tensor2D {
  const { power = 3, epsilon = 1e-6 } = options;
  requireShape("generalizedMeanPooling", "features", features.shape, ["N", "H", "W", "C"]);
  if (typeof power === "number") requireAbove("generalizedMeanPooling", "power", power);
  requireAbove("generalizedMeanPooling", "epsilon", epsilon);
  return tidy(() => {
    const inverse = typeof power === "number" ? 1 / power : div(1, power);
    return pow(mean(pow(maximum(features, epsilon), power), [1, 2]), inverse) as Tensor2D;
  });
}
