import { solveHomography } from "./homography-fit.ts";
import { refineHomography } from "./homography-refinement.ts";
import { type Bounds, isWithinBounds, type ModelKind, signedArea } from "./model-kind.ts";
import type { Frame } from "./point-pairs.ts";

/** Homographies as 3 x 3 numbers, row-major, of the sign that gives points in front of the horizon w > 0. */
export const homographyKind: ModelKind = {
  sampleSize: 4,
  length: 9,
  fitSample,
  fitSelected,
  refine,
  oneWayErrors,
  symmetricErrors,
  toPixels,
};

/**
 * The homography of four pairs p, q in closed form: with a_i, b_i the areas of the triangles that leave out point i,
 *
 *     H = sum over i = 1, 2, 3 of  b_i / a_i * q_i (p_j × p_k)ᵀ
 *
 * A plane seen from one side keeps the orientation of every triangle, or, mirrored, turns that of every one.
 */
function fitSample(points: Float64Array, sample: Int32Array, model: Float64Array, bounds: Bounds): boolean {
  const p = 4 * sample[0]!;
  const q = 4 * sample[1]!;
  const r = 4 * sample[2]!;
  const s = 4 * sample[3]!;
  const ratio0 = signedArea(points, p + 2, q + 2, r + 2) / signedArea(points, p, q, r);
  if (!(Math.abs(ratio0) > 0 && (bounds.allowReflection || ratio0 > 0))) return false;
  // NaN and infinities, of points on a line, fail as well.
  const ratio1 = signedArea(points, s + 2, q + 2, r + 2) / signedArea(points, s, q, r);
  if (!(ratio1 * ratio0 > 0)) return false;
  const ratio2 = signedArea(points, p + 2, s + 2, r + 2) / signedArea(points, p, s, r);
  if (!(ratio2 * ratio0 > 0)) return false;
  const ratio3 = signedArea(points, p + 2, q + 2, s + 2) / signedArea(points, p, q, s);
  if (!(ratio3 * ratio0 > 0)) return false;
  model.fill(0);
  addOuter(model, ratio1, points, p, q, r);
  addOuter(model, ratio2, points, q, r, p);
  addOuter(model, ratio3, points, r, p, q);
  orient(model, points, p);
  return areWithinBounds(model, points, sample, 4, bounds);
}

/** Adds `weight * target(i) (source(j) × source(k))ᵀ`. */
function addOuter(
  model: Float64Array,
  weight: number,
  points: Float64Array,
  i: number,
  j: number,
  k: number,
): void {
  const cx = weight * (points[j + 1]! - points[k + 1]!);
  const cy = weight * (points[k]! - points[j]!);
  const cw = weight * (points[j]! * points[k + 1]! - points[j + 1]! * points[k]!);
  const u = points[i + 2]!;
  const v = points[i + 3]!;
  model[0]! += u * cx;
  model[1]! += u * cy;
  model[2]! += u * cw;
  model[3]! += v * cx;
  model[4]! += v * cy;
  model[5]! += v * cw;
  model[6]! += cx;
  model[7]! += cy;
  model[8]! += cw;
}

/** Turns the sign of all numbers so that w is positive at a point, and scales them to its value there. */
function orient(model: Float64Array, points: Float64Array, at: number): void {
  const w = model[6]! * points[at]! + model[7]! * points[at + 1]! + model[8]!;
  for (let i = 0; i < 9; i++) model[i]! /= w;
}

function fitSelected(
  points: Float64Array,
  selected: Int32Array,
  count: number,
  model: Float64Array,
  bounds: Bounds,
): boolean {
  if (count < 4 || !solveHomography(points, selected, count, model)) return false;
  orient(model, points, 4 * selected[0]!);
  return areWithinBounds(model, points, selected, count, bounds);
}

function refine(
  points: Float64Array,
  selected: Int32Array,
  count: number,
  model: Float64Array,
  bounds: Bounds,
): boolean {
  refineHomography(points, selected, count, model);
  return areWithinBounds(model, points, selected, count, bounds);
}

/** Whether all selected points are in front of the horizon and the determinant of the derivative there is possible. */
function areWithinBounds(
  model: Float64Array,
  points: Float64Array,
  selected: Int32Array,
  count: number,
  bounds: Bounds,
): boolean {
  const determinant = determinantOf(model);
  for (let s = 0; s < count; s++) {
    const i = 4 * selected[s]!;
    const w = model[6]! * points[i]! + model[7]! * points[i + 1]! + model[8]!;
    if (!(w > 0 && isWithinBounds(determinant / (w * w * w), bounds))) return false;
  }
  return true;
}

function oneWayErrors(
  points: Float64Array,
  model: Float64Array,
  first: number,
  end: number,
  errors: Float64Array,
): void {
  const h0 = model[0]!;
  const h1 = model[1]!;
  const h2 = model[2]!;
  const h3 = model[3]!;
  const h4 = model[4]!;
  const h5 = model[5]!;
  const h6 = model[6]!;
  const h7 = model[7]!;
  const h8 = model[8]!;
  for (let pair = first; pair < end; pair++) {
    const x = points[4 * pair]!;
    const y = points[4 * pair + 1]!;
    const w = h6 * x + h7 * y + h8;
    const inverse = 1 / w;
    const dx = (h0 * x + h1 * y + h2) * inverse - points[4 * pair + 2]!;
    const dy = (h3 * x + h4 * y + h5) * inverse - points[4 * pair + 3]!;
    errors[pair] = w > 0 ? dx * dx + dy * dy : Infinity;
  }
}

const inverse = new Float64Array(9);

function symmetricErrors(
  points: Float64Array,
  model: Float64Array,
  first: number,
  end: number,
  errors: Float64Array,
  backWeight: number,
): void {
  oneWayErrors(points, model, first, end, errors);
  invertInto(inverse, model);
  for (let pair = first; pair < end; pair++) {
    const u = points[4 * pair + 2]!;
    const v = points[4 * pair + 3]!;
    const w = inverse[6]! * u + inverse[7]! * v + inverse[8]!;
    const dx = (inverse[0]! * u + inverse[1]! * v + inverse[2]!) / w - points[4 * pair]!;
    const dy = (inverse[3]! * u + inverse[4]! * v + inverse[5]!) / w - points[4 * pair + 1]!;
    errors[pair] = w > 0 ? (errors[pair]! + backWeight * (dx * dx + dy * dy)) / 2 : Infinity;
  }
}

/** The inverse, whose sign keeps w > 0 in front of the horizon. */
function invertInto(target: Float64Array, h: Float64Array): void {
  const determinant = determinantOf(h);
  target[0] = (h[4]! * h[8]! - h[5]! * h[7]!) / determinant;
  target[1] = (h[2]! * h[7]! - h[1]! * h[8]!) / determinant;
  target[2] = (h[1]! * h[5]! - h[2]! * h[4]!) / determinant;
  target[3] = (h[5]! * h[6]! - h[3]! * h[8]!) / determinant;
  target[4] = (h[0]! * h[8]! - h[2]! * h[6]!) / determinant;
  target[5] = (h[2]! * h[3]! - h[0]! * h[5]!) / determinant;
  target[6] = (h[3]! * h[7]! - h[4]! * h[6]!) / determinant;
  target[7] = (h[1]! * h[6]! - h[0]! * h[7]!) / determinant;
  target[8] = (h[0]! * h[4]! - h[1]! * h[3]!) / determinant;
}

function determinantOf(h: Float64Array): number {
  return (
    h[0]! * (h[4]! * h[8]! - h[5]! * h[7]!) -
    h[1]! * (h[3]! * h[8]! - h[5]! * h[6]!) +
    h[2]! * (h[3]! * h[7]! - h[4]! * h[6]!)
  );
}

function toPixels(model: Float64Array, from: Frame, to: Frame): Float64Array {
  const pixels = new Float64Array(9);
  for (let row = 0; row < 3; row++) {
    const a = model[3 * row]! * from.scale;
    const b = model[3 * row + 1]! * from.scale;
    pixels[3 * row] = a;
    pixels[3 * row + 1] = b;
    pixels[3 * row + 2] = model[3 * row + 2]! - a * from.x0 - b * from.y0;
  }
  for (let column = 0; column < 3; column++) {
    const w = pixels[6 + column]!;
    pixels[column] = pixels[column]! / to.scale + to.x0 * w;
    pixels[3 + column] = pixels[3 + column]! / to.scale + to.y0 * w;
  }
  const last = pixels[8]!;
  const norm = Math.hypot(...pixels);
  // The point (0, 0) may lie on the horizon.
  const divisor = Math.abs(last) > 1e-12 * norm ? last : norm;
  for (let i = 0; i < 9; i++) pixels[i]! /= divisor;
  return pixels;
}
