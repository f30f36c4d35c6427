import { type Pixels, requirePixels } from "../../images/pixels.ts";
import { requireAbove, requireName, requirePositiveInteger } from "../../require.ts";
import { createHistogram, descriptorLength } from "./descriptor.ts";
import { describeFeature, type Feature, findFeatures } from "./features.ts";
import { grayPlane } from "./gaussian-pyramid.ts";
import { type DescriptorNormalization, normalizeInto } from "./normalization.ts";

/** Options of {@link detectSift}. */
export interface DetectSiftOptions {
  /**
   * The most features to keep, those with the largest responses.
   *
   * @defaultValue 1000, what the first-place solution of 2019 kept of DELF; `Number.MAX_SAFE_INTEGER` keeps all, as OpenCV does
   */
  readonly limit?: number;
  /**
   * Scales in an octave at which features are found.
   *
   * @defaultValue 3, of Lowe, section 3.2
   */
  readonly octaveLayers?: number;
  /**
   * Features with a response below `contrastThreshold / octaveLayers` are left out.
   *
   * @defaultValue 0.04, OpenCV's; 0.09 is Lowe's 0.03 a layer
   */
  readonly contrastThreshold?: number;
  /**
   * The largest ratio of the curvatures across and along that is not yet an edge.
   *
   * @defaultValue 10, of Lowe, section 4.1
   */
  readonly edgeThreshold?: number;
  /**
   * Blur of the first layer of each octave, in its pixels.
   *
   * @defaultValue 1.6, of Lowe, section 3.3
   */
  readonly sigma?: number;
  /**
   * Starts at twice the image's sides, as Lowe and OpenCV do: smaller and more features, at four times the time and memory.
   *
   * @defaultValue true
   */
  readonly doubled?: boolean;
  /**
   * Leaves out the search for orientations: every angle is 0. For photos that all stand upright.
   *
   * @defaultValue false
   */
  readonly upright?: boolean;
  /**
   * What is done with each descriptor `d` of unit length: `root` gives `√(d / Σ d)` (RootSIFT), `l2` gives d, and `opencv` the
   * whole numbers `512 d`, 255 at most, that OpenCV gives.
   *
   * @defaultValue "root", of Arandjelović and Zisserman
   */
  readonly normalization?: DescriptorNormalization;
}

/** Local features of an image, the largest response first. */
export interface SiftFeatures {
  /** x and y of each feature, in pixels: 0, 0 is the middle of the first pixel. */
  readonly points: Float32Array;
  /** Diameter of each feature, `2σ` of its scale, in pixels. */
  readonly sizes: Float32Array;
  /** Direction of each feature in degrees, 0 to below 360, clockwise from the x axis in an image whose rows go down. */
  readonly angles: Float32Array;
  /** How far the difference of Gaussians at each feature is from 0, in parts of 255. */
  readonly responses: Float32Array;
  /** A row of 128 values for each feature. */
  readonly descriptors: { readonly data: Float32Array; readonly rows: number; readonly columns: number };
}

/**
 * SIFT: extrema of differences of Gaussians, each with a scale, a direction and a descriptor of the gradients around it.
 *
 * ```text
 * D(x, y, σ) = G(kσ) * I - G(σ) * I,   k = 2^(1 / octaveLayers)
 * feature:     |D| is the largest of its 26 neighbors, moved by -H⁻¹ ∇D, not weak, not on an edge
 * descriptor:  4 × 4 cells × 8 directions of gradients, unit length, cut at 0.2, unit length; RootSIFT: √(d / Σ d)
 * ```
 *
 * A port of the algorithm as OpenCV runs it (`cv2.SIFT_create`), with its constants, borders and rounding of weights: nearly
 * all features are the same, and a difference comes from the order of float32 sums. Not as in OpenCV:
 * at most `limit` features, where OpenCV keeps all that tie with the last; features ordered by response, where
 * OpenCV orders by place; channels are read as red, green, blue. As in OpenCV, and against what {@link SiftFeatures.points}
 * says, points lie ¼ pixel right of and below their place where the image is doubled, which no match between two images
 * notices.
 *
 * Takes `16 w h (4 (L + 3) / 3 + L + 2)` bytes with L `octaveLayers`, 208 for each pixel of the image at 3, and a quarter of
 * it without doubling: photos of many megapixels are better resized before. Runs on one thread, needs no weights and
 * nothing of the platform: a browser and a worker will do, which import it from `@lmk/models`, since the rest of
 * `@lmk/models/local-features` needs Node.
 *
 * @param image - 1 channel (gray), 3 (RGB) or 4 (RGBA, the last one ignored)
 * @returns Features by falling response, of equal ones from the left. An image without structure, or with a side below 6
 * pixels (11 without doubling), has none.
 * @throws RangeError if the image's bytes do not fit its sides, it has 2 channels, or an option is out of its range.
 * @throws TypeError if `data` is not a Uint8Array.
 *
 * @example
 * ```ts
 * import { detectSift } from "@lmk/models";
 *
 * const data = new Uint8Array(32 * 32);
 * for (let i = 0; i < data.length; i++) {
 *   const square = ((i % 32) - 14) ** 2 + (Math.floor(i / 32) - 17) ** 2;
 *   data[i] = 255 * Math.exp(-square / 18);
 * }
 * const { points, descriptors } = detectSift({ data, width: 32, height: 32, channels: 1 }, { upright: true });
 * [...points].map(Math.round); // => [14, 17]
 * descriptors.rows; // => 1
 * ```
 *
 * @see {@link https://www.cs.ubc.ca/~lowe/papers/ijcv04.pdf | Lowe 2004}, the algorithm
 * @see {@link https://www.robots.ox.ac.uk/~vgg/publications/2012/Arandjelovic12/arandjelovic12.pdf | Arandjelović and Zisserman 2012}, RootSIFT
 * @see {@link https://docs.opencv.org/4.x/d7/d60/classcv_1_1SIFT.html | OpenCV's SIFT}
 */
export function detectSift(image: Pixels, options: DetectSiftOptions = {}): SiftFeatures {
  const {
    limit = 1000,
    octaveLayers = 3,
    contrastThreshold = 0.04,
    edgeThreshold = 10,
    sigma = 1.6,
    doubled = true,
    upright = false,
    normalization = "root",
  } = options;
  requireImage(image);
  requirePositiveInteger("detectSift", "limit", limit);
  requirePositiveInteger("detectSift", "octaveLayers", octaveLayers);
  requireThreshold(contrastThreshold);
  requireAbove("detectSift", "edgeThreshold", edgeThreshold);
  requireAbove("detectSift", "sigma", sigma);
  requireName("detectSift", "normalization", normalization, normalizeInto);
  const settings = { octaveLayers, contrastThreshold, edgeThreshold, sigma, doubled, upright };
  const features = findFeatures(grayPlane(image), limit, settings);
  return {
    points: Float32Array.from(features.flatMap(({ x, y }) => [x, y])),
    sizes: Float32Array.from(features, ({ size }) => size),
    angles: Float32Array.from(features, ({ angle }) => angle),
    responses: Float32Array.from(features, ({ response }) => response),
    descriptors: describe(features, normalization),
  };
}

function describe(
  features: readonly Feature[],
  normalization: DescriptorNormalization,
): SiftFeatures["descriptors"] {
  const data = new Float32Array(features.length * descriptorLength);
  const histogram = createHistogram();
  const descriptor = new Float64Array(descriptorLength);
  features.forEach((feature, row) => {
    describeFeature(descriptor, histogram, feature);
    normalizeInto[normalization](
      data.subarray(row * descriptorLength, (row + 1) * descriptorLength),
      descriptor,
    );
  });
  return { data, rows: features.length, columns: descriptorLength };
}

function requireImage(image: Pixels): void {
  requirePixels("detectSift", image);
  if (image.channels !== 2) return;
  throw new RangeError("detectSift: expected `channels` to be 1, 3 or 4, got 2");
}

function requireThreshold(value: number): void {
  if (Number.isFinite(value) && value >= 0) return;
  throw new RangeError(
    `detectSift: expected \`contrastThreshold\` to be a finite number, 0 or above, got ${value}`,
  );
}
