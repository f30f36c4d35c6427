import { max, mul, reshape, type Scalar, type Tensor1D, type Tensor2D, tidy } from "@tensorflow/tfjs-core";
import { cosines } from "../cosines.ts";
import { requireColumns, requireHead, requirePositive, requirePositiveInteger } from "../require.ts";
import type { ArcFaceLogitsOptions } from "./arcface.ts";
import { type CrossEntropyOptions, crossEntropy } from "./cross-entropy.ts";
import { requireBeyond, requireMargin, widenTarget } from "./target-margin.ts";

/** Options of {@link subCenterCosines}. */
export interface SubCenterCosinesOptions {
  /**
   * Rows per class, k.
   *
   * @defaultValue 3, as in the paper and in the systems of 2020 and 2021
   */
  readonly centers?: number;
}

/** Options of {@link subCenterArcFaceLogits}. */
export interface SubCenterArcFaceLogitsOptions extends ArcFaceLogitsOptions, SubCenterCosinesOptions {}

/** Options of {@link subCenterArcFace}: those of its logits and of the {@link crossEntropy}. */
export interface SubCenterArcFaceOptions extends SubCenterArcFaceLogitsOptions, CrossEntropyOptions {}

/** Classes of a weight with so many rows per class. */
function requireCenters(caller: string, weight: Tensor2D, centers: number): number {
  requirePositiveInteger(caller, "centers", centers);
  const rows = weight.shape[0];
  if (rows % centers === 0) return rows / centers;
  throw new RangeError(
    `${caller}: expected \`weight\` to have ${centers} rows for each class, got shape [${weight.shape}]`,
  );
}

/**
 * Cosines of embeddings to classes with several centers each: to the nearest center of each class.
 *
 * ```text
 * cᵢⱼ = max over t < k of cos(xᵢ, W[k·j + t])
 * ```
 *
 * The rows of a class lie together. These are also the predictions: no margin, no scale. Centers of a class that are
 * exactly equally near each get the whole gradient; PyTorch gives it to one of them.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C·k, d]`, class-major, of any length.
 * @returns `[N, C]`; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, or `centers` is not a whole number above 0 that divides the rows.
 *
 * @example
 * ```ts
 * import { subCenterCosines } from "@lmk/losses";
 * import { tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [-1, 0], [0, -1], [0, 1]]); // two centers of class 0, then two of class 1
 * subCenterCosines(tensor2d([[3, 4]]), weight, { centers: 2 }); // => [0.6, 0.8]
 * ```
 *
 * @see {@link https://www.ecva.net/papers/eccv_2020/papers_ECCV/papers/123560715.pdf | Deng et al., Sub-center ArcFace}
 */
export function subCenterCosines(
  embeddings: Tensor2D,
  weight: Tensor2D,
  options: SubCenterCosinesOptions = {},
): Tensor2D {
  const { centers = 3 } = options;
  requireColumns("subCenterCosines", embeddings, weight);
  const classes = requireCenters("subCenterCosines", weight, centers);
  return tidy(() => {
    const all = cosines(embeddings, weight);
    return centers === 1 ? all : max(reshape(all, [embeddings.shape[0], classes, centers]), 2);
  });
}

/**
 * Sub-center ArcFace logits: ArcFace on the cosines to the nearest of several centers of each class.
 *
 * ```text
 * cᵢⱼ = max over t < k of cos(xᵢ, W[k·j + t])
 * zᵢⱼ = s · cᵢⱼ                     for j ≠ yᵢ
 * zᵢⱼ = s · cos(arccos cᵢⱼ + m[j])  for j = yᵢ
 * ```
 *
 * and where the margin would carry the angle past π, as {@link arcFaceLogits}. Noisy images of a class gather around other
 * centers than the clean ones.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C·k, d]`, class-major: row k·j + t is center t of class j.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @param options - As for {@link arcFaceLogits}, with the number of centers. The 2020 third place used a scale of 80, the
 * 2021 winners 45; both a margin per class, from {@link dynamicMargins}.
 * @returns `[N, C]`; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `centers` is not a whole number above 0 that divides the rows,
 * `scale` is not above 0, `margin` is not from 0 to π or not one per class, or `beyond` is unknown.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { subCenterArcFaceLogits } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const weight = tensor2d([[1, 0], [-1, 0], [0, -1], [0, 1]]); // two centers of class 0, then two of class 1
 * const labels = tensor1d([1], "int32");
 * const options = { centers: 2, scale: 10, margin: 0.5 };
 * subCenterArcFaceLogits(tensor2d([[3, 4]]), weight, labels, options); // => [6, 4.1441]
 * ```
 *
 * @see {@link https://www.ecva.net/papers/eccv_2020/papers_ECCV/papers/123560715.pdf | Deng et al., Sub-center ArcFace}
 */
export function subCenterArcFaceLogits(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  options: SubCenterArcFaceLogitsOptions = {},
): Tensor2D {
  const { scale = 30, margin = 0.3, beyond = "linear", centers = 3 } = options;
  requireHead("subCenterArcFaceLogits", embeddings, weight, labels);
  requirePositive("subCenterArcFaceLogits", "scale", scale);
  requireBeyond("subCenterArcFaceLogits", beyond);
  requireMargin("subCenterArcFaceLogits", margin, requireCenters("subCenterArcFaceLogits", weight, centers));
  return tidy(() =>
    mul(widenTarget(subCenterCosines(embeddings, weight, { centers }), labels, margin, beyond), scale),
  );
}

/**
 * Sub-center ArcFace: mean cross-entropy of the {@link subCenterArcFaceLogits}.
 *
 * @param embeddings - `[N, d]`, of any length.
 * @param weight - `[C·k, d]`, class-major; {@link subCenterArcFaceParameters} gives initial ones.
 * @param labels - `[N]`, int32, from 0 to C − 1.
 * @returns A scalar; the caller disposes it.
 * @throws RangeError if the shapes do not fit together, `centers` is not a whole number above 0 that divides the rows,
 * `scale` is not above 0, `margin` is not from 0 to π or not one per class, or `beyond` is unknown; and as {@link crossEntropy}.
 * @throws TypeError if `labels` is not int32.
 *
 * @example
 * ```ts
 * import { subCenterArcFace } from "@lmk/losses";
 * import { tensor1d, tensor2d } from "@tensorflow/tfjs-core";
 *
 * const embeddings = tensor2d([[3, 4]]);
 * const weight = tensor2d([[1, 0], [-1, 0], [0, -1], [0, 1]]); // two centers of class 0, then two of class 1
 * const options = { centers: 2, scale: 1, margin: 0.5 };
 * subCenterArcFace(embeddings, weight, tensor1d([1], "int32"), options); // => 0.790241
 * ```
 *
 * @see {@link https://www.ecva.net/papers/eccv_2020/papers_ECCV/papers/123560715.pdf | Deng et al., Sub-center ArcFace}
 */
export function subCenterArcFace(
  embeddings: Tensor2D,
  weight: Tensor2D,
  labels: Tensor1D,
  options: SubCenterArcFaceOptions = {},
): Scalar {
  return tidy(() =>
    crossEntropy(subCenterArcFaceLogits(embeddings, weight, labels, options), labels, options),
  );
}
