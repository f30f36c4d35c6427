import { requirePositiveInteger } from "../require.ts";

/** A map of one value a pixel, row after row. */
export interface ScoreMap {
  /** `height × width` values. */
  readonly scores: Float32Array;
  readonly height: number;
  readonly width: number;
}

/** Points of an image, the best first. */
export interface Keypoints {
  /** x and y of each point, in pixels: 0, 0 is the middle of the first pixel. */
  readonly points: Float32Array;
  /** The score of each point, between 0 and 1. */
  readonly scores: Float32Array;
}

/** Options of {@link detectKeypoints}. */
export interface DetectKeypointsOptions {
  /**
   * Points with this score or a lower one are left out. If no point is above it, the mean score of the image takes its place, as in
   * the authors' code.
   *
   * @defaultValue 0.2, of the authors' demonstration
   */
  readonly threshold?: number;
  /**
   * The most points to keep.
   *
   * @defaultValue 5000, the authors'
   */
  readonly limit?: number;
  /**
   * Moves each point to the softmax-weighted middle of the 5 × 5 scores around it, at a temperature of 0.1.
   *
   * @defaultValue true
   */
  readonly subPixel?: boolean;
}

const radius = 2;
const temperature = 0.1;

/**
 * The points of a score map that are the largest in their neighborhood of 5 × 5.
 *
 * Suppression runs three times: what a maximum covers is taken away, and the maxima of the rest count too. Points
 * within 3 pixels of the left and upper border, or 2 of the others, are left out. A moved point's score is the bilinear
 * mean of the four around it.
 *
 * @returns The points by falling score, of equal ones the upper left first.
 * @throws RangeError if `scores` has not `height × width` values, `threshold` is not between 0 and 1, or `limit` is not a
 * whole number above 0.
 *
 * @example
 * ```ts
 * import { detectKeypoints } from "@lmk/models";
 *
 * const scores = new Float32Array(9 * 9);
 * scores[4 * 9 + 5] = 1;
 * detectKeypoints({ scores, height: 9, width: 9 }); // => { points: [5, 4], scores: [1] }
 * ```
 *
 * @see {@link https://arxiv.org/abs/2112.02906 | Zhao et al.}, differentiable keypoint detection
 */
export function detectKeypoints(map: ScoreMap, options: DetectKeypointsOptions = {}): Keypoints {
  const { scores, height, width } = map;
  const { threshold = 0.2, limit = 5000, subPixel = true } = options;
  if (scores.length !== height * width) {
    throw new RangeError(
      `detectKeypoints: expected \`scores\` to have ${height} × ${width} values, got ${scores.length}`,
    );
  }
  if (!(threshold >= 0 && threshold <= 1)) {
    throw new RangeError(`detectKeypoints: expected \`threshold\` to be between 0 and 1, got ${threshold}`);
  }
  requirePositiveInteger("detectKeypoints", "limit", limit);
  const maxima = inner(map, suppress(map));
  const found = above(scores, maxima, threshold);
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const kept = found.length > 0 ? found : above(scores, maxima, mean);
  kept.sort((a, b) => scores[b]! - scores[a]! || a - b);
  const places = kept.slice(0, limit);

  const points = new Float32Array(2 * places.length);
  const values = new Float32Array(places.length);
  places.forEach((place, i) => {
    const [x, y] = subPixel ? softMaximum(map, place) : [place % width, Math.floor(place / width)];
    points[2 * i] = x;
    points[2 * i + 1] = y;
    values[i] = bilinear(map, x, y);
  });
  return sorted(points, values);
}

/** Marks the maxima: those of the scores, and twice those of what they do not cover. */
function suppress({ scores, height, width }: ScoreMap): Uint8Array {
  const around = largestAround(scores, height, width);
  const marks = Uint8Array.from(scores, (score, i) => (score === around[i] ? 1 : 0));
  for (let round = 0; round < 2; round++) {
    const covered = largestAround(Float32Array.from(marks), height, width);
    const rest = scores.map((score, i) => (covered[i]! > 0 ? 0 : score));
    const aroundRest = largestAround(rest, height, width);
    for (let i = 0; i < rest.length; i++) {
      if (covered[i] === 0 && rest[i] === aroundRest[i]) marks[i] = 1;
    }
  }
  return marks;
}

/** The largest value within `radius` rows and columns of each. */
function largestAround(values: Float32Array, height: number, width: number): Float32Array {
  const across = new Float32Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let largest = Number.NEGATIVE_INFINITY;
      const last = Math.min(width - 1, x + radius);
      for (let i = Math.max(0, x - radius); i <= last; i++) {
        largest = Math.max(largest, values[y * width + i]!);
      }
      across[y * width + x] = largest;
    }
  }
  const around = new Float32Array(values.length);
  for (let y = 0; y < height; y++) {
    const last = Math.min(height - 1, y + radius);
    for (let x = 0; x < width; x++) {
      let largest = Number.NEGATIVE_INFINITY;
      for (let i = Math.max(0, y - radius); i <= last; i++) {
        largest = Math.max(largest, across[i * width + x]!);
      }
      around[y * width + x] = largest;
    }
  }
  return around;
}

/** The places of marks that are not at the border. */
function inner({ height, width }: ScoreMap, marks: Uint8Array): number[] {
  const places: number[] = [];
  for (let y = radius + 1; y < height - radius; y++) {
    for (let x = radius + 1; x < width - radius; x++) {
      if (marks[y * width + x] === 1) places.push(y * width + x);
    }
  }
  return places;
}

function above(scores: Float32Array, places: readonly number[], threshold: number): number[] {
  return places.filter((place) => scores[place]! > threshold);
}

function softMaximum({ scores, width, height }: ScoreMap, place: number): [number, number] {
  const [x, y] = [place % width, Math.floor(place / width)];
  const peak = scores[place]!;
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let dy = -radius; dy <= radius; dy++) {
    for (let dx = -radius; dx <= radius; dx++) {
      const weight = Math.exp((scores[(y + dy) * width + x + dx]! - peak) / temperature);
      sum += weight;
      sumX += weight * dx;
      sumY += weight * dy;
    }
  }
  return [Math.min(width - 1, x + sumX / sum), Math.min(height - 1, y + sumY / sum)];
}

function bilinear({ scores, width, height }: ScoreMap, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, bottom] = [Math.min(left + 1, width - 1), Math.min(top + 1, height - 1)];
  const [alongX, alongY] = [x - left, y - top];
  const at = (row: number, column: number): number => scores[row * width + column]!;
  const upper = at(top, left) * (1 - alongX) + at(top, right) * alongX;
  const lower = at(bottom, left) * (1 - alongX) + at(bottom, right) * alongX;
  return upper * (1 - alongY) + lower * alongY;
}

function sorted(points: Float32Array, scores: Float32Array): Keypoints {
  const order = Array.from(scores.keys()).sort((a, b) => scores[b]! - scores[a]! || a - b);
  return {
    points: Float32Array.from(order.flatMap((i) => [points[2 * i]!, points[2 * i + 1]!])),
    scores: Float32Array.from(order, (i) => scores[i]!),
  };
}
