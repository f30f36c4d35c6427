import { adaCosScale } from "./classification/adacos-scale.ts";
import type { NamedArray, NamedArrays } from "./parameters.ts";
import { normal, uniform } from "./random.ts";
import { requirePositiveInteger } from "./require.ts";

/** Options of {@link arcFaceParameters}, {@link softmaxParameters} and the others. */
export interface ClassRowsOptions {
  /** Number of classes, C. */
  readonly classes: number;
  /** Length of an embedding, d. */
  readonly dimension: number;
  /** Any whole number; the same seed gives the same weights. */
  readonly seed: number;
}

/** Options of {@link subCenterArcFaceParameters}. */
export interface SubCenterRowsOptions extends ClassRowsOptions {
  /**
   * Rows per class, k.
   *
   * @defaultValue 3
   */
  readonly centers?: number;
}

/** Options of {@link adaCosParameters}. */
export interface AdaCosRowsOptions extends ClassRowsOptions {
  /**
   * Angle θ₀ of the first scale, as in {@link adaCos}.
   *
   * @defaultValue π/4
   */
  readonly clipAngle?: number;
}

function requireSizes(caller: string, { classes, dimension }: ClassRowsOptions): void {
  requirePositiveInteger(caller, "classes", classes);
  requirePositiveInteger(caller, "dimension", dimension);
}

/** A matrix uniform within ±bound. */
function rows(count: number, dimension: number, bound: number, seed: number): NamedArray {
  return { shape: [count, dimension], data: uniform(count * dimension, bound, seed) };
}

/** A scalar. */
function constant(value: number): NamedArray {
  return { shape: [], data: Float32Array.of(value) };
}

/**
 * Initial class rows of a margin loss: `final.weight`, `[C, d]`, uniform within ±√(6 / (C + d)).
 *
 * So PyTorch's `xavier_uniform_`, of the 2019 winners (ArcFace, CosFace, AdaCos), the 2020 recognition winners and the 2021
 * runners-up. For every loss against class rows whose own function is not here: {@link arcFace}, {@link cosFace},
 * {@link normalizedSoftmax}, {@link fixedAdaCos}, {@link batchAdaCos}, {@link magFace}, {@link elasticFace} and
 * {@link circleClassification}.
 *
 * @throws RangeError if `classes` or `dimension` is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { arcFaceParameters } from "@lmk/losses";
 *
 * arcFaceParameters({ classes: 3, dimension: 2, seed: 1 })["final.weight"].shape; // => [3, 2]
 * ```
 *
 * @see {@link https://proceedings.mlr.press/v9/glorot10a.html | Glorot and Bengio, Understanding the difficulty of training
 * deep feedforward neural networks}
 */
export function arcFaceParameters(options: ClassRowsOptions): NamedArrays {
  requireSizes("arcFaceParameters", options);
  const { classes, dimension, seed } = options;
  return { "final.weight": rows(classes, dimension, Math.sqrt(6 / (classes + dimension)), seed) };
}

/**
 * Initial class rows of {@link subCenterArcFace}: `final.weight`, `[C·k, d]`, class-major, uniform within ±1/√d.
 *
 * As the 2020 third place and the 2021 winners; with one center also one of the two heads of the 2020 runners-up.
 *
 * @throws RangeError if `classes`, `dimension` or `centers` is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { subCenterArcFaceParameters } from "@lmk/losses";
 *
 * subCenterArcFaceParameters({ classes: 2, dimension: 4, seed: 1 })["final.weight"].shape; // => [6, 4]
 * ```
 */
export function subCenterArcFaceParameters(options: SubCenterRowsOptions): NamedArrays {
  requireSizes("subCenterArcFaceParameters", options);
  const { classes, dimension, seed, centers = 3 } = options;
  requirePositiveInteger("subCenterArcFaceParameters", "centers", centers);
  return { "final.weight": rows(classes * centers, dimension, 1 / Math.sqrt(dimension), seed) };
}

/**
 * Initial class rows and scale of {@link adaCos}: `final.weight` as {@link arcFaceParameters}, and `final.running_scale`, a
 * scalar, {@link adaCosScale}.
 *
 * @throws RangeError if `classes` is not a whole number above 2, `dimension` not one above 0, or `clipAngle` is not above 0
 * and below π/2.
 *
 * @example
 * ```ts
 * import { adaCosParameters } from "@lmk/losses";
 *
 * adaCosParameters({ classes: 81313, dimension: 2, seed: 1 })["final.running_scale"].data; // => [15.989]
 * ```
 */
export function adaCosParameters(options: AdaCosRowsOptions): NamedArrays {
  requireSizes("adaCosParameters", options);
  const scale = adaCosScale(options.classes, options.clipAngle);
  return {
    ...arcFaceParameters(options),
    "final.running_scale": constant(scale),
  };
}

/**
 * Initial class rows and statistics of {@link curricularFace}: `final.weight` as {@link arcFaceParameters}, and
 * `final.running_target_cosine`, a scalar, 0.
 *
 * @throws RangeError if `classes` or `dimension` is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { curricularFaceParameters } from "@lmk/losses";
 *
 * curricularFaceParameters({ classes: 3, dimension: 2, seed: 1 })["final.running_target_cosine"].data; // => [0]
 * ```
 */
export function curricularFaceParameters(options: ClassRowsOptions): NamedArrays {
  requireSizes("curricularFaceParameters", options);
  return { ...arcFaceParameters(options), "final.running_target_cosine": constant(0) };
}

/**
 * Initial class rows and statistics of {@link adaFace}: `final.weight` as {@link arcFaceParameters}, and the scalars
 * `final.running_norm_mean`, 20, and `final.running_norm_deviation`, 100, as in the authors' code.
 *
 * @throws RangeError if `classes` or `dimension` is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { adaFaceParameters } from "@lmk/losses";
 *
 * adaFaceParameters({ classes: 3, dimension: 2, seed: 1 })["final.running_norm_mean"].data; // => [20]
 * ```
 */
export function adaFaceParameters(options: ClassRowsOptions): NamedArrays {
  requireSizes("adaFaceParameters", options);
  return {
    ...arcFaceParameters(options),
    "final.running_norm_mean": constant(20),
    "final.running_norm_deviation": constant(100),
  };
}

/**
 * Initial weights of {@link softmax}: `final.weight` `[C, d]` and `final.bias` `[C]`, uniform within ±1/√d, as PyTorch's
 * linear layer.
 *
 * @throws RangeError if `classes` or `dimension` is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { softmaxParameters } from "@lmk/losses";
 *
 * softmaxParameters({ classes: 3, dimension: 2, seed: 1 })["final.bias"].shape; // => [3]
 * ```
 */
export function softmaxParameters(options: ClassRowsOptions): NamedArrays {
  requireSizes("softmaxParameters", options);
  const { classes, dimension, seed } = options;
  const bound = 1 / Math.sqrt(dimension);
  return {
    "final.weight": rows(classes, dimension, bound, seed),
    "final.bias": { shape: [classes], data: uniform(classes, bound, seed + 1) },
  };
}

/**
 * Initial proxies of {@link proxyAnchor}: `final.weight`, `[C, d]`, normal with variance 2 / C, as in the authors' code
 * (Kaiming's rule with the number of classes as fan).
 *
 * @throws RangeError if `classes` or `dimension` is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { proxyAnchorParameters } from "@lmk/losses";
 *
 * proxyAnchorParameters({ classes: 3, dimension: 2, seed: 1 })["final.weight"].shape; // => [3, 2]
 * ```
 */
export function proxyAnchorParameters(options: ClassRowsOptions): NamedArrays {
  requireSizes("proxyAnchorParameters", options);
  const { classes, dimension, seed } = options;
  const data = normal(classes * dimension, Math.sqrt(2 / classes), seed);
  return { "final.weight": { shape: [classes, dimension], data } };
}
