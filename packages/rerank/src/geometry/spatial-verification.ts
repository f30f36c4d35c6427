// DELG verifies a query and a candidate by nearest descriptors below 0.9 and an affine transform within 10 pixels; its
// inliers, counted by scikit-image, are those of a sample, unseeded, and count a point as often as it is matched.

import { requireOneOf } from "../require.ts";
import { affineKind } from "./affine.ts";
import {
  type DescriptorMatches,
  findMatches,
  type MatchDescriptorsOptions,
  type MatchingSettings,
  matchingSettings,
} from "./descriptor-matching.ts";
import { estimate, type TransformEstimate } from "./estimation.ts";
import { type EstimationOptions, type EstimationSettings, estimationSettings } from "./estimation-options.ts";
import { homographyKind } from "./homography.ts";
import { type ImageFeatures, requireImageFeatures, requireSameColumns } from "./local-features.ts";
import type { Correspondences } from "./point-pairs.ts";

/** Options of {@link verifySpatially}. */
export interface VerifySpatiallyOptions {
  /**
   * The family of transforms between two images.
   *
   * @defaultValue "affine", as in DELG and in the cleaning of 2019; the second places of 2020 and 2021 have "homography"
   */
  readonly transform?: "affine" | "homography";
  /**
   * How descriptors are matched: {@link MatchDescriptorsOptions}.
   *
   * @defaultValue those of {@link matchDescriptors}, but `maxDistance: 0.9` as in DELG, for unit descriptors
   */
  readonly matching?: MatchDescriptorsOptions;
  /**
   * How the transform is estimated: {@link EstimationOptions}.
   *
   * @defaultValue those of {@link estimateAffine} or {@link estimateHomography}
   */
  readonly estimation?: EstimationOptions;
}

/** Matches of two images and the transform that most of them agree with. */
export interface SpatialVerification extends TransformEstimate {
  /** Rows of the descriptors of both images; `inliers` says of each pair whether it agrees. */
  readonly matches: DescriptorMatches;
}

/** All that verification is told, in a form that threads can be sent. */
export interface VerificationSettings {
  readonly transform: "affine" | "homography";
  readonly matching: MatchingSettings;
  readonly estimation: EstimationSettings;
}

/**
 * Matches the local features of two images and counts those that agree with one transform.
 *
 * The matches of {@link matchDescriptors} from `a` to `b`, best first, go to {@link estimateAffine} or
 * {@link estimateHomography}. An image without features has 0 inliers.
 *
 * @param a - Features of the first image, mostly the query.
 * @param b - Features of the second image.
 * @throws RangeError if shapes do not fit, a number is not finite, or an option is out of range.
 *
 * @example
 * ```ts
 * import { verifySpatially } from "@lmk/rerank/geometry";
 *
 * const data = Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
 * const descriptors = { data, rows: 4, columns: 4 };
 * const a = { locations: Float32Array.of(0, 0, 90, 0, 0, 90, 90, 90), descriptors };
 * const b = { locations: Float32Array.of(30, 10, 120, 10, 30, 100, 120, 100), descriptors };
 *
 * const { inlierCount, model } = verifySpatially(a, b);
 * console.log(inlierCount, [...model].map(Math.round)); // => 4 [ 1, 0, 30, 0, 1, 10 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2001.05027 | Cao et al., Unifying Deep Local and Global Features for Image Search, 2020}
 */
export function verifySpatially(
  a: ImageFeatures,
  b: ImageFeatures,
  options: VerifySpatiallyOptions = {},
): SpatialVerification {
  const caller = "verifySpatially";
  const settings = verificationSettings(caller, options);
  requireImageFeatures(caller, "a", a);
  requireImageFeatures(caller, "b", b);
  requireSameColumns(caller, "b.descriptors", b.descriptors, a.descriptors);
  return verify(a, b, settings);
}

export function verificationSettings(caller: string, options: VerifySpatiallyOptions): VerificationSettings {
  const { transform = "affine", matching = {}, estimation = {} } = options;
  requireOneOf(caller, "transform", transform, ["affine", "homography"]);
  return {
    transform,
    matching: matchingSettings(caller, { ...matching, maxDistance: matching.maxDistance ?? 0.9 }),
    estimation: estimationSettings(caller, transform, estimation),
  };
}

export function verify(
  a: ImageFeatures,
  b: ImageFeatures,
  { transform, matching, estimation }: VerificationSettings,
): SpatialVerification {
  const matches = findMatches(a.descriptors, b.descriptors, matching);
  const kind = transform === "affine" ? affineKind : homographyKind;
  return { matches, ...estimate(kind, matchedPoints(a, b, matches), estimation) };
}

function matchedPoints(a: ImageFeatures, b: ImageFeatures, { from, to }: DescriptorMatches): Correspondences {
  const points = { from: new Float32Array(2 * from.length), to: new Float32Array(2 * from.length) };
  for (let i = 0; i < from.length; i++) {
    points.from[2 * i] = a.locations[2 * from[i]!]!;
    points.from[2 * i + 1] = a.locations[2 * from[i]! + 1]!;
    points.to[2 * i] = b.locations[2 * to[i]!]!;
    points.to[2 * i + 1] = b.locations[2 * to[i]! + 1]!;
  }
  return points;
}
