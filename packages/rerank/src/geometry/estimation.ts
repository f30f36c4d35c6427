// Defaults of the winners are kept where they have one; unlike theirs (scikit-image, OpenCV, pydegensac) each point
// counts once, models that fold, mirror or shrink an image to nothing are refused, and every draw is seeded.

import { affineKind } from "./affine.ts";
import { type EstimationOptions, type EstimationSettings, estimationSettings } from "./estimation-options.ts";
import { homographyKind } from "./homography.ts";
import type { ModelKind } from "./model-kind.ts";
import { type Correspondences, createPointPairs, requireCorrespondences } from "./point-pairs.ts";
import { ransac } from "./ransac.ts";
import { createProgressiveSampler, createUniformSampler } from "./sampler.ts";

/** A transform between two images and the pairs that agree with it. */
export interface TransformEstimate {
  /**
   * The transform between pixels, row-major: 2 x 3 numbers of an affine one; 3 x 3 of a homography, the last one 1 (or,
   * if (0, 0) lies on its horizon, of length 1). NaN where none was found.
   */
  readonly model: Float64Array;
  /** 1 for each pair that agrees and counts, else 0. */
  readonly inliers: Uint8Array;
  readonly inlierCount: number;
  /** Samples that were drawn. */
  readonly iterations: number;
}

/**
 * Finds the affine transform that most matched points agree with, by RANSAC.
 *
 * ```text
 * u = m00 x + m01 y + t0        v = m10 x + m11 y + t1        inlier: error <= maxError
 * ```
 *
 * A sample is three pairs. Samples on a line (within 0.006°) and transforms outside the bounds are passed over, so that
 * degenerate input, fewer than three points or all on a line or one point, gives 0 inliers and no error. Of transforms
 * with as many inliers the one with the smaller sum of squared errors counts, of equals the first. The same input and
 * seed give the same bits. Memory: about 80 bytes per pair.
 *
 * @param correspondences - The matched points, best first.
 * @throws RangeError if lengths do not fit, a coordinate is not finite, or an option is out of range.
 *
 * @example
 * ```ts
 * import { estimateAffine } from "@lmk/rerank/geometry";
 *
 * const from = Float32Array.of(0, 0, 100, 0, 0, 100, 100, 100, 50, 50);
 * const to = Float32Array.of(10, 0, 110, 0, 10, 100, 110, 100, 400, 300);
 * const { inlierCount, inliers } = estimateAffine({ from, to });
 * console.log(inlierCount, [...inliers]); // => 4 [ 1, 1, 1, 1, 0 ]
 * ```
 *
 * @see Fischler and Bolles 1981, Random Sample Consensus
 * @see Chum, Matas and Kittler 2003, Locally Optimized RANSAC; Chum and Matas 2005, Matching with PROSAC
 */
export function estimateAffine(
  correspondences: Correspondences,
  options: EstimationOptions = {},
): TransformEstimate {
  requireCorrespondences("estimateAffine", correspondences);
  return estimate(affineKind, correspondences, estimationSettings("estimateAffine", "affine", options));
}

/**
 * Finds the homography that most matched points agree with, by RANSAC.
 *
 * ```text
 * (u w, v w, w) = H (x, y, 1)        w > 0 in front of the horizon        inlier: error <= maxError
 * ```
 *
 * A sample is four pairs, no three of them on a line in either image (within 0.006°), whose triangles keep their
 * orientation; a point behind the horizon is no inlier. Fits to more pairs are those of the direct linear transform in
 * Hartley's coordinates; the last one is then brought to the least sum of squared one-way errors by Gauss-Newton steps.
 * Everything else is as in {@link estimateAffine}.
 *
 * @param correspondences - The matched points, best first.
 * @throws RangeError if lengths do not fit, a coordinate is not finite, or an option is out of range.
 *
 * @example
 * ```ts
 * import { estimateHomography } from "@lmk/rerank/geometry";
 *
 * const from = Float32Array.of(0, 0, 100, 0, 0, 100, 100, 100, 50, 30, 70, 20);
 * const to = from.map((value) => 2 * value + 5);
 * const { model, inlierCount } = estimateHomography({ from, to });
 * console.log(inlierCount, [...model].map(Math.round).join(" ")); // => 6 2 0 5 0 2 5 0 0 1
 * ```
 *
 * @see Hartley 1997, In Defense of the Eight-Point Algorithm
 */
export function estimateHomography(
  correspondences: Correspondences,
  options: EstimationOptions = {},
): TransformEstimate {
  requireCorrespondences("estimateHomography", correspondences);
  const settings = estimationSettings("estimateHomography", "homography", options);
  return estimate(homographyKind, correspondences, settings);
}

export function estimate(
  kind: ModelKind,
  correspondences: Correspondences,
  settings: EstimationSettings,
): TransformEstimate {
  const pairs = createPointPairs(correspondences);
  const { maxIterations, seed } = settings;
  const sampler = settings.progressive
    ? createProgressiveSampler(pairs.count, kind.sampleSize, maxIterations, seed)
    : createUniformSampler(pairs.count, seed);
  const found = ransac(kind, pairs, settings, sampler);
  return {
    ...found,
    model: found.inlierCount > 0 ? kind.toPixels(found.model, pairs.from, pairs.to) : found.model,
  };
}
