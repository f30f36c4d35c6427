import {
  div,
  logSoftmax,
  matMul,
  mean,
  mul,
  neg,
  reshape,
  type Scalar,
  sub,
  sum,
  type Tensor1D,
  type Tensor2D,
  tensor2d,
  tidy,
} from "@tensorflow/tfjs-core";
import { ownClass } from "../own-class.ts";
import { ratio } from "../ratio.ts";
import { requireLabels, requireOneOf, requirePerClass, requireShape, requireShare } from "../require.ts";

/** How the losses of a batch are weighed and averaged. */
export interface BatchMeanOptions {
  /**
   * One weight per class, of at least 0; each sample counts by the weight of its own class. See {@link classWeights}. A
   * tensor `[C]` where they change from step to step, as with {@link sampleClasses}.
   *
   * @defaultValue 1 for every class
   */
  readonly classWeights?: Float32Array | Tensor1D;
  /**
   * One weight per sample, `[N]`, of at least 0, on top of the class weights; 0 leaves a sample out.
   *
   * @defaultValue 1 for every sample
   */
  readonly sampleWeights?: Tensor1D;
  /**
   * What the sum of the weighted losses is divided by: the sum of the weights (`"weighted"`, PyTorch's weighted mean and
   * the batch normalization of weights of the 2020 recognition winners) or the number of samples (`"plain"`, as the 2020
   * retrieval winners do, whose weights have a mean of 1 over the data). Without weights they are the same.
   *
   * @defaultValue "weighted"; "plain" in {@link focal}
   */
  readonly mean?: "weighted" | "plain";
}

/** Options of {@link crossEntropy}, and of every loss that ends in it. */
export interface CrossEntropyOptions extends BatchMeanOptions {
  /**
   * Share ε of the target that is spread evenly over all classes, from 0 to 1.
   *
   * @defaultValue 0; the runners-up of 2020 used 0.1
   */
  readonly labelSmoothing?: number;
}

/** Refuses logits, labels and weights that do not fit together. */
export function requireBatch(
  caller: string,
  logits: Tensor2D,
  labels: Tensor1D,
  { classWeights, sampleWeights, mean: kind = "weighted" }: BatchMeanOptions,
): void {
  const [batch, classes] = logits.shape;
  requireLabels(caller, labels, batch);
  requireOneOf(caller, "mean", kind, ["weighted", "plain"]);
  if (classWeights !== undefined) requirePerClass(caller, "classWeights", classWeights, classes);
  if (sampleWeights !== undefined) requireShape(caller, "sampleWeights", sampleWeights, [batch]);
}

/** A number per class as a column `[C, 1]`, so that a product with `[N, C]` gathers or sums without another `[N, C]`. */
export function classColumn(values: Float32Array | Tensor1D): Tensor2D {
  return values instanceof Float32Array ? tensor2d(values, [values.length, 1]) : reshape(values, [-1, 1]);
}

/** Mean of the losses `[N]`, which already carry the weights of their classes. */
export function batchMean(losses: Tensor1D, own: Tensor2D, options: BatchMeanOptions): Scalar {
  const { classWeights, sampleWeights, mean: kind = "weighted" } = options;
  const weighted = sampleWeights === undefined ? losses : mul(losses, sampleWeights);
  if (kind === "plain" || (classWeights === undefined && sampleWeights === undefined)) return mean(weighted);
  const counted =
    classWeights === undefined ? undefined : reshape(matMul(own, classColumn(classWeights)), [-1]);
  const weights =
    counted === undefined || sampleWeights === undefined
      ? (counted ?? sampleWeights!)
      : mul(counted, sampleWeights);
  // A batch without any weight has a loss of 0; PyTorch gives NaN.
  return ratio(sum(weighted), sum(weights));
}

/**
 * Mean cross-entropy of logits against class numbers.
 *
 * ```text
 * pᵢ   = softmax(zᵢ)
 * lᵢ   = −(1 − ε) · w[yᵢ] · log pᵢ,yᵢ − ε/C · Σⱼ w[j] · log pᵢⱼ
 * loss = Σᵢ vᵢ lᵢ / Σᵢ vᵢ w[yᵢ]      mean: "weighted"
 * loss = Σᵢ vᵢ lᵢ / N                mean: "plain"
 * ```
 *
 * with class weights `w` and sample weights `v`, all 1 unless given: PyTorch's `cross_entropy` with `weight` and
 * `label_smoothing`. Computed through log-softmax, so that large logits neither overflow nor lose the smaller ones.
 *
 * @param logits - `[N, C]`.
 * @param labels - `[N]`, int32, from 0 to C − 1. A label outside gives its row a loss of 0. The row counts in a plain mean
 * and in one without weights; with class weights it does not.
 * @param options - Without any, the plain mean of −log p.
 * @returns A scalar; the caller disposes it. 0 if all weights of the batch are 0.
 * @throws RangeError if `labels`, `classWeights` or `sampleWeights` do not fit the logits, a class weight is negative or
 * not finite, `mean` is unknown, or `labelSmoothing` is not from 0 to 1.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { crossEntropy } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const labels = tensor1d([0], "int32");
 * crossEntropy(tensor2d([[2, 0]]), labels); // => 0.126928, which is log(1 + e⁻²)
 * crossEntropy(tensor2d([[2, 0]]), labels, { labelSmoothing: 0.1 }); // => 0.226928
 * ```
 *
 * @see {@link https://arxiv.org/abs/1512.00567 | Szegedy et al., Rethinking the Inception Architecture} for the smoothing
 */
export function crossEntropy(logits: Tensor2D, labels: Tensor1D, options: CrossEntropyOptions = {}): Scalar {
  const { labelSmoothing = 0, classWeights } = options;
  requireBatch("crossEntropy", logits, labels, options);
  requireShare("crossEntropy", "labelSmoothing", labelSmoothing);
  return tidy(() => {
    const own = ownClass(labels, logits.shape[1]);
    const logs = logSoftmax(logits);
    const ofOwn = neg(sum(mul(own, logs), 1));
    const column = classWeights === undefined ? undefined : classColumn(classWeights);
    const weighted = column === undefined ? ofOwn : mul(ofOwn, reshape(matMul(own, column), [-1]));
    if (labelSmoothing === 0) return batchMean(weighted as Tensor1D, own, options);
    const ofAll =
      column === undefined ? mean(logs, 1) : div(reshape(matMul(logs, column), [-1]), logits.shape[1]);
    const spread = mul(mul(ofAll, sum(own, 1)), labelSmoothing);
    return batchMean(sub(mul(weighted, 1 - labelSmoothing), spread) as Tensor1D, own, options);
  });
}
