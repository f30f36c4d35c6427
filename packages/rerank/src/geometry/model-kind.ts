import type { Frame } from "./point-pairs.ts";

/** Which models are possible at all. */
export interface Bounds {
  /** Least and largest determinant of the derivative, in the inner coordinates. */
  readonly least: number;
  readonly largest: number;
  readonly allowReflection: boolean;
}

/** What RANSAC needs to know of a family of transforms; points are those of `PointPairs`. */
export interface ModelKind {
  /** Pairs that determine a transform. */
  readonly sampleSize: number;
  /** Numbers of a transform. */
  readonly length: number;
  /** Writes the transform of a sample; false where there is none within bounds. */
  fitSample(points: Float64Array, sample: Int32Array, model: Float64Array, bounds: Bounds): boolean;
  /** Writes the transform nearest to selected pairs; false where there is none within bounds. */
  fitSelected(
    points: Float64Array,
    selected: Int32Array,
    count: number,
    model: Float64Array,
    bounds: Bounds,
  ): boolean;
  /** Improves the transform of selected pairs to the least sum of squared one-way errors; false where that is not within bounds. */
  refine(
    points: Float64Array,
    selected: Int32Array,
    count: number,
    model: Float64Array,
    bounds: Bounds,
  ): boolean;
  /** Writes the squared error of pairs in the second image. */
  oneWayErrors(
    points: Float64Array,
    model: Float64Array,
    first: number,
    end: number,
    errors: Float64Array,
  ): void;
  /** Writes the mean of the squared errors in both images, that in the first times `backWeight`. */
  symmetricErrors(
    points: Float64Array,
    model: Float64Array,
    first: number,
    end: number,
    errors: Float64Array,
    backWeight: number,
  ): void;
  /** The transform between coordinates in pixels. */
  toPixels(model: Float64Array, from: Frame, to: Frame): Float64Array;
}

/** Whether a determinant is one of a possible transform; NaN is not. */
export function isWithinBounds(determinant: number, bounds: Bounds): boolean {
  const size = bounds.allowReflection ? Math.abs(determinant) : determinant;
  return size >= bounds.least && size <= bounds.largest;
}

/** Three points whose sides enclose a smaller sine are taken to lie on a line: 0.006 degrees. */
export const leastSine = 1e-4;

/** Twice the area of the triangle of three points, signed; 0 where they all but lie on a line. */
export function signedArea(points: Float64Array, i: number, j: number, k: number): number {
  const ux = points[j]! - points[i]!;
  const uy = points[j + 1]! - points[i + 1]!;
  const vx = points[k]! - points[i]!;
  const vy = points[k + 1]! - points[i + 1]!;
  const area = ux * vy - uy * vx;
  const sides = (ux * ux + uy * uy) * (vx * vx + vy * vy);
  return area * area > leastSine * leastSine * sides ? area : 0;
}
