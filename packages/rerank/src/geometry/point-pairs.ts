// Matched points, checked, brought into one array and scaled as Hartley advises.

/** Points of one image and the points of another that they are matched with. */
export interface Correspondences {
  /** x and y of each point in the first image, in pixels. */
  readonly from: Float32Array | Float64Array;
  /** x and y of its match in the second image. */
  readonly to: Float32Array | Float64Array;
}

/** Correspondences in coordinates around their centre, of mean distance √2 from it, in either image. */
export interface PointPairs {
  readonly count: number;
  /** x, y in the first image, x, y in the second, of each pair. */
  readonly points: Float64Array;
  readonly from: Frame;
  readonly to: Frame;
  /** For each pair the first pair with the same point in the first image. */
  readonly sameFrom: Int32Array;
  /** For each pair the first pair with the same point in the second image. */
  readonly sameTo: Int32Array;
  readonly distinctFrom: number;
  readonly distinctTo: number;
}

/** The inner coordinates of an image: `scale * (x - x0)`, `scale * (y - y0)`. */
export interface Frame {
  readonly x0: number;
  readonly y0: number;
  readonly scale: number;
}

export function requireCorrespondences(caller: string, correspondences: Correspondences): void {
  const { from, to } = correspondences;
  if (from.length % 2 !== 0) {
    throw new RangeError(
      `${caller}: expected \`correspondences.from\` to hold pairs of x and y, got ${from.length} numbers`,
    );
  }
  if (to.length !== from.length) {
    throw new RangeError(
      `${caller}: expected \`correspondences.to\` to hold ${from.length} numbers, got ${to.length}`,
    );
  }
  requireFinitePoints(caller, "correspondences.from", from);
  requireFinitePoints(caller, "correspondences.to", to);
}

export function requireFinitePoints(
  caller: string,
  argument: string,
  points: Float32Array | Float64Array,
): void {
  for (let i = 0; i < points.length; i++) {
    if (!Number.isFinite(points[i]!)) {
      throw new RangeError(
        `${caller}: expected \`${argument}\` to be finite, got ${points[i]} for point ${i >> 1}`,
      );
    }
  }
}

export function createPointPairs({ from, to }: Correspondences): PointPairs {
  const count = from.length / 2;
  const points = new Float64Array(4 * count);
  for (let i = 0; i < count; i++) {
    // Of 0 and -0 only one stays.
    points[4 * i] = from[2 * i]! + 0;
    points[4 * i + 1] = from[2 * i + 1]! + 0;
    points[4 * i + 2] = to[2 * i]! + 0;
    points[4 * i + 3] = to[2 * i + 1]! + 0;
  }
  const sameFrom = firstEqual(points, 0, count);
  const sameTo = firstEqual(points, 2, count);
  const fromFrame = frameOf(points, 0, count);
  const toFrame = frameOf(points, 2, count);
  moveInto(points, 0, count, fromFrame);
  moveInto(points, 2, count, toFrame);
  return {
    count,
    points,
    from: fromFrame,
    to: toFrame,
    sameFrom,
    sameTo,
    distinctFrom: countDistinct(sameFrom),
    distinctTo: countDistinct(sameTo),
  };
}

/** The pair `i` with `first[i] === i` is the first at its point. */
function countDistinct(first: Int32Array): number {
  let count = 0;
  for (let i = 0; i < first.length; i++) if (first[i] === i) count += 1;
  return count;
}

/** For each pair the first one whose point, at `offset`, is the same; by a table of open addressing. */
function firstEqual(points: Float64Array, offset: number, count: number): Int32Array {
  const first = new Int32Array(count);
  let size = 4;
  while (size < 2 * count) size *= 2;
  const table = new Int32Array(size).fill(-1);
  const words = new Int32Array(points.buffer);
  for (let i = 0; i < count; i++) {
    const at = 4 * i + offset;
    const x = points[at]!;
    const y = points[at + 1]!;
    let hash = Math.imul(words[2 * at]! ^ Math.imul(words[2 * at + 1]!, 0x2c1b3c6d), 0x297a2d39);
    hash = Math.imul(hash ^ words[2 * at + 2]! ^ (hash >>> 15), 0x2c1b3c6d);
    hash = Math.imul(hash ^ words[2 * at + 3]! ^ (hash >>> 13), 0x297a2d39);
    let slot = (hash ^ (hash >>> 16)) & (size - 1);
    let found = table[slot]!;
    while (found >= 0 && (points[4 * found + offset] !== x || points[4 * found + offset + 1] !== y)) {
      slot = (slot + 1) & (size - 1);
      found = table[slot]!;
    }
    if (found < 0) {
      table[slot] = i;
      found = i;
    }
    first[i] = found;
  }
  return first;
}

/** Centre and scale of all points, by their mean distance from the centre. */
function frameOf(points: Float64Array, offset: number, count: number): Frame {
  let x0 = 0;
  let y0 = 0;
  for (let i = offset; i < 4 * count; i += 4) {
    x0 += points[i]!;
    y0 += points[i + 1]!;
  }
  x0 /= Math.max(1, count);
  y0 /= Math.max(1, count);
  let distance = 0;
  for (let i = offset; i < 4 * count; i += 4) {
    const dx = points[i]! - x0;
    const dy = points[i + 1]! - y0;
    distance += Math.sqrt(dx * dx + dy * dy);
  }
  return { x0, y0, scale: distance > 0 ? (Math.SQRT2 * count) / distance : 1 };
}

function moveInto(points: Float64Array, offset: number, count: number, { x0, y0, scale }: Frame): void {
  for (let i = offset; i < 4 * count; i += 4) {
    points[i] = (points[i]! - x0) * scale;
    points[i + 1] = (points[i + 1]! - y0) * scale;
  }
}
