import { add, max, mean, type Tensor2D, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import { requireShape } from "../require.ts";

/**
 * Average pooling over height and width; of sums rather than means it is known as SPoC.
 *
 * @param features - `[N, H, W, C]`.
 * @returns `[N, C]`; the caller disposes it.
 * @throws RangeError if `features` is not of rank 4.
 *
 * @example
 * ```ts
 * import { globalAveragePooling } from "@lmk/models";
 * import { tensor4d } from "@tensorflow/tfjs-core";
 *
 * globalAveragePooling(tensor4d([1, 2, 3, 6], [1, 2, 2, 1])); // => [[3]]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1510.07493 | Babenko and Lempitsky, Aggregating deep convolutional features for image
 * retrieval}
 */
export function globalAveragePooling(features: Tensor4D): Tensor2D {
  requireShape("globalAveragePooling", "features", features.shape, ["N", "H", "W", "C"]);
  return mean(features, [1, 2]);
}

/**
 * Max pooling over height and width, known as MAC. Where several cells share the largest value, each gets the whole
 * gradient.
 *
 * @param features - `[N, H, W, C]`.
 * @returns `[N, C]`; the caller disposes it.
 * @throws RangeError if `features` is not of rank 4.
 *
 * @example
 * ```ts
 * import { globalMaxPooling } from "@lmk/models";
 * import { tensor4d } from "@tensorflow/tfjs-core";
 *
 * globalMaxPooling(tensor4d([1, 2, 3, 6], [1, 2, 2, 1])); // => [[6]]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1511.05879 | Tolias et al., Particular object retrieval with integral max-pooling of
 * CNN activations}
 */
export function globalMaxPooling(features: Tensor4D): Tensor2D {
  requireShape("globalMaxPooling", "features", features.shape, ["N", "H", "W", "C"]);
  return max(features, [1, 2]);
}

/**
 * The sum of average and max pooling over height and width, as in the 2021 retrieval challenge's second place with its
 * GeM turned off.
 *
 * @param features - `[N, H, W, C]`.
 * @returns `[N, C]`; the caller disposes it.
 * @throws RangeError if `features` is not of rank 4.
 *
 * @example
 * ```ts
 * import { averageMaxPooling } from "@lmk/models";
 * import { tensor4d } from "@tensorflow/tfjs-core";
 *
 * averageMaxPooling(tensor4d([1, 2, 3, 6], [1, 2, 2, 1])); // => [[9]]
 * ```
 */
export function averageMaxPooling(features: Tensor4D): Tensor2D {
  requireShape("averageMaxPooling", "features", features.shape, ["N", "H", "W", "C"]);
  return tidy(() => add<Tensor2D>(mean<Tensor2D>(features, [1, 2]), max<Tensor2D>(features, [1, 2])));
}
