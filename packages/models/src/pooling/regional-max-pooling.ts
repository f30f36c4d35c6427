import { addN, max, slice, type Tensor2D, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import { requireAbove, requirePositiveInteger, requireShape } from "../require.ts";
import { unitLength } from "../unit-length.ts";

/** Options of {@link regionalMaxPooling}. */
export interface RegionalMaxPoolingOptions {
  /**
   * Sizes of regions: level l has squares of side `⌊2 · min(H, W) / (l + 1)⌋`.
   *
   * @defaultValue 3
   */
  readonly levels?: number;
  /**
   * Overlap of neighboring regions that the number along the longer side comes closest to, between 0 and 1.
   *
   * @defaultValue 0.4
   */
  readonly overlap?: number;
  /**
   * Added to the lengths that vectors are divided by.
   *
   * @defaultValue 1e-6
   */
  readonly epsilon?: number;
}

/** A square of a feature map. */
interface Region {
  readonly top: number;
  readonly left: number;
  readonly side: number;
}

/**
 * Regional max pooling (R-MAC): the largest values of the whole map and of squares on several levels, each vector brought
 * to length 1, summed.
 *
 * On level l of L the squares have the side `⌊2 · min(H, W) / (l + 1)⌋`; l of them lie evenly along the shorter side of the map,
 * and along the longer as many more as bring the overlap of neighbors nearest to `overlap`. The sum is not brought to length 1
 * again.
 *
 * @param features - `[N, H, W, C]`.
 * @returns `[N, C]`; the caller disposes it.
 * @throws RangeError if `features` is not of rank 4, `levels` is not a whole number above 0, `epsilon` is not above 0, or
 * `overlap` is not between 0 and 1.
 *
 * @example
 * ```ts
 * import { regionalMaxPooling } from "@lmk/models";
 * import { tensor4d } from "@tensorflow/tfjs-core";
 *
 * regionalMaxPooling(tensor4d([3, 4], [1, 1, 1, 2])); // => [[1.2, 1.6]], the whole map and one region of one cell
 * ```
 *
 * @see {@link https://arxiv.org/abs/1511.05879 | Tolias et al., Particular object retrieval with integral max-pooling of
 * CNN activations}
 */
export function regionalMaxPooling(features: Tensor4D, options: RegionalMaxPoolingOptions = {}): Tensor2D {
  requireShape("regionalMaxPooling", "features", features.shape, ["N", "H", "W", "C"]);
  requireRegional("regionalMaxPooling", options);
  const { epsilon = 1e-6 } = options;
  const [batch, height, width, channels] = features.shape;
  return tidy(() => {
    const unit = (x: Tensor4D): Tensor2D => unitLength(max<Tensor2D>(x, [1, 2]), epsilon);
    const squares = regionsOf(height, width, options).map(({ top, left, side }) =>
      unit(slice(features, [0, top, left, 0], [batch, side, side, channels])),
    );
    return addN([unit(features), ...squares]);
  });
}

/** Refuses options of regions out of range. */
export function requireRegional(caller: string, options: RegionalMaxPoolingOptions): void {
  const { levels = 3, overlap = 0.4, epsilon = 1e-6 } = options;
  requirePositiveInteger(caller, "levels", levels);
  requireAbove(caller, "epsilon", epsilon);
  if (overlap >= 0 && overlap <= 1) return;
  throw new RangeError(`${caller}: expected \`overlap\` to be a number between 0 and 1, got ${overlap}`);
}

/**
 * The regions of R-MAC on a map of a size, with the float32 arithmetic of Radenović's implementation.
 *
 * Level l has l squares along the shorter side and l + m along the longer, where m, from 1 to 6, comes closest to the
 * overlap; a square map has m = 0.
 *
 * @returns The squares, level by level, by row; a level whose side is 0 has none.
 */
export function regionsOf(
  height: number,
  width: number,
  options: Pick<RegionalMaxPoolingOptions, "levels" | "overlap"> = {},
): Region[] {
  const { levels = 3, overlap = 0.4 } = options;
  const shorter = Math.min(height, width);
  const more = height === width ? 0 : moreAlong(Math.max(height, width), shorter, overlap);
  return Array.from({ length: levels }, (_, index) => index + 1).flatMap((level) => {
    const side = Math.floor((2 * shorter) / (level + 1));
    if (side === 0) return [];
    const tops = startsOf(height, side, level + (height > width ? more : 0));
    const lefts = startsOf(width, side, level + (height < width ? more : 0));
    return tops.flatMap((top) => lefts.map((left) => ({ top, left, side })));
  });
}

/** Regions that the longer side has more than the shorter. */
function moreAlong(longer: number, shorter: number, overlap: number): number {
  const area = shorter ** 2;
  const distances = [2, 3, 4, 5, 6, 7].map((steps) => {
    const shift = Math.fround((longer - shorter) / (steps - 1));
    const shared = Math.fround(Math.fround(area - Math.fround(shorter * shift)) / area);
    return Math.abs(Math.fround(shared - Math.fround(overlap)));
  });
  return distances.indexOf(Math.min(...distances)) + 1;
}

/** Where `count` regions of a side start, spread evenly over a length. */
function startsOf(length: number, side: number, count: number): number[] {
  const half = Math.floor(side / 2 - 1);
  const shift = count === 1 ? 0 : Math.fround((length - side) / (count - 1));
  return Array.from(
    { length: count },
    (_, i) => Math.floor(Math.fround(half + Math.fround(i * shift))) - half,
  );
}
