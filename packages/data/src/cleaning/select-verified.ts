import { requireInteger } from "../require.ts";
import { type LabelNumbers, numberLabels } from "./label-numbers.ts";
import { requireVerifiedPairs, type VerifiedPairs } from "./verified-pairs.ts";

/** What makes an image count as verified; the defaults are the published choice of 2019. */
export interface VerificationThresholds {
  /**
   * A pair counts from this many inliers on.
   *
   * @defaultValue 30
   */
  readonly minInliers?: number;
  /**
   * A row stays that has this many such pairs in its own list.
   *
   * @defaultValue 3
   */
  readonly minVerified?: number;
  /**
   * A landmark stays that has this many such rows.
   *
   * @defaultValue 2
   */
  readonly minImages?: number;
}

/** What is left of a data set. */
export interface CleaningCounts {
  readonly images: number;
  readonly landmarks: number;
  readonly pairs: number;
}

/** What is left behind each step; a step drops what the one before has more. */
export interface CleaningReport {
  /** Before anything: there are no pairs. */
  readonly all: CleaningCounts;
  /** Rows with a near row of the same label, and these pairs. */
  readonly candidates: CleaningCounts;
  /** Rows with a pair of `minInliers`, and these pairs. */
  readonly agreeing: CleaningCounts;
  /** Rows with `minVerified` such pairs. */
  readonly verified: CleaningCounts;
  /** Of these the rows of landmarks with `minImages`. */
  readonly kept: CleaningCounts;
}

/** The rows that stay. */
export interface VerifiedSelection {
  /** Ascending. */
  readonly rows: Int32Array;
  readonly report: CleaningReport;
}

/**
 * Keeps the rows that enough others of their label agree with.
 *
 * ```text
 * n(row) = pairs of the row with inliers >= minInliers
 * kept   = rows with n(row) >= minVerified, of labels with >= minImages such rows
 * ```
 *
 * Only the pairs in a row's own list count for it. Rows without pairs are never kept.
 *
 * @param pairs - All verified pairs.
 * @param labels - The label of every row.
 * @throws RangeError if `minInliers` is not an integer of at least 0, `minVerified` or `minImages` of at least 1, the
 * columns of `pairs` differ in length, or its rows do not ascend or are not all in `labels`.
 *
 * @example
 * ```ts
 * import { selectVerified } from "@lmk/data";
 *
 * const labels = Int32Array.of(5, 5, 5);
 * const rows = Int32Array.of(0, 0, 1, 1, 2, 2);
 * const neighbors = Int32Array.of(1, 2, 0, 2, 0, 1);
 * const inliers = Int32Array.of(44, 3, 41, 0, 2, 1);
 * const selection = selectVerified({ rows, neighbors, inliers }, labels, { minVerified: 1 });
 * console.log([...selection.rows], selection.report.kept); // => [ 0, 1 ] { images: 2, landmarks: 1, pairs: 2 }
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo 2019, Large-scale Landmark Retrieval/Recognition}
 */
export function selectVerified(
  pairs: VerifiedPairs,
  labels: Int32Array,
  thresholds: VerificationThresholds = {},
): VerifiedSelection {
  const { minInliers = 30, minVerified = 3, minImages = 2 } = thresholds;
  const caller = "selectVerified";
  requireInteger(caller, "minInliers", minInliers, 0);
  requireInteger(caller, "minVerified", minVerified, 1);
  requireInteger(caller, "minImages", minImages, 1);
  requireVerifiedPairs(caller, pairs, labels.length);
  const numbers = numberLabels(labels);
  const candidates = pairsOfRows(pairs, labels.length, 0);
  const agreeing = pairsOfRows(pairs, labels.length, minInliers);
  const verified = agreeing.map((count) => (count >= minVerified ? count : 0));
  const images = imagesOfLabels(verified, numbers, 1);
  const kept = verified.map((count, row) => (images[numbers.ofRow[row]] >= minImages ? count : 0));
  return {
    rows: Int32Array.from(kept.keys()).filter((row) => kept[row] > 0),
    report: {
      all: { images: labels.length, landmarks: numbers.count, pairs: 0 },
      candidates: countsOf(candidates, numbers),
      agreeing: countsOf(agreeing, numbers),
      verified: countsOf(verified, numbers),
      kept: countsOf(kept, numbers),
    },
  };
}

/** For each row its pairs with at least `minInliers` inliers. */
export function pairsOfRows(
  { rows, inliers }: VerifiedPairs,
  rowCount: number,
  minInliers: number,
): Int32Array {
  const counts = new Int32Array(rowCount);
  for (let i = 0; i < rows.length; i++) {
    if (inliers[i] >= minInliers) counts[rows[i]] += 1;
  }
  return counts;
}

/** For each label its rows with at least `minVerified` pairs. */
export function imagesOfLabels(
  pairCounts: Int32Array,
  { ofRow, count }: LabelNumbers,
  minVerified: number,
): Int32Array {
  const images = new Int32Array(count);
  for (let row = 0; row < pairCounts.length; row++) {
    if (pairCounts[row] >= minVerified) images[ofRow[row]] += 1;
  }
  return images;
}

function countsOf(pairCounts: Int32Array, numbers: LabelNumbers): CleaningCounts {
  const perLabel = imagesOfLabels(pairCounts, numbers, 1);
  return {
    images: perLabel.reduce((sum, images) => sum + images, 0),
    landmarks: perLabel.reduce((sum, images) => (images > 0 ? sum + 1 : sum), 0),
    pairs: pairCounts.reduce((sum, pairs) => sum + pairs, 0),
  };
}
