import { requireOneOf, requirePositiveInteger } from "../require.ts";
import type { RansacSettings } from "./ransac.ts";

/** Options of {@link estimateAffine} and {@link estimateHomography}. */
export interface EstimationOptions {
  /**
   * A pair whose error is at most this agrees with a transform; in pixels, above 0.
   *
   * @defaultValue 10 for an affine transform, as in DELG (20 in the data cleaning of 2019); 4 for a homography, as in the
   * second places of 2020 and 2021
   */
  readonly maxError?: number;
  /**
   * What the error is: the distance in the second image between the match and where the transform takes the point
   * (`one-way`), or the root of the mean of its square and of that of the way back, in the first image (`symmetric`).
   *
   * @defaultValue "one-way", as in the originals
   */
  readonly error?: "one-way" | "symmetric";
  /**
   * Stops once a better sample is less likely than 1 minus this; above 0, and with 1 all iterations are made.
   *
   * @defaultValue 0.99, as in the second places of 2020 and 2021
   */
  readonly confidence?: number;
  /**
   * Samples that are drawn at most, those counted that are passed over as degenerate.
   *
   * @defaultValue 1000, as in all originals
   */
  readonly maxIterations?: number;
  /**
   * Whether samples come from all pairs alike or from the first pairs first, and from more and more of them (PROSAC):
   * for pairs in order of quality, best first, as {@link matchDescriptors} gives them.
   *
   * @defaultValue "progressive"
   */
  readonly sampling?: "progressive" | "uniform";
  /**
   * Whether each new best transform is fitted to its inliers by least squares, as long as that finds more (LO-RANSAC),
   * and the last one is that of least squares.
   *
   * @defaultValue true
   */
  readonly localOptimization?: boolean;
  /**
   * With fewer inliers than this there are none; at least 0. A sample always agrees with its own transform: 3 pairs with
   * an affine one, 4 with a homography.
   *
   * @defaultValue 4 for an affine transform, 5 for a homography: DELG and the second place of 2020 want one match more
   * than a sample
   */
  readonly minimumInliers?: number;
  /**
   * Whether a point counts once: of inliers that share a point in either image the first counts. False counts each pair,
   * as all originals do; 27 matches with one and the same point are then 27 inliers.
   *
   * @defaultValue true
   */
  readonly oneToOne?: boolean;
  /**
   * Least scale: the root of the determinant of the transform's derivative, at each pair it is fitted to. Above 0.
   *
   * @defaultValue 0.05; the originals have no bound
   */
  readonly minimumScale?: number;
  /**
   * Largest scale.
   *
   * @defaultValue 20; the originals have no bound
   */
  readonly maximumScale?: number;
  /**
   * Whether the transform may mirror the image.
   *
   * @defaultValue false; the originals allow it
   */
  readonly allowReflection?: boolean;
  /**
   * Seeds the samples; an integer of at least 0.
   *
   * @defaultValue 0
   */
  readonly seed?: number;
}

/** All that an estimation is told, in a form that threads can be sent. */
export interface EstimationSettings extends RansacSettings {
  readonly seed: number;
}

/** Checks options and fills in defaults. */
export function estimationSettings(
  caller: string,
  transform: "affine" | "homography",
  options: EstimationOptions,
): EstimationSettings {
  const {
    maxError = transform === "affine" ? 10 : 4,
    error = "one-way",
    confidence = 0.99,
    maxIterations = 1000,
    sampling = "progressive",
    localOptimization = true,
    minimumInliers = transform === "affine" ? 4 : 5,
    oneToOne = true,
    minimumScale = 0.05,
    maximumScale = 20,
    allowReflection = false,
    seed = 0,
  } = options;
  requireAbove(caller, "maxError", maxError, 0);
  requireOneOf(caller, "error", error, ["one-way", "symmetric"]);
  if (!(confidence > 0 && confidence <= 1)) {
    throw new RangeError(`${caller}: expected \`confidence\` to be above 0 and at most 1, got ${confidence}`);
  }
  requirePositiveInteger(caller, "maxIterations", maxIterations);
  requireOneOf(caller, "sampling", sampling, ["progressive", "uniform"]);
  requireCount(caller, "minimumInliers", minimumInliers);
  requireAbove(caller, "minimumScale", minimumScale, 0);
  requireAbove(caller, "maximumScale", maximumScale, minimumScale);
  requireCount(caller, "seed", seed);
  return {
    maxError,
    confidence,
    maxIterations,
    minimumInliers,
    localOptimization,
    progressive: sampling === "progressive",
    symmetric: error === "symmetric",
    oneToOne,
    minimumScale,
    maximumScale,
    allowReflection,
    seed,
  };
}

function requireAbove(caller: string, argument: string, value: number, limit: number): void {
  if (!(value > limit && value < Infinity)) {
    throw new RangeError(`${caller}: expected \`${argument}\` to be a number above ${limit}, got ${value}`);
  }
}

function requireCount(caller: string, argument: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`${caller}: expected \`${argument}\` to be a count, got ${value}`);
  }
}
