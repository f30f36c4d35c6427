/** A map of one descriptor a pixel, row after row. */
export interface DescriptorMap {
  /** `height × width × dimension` values. */
  readonly descriptors: Float32Array;
  readonly height: number;
  readonly width: number;
  readonly dimension: number;
}

/**
 * Descriptors of length 1 at points of an image.
 *
 * The descriptors of the four pixels around a point are brought to length 1, weighed bilinearly, and their sum is brought
 * to length 1 again.
 *
 * @param points - x and y of each point, in pixels, within the map.
 * @returns A row for each point; of zeros where all four descriptors are zero.
 * @throws RangeError if `descriptors` has not `height × width × dimension` values, `points` has an odd length, or a point
 * lies outside the map.
 *
 * @example
 * ```ts
 * import { sampleDescriptors } from "@lmk/models";
 *
 * const descriptors = Float32Array.of(2, 0, 0, 5);
 * const map = { descriptors, height: 1, width: 2, dimension: 2 };
 * sampleDescriptors(map, Float32Array.of(0.5, 0)).data; // => [0.70710677, 0.70710677]
 * ```
 */
export function sampleDescriptors(
  map: DescriptorMap,
  points: Float32Array,
): { readonly data: Float32Array; readonly rows: number; readonly columns: number } {
  const { descriptors, height, width, dimension } = map;
  if (descriptors.length !== height * width * dimension) {
    throw new RangeError(
      `sampleDescriptors: expected \`descriptors\` to have ${height} × ${width} × ${dimension} values, got ${descriptors.length}`,
    );
  }
  if (points.length % 2 !== 0) {
    throw new RangeError(
      `sampleDescriptors: expected \`points\` to hold pairs of x and y, got ${points.length} numbers`,
    );
  }
  const rows = points.length / 2;
  const data = new Float32Array(rows * dimension);
  for (let row = 0; row < rows; row++) {
    const [x, y] = [points[2 * row]!, points[2 * row + 1]!];
    if (!(x >= 0 && y >= 0 && x <= width - 1 && y <= height - 1)) {
      throw new RangeError(
        `sampleDescriptors: expected \`points\` to lie within ${width} × ${height}, got ${x}, ${y}`,
      );
    }
    const target = data.subarray(row * dimension, (row + 1) * dimension);
    const [left, top] = [Math.floor(x), Math.floor(y)];
    for (const [column, across] of [
      [left, 1 - (x - left)],
      [left + 1, x - left],
    ] as const) {
      for (const [line, down] of [
        [top, 1 - (y - top)],
        [top + 1, y - top],
      ] as const) {
        if (across * down === 0) continue;
        const from = (line * width + column) * dimension;
        addUnit(target, descriptors.subarray(from, from + dimension), across * down);
      }
    }
    const length = lengthOf(target);
    if (length > 0) for (let i = 0; i < dimension; i++) target[i]! /= length;
  }
  return { data, rows, columns: dimension };
}

function addUnit(target: Float32Array, vector: Float32Array, weight: number): void {
  const length = lengthOf(vector);
  if (length === 0) return;
  for (let i = 0; i < target.length; i++) target[i]! += (weight / length) * vector[i]!;
}

function lengthOf(vector: Float32Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}
