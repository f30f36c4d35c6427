import type { Bounds, Point } from "../geometry/mesh.ts";

/** A pin-hole camera; lengths on the image are samples. */
export interface Camera {
  readonly position: Point;
  readonly right: Point;
  readonly up: Point;
  readonly forward: Point;
  /** Distance of the image plane. */
  readonly focal: number;
  /** Where the optical axis meets the image. */
  readonly centerX: number;
  readonly centerY: number;
  readonly width: number;
  readonly height: number;
}

/** Where a camera stands and looks. */
export interface View {
  readonly position: Point;
  readonly target: Point;
  /** Turn about the optical axis, radians. */
  readonly roll: number;
  /** Horizontal or vertical angle of view, whichever is larger, radians. */
  readonly angle: number;
  /** Shift of the frame, in shares of its width and height. */
  readonly shift: readonly [number, number];
}

/** The camera of a view on an image of the given size. */
export function createCamera(view: View, width: number, height: number): Camera {
  const forward = unit(subtract(view.target, view.position));
  const side = unit(cross(forward, [0, 1, 0]));
  const top = cross(side, forward);
  const cosine = Math.cos(view.roll);
  const sine = Math.sin(view.roll);
  return {
    position: view.position,
    forward,
    right: add(scale(side, cosine), scale(top, sine)),
    up: add(scale(top, cosine), scale(side, -sine)),
    focal: (0.5 * Math.max(width, height)) / Math.tan(0.5 * view.angle),
    centerX: width * (0.5 + view.shift[0]),
    centerY: height * (0.5 + view.shift[1]),
    width,
    height,
  };
}

/** The part of the image that a box covers: left, top, right and bottom in samples; null if a corner is behind. */
export function projectBounds(
  camera: Camera,
  bounds: Bounds,
): readonly [number, number, number, number] | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let corner = 0; corner < 8; corner++) {
    const point: Point = [
      (corner & 1 ? bounds.max : bounds.min)[0],
      (corner & 2 ? bounds.max : bounds.min)[1],
      (corner & 4 ? bounds.max : bounds.min)[2],
    ];
    const offset = subtract(point, camera.position);
    const depth = dot(offset, camera.forward);
    if (depth < 0.5) return null;
    const x = camera.centerX + (camera.focal * dot(offset, camera.right)) / depth;
    const y = camera.centerY - (camera.focal * dot(offset, camera.up)) / depth;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return [left, top, right, bottom];
}

/** The difference of two points. */
export function subtract(a: Point, b: Point): Point {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

/** The sum of two vectors. */
export function add(a: Point, b: Point): Point {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

/** A vector times a number. */
export function scale(a: Point, factor: number): Point {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

/** The inner product. */
export function dot(a: Point, b: Point): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** The vector of length 1 in the same direction. */
export function unit(a: Point): Point {
  return scale(a, 1 / Math.sqrt(dot(a, a)));
}

function cross(a: Point, b: Point): Point {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
