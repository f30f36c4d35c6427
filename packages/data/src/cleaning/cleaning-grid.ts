import { requireInteger } from "../require.ts";
import { numberLabels } from "./label-numbers.ts";
import { imagesOfLabels, pairsOfRows } from "./select-verified.ts";
import { requireVerifiedPairs, type VerifiedPairs } from "./verified-pairs.ts";

/** Options of {@link cleaningGrid}. */
export interface CleaningGridOptions {
  /**
   * Least inliers of a pair.
   *
   * @defaultValue 20, 25, 30, 35, 40, 45 and 50, as in 2019
   */
  readonly minInliers?: readonly number[];
  /**
   * Least pairs of a row.
   *
   * @defaultValue 1 to 10, as in 2019
   */
  readonly minVerified?: readonly number[];
  /**
   * Least rows of a landmark.
   *
   * @defaultValue 2, as in 2019
   */
  readonly minImages?: number;
}

/** What two thresholds leave. */
export interface CleaningGridCell {
  readonly minInliers: number;
  readonly minVerified: number;
  readonly images: number;
  readonly landmarks: number;
}

/**
 * How many images and landmarks each choice of thresholds keeps, from one verification.
 *
 * Each cell counts what `selectVerified` would keep. On Google Landmarks v2, with 4,132,914 images of 203,094
 * landmarks, the authors' verification left 1,580,470 images of 81,313 landmarks at 30 inliers and 3 pairs, and 2,976,795
 * of 155,052 at 20 and 1; their scores hardly differ between 20 and 40 inliers and up to 3 pairs.
 *
 * @param pairs - All verified pairs.
 * @param labels - The label of every row.
 * @returns A cell for each choice: all `minVerified` of the first `minInliers`, then those of the next.
 * @throws RangeError if one of `minInliers` is not an integer of at least 0, one of `minVerified` or `minImages` of at
 * least 1, the columns of `pairs` differ in length, or its rows do not ascend or are not all in `labels`.
 *
 * @example
 * ```ts
 * import { cleaningGrid } from "@lmk/data";
 *
 * const pairs = { rows: Int32Array.of(0, 1), neighbors: Int32Array.of(1, 0), inliers: Int32Array.of(44, 38) };
 * const cells = cleaningGrid(pairs, Int32Array.of(5, 5), { minInliers: [30, 40], minVerified: [1] });
 * console.log(cells.map(({ images }) => images)); // => [ 2, 0 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo 2019, Large-scale Landmark Retrieval/Recognition}
 */
export function cleaningGrid(
  pairs: VerifiedPairs,
  labels: Int32Array,
  options: CleaningGridOptions = {},
): readonly CleaningGridCell[] {
  const {
    minInliers = [20, 25, 30, 35, 40, 45, 50],
    minVerified = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    minImages = 2,
  } = options;
  for (const value of minInliers) requireInteger("cleaningGrid", "minInliers", value, 0);
  for (const value of minVerified) requireInteger("cleaningGrid", "minVerified", value, 1);
  requireInteger("cleaningGrid", "minImages", minImages, 1);
  requireVerifiedPairs("cleaningGrid", pairs, labels.length);
  const numbers = numberLabels(labels);
  const cells: CleaningGridCell[] = [];
  for (const leastInliers of minInliers) {
    const pairCounts = pairsOfRows(pairs, labels.length, leastInliers);
    for (const leastVerified of minVerified) {
      const kept = imagesOfLabels(pairCounts, numbers, leastVerified).filter((count) => count >= minImages);
      const images = kept.reduce((sum, count) => sum + count, 0);
      cells.push({
        minInliers: leastInliers,
        minVerified: leastVerified,
        images,
        landmarks: kept.length,
      });
    }
  }
  return cells;
}
