import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { arcFace, gatherRows, type SampleClassesOptions, sampleClasses, scatterRows } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe("sampleClasses", () => {
  it("computes the doc comment's example", () => {
    const rows = { shape: [6, 2], data: Float32Array.of(1, 0, 0, 1, -1, 0, 0, -1, 1, 1, -1, -1) };
    const labels = Int32Array.of(4, 1, 4);
    const sample = sampleClasses(labels, { classes: 6, count: 4, seed: 7 });
    expect(sample.classes.length).toBe(4);
    expect(labels.every((label, i) => sample.classes[sample.labels[i]!] === label)).toBe(true);
    const gathered = gatherRows(rows, sample.rows);
    scatterRows(
      rows,
      sample.rows,
      gathered.map((value) => value * 0.9),
    );
    expect(rows.data[2 * 4]).toBeCloseTo(0.9, 6);
  });

  it("gives the classes of the batch and others, ascending, each once, and the labels among them", () => {
    const labels = Int32Array.of(17, 3, 99, 3);
    for (let seed = 0; seed < 50; seed++) {
      const sample = sampleClasses(labels, { classes: 100, count: 20, seed });
      expect(sample.classes.length).toBe(20);
      expect(sample.classes.every((label, i) => i === 0 || label > sample.classes[i - 1]!)).toBe(true);
      expect(sample.classes[0]).toBeGreaterThanOrEqual(0);
      expect(sample.classes[19]).toBeLessThan(100);
      expect([...sample.labels].map((position) => sample.classes[position])).toEqual([17, 3, 99, 3]);
      expect(sample.rows).toEqual(sample.classes);
    }
  });

  it("has no choice where the batch fills the sample, or the sample is all classes", () => {
    const labels = Int32Array.of(4, 0, 4);
    expect(sampleClasses(labels, { classes: 6, count: 2, seed: 1 })).toEqual({
      classes: Int32Array.of(0, 4),
      labels: Int32Array.of(1, 0, 1),
      rows: Int32Array.of(0, 4),
    });
    expect(sampleClasses(labels, { classes: 6, count: 6, seed: 1 })).toEqual({
      classes: Int32Array.of(0, 1, 2, 3, 4, 5),
      labels,
      rows: Int32Array.of(0, 1, 2, 3, 4, 5),
    });
    expect(sampleClasses(Int32Array.of(0), { classes: 1, rate: 0.1, seed: 1 }).classes).toEqual(
      Int32Array.of(0),
    );
  });

  it("gives the rows of each class's centers", () => {
    const sample = sampleClasses(Int32Array.of(4, 0), { classes: 6, count: 2, seed: 1, centers: 3 });
    expect(sample.rows).toEqual(Int32Array.of(0, 1, 2, 12, 13, 14));
  });

  it("takes a rate in place of a count, rounded down", () => {
    const sizeOf = (classes: number, rate: number): number =>
      sampleClasses(new Int32Array(0), { classes, rate, seed: 1 }).classes.length;
    expect(sizeOf(203_094, 0.1)).toBe(20_309);
    expect(sizeOf(10, 1)).toBe(10);
    expect(sizeOf(10, 0.01)).toBe(1);
  });

  it("draws the same from the same seed and step, and others from other ones", () => {
    const draw = (seed: number, step?: number): string =>
      sampleClasses(Int32Array.of(5), {
        classes: 1000,
        count: 30,
        seed,
        ...(step === undefined ? {} : { step }),
      }).classes.join();
    expect(draw(1, 2)).toBe(draw(1, 2));
    expect(draw(1)).toBe(draw(1, 0));
    const draws = [draw(1, 0), draw(1, 1), draw(1, 2), draw(2, 0), draw(2, 1), draw(0, 1)];
    expect(new Set(draws).size).toBe(draws.length);
  });

  it("draws every class alike, across steps of one seed", () => {
    const [classes, count, draws] = [40, 10, 4000];
    const seen = new Float64Array(classes);
    const together = new Float64Array(classes);
    for (let step = 0; step < draws; step++) {
      const sample = sampleClasses(Int32Array.of(7, 31), { classes, count, seed: 3, step }).classes;
      for (const label of sample) seen[label]!++;
      if (sample.includes(0)) for (const label of sample) together[label]!++;
    }
    expect([seen[7], seen[31]]).toEqual([draws, draws]);
    // 38 others, 8 of them drawn. Statistics of χ² with 37 degrees of freedom are above 80 once in 20,000.
    const chiSquared = (counts: number[], expected: number, share: number): number =>
      counts.reduce((total, n) => total + (n - expected) ** 2 / (expected * (1 - share)), 0);
    const others = [...seen].filter((_, label) => label !== 7 && label !== 31);
    expect(chiSquared(others, (draws * 8) / 38, 8 / 38)).toBeLessThan(80);
    const partners = [...together].filter((_, label) => label !== 7 && label !== 31 && label !== 0);
    expect(chiSquared(partners, (together[0]! * 7) / 37, 7 / 37)).toBeLessThan(80);
  });

  it("leaves a loss over all classes as it is, and moves only sampled rows", () => {
    const weight = { shape: [6, 3], data: Float32Array.from({ length: 18 }, (_, k) => Math.sin(k)) };
    const labels = Int32Array.of(4, 1, 4);
    const lossAndGradient = (rows: Float32Array, numbers: Int32Array): [number, Float32Array] =>
      tf.tidy(() => {
        const embeddings = tf.tensor2d(
          Float32Array.from({ length: 9 }, (_, k) => Math.cos(k)),
          [3, 3],
        );
        const { value, grad } = tf.valueAndGrad((w: tf.Tensor) =>
          arcFace(embeddings, w as tf.Tensor2D, tf.tensor1d(numbers, "int32")),
        )(tf.tensor2d(rows, [rows.length / 3, 3]));
        return [value.dataSync()[0]!, grad.dataSync() as Float32Array];
      });
    const whole = sampleClasses(labels, { classes: 6, count: 6, seed: 1 });
    expect(lossAndGradient(gatherRows(weight, whole.rows), whole.labels)).toEqual(
      lossAndGradient(weight.data, labels),
    );

    const sample = sampleClasses(labels, { classes: 6, count: 3, seed: 1 });
    const rows = gatherRows(weight, sample.rows);
    const [, gradient] = lossAndGradient(rows, sample.labels);
    const before = weight.data.slice();
    scatterRows(
      weight,
      sample.rows,
      rows.map((value, i) => value - 0.1 * gradient[i]!),
    );
    const moved = [0, 1, 2, 3, 4, 5].filter((row) =>
      [0, 1, 2].some((i) => weight.data[row * 3 + i] !== before[row * 3 + i]),
    );
    expect(moved).toEqual([...sample.classes]);
  });

  it("samples 203,094 classes in milliseconds", () => {
    const labels = Int32Array.from({ length: 64 }, (_, i) => (i * 3163) % 203_094);
    const options = { classes: 203_094, count: 20_309, seed: 5, centers: 3 };
    const times = Array.from({ length: 7 }, (_, step) => {
      const start = performance.now();
      sampleClasses(labels, { ...options, step });
      return performance.now() - start;
    });
    // About 2 ms; sorting or shuffling all classes takes 20.
    expect(Math.min(...times)).toBeLessThan(15);
  });

  it("refuses labels that are no class, samples too small for the batch, and options out of range", () => {
    const call =
      (options: Partial<SampleClassesOptions>, labels = Int32Array.of(0, 1, 1)) =>
      () =>
        sampleClasses(labels, { classes: 5, count: 3, seed: 0, ...options } as SampleClassesOptions);
    expect(call({}, Int32Array.of(0, 5))).toThrow(
      new RangeError("sampleClasses: expected `labels[1]` to be from 0 to 4, got 5"),
    );
    expect(call({}, Int32Array.of(-1))).toThrow(
      new RangeError("sampleClasses: expected `labels[0]` to be from 0 to 4, got -1"),
    );
    expect(call({ count: 1 })).toThrow(
      new RangeError("sampleClasses: expected a sample of at least the 2 classes of the batch, got 1"),
    );
    expect(call({ count: 6 })).toThrow(
      new RangeError("sampleClasses: expected `count` to be a whole number from 1 to 5, got 6"),
    );
    expect(call({ count: 2.5 })).toThrow(
      new RangeError("sampleClasses: expected `count` to be a whole number from 1 to 5, got 2.5"),
    );
    expect(() => sampleClasses(Int32Array.of(0), { classes: 5, rate: 0, seed: 0 })).toThrow(
      new RangeError("sampleClasses: expected `rate` to be above 0 and at most 1, got 0"),
    );
    expect(call({ classes: 0 })).toThrow(
      new RangeError("sampleClasses: expected `classes` to be a whole number above 0, got 0"),
    );
    expect(call({ centers: 0 })).toThrow(
      new RangeError("sampleClasses: expected `centers` to be a whole number above 0, got 0"),
    );
    expect(call({ seed: 0.5 })).toThrow(
      new RangeError("sampleClasses: expected `seed` to be a whole number, got 0.5"),
    );
    expect(call({ step: -1 })).toThrow(
      new RangeError("sampleClasses: expected `step` to be a whole number of at least 0, got -1"),
    );
  });
});

describe("gatherRows and scatterRows", () => {
  const rows = (): { shape: number[]; data: Float32Array } => ({
    shape: [3, 2],
    data: Float32Array.of(0, 1, 2, 3, 4, 5),
  });

  it("copy rows out, in the given order, and write them back in place", () => {
    const matrix = rows();
    expect(gatherRows(matrix, Int32Array.of(2, 0, 2))).toEqual(Float32Array.of(4, 5, 0, 1, 4, 5));
    scatterRows(matrix, Int32Array.of(2, 0), Float32Array.of(9, 8, 7, 6));
    expect(matrix.data).toEqual(Float32Array.of(7, 6, 2, 3, 9, 8));
    expect(gatherRows(matrix, new Int32Array(0))).toEqual(new Float32Array(0));
  });

  it("take one number per class, such as a margin, as a row of length 1, and rows of more axes", () => {
    const margins = { shape: [4], data: Float32Array.of(0.5, 0.25, 0.75, 1) };
    expect(gatherRows(margins, Int32Array.of(3, 1))).toEqual(Float32Array.of(1, 0.25));
    const blocks = { shape: [2, 1, 3], data: Float32Array.of(0, 1, 2, 3, 4, 5) };
    expect(gatherRows(blocks, Int32Array.of(1))).toEqual(Float32Array.of(3, 4, 5));
  });

  it("reach the last rows of 203,094 classes of 3 rows of 1024: 2.5 GB, of which only touched pages are real", () => {
    const [count, width] = [203_094 * 3, 1024];
    const matrix = { shape: [count, width], data: new Float32Array(count * width) };
    const indices = Int32Array.of(count - 1, 0, 524_288, count - 2);
    const values = Float32Array.from({ length: indices.length * width }, (_, k) => k + 1);
    scatterRows(matrix, indices, values);
    expect(gatherRows(matrix, indices)).toEqual(values);
    expect(matrix.data[count * width - 1]).toBe(width);
    // Byte 2³¹ is where a signed 32-bit offset would end.
    expect(matrix.data[2 ** 29]).toBe(2 * width + 1);
    expect(matrix.data[2 ** 29 - 1]).toBe(0);
  });

  it("refuse shapes that do not fit, rows outside and values of another size, before writing anything", () => {
    const matrix = rows();
    expect(() => gatherRows({ ...matrix, shape: [2, 2] }, Int32Array.of(0))).toThrow(
      new RangeError("gatherRows: expected 6 values to be rows, got shape [2,2]"),
    );
    expect(() => gatherRows({ shape: [], data: Float32Array.of(1) }, Int32Array.of(0))).toThrow(
      new RangeError("gatherRows: expected 1 values to be rows, got shape []"),
    );
    expect(() => gatherRows(matrix, Int32Array.of(0, 3))).toThrow(
      new RangeError("gatherRows: expected `indices[1]` to be from 0 to 2, got 3"),
    );
    expect(() => scatterRows(matrix, Int32Array.of(0, -1), new Float32Array(4))).toThrow(
      new RangeError("scatterRows: expected `indices[1]` to be from 0 to 2, got -1"),
    );
    expect(() => scatterRows(matrix, Int32Array.of(0), new Float32Array(3))).toThrow(
      new RangeError("scatterRows: expected `values` to hold 1 rows of 2, got 3 numbers"),
    );
    expect(matrix).toEqual(rows());
  });
});
