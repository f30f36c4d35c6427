// DELG and the cleaning of 2019 ask a k-d tree, exact up to ties, which it breaks by the order of its leaves; here all
// inner products are computed, and of equally near descriptors the first counts.

import type { Matrix } from "../matrix.ts";
import { innerProducts } from "../products/inner-products.ts";
import { requireMatrix, requireOneOf } from "../require.ts";
import { distanceOf, nearestColumns, nearestRows } from "./nearest-descriptors.ts";

/** Options of {@link matchDescriptors}. */
export interface MatchDescriptorsOptions {
  /**
   * Whether each row of `a` is matched with its nearest row of `b`, which several may share, or only where it is that
   * row's nearest in turn.
   *
   * @defaultValue "nearest", as in DELG and in the cleaning of 2019
   */
  readonly mode?: "nearest" | "mutual";
  /**
   * The distance: `|x - y|`, or `1 - cos(x, y)`, which is 1 if either is zero.
   *
   * @defaultValue "euclidean", as in the originals
   */
  readonly metric?: "euclidean" | "cosine";
  /**
   * Only pairs below this distance match; above 0.
   *
   * @defaultValue Infinity; DELG has 0.9, the cleaning of 2019 0.8, both of unit rows
   */
  readonly maxDistance?: number;
  /**
   * Only pairs match whose distance is below this share of that of the second nearest row; above 0. A row of `b` that is
   * the only one is below any share.
   *
   * @defaultValue Infinity, which is no such test; Lowe has 0.8
   */
  readonly maxRatio?: number;
  /**
   * What the pairs are sorted by, smallest first: their distance, or its ratio to that of the second nearest row.
   *
   * @defaultValue "distance"
   */
  readonly sortBy?: "distance" | "ratio";
}

/** Pairs of rows, best first. */
export interface DescriptorMatches {
  /** Rows of `a`. */
  readonly from: Int32Array;
  /** Rows of `b`. */
  readonly to: Int32Array;
  /** The distance of each pair. */
  readonly distances: Float64Array;
}

/**
 * Pairs of local descriptors of two images that are nearest to one another.
 *
 * Of equally near rows the first is nearest; pairs of equal quality are in the order of rows of `a`. Nearest rows are
 * found with inner products in float32, whose error of about 1e-7 · |x| |y| may decide between rows that are all but
 * equally near; distances are then computed anew in float64. Memory: `4 a.rows b.rows` bytes.
 *
 * To match as the cleaning of 2019 does, from the second image to the first, pass them in that order.
 *
 * @param a - Descriptors of the first image, a row each.
 * @param b - Those of the second image, with as many columns.
 * @throws RangeError if shapes do not fit, a number is not finite, or an option is out of range.
 *
 * @example
 * ```ts
 * import { matchDescriptors } from "@lmk/rerank/geometry";
 *
 * const a = { data: Float32Array.of(1, 0, 0, 1, 0.6, 0.8), rows: 3, columns: 2 };
 * const b = { data: Float32Array.of(0, 1, 1, 0), rows: 2, columns: 2 };
 * const { from, to } = matchDescriptors(a, b);
 * console.log([...from], [...to]); // => [ 0, 1, 2 ] [ 1, 0, 0 ]
 * ```
 *
 * @see Lowe 2004, Distinctive Image Features from Scale-Invariant Keypoints, section 7.1
 */
export function matchDescriptors(
  a: Matrix,
  b: Matrix,
  options: MatchDescriptorsOptions = {},
): DescriptorMatches {
  const settings = matchingSettings("matchDescriptors", options);
  requireDescriptors("matchDescriptors", "a", a);
  requireDescriptors("matchDescriptors", "b", b);
  if (b.columns !== a.columns) {
    throw new RangeError(
      `matchDescriptors: expected \`b\` to have ${a.columns} columns as \`a\` has, got ${b.columns}`,
    );
  }
  return findMatches(a, b, settings);
}

/** All that matching is told, in a form that threads can be sent. */
export interface MatchingSettings {
  readonly mutual: boolean;
  readonly cosine: boolean;
  readonly maxDistance: number;
  readonly maxRatio: number;
  readonly byRatio: boolean;
}

/** Checks options and fills in defaults. */
export function matchingSettings(caller: string, options: MatchDescriptorsOptions): MatchingSettings {
  const {
    mode = "nearest",
    metric = "euclidean",
    maxDistance = Infinity,
    maxRatio = Infinity,
    sortBy = "distance",
  } = options;
  requireOneOf(caller, "mode", mode, ["nearest", "mutual"]);
  requireOneOf(caller, "metric", metric, ["euclidean", "cosine"]);
  requirePositive(caller, "maxDistance", maxDistance);
  requirePositive(caller, "maxRatio", maxRatio);
  requireOneOf(caller, "sortBy", sortBy, ["distance", "ratio"]);
  return {
    mutual: mode === "mutual",
    cosine: metric === "cosine",
    maxDistance,
    maxRatio,
    byRatio: sortBy === "ratio",
  };
}

export function requireDescriptors(caller: string, argument: string, matrix: Matrix): void {
  requireMatrix(caller, argument, matrix);
  const { data, columns } = matrix;
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i]!)) {
      throw new RangeError(
        `${caller}: expected \`${argument}\` to be finite, got ${data[i]} in row ${Math.floor(i / columns)}`,
      );
    }
  }
}

export function findMatches(a: Matrix, b: Matrix, settings: MatchingSettings): DescriptorMatches {
  const { mutual, cosine, maxDistance, maxRatio, byRatio } = settings;
  const products = innerProducts(a, b);
  const nearest = nearestColumns(products, a.rows, b, cosine);
  const back = mutual ? nearestRows(products, a, b.rows, cosine) : undefined;
  const rows: number[] = [];
  const distances = new Float64Array(a.rows);
  const qualities = new Float64Array(a.rows);
  for (let row = 0; row < a.rows; row++) {
    const column = nearest[2 * row]!;
    const second = nearest[2 * row + 1]!;
    if (column < 0 || (back !== undefined && back[column] !== row)) continue;
    const distance = distanceOf(a, row, b, column, cosine);
    if (!(distance < maxDistance)) continue;
    const ratio = second < 0 ? 0 : ratioOf(distance, distanceOf(a, row, b, second, cosine));
    if (!(ratio < maxRatio)) continue;
    distances[row] = distance;
    qualities[row] = byRatio ? ratio : distance;
    rows.push(row);
  }
  const from = Int32Array.from(rows).sort((i, j) => qualities[i]! - qualities[j]! || i - j);
  return {
    from,
    to: Int32Array.from(from, (row) => nearest[2 * row]!),
    distances: Float64Array.from(from, (row) => distances[row]!),
  };
}

/** Two that are equally near, also at distance 0, are no better one than the other. */
function ratioOf(distance: number, second: number): number {
  return distance < second ? distance / second : 1;
}

function requirePositive(caller: string, argument: string, value: number): void {
  if (!(value > 0)) {
    throw new RangeError(`${caller}: expected \`${argument}\` to be above 0, got ${value}`);
  }
}
