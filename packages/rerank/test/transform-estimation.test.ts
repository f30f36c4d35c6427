import {
  type Correspondences,
  type EstimationOptions,
  estimateAffine,
  estimateHomography,
  type TransformEstimate,
} from "@lmk/rerank/geometry";
import { describe, expect, it } from "vitest";
import geometry from "./golden/geometry.json" with { type: "json" };
import { createRandom } from "./random.ts";
import { apply, createScene, gridDistance } from "./scenes.ts";

interface GoldenCase {
  readonly from: number[];
  readonly to: number[];
}

interface Golden {
  readonly leastSquares: Record<"homography" | "affine", GoldenCase & { readonly model: number[] }>;
  readonly masks: readonly (GoldenCase & {
    readonly transform: "affine" | "homography";
    readonly maxError: number;
    readonly masks: Record<string, number[]>;
  })[];
}

const golden = geometry as unknown as Golden;

const estimators = { affine: estimateAffine, homography: estimateHomography } as const;
const names = ["affine", "homography"] as const;

function points(...pairs: readonly (readonly [number, number, number, number])[]): Correspondences {
  return {
    from: Float64Array.from(pairs.flatMap((pair) => pair.slice(0, 2))),
    to: Float64Array.from(pairs.flatMap((pair) => pair.slice(2))),
  };
}

/** Pairs of a grid of places with what a function makes of them. */
function grid(count: number, map: (x: number, y: number) => readonly [number, number]): Correspondences {
  const random = createRandom(4);
  return points(
    ...Array.from({ length: count }, () => {
      const [x, y] = [random() * 800, random() * 600];
      return [x, y, ...map(x, y)] as const;
    }),
  );
}

function expectNothing(estimate: TransformEstimate, pairs: number, numbers: number): void {
  expect(estimate.inlierCount).toBe(0);
  expect(estimate.inliers).toEqual(new Uint8Array(pairs));
  expect(estimate.model).toEqual(new Float64Array(numbers).fill(Number.NaN));
}

describe("estimateAffine", () => {
  it("finds the transform that four of five pairs agree with", () => {
    // u = 2 x + y + 5, v = -x + 3 y + 7.
    const pairs = points(
      [0, 0, 5, 7],
      [10, 0, 25, -3],
      [0, 10, 15, 37],
      [10, 10, 35, 27],
      [20, 30, 500, 500],
    );
    const { model, inliers, inlierCount } = estimateAffine(pairs);
    expect([...inliers]).toEqual([1, 1, 1, 1, 0]);
    expect(inlierCount).toBe(4);
    for (const [i, value] of [2, 1, 5, -1, 3, 7].entries()) expect(model[i]).toBeCloseTo(value, 10);
  });

  it("finds as many inliers as the best of all samples", () => {
    const { from, to } = createScene(3, { count: 14, share: 0.5, noise: 6, affine: true });
    let most = 0;
    for (let a = 0; a < 14; a++) {
      for (let b = 0; b < a; b++) {
        for (let c = 0; c < b; c++) most = Math.max(most, inliersOfSample(from, to, [a, b, c], 10));
      }
    }
    const options = { localOptimization: false, confidence: 1, maxIterations: 20_000 } as const;
    expect(estimateAffine({ from, to }, { ...options, sampling: "uniform" }).inlierCount).toBe(most);
    // The progressive schedule, too, ends with samples of all pairs.
    expect(estimateAffine({ from, to }, options).inlierCount).toBe(most);
    expect(estimateAffine({ from, to }, options).iterations).toBe(20_000);
  });
});

function inliersOfSample(
  from: Float64Array,
  to: Float64Array,
  sample: readonly number[],
  maxError: number,
): number {
  // Cramer's rule on rows x, y, 1.
  const rows = sample.map((i) => [from[2 * i]!, from[2 * i + 1]!, 1]);
  const model = [0, 1].flatMap((axis) => {
    const values = sample.map((i) => to[2 * i + axis]!);
    return [0, 1, 2].map(
      (column) =>
        determinant(rows.map((row, i) => row.map((value, j) => (j === column ? values[i]! : value)))) /
        determinant(rows),
    );
  });
  if (model[0]! * model[4]! - model[1]! * model[3]! < 0.05 ** 2) return 0;
  let count = 0;
  for (let i = 0; i < from.length; i += 2) {
    const [u, v] = apply(model, from[i]!, from[i + 1]!);
    if (Math.hypot(u - to[i]!, v - to[i + 1]!) <= maxError) count += 1;
  }
  return count;
}

function determinant([a, b, c]: number[][]): number {
  return (
    a![0]! * (b![1]! * c![2]! - b![2]! * c![1]!) -
    a![1]! * (b![0]! * c![2]! - b![2]! * c![0]!) +
    a![2]! * (b![0]! * c![1]! - b![1]! * c![0]!)
  );
}

describe("estimateHomography", () => {
  it("finds the perspective view that five of six pairs agree with", () => {
    // w = x / 100 + 1, u = 50 x / w, v = 50 y / w.
    const pairs = points(
      [0, 0, 0, 0],
      [100, 0, 2500, 0],
      [0, 100, 0, 5000],
      [100, 100, 2500, 2500],
      [300, 200, 3750, 2500],
      [50, 50, 9, 9],
    );
    const { model, inliers, inlierCount } = estimateHomography(pairs, { maximumScale: 100 });
    expect([...inliers]).toEqual([1, 1, 1, 1, 1, 0]);
    expect(inlierCount).toBe(5);
    for (const [i, value] of [50, 0, 0, 0, 50, 0, 0.01, 0, 1].entries())
      expect(model[i]).toBeCloseTo(value, 8);
  });

  it("takes no point behind the horizon for an inlier", () => {
    const view = (x: number, y: number): [number, number] => apply([1, 0, 0, 0, 1, 0, 0.002, 0, 1], x, y);
    const inFront = grid(30, view);
    const behind = view(-900, 50);
    const pairs = {
      from: Float64Array.of(...inFront.from, -900, 50),
      to: Float64Array.of(...inFront.to, ...behind),
    };
    const { inliers, inlierCount } = estimateHomography(pairs);
    expect(inlierCount).toBe(30);
    expect(inliers[30]).toBe(0);
  });

  it("gives a transform of length 1 where (0, 0) lies on the horizon", () => {
    const far = grid(20, (x, y) => [(900 * (y + 200)) / (x + 400), 300_000 / (x + 400)]);
    const shifted = { from: far.from.map((value, i) => (i % 2 === 0 ? value + 400 : value)), to: far.to };
    const { model, inlierCount } = estimateHomography(shifted, { allowReflection: true });
    expect(inlierCount).toBe(20);
    expect(Math.hypot(...model)).toBeCloseTo(1, 12);
    expect(apply(model, 500, 100)[0]).toBeCloseTo((900 * 300) / 500, 5);
  });
});

describe("estimateAffine and estimateHomography", () => {
  it.each(names)("give the least-squares transform of all pairs: %s", (name) => {
    // OpenCV and numpy agree with us as far as their own iterations and rounding go.
    const { from, to, model } = golden.leastSquares[name];
    const pairs = { from: Float64Array.from(from), to: Float64Array.from(to) };
    const found = estimators[name](pairs, { maxError: 20 });
    expect(found.inlierCount).toBe(60);
    for (const [i, value] of model.entries()) {
      expect(Math.abs(found.model[i]! - value)).toBeLessThan(1e-6 * Math.max(1, Math.abs(value)));
    }
    expect(gridDistance(found.model, model)).toBeLessThan(1e-4);
  });

  it.each(golden.masks)("find the inliers that OpenCV finds: $transform, case %#", (example) => {
    const pairs = { from: Float64Array.from(example.from), to: Float64Array.from(example.to) };
    for (const sampling of ["uniform", "progressive"] as const) {
      for (const error of ["one-way", "symmetric"] as const) {
        const { maxError } = example;
        const { inliers } = estimators[example.transform](pairs, { maxError, sampling, error });
        for (const mask of Object.values(example.masks)) expect([...inliers]).toEqual(mask);
      }
    }
  });

  it.each(names)("recover an exact transform among wrong pairs: %s", (name) => {
    for (const share of [0.3, 0.5, 0.7, 0.9, 1]) {
      const scene = createScene(7, { count: 150, share, noise: 0, affine: name === "affine" });
      const found = estimators[name](scene, { maxError: 0.5 });
      expect(gridDistance(found.model, scene.matrix)).toBeLessThan(1e-6);
      for (const [i, right] of scene.right.entries()) if (right === 1) expect(found.inliers[i]).toBe(1);
    }
  });

  it.each(names)("give nothing for degenerate pairs, and no error: %s", (name) => {
    const estimate = estimators[name];
    const numbers = name === "affine" ? 6 : 9;
    const none = { from: new Float32Array(0), to: new Float32Array(0) };
    expectNothing(estimate(none), 0, numbers);
    const random = createRandom(2);
    const spread = Float64Array.from({ length: 54 }, () => random() * 600);
    const onePoint = Float64Array.from(spread, (_, i) => (i % 2 === 0 ? 412 : 233));
    const line = Float64Array.from(spread, (_, i) => (i % 2 === 0 ? 10 * i : 30 * (i - 1) + 4));
    const tilted = Float64Array.from(line, (value, i) => (i % 2 === 0 ? 0.1 * value : 0.3 * value + 0.7));
    for (const oneToOne of [true, false]) {
      // 27 matches with the same point (opencv#25546), and the other way round.
      expectNothing(estimate({ from: spread, to: onePoint }, { oneToOne }), 27, numbers);
      expectNothing(estimate({ from: onePoint, to: spread }, { oneToOne }), 27, numbers);
      // Within a pixel of one point.
      const nearby = onePoint.map((value) => value + random());
      expectNothing(estimate({ from: spread, to: nearby }, { oneToOne }), 27, numbers);
      expectNothing(estimate({ from: onePoint, to: onePoint }, { oneToOne }), 27, numbers);
      expectNothing(estimate({ from: line, to: tilted }, { oneToOne }), 27, numbers);
      expectNothing(estimate({ from: spread, to: line }, { oneToOne }), 27, numbers);
      // Three different points, each nine times.
      const three = Float64Array.from({ length: 54 }, (_, i) => spread[i % 6]!);
      const result = estimate({ from: three, to: three }, { oneToOne, minimumInliers: 4 });
      if (name === "homography" || oneToOne) expectNothing(result, 27, numbers);
      else expect(result.inlierCount).toBe(27);
    }
  });

  it.each(names)("count each point once unless told otherwise: %s", (name) => {
    const shift = (x: number, y: number): [number, number] => [x + 30, y - 10];
    const single = grid(12, shift);
    const twice = {
      from: Float64Array.of(...single.from, ...single.from),
      to: Float64Array.of(...single.to, ...single.to),
    };
    const once = estimators[name](twice);
    expect(once.inlierCount).toBe(12);
    expect([...once.inliers]).toEqual([...new Array(12).fill(1), ...new Array(12).fill(0)]);
    expect(estimators[name](twice, { oneToOne: false }).inlierCount).toBe(24);
    // Two points beside one another that match the same point.
    const near = { from: single.from.slice(), to: single.to.slice() };
    near.from.set([single.from[0]! + 1, single.from[1]!], 2);
    near.to.set([single.to[0]!, single.to[1]!], 2);
    expect(estimators[name](near).inlierCount).toBe(11);
    expect(estimators[name](near, { oneToOne: false }).inlierCount).toBe(12);
  });

  it.each(names)(
    "give inliers that agree with the transform given, each point once, for any input: %s",
    (name) => {
      const random = createRandom(11);
      let found = 0;
      for (let round = 0; round < 300; round++) {
        // Few places, so that many points coincide or lie on lines.
        const places = 2 + Math.floor(random() * 9);
        const place = () => 100 * Math.floor(random() * places);
        const length = 2 * Math.floor(random() * 30);
        const from = Float64Array.from({ length }, place);
        const to = from.map((value) => (random() < 0.7 ? value : place()));
        const options = { error: round % 2 === 0 ? "one-way" : "symmetric", seed: round } as const;
        const { inliers, inlierCount, model } = estimators[name]({ from, to }, { ...options, maxError: 3 });
        const kept = [...inliers.keys()].filter((i) => inliers[i] === 1);
        expect(kept.length).toBe(inlierCount);
        if (inlierCount === 0) continue;
        found += 1;
        for (const points of [from, to]) {
          expect(new Set(kept.map((i) => `${points[2 * i]} ${points[2 * i + 1]}`)).size).toBe(inlierCount);
        }
        for (const i of kept) {
          const [u, v] = apply(model, from[2 * i]!, from[2 * i + 1]!);
          // The root of the mean of two squares bounds either by √2 times itself.
          const limit = round % 2 === 0 ? 3 : 3 * Math.SQRT2;
          expect(Math.hypot(u - to[2 * i]!, v - to[2 * i + 1]!)).toBeLessThan(limit + 1e-6);
        }
      }
      expect(found).toBeGreaterThan(100);
    },
  );

  it.each(names)("refuse mirror images and extreme scales unless told otherwise: %s", (name) => {
    const estimate = estimators[name];
    const mirrored = grid(20, (x, y) => [800 - x, y]);
    expect(estimate(mirrored).inlierCount).toBe(0);
    const found = estimate(mirrored, { allowReflection: true });
    expect(found.inlierCount).toBe(20);
    expect(gridDistance(found.model, [-1, 0, 800, 0, 1, 0])).toBeLessThan(1e-6);
    const shrunk = grid(20, (x, y) => [0.04 * x, 0.04 * y]);
    expect(estimate(shrunk, { maxError: 0.1 }).inlierCount).toBe(0);
    expect(estimate(shrunk, { maxError: 0.1, minimumScale: 0.03 }).inlierCount).toBe(20);
    const grown = grid(20, (x, y) => [21 * x, 21 * y]);
    expect(estimate(grown).inlierCount).toBe(0);
    expect(estimate(grown, { maximumScale: 22 }).inlierCount).toBe(20);
  });

  it("keeps its bounds where the least-squares transform of the inliers passes them", () => {
    for (let seed = 1; seed <= 10; seed++) {
      const { from, matrix } = createScene(seed, { count: 60, share: 1, affine: true });
      const random = createRandom(seed);
      const scale = Math.sqrt(matrix[0]! * matrix[4]! - matrix[1]! * matrix[3]!);
      const to = new Float64Array(from.length);
      for (let i = 0; i < from.length; i += 2) {
        const [u, v] = apply(matrix, from[i]!, from[i + 1]!);
        to.set([u + 6 * random() - 3, v + 6 * random() - 3], i);
      }
      const maximumScale = 0.999 * scale;
      const { model, inlierCount } = estimateAffine({ from, to }, { maximumScale });
      expect(inlierCount).toBeGreaterThan(30);
      expect(Math.sqrt(model[0]! * model[4]! - model[1]! * model[3]!)).toBeLessThanOrEqual(maximumScale);
    }
  });

  it.each(names)("measure errors in the second image, or in both: %s", (name) => {
    const estimate = estimators[name];
    // Half the size: 6 pixels off there are 12 here, and the root of the mean square is 9.5.
    const half = grid(40, (x, y) => [x / 2, y / 2]);
    const to = half.to.slice();
    // The last one, which the first samples leave alone.
    to[78]! += 6;
    const options = { localOptimization: false } as const;
    const count = (maxError: number, error: "one-way" | "symmetric") =>
      estimate({ from: half.from, to }, { ...options, maxError, error }).inlierCount;
    expect(count(6.1, "one-way")).toBe(40);
    expect(count(5.9, "one-way")).toBe(39);
    expect(count(9.6, "symmetric")).toBe(40);
    expect(count(9.3, "symmetric")).toBe(39);
  });

  it.each(names)("measure the way back through the inverse: %s", (name) => {
    // x = u - 2 v: 6 pixels off in u and v are -6 and 6 here, so that both ways are 8.49 pixels.
    const sheared = grid(40, (x, y) => [x + 2 * y, y]);
    const to = sheared.to.slice();
    to[78]! += 6;
    to[79]! += 6;
    const count = (maxError: number) =>
      estimators[name]({ from: sheared.from, to }, { localOptimization: false, error: "symmetric", maxError })
        .inlierCount;
    expect(count(8.55)).toBe(40);
    expect(count(8.4)).toBe(39);
  });

  it.each(names)("end with the least squares of the inliers: %s", (name) => {
    const scene = createScene(14, { count: 90, share: 0.6, noise: 1, affine: name === "affine" });
    const { model, inliers } = estimators[name](scene, { maxError: 6 });
    const sum = (changed: ArrayLike<number>) => {
      let total = 0;
      for (const [i, inlier] of inliers.entries()) {
        const [u, v] = apply(changed, scene.from[2 * i]!, scene.from[2 * i + 1]!);
        total += inlier * ((u - scene.to[2 * i]!) ** 2 + (v - scene.to[2 * i + 1]!) ** 2);
      }
      return total;
    };
    for (let i = 0; i < Math.min(8, model.length); i++) {
      for (const factor of [1 - 1e-4, 1 + 1e-4]) {
        expect(sum(model.map((value, at) => (at === i ? value * factor : value)))).toBeGreaterThan(
          sum(model),
        );
      }
    }
  });

  it("tell many different points apart", () => {
    const places = Float64Array.from({ length: 1800 }, (_, i) =>
      i % 2 === 0 ? 20 * ((i >> 1) % 30) : 20 * Math.floor(i / 60),
    );
    expect(estimateAffine({ from: places, to: places }).inlierCount).toBe(900);
  });

  it.each(names)("give the inverse for swapped images with symmetric errors: %s", (name) => {
    const scene = createScene(12, { count: 80, share: 0.6, noise: 0, affine: name === "affine" });
    const options = { error: "symmetric", maxError: 2 } as const;
    const there = estimators[name](scene, options);
    const back = estimators[name]({ from: scene.to, to: scene.from }, options);
    expect(back.inliers).toEqual(there.inliers);
    const [u, v] = apply(there.model, 300, 200);
    expect(apply(back.model, u, v)[0]).toBeCloseTo(300, 6);
    expect(apply(back.model, u, v)[1]).toBeCloseTo(200, 6);
  });

  it.each(names)("do not depend on where the origin lies: %s", (name) => {
    const scene = createScene(5, { count: 100, share: 0.6, affine: name === "affine" });
    const moved = {
      from: scene.from.map((value) => value + 4096),
      to: scene.to.map((value) => value - 8192),
    };
    expect(estimators[name](moved).inliers).toEqual(estimators[name](scene).inliers);
  });

  it.each(names)("give the same bits for the same seed, and write to nothing: %s", (name) => {
    const scene = createScene(9, { count: 100, share: 0.3, affine: name === "affine" });
    const copies = [scene.from.slice(), scene.to.slice()];
    const seeded = (seed: number) =>
      estimators[name](scene, { seed, sampling: "uniform", localOptimization: false });
    expect(seeded(5)).toEqual(seeded(5));
    expect(seeded(6).model).not.toEqual(seeded(5).model);
    expect([scene.from, scene.to]).toEqual(copies);
    const single = { from: Float32Array.from(scene.from), to: Float32Array.from(scene.to) };
    const double = { from: Float64Array.from(single.from), to: Float64Array.from(single.to) };
    expect(estimators[name](single)).toEqual(estimators[name](double));
  });

  it("draw as many samples as the confidence asks for", () => {
    const scene = createScene(1, { count: 100, share: 1, noise: 0 });
    const iterations = (options: EstimationOptions) => estimateHomography(scene, options).iterations;
    expect(iterations({ sampling: "uniform" })).toBeLessThan(20);
    expect(iterations({ confidence: 1, maxIterations: 77, maxError: 1e-300 })).toBe(77);
    const half = createScene(1, { count: 200, share: 0.5, noise: 0 });
    // log(0.01) / log(1 - 0.5^4) = 71.4; a few outliers agree by chance.
    const drawn = estimateHomography(half, { sampling: "uniform" });
    const share = drawn.inlierCount / 200;
    expect(drawn.iterations).toBe(Math.ceil(Math.log(0.01) / Math.log(1 - share ** 4)));
  });

  it("stop early where the first pairs are right, however few the right ones are in all", () => {
    const scene = createScene(4, { count: 300, share: 0.15, noise: 0, order: 1 });
    const progressive = estimateHomography(scene);
    expect(progressive.iterations).toBeLessThan(10);
    expect(gridDistance(progressive.model, scene.matrix)).toBeLessThan(1e-6);
    expect(estimateHomography(scene, { sampling: "uniform" }).iterations).toBe(1000);
  });

  it("have the originals' defaults where these have one", () => {
    const scene = createScene(21, { count: 120, share: 0.3, noise: 2.5 });
    const common = {
      error: "one-way",
      confidence: 0.99,
      maxIterations: 1000,
      sampling: "progressive",
      localOptimization: true,
      oneToOne: true,
      minimumScale: 0.05,
      maximumScale: 20,
      allowReflection: false,
      seed: 0,
    } as const;
    expect(estimateHomography(scene)).toEqual(
      estimateHomography(scene, { ...common, maxError: 4, minimumInliers: 5 }),
    );
    expect(estimateAffine(scene)).toEqual(
      estimateAffine(scene, { ...common, maxError: 10, minimumInliers: 4 }),
    );
    const hopeless = createScene(21, { count: 120, share: 0 });
    expect(estimateHomography(hopeless, { minimumInliers: 100 }).iterations).toBe(1000);
    const four = grid(4, (x, y) => [x, y]);
    expect(estimateHomography(four).inlierCount).toBe(0);
    expect(estimateHomography(four, { minimumInliers: 0 }).inlierCount).toBe(4);
    expect(estimateAffine(four).inlierCount).toBe(4);
    const three = grid(3, (x, y) => [x, y]);
    expect(estimateAffine(three).inlierCount).toBe(0);
    expect(estimateAffine(three, { minimumInliers: 3 }).inlierCount).toBe(3);
  });

  it("find few inliers more often by order of quality and with local optimisation", () => {
    // Of 60 scenes, those where the transform is within 8 pixels everywhere.
    const recovered = (share: number, options: EstimationOptions) => {
      let count = 0;
      for (let seed = 1; seed <= 60; seed++) {
        const scene = createScene(seed, { count: 200, share, order: 0.35 });
        if (gridDistance(estimateHomography(scene, options).model, scene.matrix) < 8) count += 1;
      }
      return count / 60;
    };
    const uniform = { sampling: "uniform" } as const;
    const plain = { localOptimization: false } as const;
    // 1000 samples of 4 hold 0.1 of inliers only where a tenth of the pairs are right.
    expect(recovered(0.1, { ...uniform, ...plain })).toBeLessThan(0.2);
    expect(recovered(0.1, uniform)).toBeLessThan(0.25);
    expect(recovered(0.1, {})).toBeGreaterThan(0.85);
    expect(recovered(0.2, { ...uniform, ...plain })).toBeLessThan(0.4);
    expect(recovered(0.2, uniform)).toBeGreaterThan(0.5);
    expect(recovered(0.2, uniform)).toBeLessThan(0.85);
    expect(recovered(0.2, {})).toBe(1);
    expect(recovered(0.3, { ...uniform, ...plain })).toBeLessThan(0.75);
    expect(recovered(0.3, uniform)).toBeGreaterThan(0.95);
    expect(recovered(0.3, {})).toBe(1);
  });

  it.each([
    ["affine", "estimateAffine"],
    ["homography", "estimateHomography"],
  ] as const)("refuse what does not fit: %s", (name, caller) => {
    const good = grid(6, (x, y) => [x, y]);
    const refuses = (pairs: Correspondences, options: EstimationOptions, message: string) =>
      expect(() => estimators[name](pairs, options)).toThrow(
        new RangeError(`${caller}: expected ${message}`),
      );
    const odd = new Float64Array(3);
    refuses({ from: odd, to: odd }, {}, "`correspondences.from` to hold pairs of x and y, got 3 numbers");
    refuses({ from: good.from, to: odd }, {}, "`correspondences.to` to hold 12 numbers, got 3");
    const broken = good.from.slice();
    broken[5] = Number.NaN;
    refuses({ from: broken, to: good.to }, {}, "`correspondences.from` to be finite, got NaN for point 2");
    broken[5] = Infinity;
    refuses(
      { from: good.from, to: broken },
      {},
      "`correspondences.to` to be finite, got Infinity for point 2",
    );
    refuses(good, { maxError: 0 }, "`maxError` to be a number above 0, got 0");
    refuses(good, { maxError: Infinity }, "`maxError` to be a number above 0, got Infinity");
    refuses(good, { error: "both" as "symmetric" }, '`error` to be "one-way" or "symmetric", got "both"');
    refuses(good, { confidence: 0 }, "`confidence` to be above 0 and at most 1, got 0");
    refuses(good, { confidence: 1.1 }, "`confidence` to be above 0 and at most 1, got 1.1");
    refuses(good, { maxIterations: 0 }, "`maxIterations` to be a positive integer, got 0");
    refuses(
      good,
      { sampling: "random" as "uniform" },
      '`sampling` to be "progressive" or "uniform", got "random"',
    );
    refuses(good, { minimumInliers: -1 }, "`minimumInliers` to be a count, got -1");
    refuses(good, { minimumScale: 0 }, "`minimumScale` to be a number above 0, got 0");
    refuses(good, { minimumScale: 2, maximumScale: 1 }, "`maximumScale` to be a number above 2, got 1");
    refuses(good, { seed: 0.5 }, "`seed` to be a count, got 0.5");
  });
});
