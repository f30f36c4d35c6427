import {
  compile,
  dropout,
  randomBernoulli,
  randomNormal,
  randomUniform,
  splitSeed,
  type TracedFunction,
} from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { expectSame, runEagerly, type TestArray, uniform } from "./against-tfjs.ts";

const seedOf = (seed: number): TestArray => ({ shape: [], data: Int32Array.of(seed) });
const size = 2 ** 16;

beforeAll(() => {
  void tf.setBackend("cpu");
});

const read = (draw: () => tf.Tensor) => tf.tidy(() => Float32Array.from(draw().dataSync()));

/** Pearson's statistic of evenly likely bins, in standard deviations from its expectation. */
function surprise(bins: readonly number[], count: number): number {
  const counts = new Float64Array(count);
  for (const bin of bins) counts[bin] += 1;
  const expected = bins.length / count;
  const statistic = counts.reduce((sum, seen) => sum + (seen - expected) ** 2 / expected, 0);
  return (statistic - (count - 1)) / Math.sqrt(2 * (count - 1));
}

const bin = (value: number, count: number) => Math.floor(value * count);

/** The pairs of two lists of draws, in a grid of 16 by 16. */
const pairs = (a: ArrayLike<number>, b: ArrayLike<number>, offset = 0) =>
  Array.from({ length: a.length - offset }, (_, i) => bin(a[i], 16) * 16 + bin(b[i + offset], 16));

const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("randomUniform", () => {
  const seeds = [0, -1, 2 ** 24, 2 ** 31 - 1];

  it("fills [0, 1) evenly, in its high, middle and low bits", () => {
    for (const seed of seeds) {
      const draws = read(() => randomUniform([size], seed));
      expect(Math.min(...draws)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...draws)).toBeLessThan(1);
      const whole = [...draws].map((value) => value * 2 ** 24);
      expect(whole.every(Number.isInteger)).toBe(true);
      for (const shift of [16, 8, 0]) {
        expect(
          surprise(
            whole.map((value) => (value >> shift) & 255),
            256,
          ),
        ).toBeLessThan(4.5);
      }
      expect(Math.abs(mean(draws) - 0.5) * Math.sqrt(12 * size)).toBeLessThan(4.5);
      const squares = mean(draws.map((value) => (value - 0.5) ** 2));
      expect(Math.abs(squares - 1 / 12) * Math.sqrt(180 * size)).toBeLessThan(4.5);
    }
  });

  it("does not relate neighbors, rows, columns, nor consecutive seeds", () => {
    let before = read(() => randomUniform([size], 99));
    for (const seed of [100, 101, 102]) {
      const draws = read(() => randomUniform([size], seed));
      for (const offset of [1, 2, 255, 256, 257]) {
        expect(surprise(pairs(draws, draws, offset), 256), `offset ${offset}`).toBeLessThan(4.5);
      }
      expect(surprise(pairs(before, draws), 256), `seed ${seed}`).toBeLessThan(4.5);
      before = draws;
    }
  });

  it("repeats a value as rarely as chance", () => {
    const repeats = [5, 6, 7, 8].map((seed) => {
      const draws = read(() => randomUniform([size], seed));
      return size - new Set(draws).size;
    });
    // Poisson of mean 4 · 2³² / 2²⁵.
    expect(Math.abs(repeats.reduce((sum, count) => sum + count) - 512)).toBeLessThan(4.5 * Math.sqrt(512));
  });

  it("gives the same bits compiled as eagerly, for any shape and seed", async () => {
    const inputs = Object.fromEntries(
      [0, 3, -7, 2 ** 31 - 1, -(2 ** 31)].map((seed) => [`seed ${seed}`, seedOf(seed)]),
    );
    for (const shape of [[], [1], [7], [1009], [64, 33], [2, 3, 5, 7], [3, 1, 500]]) {
      const fn: TracedFunction = (given) => ({
        outputs: Object.fromEntries(
          Object.entries(given).map(([name, seed]) => [name, randomUniform(shape, seed)]),
        ),
      });
      await expectSame(fn, inputs, 0);
    }
  });

  it("gives the same for a seed that is a number", async () => {
    const fn: TracedFunction = ({ seed }) => ({
      outputs: { difference: tf.sub(randomUniform([40], 1234567), randomUniform([40], seed)) },
    });
    const { difference } = runEagerly(fn, { seed: seedOf(1234567) }).outputs;
    expect(difference.data.every((value) => value === 0)).toBe(true);
    await expectSame(fn, { seed: seedOf(1234567) }, 0);
  });

  it("scales to the bounds", () => {
    const draws = read(() => randomUniform([4096], 3, { minimum: -2, maximum: 6 }));
    expect(Math.min(...draws)).toBeGreaterThanOrEqual(-2);
    expect(Math.max(...draws)).toBeLessThanOrEqual(6);
    expect(mean(draws)).toBeCloseTo(2, 0);
  });

  it("keeps graphs small: constants grow with the root of the size", async () => {
    const compiled = await compile(
      ({ seed }) => ({ outputs: { draws: randomUniform([1024, 1024], seed) } }),
      {
        inputs: { seed: { shape: [], dtype: "int32" } },
      },
    );
    expect(compiled.report.constantBytes).toBeLessThan(10_000);
    await compiled.dispose();
  });
});

describe("randomNormal", () => {
  it("has the moments and tails of the normal distribution", () => {
    for (const seed of [1, 2, 3]) {
      const draws = read(() => randomNormal([size], seed));
      expect(Math.abs(mean(draws)) * Math.sqrt(size)).toBeLessThan(4.5);
      const power = (exponent: number) => mean(draws.map((value) => value ** exponent));
      expect(Math.abs(power(2) - 1) * Math.sqrt(size / 2)).toBeLessThan(4.5);
      expect(Math.abs(power(3)) * Math.sqrt(size / 15)).toBeLessThan(4.5);
      expect(Math.abs(power(4) - 3) * Math.sqrt(size / 96)).toBeLessThan(4.5);
      const beyond = draws.filter((value) => Math.abs(value) > 3).length;
      expect(Math.abs(beyond - 0.0026998 * size) / Math.sqrt(0.0026998 * size)).toBeLessThan(4.5);
    }
  });

  it("does not relate the two halves", () => {
    const draws = read(() => randomNormal([size], 4));
    let products = 0;
    let squares = 0;
    for (let i = 0; i < size / 2; i++) {
      products += draws[i] * draws[i + size / 2];
      squares += (draws[i] ** 2 - 1) * (draws[i + size / 2] ** 2 - 1);
    }
    expect(Math.abs(products) / Math.sqrt(size / 2)).toBeLessThan(4.5);
    expect(Math.abs(squares) / (2 * Math.sqrt(size / 2))).toBeLessThan(4.5);
  });

  it("agrees with tfjs to rounding when compiled, for odd sizes too", async () => {
    for (const shape of [[], [5], [30, 7], [64, 64]]) {
      const fn: TracedFunction = ({ seed }) => ({
        outputs: { draws: randomNormal(shape, seed, { mean: 1, standardDeviation: 0.5 }) },
      });
      await expectSame(fn, { seed: seedOf(5) }, 1e-6);
    }
  });
});

describe("randomBernoulli", () => {
  it("gives ones as often as asked", () => {
    for (const probability of [0, 0.1, 0.5, 1]) {
      const share = mean(read(() => randomBernoulli([size], probability, 8)));
      const deviation = Math.sqrt((probability * (1 - probability)) / size);
      expect(Math.abs(share - probability)).toBeLessThanOrEqual(4.5 * deviation);
    }
  });
});

describe("dropout", () => {
  it("keeps the expectation, and gives the same compiled, with gradients", async () => {
    const x = uniform(1, [40, 50], 1, 2);
    const fn: TracedFunction = ({ x: given, seed }) => {
      const loss = (value: tf.Tensor) => tf.sum(tf.square(dropout(value, 0.25, seed))) as tf.Scalar;
      return { outputs: { y: dropout(given, 0.25, seed), gradient: tf.grad(loss)(given) } };
    };
    await expectSame(fn, { x, seed: seedOf(3) });
    const { y } = runEagerly(fn, { x, seed: seedOf(3) }).outputs;
    const dropped = y.data.filter((value) => value === 0).length;
    expect(Math.abs(dropped - 500)).toBeLessThan(4.5 * Math.sqrt(2000 * 0.25 * 0.75));
    y.data.forEach((value, i) => {
      if (value !== 0) expect(value).toBeCloseTo(x.data[i] / 0.75, 5);
    });
  });

  it("drops whole samples and channels", async () => {
    const x = { shape: [8, 3, 3, 4], data: new Float32Array(8 * 36).fill(1) };
    for (const noiseShape of [
      [8, 1, 1, 1],
      [8, 1, 1, 4],
    ]) {
      const fn: TracedFunction = ({ x: given, seed }) => ({
        outputs: { y: dropout(given, 0.5, seed, { noiseShape }) },
      });
      await expectSame(fn, { x, seed: seedOf(1) }, 0);
      const { y } = runEagerly(fn, { x, seed: seedOf(1) }).outputs;
      expect(new Set(y.data)).toEqual(new Set([0, 2]));
    }
    const rows = runEagerly(
      ({ x: given }) => ({ outputs: { y: dropout(given, 0.5, 1, { noiseShape: [8, 1, 1, 1] }) } }),
      { x },
    ).outputs.y.data;
    for (let i = 0; i < rows.length; i++) expect(rows[i]).toBe(rows[i - (i % 36)]);
  });

  it("is the tensor itself with rate 0", () => {
    const data = read(() => dropout(tf.tensor1d([1, 2, 3]), 0, 1));
    expect(data).toEqual(Float32Array.of(1, 2, 3));
  });

  it("draws anew in every run from a seed that is an input", async () => {
    const compiled = await compile(({ x, step }) => ({ outputs: { y: dropout(x, 0.5, step) } }), {
      inputs: { x: { shape: [100] }, step: { shape: [], dtype: "int32" } },
    });
    const x = new Float32Array(100).fill(1);
    const runs = [];
    for (const step of [0, 1, 0]) runs.push((await compiled.run({ x, step: Int32Array.of(step) })).y.data);
    await compiled.dispose();
    expect(runs[0]).toEqual(runs[2]);
    expect(runs[0]).not.toEqual(runs[1]);
  });
});

describe("splitSeed", () => {
  it("gives unrelated streams", () => {
    const draws = [0, 1, 2].map((index) => read(() => randomUniform([size], splitSeed(7, index))));
    const own = read(() => randomUniform([size], 7));
    expect(surprise(pairs(draws[0], draws[1]), 256)).toBeLessThan(4.5);
    expect(surprise(pairs(draws[1], draws[2]), 256)).toBeLessThan(4.5);
    expect(surprise(pairs(own, draws[0]), 256)).toBeLessThan(4.5);
  });

  it("gives distinct seeds of 31 bits that fill their range", () => {
    const seeds = Array.from({ length: 2000 }, (_, index) =>
      tf.tidy(() => splitSeed(index % 2, index >> 1).dataSync()[0]),
    );
    expect(new Set(seeds).size).toBe(seeds.length);
    expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31)).toBe(true);
    expect(
      surprise(
        seeds.map((seed) => seed >> 26),
        32,
      ),
    ).toBeLessThan(4.5);
  });

  it("gives the same compiled, and nests", async () => {
    await expectSame(
      ({ seed }) => ({
        outputs: { seed: splitSeed(seed, 3), nested: splitSeed(splitSeed(seed, 2 ** 24 - 1), 1) },
      }),
      { seed: seedOf(-12345) },
      0,
    );
  });

  it("takes the smallest and the largest integer of 32 bits", () => {
    const extremes = [-(2 ** 31), 2 ** 31 - 1, 0].map((seed) => read(() => splitSeed(seed, 0))[0]);
    expect(new Set(extremes).size).toBe(3);
    expect(extremes[0]).toBe(read(() => splitSeed(tf.scalar(-(2 ** 31), "int32"), 0))[0]);
  });
});

describe("arguments", () => {
  const messages: readonly (readonly [string, () => tf.Tensor, string])[] = [
    [
      "shape",
      () => randomUniform([0], 1),
      "randomUniform: expected `shape` to be a list of positive integers, got [0]",
    ],
    [
      "bounds",
      () => randomUniform([1], 1, { minimum: 1 }),
      "randomUniform: expected `options.minimum` to be below `options.maximum`, got 1 and 1",
    ],
    [
      "seed",
      () => randomUniform([1], 0.5),
      "randomUniform: expected `seed` to be an integer of 32 bits, got 0.5",
    ],
    [
      "large seed",
      () => splitSeed(2 ** 31, 0),
      "splitSeed: expected `seed` to be an integer of 32 bits, got 2147483648",
    ],
    [
      "small seed",
      () => splitSeed(-(2 ** 31) - 1, 0),
      "splitSeed: expected `seed` to be an integer of 32 bits, got -2147483649",
    ],
    [
      "seed's type",
      () => randomNormal([1], tf.scalar(1)),
      "randomNormal: expected `seed` to be an int32 tensor, got a float32 one",
    ],
    [
      "seed's size",
      () => dropout(tf.ones([2]), 0.5, tf.tensor1d([1, 2], "int32")),
      "dropout: expected `seed` to be one number, got 2",
    ],
    [
      "mean",
      () => randomNormal([1], 1, { mean: Number.NaN }),
      "randomNormal: expected `options.mean` to be finite, got NaN",
    ],
    [
      "standard deviation",
      () => randomNormal([1], 1, { standardDeviation: -1 }),
      "randomNormal: expected `options.standardDeviation` to be a number of at least 0, got -1",
    ],
    [
      "probability",
      () => randomBernoulli([1], 1.5, 1),
      "randomBernoulli: expected `probability` to be a number from 0 to 1, got 1.5",
    ],
    [
      "rate",
      () => dropout(tf.ones([2]), 1, 1),
      "dropout: expected `rate` to be a number of at least 0 and below 1, got 1",
    ],
    [
      "noise shape",
      () => dropout(tf.ones([2, 3]), 0.5, 1, { noiseShape: [3] }),
      "dropout: expected `options.noiseShape` to be [2, 3] with some dimensions 1, got [3]",
    ],
    [
      "index",
      () => splitSeed(1, -1),
      "splitSeed: expected `index` to be an integer of at least 0 and below 2^24, got -1",
    ],
  ];
  for (const [name, call, message] of messages) {
    it(`refuses a wrong ${name}`, () => {
      expect(() => tf.tidy(call)).toThrow(message);
    });
  }
});
