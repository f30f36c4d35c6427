import { smallestEigenvector } from "./smallest-eigenvector.ts";

const normal = new Float64Array(81);
const vectors = new Float64Array(81);
const sums = new Float64Array(24);

/**
 * The direct linear transform with Hartley's scaling: the vector of least |A h| with |h| = 1, by the normal matrix AᵀA,
 * whose blocks are sums of p pᵀ, u p pᵀ, v p pᵀ and (u² + v²) p pᵀ. False where points do not spread.
 */
export function solveHomography(
  points: Float64Array,
  selected: Int32Array,
  count: number,
  model: Float64Array,
): boolean {
  let x0 = 0;
  let y0 = 0;
  let u0 = 0;
  let v0 = 0;
  for (let s = 0; s < count; s++) {
    const i = 4 * selected[s]!;
    x0 += points[i]!;
    y0 += points[i + 1]!;
    u0 += points[i + 2]!;
    v0 += points[i + 3]!;
  }
  x0 /= count;
  y0 /= count;
  u0 /= count;
  v0 /= count;
  let fromSpread = 0;
  let toSpread = 0;
  for (let s = 0; s < count; s++) {
    const i = 4 * selected[s]!;
    const x = points[i]! - x0;
    const y = points[i + 1]! - y0;
    const u = points[i + 2]! - u0;
    const v = points[i + 3]! - v0;
    fromSpread += Math.sqrt(x * x + y * y);
    toSpread += Math.sqrt(u * u + v * v);
  }
  if (!(fromSpread > 0 && toSpread > 0)) return false;
  const a = (Math.SQRT2 * count) / fromSpread;
  const b = (Math.SQRT2 * count) / toSpread;
  addUp(points, selected, count, x0, y0, a, u0, v0, b);
  fillNormal();
  const start = smallestEigenvector(normal, vectors, 9);
  // Back from the scaled coordinates: first those of the first image, then those of the second.
  for (let row = 0; row < 3; row++) {
    const hx = vectors[start + 3 * row]! * a;
    const hy = vectors[start + 3 * row + 1]! * a;
    model[3 * row] = hx;
    model[3 * row + 1] = hy;
    model[3 * row + 2] = vectors[start + 3 * row + 2]! - hx * x0 - hy * y0;
  }
  for (let column = 0; column < 3; column++) {
    const w = model[6 + column]!;
    model[column] = model[column]! / b + u0 * w;
    model[3 + column] = model[3 + column]! / b + v0 * w;
  }
  return true;
}

/** The 4 x 6 sums: weights 1, u, v, u² + v² of xx, xy, x, yy, y, 1. */
function addUp(
  points: Float64Array,
  selected: Int32Array,
  count: number,
  x0: number,
  y0: number,
  a: number,
  u0: number,
  v0: number,
  b: number,
): void {
  sums.fill(0);
  for (let s = 0; s < count; s++) {
    const i = 4 * selected[s]!;
    const x = (points[i]! - x0) * a;
    const y = (points[i + 1]! - y0) * a;
    const u = (points[i + 2]! - u0) * b;
    const v = (points[i + 3]! - v0) * b;
    const square = u * u + v * v;
    const xx = x * x;
    const xy = x * y;
    const yy = y * y;
    sums[0]! += xx;
    sums[1]! += xy;
    sums[2]! += x;
    sums[3]! += yy;
    sums[4]! += y;
    sums[5]! += 1;
    sums[6]! += u * xx;
    sums[7]! += u * xy;
    sums[8]! += u * x;
    sums[9]! += u * yy;
    sums[10]! += u * y;
    sums[11]! += u;
    sums[12]! += v * xx;
    sums[13]! += v * xy;
    sums[14]! += v * x;
    sums[15]! += v * yy;
    sums[16]! += v * y;
    sums[17]! += v;
    sums[18]! += square * xx;
    sums[19]! += square * xy;
    sums[20]! += square * x;
    sums[21]! += square * yy;
    sums[22]! += square * y;
    sums[23]! += square;
  }
}

/** Where the entry i, j of a symmetric 3 x 3 block is among six sums. */
const place = Int32Array.of(0, 1, 2, 1, 3, 4, 2, 4, 5);

function fillNormal(): void {
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) {
      const at = place[3 * i + j]!;
      normal[9 * i + j] = sums[at]!;
      normal[9 * i + j + 3] = 0;
      normal[9 * i + j + 6] = -sums[6 + at]!;
      normal[9 * (i + 3) + j] = 0;
      normal[9 * (i + 3) + j + 3] = sums[at]!;
      normal[9 * (i + 3) + j + 6] = -sums[12 + at]!;
      normal[9 * (i + 6) + j] = -sums[6 + at]!;
      normal[9 * (i + 6) + j + 3] = -sums[12 + at]!;
      normal[9 * (i + 6) + j + 6] = sums[18 + at]!;
    }
  }
}
