import { createRandom } from "./random.ts";

/** Two images of a plane: matched points, of which some are wrong. */
export interface Scene {
  readonly from: Float64Array;
  readonly to: Float64Array;
  /** 1 for each pair that is right. */
  readonly right: Uint8Array;
  readonly rightCount: number;
  /** 3 x 3 numbers. */
  readonly matrix: readonly number[];
}

export interface SceneOptions {
  readonly count: number;
  /** The share of right pairs. */
  readonly share: number;
  /** Standard deviation of right points, in pixels. */
  readonly noise?: number;
  /** How much later wrong pairs tend to come: 0 not at all. */
  readonly order?: number;
  /** Without perspective. */
  readonly affine?: boolean;
}

/** A view of 800 x 600 pixels turned by up to 0.4 rad, scaled by 0.6 to 1.6 and, unless affine, tilted. */
export function createScene(seed: number, options: SceneOptions): Scene {
  const { count, share, noise = 1, order = 0, affine = false } = options;
  const random = createRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const angle = random() * 0.8 - 0.4;
  const scale = 0.6 + random();
  const tilt = affine ? 0 : 6e-4;
  const matrix = [
    scale * Math.cos(angle),
    -scale * Math.sin(angle),
    100 * random(),
    scale * Math.sin(angle),
    scale * Math.cos(angle),
    80 * random(),
    (random() - 0.5) * tilt,
    (random() - 0.5) * tilt,
    1,
  ];
  const rightCount = Math.round(count * share);
  const places = Array.from({ length: count }, (_, i) => ({
    isRight: i < rightCount,
    quality: random() + (i < rightCount ? 0 : order),
  })).sort((a, b) => a.quality - b.quality);
  const from = new Float64Array(2 * count);
  const to = new Float64Array(2 * count);
  for (const [i, { isRight }] of places.entries()) {
    const point = [random() * 800, random() * 600] as const;
    from.set(point, 2 * i);
    const [u, v] = apply(matrix, ...point);
    to.set(isRight ? [u + noise * normal(), v + noise * normal()] : [random() * 800, random() * 600], 2 * i);
  }
  return { from, to, right: Uint8Array.from(places, ({ isRight }) => Number(isRight)), rightCount, matrix };
}

/** Where a homography (9 numbers) or an affine transform (6) takes a point. */
export function apply(model: ArrayLike<number>, x: number, y: number): [number, number] {
  const [u, v] = [0, 3].map((row) => model[row]! * x + model[row + 1]! * y + model[row + 2]!);
  const w = model.length === 9 ? model[6]! * x + model[7]! * y + model[8]! : 1;
  return [u! / w, v! / w];
}

/** The largest distance between where two transforms take the points of a grid. */
export function gridDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let x = 0; x <= 800; x += 100) {
    for (let y = 0; y <= 600; y += 100) {
      const [p, q] = [apply(a, x, y), apply(b, x, y)];
      largest = Math.max(largest, Math.hypot(p[0] - q[0], p[1] - q[1]));
    }
  }
  return largest;
}
