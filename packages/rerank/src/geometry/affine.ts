import { type Bounds, isWithinBounds, type ModelKind, signedArea } from "./model-kind.ts";
import type { Frame } from "./point-pairs.ts";

/** Affine transforms as m00, m01, t0, m10, m11, t1. */
export const affineKind: ModelKind = {
  sampleSize: 3,
  length: 6,
  fitSample,
  fitSelected,
  // The least-squares transform is the best there is.
  refine: fitSelected,
  oneWayErrors,
  symmetricErrors,
  toPixels,
};

function fitSample(points: Float64Array, sample: Int32Array, model: Float64Array, bounds: Bounds): boolean {
  const i = 4 * sample[0]!;
  const j = 4 * sample[1]!;
  const k = 4 * sample[2]!;
  const area = signedArea(points, i, j, k);
  if (area === 0 || signedArea(points, i + 2, j + 2, k + 2) === 0) return false;
  const ux = points[j]! - points[i]!;
  const uy = points[j + 1]! - points[i + 1]!;
  const vx = points[k]! - points[i]!;
  const vy = points[k + 1]! - points[i + 1]!;
  for (let axis = 0; axis < 2; axis++) {
    const origin = points[i + 2 + axis]!;
    const u = points[j + 2 + axis]! - origin;
    const v = points[k + 2 + axis]! - origin;
    const mx = (u * vy - v * uy) / area;
    const my = (v * ux - u * vx) / area;
    model[3 * axis] = mx;
    model[3 * axis + 1] = my;
    model[3 * axis + 2] = origin - mx * points[i]! - my * points[i + 1]!;
  }
  return isWithinBounds(determinantOf(model), bounds);
}

/** Least squares: covariances solve the matrix, means the translation. */
function fitSelected(
  points: Float64Array,
  selected: Int32Array,
  count: number,
  model: Float64Array,
  bounds: Bounds,
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
  let xx = 0;
  let xy = 0;
  let yy = 0;
  let xu = 0;
  let yu = 0;
  let xv = 0;
  let yv = 0;
  for (let s = 0; s < count; s++) {
    const i = 4 * selected[s]!;
    const x = points[i]! - x0;
    const y = points[i + 1]! - y0;
    const u = points[i + 2]! - u0;
    const v = points[i + 3]! - v0;
    xx += x * x;
    xy += x * y;
    yy += y * y;
    xu += x * u;
    yu += y * u;
    xv += x * v;
    yv += y * v;
  }
  const determinant = xx * yy - xy * xy;
  // The points of the first image lie on a line.
  if (!(determinant > 1e-12 * (xx + yy) * (xx + yy))) return false;
  model[0] = (xu * yy - yu * xy) / determinant;
  model[1] = (yu * xx - xu * xy) / determinant;
  model[2] = u0 - model[0]! * x0 - model[1]! * y0;
  model[3] = (xv * yy - yv * xy) / determinant;
  model[4] = (yv * xx - xv * xy) / determinant;
  model[5] = v0 - model[3]! * x0 - model[4]! * y0;
  return isWithinBounds(determinantOf(model), bounds);
}

function oneWayErrors(
  points: Float64Array,
  model: Float64Array,
  first: number,
  end: number,
  errors: Float64Array,
): void {
  const m00 = model[0]!;
  const m01 = model[1]!;
  const t0 = model[2]!;
  const m10 = model[3]!;
  const m11 = model[4]!;
  const t1 = model[5]!;
  for (let pair = first; pair < end; pair++) {
    const x = points[4 * pair]!;
    const y = points[4 * pair + 1]!;
    const dx = m00 * x + m01 * y + t0 - points[4 * pair + 2]!;
    const dy = m10 * x + m11 * y + t1 - points[4 * pair + 3]!;
    errors[pair] = dx * dx + dy * dy;
  }
}

function symmetricErrors(
  points: Float64Array,
  model: Float64Array,
  first: number,
  end: number,
  errors: Float64Array,
  backWeight: number,
): void {
  const m00 = model[0]!;
  const m01 = model[1]!;
  const t0 = model[2]!;
  const m10 = model[3]!;
  const m11 = model[4]!;
  const t1 = model[5]!;
  const determinant = m00 * m11 - m01 * m10;
  for (let pair = first; pair < end; pair++) {
    const x = points[4 * pair]!;
    const y = points[4 * pair + 1]!;
    const dx = m00 * x + m01 * y + t0 - points[4 * pair + 2]!;
    const dy = m10 * x + m11 * y + t1 - points[4 * pair + 3]!;
    // The way back takes the same difference through the inverse.
    const bx = (m11 * dx - m01 * dy) / determinant;
    const by = (m00 * dy - m10 * dx) / determinant;
    errors[pair] = (dx * dx + dy * dy + backWeight * (bx * bx + by * by)) / 2;
  }
}

function toPixels(model: Float64Array, from: Frame, to: Frame): Float64Array {
  const ratio = from.scale / to.scale;
  const pixels = new Float64Array(6);
  for (let axis = 0; axis < 2; axis++) {
    const mx = model[3 * axis]! * ratio;
    const my = model[3 * axis + 1]! * ratio;
    const origin = axis === 0 ? to.x0 : to.y0;
    pixels[3 * axis] = mx;
    pixels[3 * axis + 1] = my;
    pixels[3 * axis + 2] = model[3 * axis + 2]! / to.scale + origin - mx * from.x0 - my * from.y0;
  }
  return pixels;
}

function determinantOf(model: Float64Array): number {
  return model[0]! * model[4]! - model[1]! * model[3]!;
}
