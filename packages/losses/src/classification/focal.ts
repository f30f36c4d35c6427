import {
  exp,
  expm1,
  log,
  logSoftmax,
  matMul,
  maximum,
  mul,
  neg,
  reshape,
  type Scalar,
  sum,
  type Tensor1D,
  type Tensor2D,
  tidy,
} from "@tensorflow/tfjs-core";
import { ownClass } from "../own-class.ts";
import { requireNotNegative } from "../require.ts";
import { type BatchMeanOptions, batchMean, classColumn, requireBatch } from "./cross-entropy.ts";

/** Options of {@link focal}. */
export interface FocalOptions extends BatchMeanOptions {
  /**
   * Power γ of at least 0; the higher, the less a sample counts that is already right. 0 gives the cross-entropy.
   *
   * @defaultValue 2, the paper's best
   */
  readonly gamma?: number;
}

/** The smallest 1 − p whose logarithm is taken. */
const smallestMiss = 1e-12;

/**
 * Focal loss in its softmax form: cross-entropy in which samples that are already right count less.
 *
 * ```text
 * p    = softmax(zᵢ)[yᵢ]
 * lᵢ   = −w[yᵢ] · (1 − p)^γ · log p
 * loss = Σᵢ vᵢ lᵢ / N                mean: "plain", the default
 * loss = Σᵢ vᵢ lᵢ / Σᵢ vᵢ w[yᵢ]      mean: "weighted"
 * ```
 *
 * `classWeights` are the paper's α, which its mean does not divide by. Of one class, `p` is 1 and the loss 0.
 *
 * @param logits - `[N, C]`, for instance those of {@link arcFaceLogits}, as the recognition winners of 2020 could choose.
 * @param labels - `[N]`, int32, from 0 to C − 1. A label outside gives its row a loss of 0.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if `labels`, `classWeights` or `sampleWeights` do not fit the logits, a class weight is negative or
 * not finite, `mean` is unknown, or `gamma` is negative or not finite.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { focal } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * focal(tensor2d([[0, 0]]), tensor1d([0], "int32")); // => 0.173287, which is 0.5² · ln 2
 * ```
 *
 * @see {@link https://arxiv.org/abs/1708.02002 | Lin et al., Focal Loss for Dense Object Detection}
 */
export function focal(logits: Tensor2D, labels: Tensor1D, options: FocalOptions = {}): Scalar {
  const { gamma = 2, classWeights, mean = "plain" } = options;
  requireBatch("focal", logits, labels, options);
  requireNotNegative("focal", "gamma", gamma);
  return tidy(() => {
    const own = ownClass(labels, logits.shape[1]);
    const ofOwn = sum(mul(own, logSoftmax(logits)), 1);
    // 1 − p of log p, exact where p is nearly 1.
    const miss = maximum(neg(expm1(ofOwn)), smallestMiss);
    const losses = neg(mul(exp(mul(log(miss), gamma)), ofOwn));
    const weighted =
      classWeights === undefined
        ? losses
        : mul(losses, reshape(matMul(own, classColumn(classWeights)), [-1]));
    return batchMean(weighted as Tensor1D, own, { ...options, mean });
  });
}
