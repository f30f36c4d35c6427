import { requireLength } from "../require.ts";
import type { Matrix } from "./matrix.ts";

/** Options of {@link matchDescriptors}. */
export interface MatchDescriptorsOptions {
  /**
   * Descriptors match whose distance is below this.
   *
   * @defaultValue 0.8, as for DELF in 2019
   */
  readonly maxDistance?: number;
}

/** Rows that match: `a[i]` of the first matrix and `b[i]` of the second. */
export interface Matches {
  readonly a: Int32Array;
  /** Ascending. */
  readonly b: Int32Array;
}

/**
 * Finds for each descriptor of `b` the nearest of `a`, in Euclidean distance.
 *
 * One direction, and no test against the second nearest: several rows of `b` may match one of `a`. Of equally near rows
 * the first counts. A distance of exactly `maxDistance` is no match, as with SciPy's `distance_upper_bound`, and a
 * descriptor that holds NaN matches nothing.
 *
 * Every pair is compared, by `|a - b|² = |a|² + |b|² - 2 a·b` in double precision.
 *
 * @param a - A descriptor a row.
 * @param b - Descriptors of the same length.
 * @throws RangeError if the two differ in `columns`, `data` has not `rows * columns` values, or `maxDistance` is not
 * above 0.
 *
 * @example
 * ```ts
 * import { matchDescriptors } from "@lmk/data";
 *
 * const a = { data: Float32Array.of(0, 0, 1, 0), rows: 2, columns: 2 };
 * const b = { data: Float32Array.of(0.9, 0, 3, 3, 0.2, 0.1), rows: 3, columns: 2 };
 * matchDescriptors(a, b); // => { a: [1, 0], b: [0, 2] }
 * ```
 */
export function matchDescriptors(a: Matrix, b: Matrix, options: MatchDescriptorsOptions = {}): Matches {
  const { maxDistance = 0.8 } = options;
  requireMatrices(a, b);
  if (!(maxDistance > 0)) {
    throw new RangeError(`matchDescriptors: expected \`maxDistance\` to be above 0, got ${maxDistance}`);
  }
  const normsOfA = squaredNorms(a);
  const normsOfB = squaredNorms(b);
  const panel = new Float64Array(panelRows * b.columns);
  const products = new Float64Array(panelRows * a.rows);
  const matched = { a: new Int32Array(b.rows), b: new Int32Array(b.rows) };
  let count = 0;
  for (let row = 0; row < b.rows; row++) {
    const place = row % panelRows;
    if (place === 0) {
      packInto(panel, b, row);
      productsInto(products, panel, a);
    }
    let nearest = -1;
    let least = maxDistance * maxDistance - normsOfB[row];
    for (let i = 0; i < a.rows; i++) {
      const distance = normsOfA[i] - 2 * products[panelRows * i + place];
      if (distance < least) {
        least = distance;
        nearest = i;
      }
    }
    if (nearest < 0) continue;
    matched.a[count] = nearest;
    matched.b[count] = row;
    count += 1;
  }
  return { a: matched.a.slice(0, count), b: matched.b.slice(0, count) };
}

/** Rows of `b` that are compared at once: their sums with two rows of `a` fit into the registers. */
const panelRows = 4;

/** Interleaves rows: `panel[4 * column + i]` is column `column` of row `first + i`, zero where there is none. */
function packInto(panel: Float64Array, { data, rows, columns }: Matrix, first: number): void {
  panel.fill(0);
  for (let i = 0; i < Math.min(panelRows, rows - first); i++) {
    for (let column = 0; column < columns; column++) {
      panel[panelRows * column + i] = data[(first + i) * columns + column];
    }
  }
}

/** `products[4 * row + i]` becomes the inner product of a row of `a` and the panel's row `i`. */
function productsInto(products: Float64Array, panel: Float64Array, { data, rows, columns }: Matrix): void {
  for (let row = 0; row < rows; row += 2) {
    // The last of an odd number is taken twice.
    const other = Math.min(row + 1, rows - 1);
    const start = row * columns;
    const otherStart = other * columns;
    let x0 = 0;
    let x1 = 0;
    let x2 = 0;
    let x3 = 0;
    let y0 = 0;
    let y1 = 0;
    let y2 = 0;
    let y3 = 0;
    let place = 0;
    for (let column = 0; column < columns; column++) {
      const x = data[start + column];
      const y = data[otherStart + column];
      const b0 = panel[place];
      const b1 = panel[place + 1];
      const b2 = panel[place + 2];
      const b3 = panel[place + 3];
      x0 += b0 * x;
      x1 += b1 * x;
      x2 += b2 * x;
      x3 += b3 * x;
      y0 += b0 * y;
      y1 += b1 * y;
      y2 += b2 * y;
      y3 += b3 * y;
      place += panelRows;
    }
    products[panelRows * row] = x0;
    products[panelRows * row + 1] = x1;
    products[panelRows * row + 2] = x2;
    products[panelRows * row + 3] = x3;
    products[panelRows * other] = y0;
    products[panelRows * other + 1] = y1;
    products[panelRows * other + 2] = y2;
    products[panelRows * other + 3] = y3;
  }
}

function squaredNorms({ data, rows, columns }: Matrix): Float64Array {
  const norms = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let i = row * columns; i < (row + 1) * columns; i++) norms[row] += data[i] * data[i];
  }
  return norms;
}

function requireMatrices(a: Matrix, b: Matrix): void {
  requireLength("matchDescriptors", "a.data", a.data.length, a.rows * a.columns);
  requireLength("matchDescriptors", "b.data", b.data.length, b.rows * b.columns);
  if (a.columns === b.columns) return;
  throw new RangeError(`matchDescriptors: expected \`b\` to have ${a.columns} columns, got ${b.columns}`);
}
