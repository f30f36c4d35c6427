import { requireInteger, requireLength } from "../require.ts";
import { type AffineInliersOptions, affineInliers } from "./affine-inliers.ts";
import { type MatchDescriptorsOptions, matchDescriptors } from "./match-descriptors.ts";
import type { Matrix } from "./matrix.ts";
import type { Verify } from "./verify-pairs.ts";

/** What is known of places in an image. */
export interface LocalFeatures {
  /** x and y of each place, in pixels. */
  readonly points: Float32Array;
  /** A descriptor of each place. */
  readonly descriptors: Matrix;
}

/** Options of {@link affineVerifier}. */
export interface AffineVerifierOptions
  extends MatchDescriptorsOptions,
    Omit<AffineInliersOptions, "samples"> {
  /**
   * Images whose features are kept for their next pair; the longest unused one makes room.
   *
   * @defaultValue 1000, which is 160 MB with 1000 descriptors of 40 numbers
   */
  readonly cacheSize?: number;
}

/**
 * Verifies pairs of images by their local features: matches of `matchDescriptors` that agree by `affineInliers`.
 *
 * The row is the first image and its neighbor the second. A pair's count depends on its two images and the options
 * alone, as each pair begins the random numbers of `seed` anew. An image without features agrees with none.
 *
 * @param features - Gives the features of a row: reads them, or computes them. What it throws, `verify` throws.
 * @returns A function for `verifyPairs` and `cleanByVerification`.
 * @throws RangeError if `cacheSize` is not an integer of at least 1, or as `matchDescriptors` and `affineInliers`. `verify`
 * throws RangeError if an image has not two numbers in `points` for each descriptor.
 *
 * @example
 * ```ts
 * import { affineVerifier } from "@lmk/data";
 *
 * const points = Float32Array.of(0, 0, 90, 0, 0, 90, 90, 90);
 * const descriptors = { data: Float32Array.of(0, 0, 5, 0, 0, 5, 5, 5), rows: 4, columns: 2 };
 * const verify = affineVerifier(() => ({ points, descriptors }));
 * console.log([...(await verify(0, Int32Array.of(1, 2)))]); // => [ 4, 4 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo 2019, Large-scale Landmark Retrieval/Recognition}
 */
export function affineVerifier(
  features: (row: number) => LocalFeatures | Promise<LocalFeatures>,
  options: AffineVerifierOptions = {},
): Verify {
  const { cacheSize = 1000 } = options;
  requireInteger("affineVerifier", "cacheSize", cacheSize, 1);
  // Refuses bad options before the first pair.
  matchDescriptors(nothing, nothing, options);
  affineInliers(nothing.data, nothing.data, options);
  const featuresOf = cached(async (row) => requireFeatures(await features(row)), cacheSize);
  return async (row, neighborRows) => {
    const image = await featuresOf(row);
    const inliers = new Int32Array(neighborRows.length);
    for (const [i, neighbor] of neighborRows.entries()) {
      inliers[i] = agreement(image, await featuresOf(neighbor), options);
    }
    return inliers;
  };
}

const nothing: Matrix = { data: new Float32Array(0), rows: 0, columns: 0 };

function agreement(a: LocalFeatures, b: LocalFeatures, options: AffineVerifierOptions): number {
  if (a.descriptors.rows === 0 || b.descriptors.rows === 0) return 0;
  const matches = matchDescriptors(a.descriptors, b.descriptors, options);
  return affineInliers(pointsAt(a.points, matches.a), pointsAt(b.points, matches.b), options).count;
}

function pointsAt(points: Float32Array, rows: Int32Array): Float32Array {
  const chosen = new Float32Array(2 * rows.length);
  for (let i = 0; i < rows.length; i++) {
    chosen[2 * i] = points[2 * rows[i]];
    chosen[2 * i + 1] = points[2 * rows[i] + 1];
  }
  return chosen;
}

/** Keeps the results of the `size` rows that were asked for last; a failure is not kept. */
function cached<T>(read: (row: number) => Promise<T>, size: number): (row: number) => Promise<T> {
  const kept = new Map<number, Promise<T>>();
  return (row) => {
    const known = kept.get(row);
    const result = known ?? read(row);
    kept.delete(row);
    kept.set(row, result);
    if (known === undefined) {
      result.catch(() => kept.delete(row));
      if (kept.size > size) kept.delete(kept.keys().next().value as number);
    }
    return result;
  };
}

function requireFeatures(features: LocalFeatures): LocalFeatures {
  requireLength("affineVerifier", "points", features.points.length, 2 * features.descriptors.rows);
  return features;
}
