import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { batchHard, contrastive } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { distance, evaluate, scattered, threePoints } from "./pair-batch.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const labels = (...numbers: number[]): tf.Tensor1D => tf.tensor1d(numbers, "int32");

describe("contrastive", () => {
  it("sums half squares over both orders of each pair", () => {
    // ½ · 0.4 for the positive pair; 0.894 is beyond the margin; ½ (0.7 − 0.282843)² for the near negative.
    const { value } = evaluate((x, y) => contrastive(x, y, { reduction: "sum" }));
    expect(value).toBeCloseTo(2 * (0.5 * 0.4 + 0.5 * (0.7 - Math.sqrt(0.08)) ** 2), 5);
    expect(value).toBeCloseTo(0.57402, 5);
  });

  it("is by default the mean over the six ordered pairs", () => {
    expect(evaluate((x, y) => contrastive(x, y)).value).toBeCloseTo(0.09567, 5);
  });

  it("takes excesses as they are, and means over the pairs that cost anything", () => {
    const { value } = evaluate((x, y) =>
      contrastive(x, y, { cost: "linear", reduction: "mean-of-nonzero", margin: 0.8, positiveMargin: 0.1 }),
    );
    expect(value).toBeCloseTo(Math.sqrt(0.4) - 0.1 + (0.8 - Math.sqrt(0.08)), 5);
  });

  it("adds epsilon to every component of a difference", () => {
    const sum = (epsilon: number): number =>
      evaluate((x, y) => contrastive(x, y, { epsilon, reduction: "sum" }), threePoints, [0, 0, 0]).value;
    const squares = (epsilon: number): number =>
      threePoints
        .flatMap((a) =>
          threePoints
            .filter((b) => b !== a)
            .map((b) =>
              distance(
                a.map((v) => v + epsilon),
                b,
              ),
            ),
        )
        .reduce((total, d) => total + 0.5 * d * d, 0);
    expect(sum(0.25)).toBeCloseTo(squares(0.25), 5);
    expect(sum(0)).toBeCloseTo(squares(0), 5);
  });

  it("has an epsilon of 1e-6 by default: the cost of equal negatives in 10,000 dimensions is ½ (0.7 − 1e-4)²", () => {
    const rows = [1, 1].map((first) => Array.from({ length: 10_000 }, (_, i) => (i === 0 ? first : 0)));
    expect(evaluate((x, y) => contrastive(x, y), rows, [0, 1]).value).toBeCloseTo(0.5 * 0.6999 ** 2, 6);
  });

  it("gives equal embeddings of two classes their full cost and no gradient", () => {
    const { value, gradient } = evaluate(
      (x, y) => contrastive(x, y, { epsilon: 0 }),
      [
        [0.6, 0.8],
        [0.6, 0.8],
      ],
      [0, 1],
    );
    expect(value).toBeCloseTo(0.5 * 0.49, 6);
    expect(gradient.flat().map(Math.abs)).toEqual([0, 0, 0, 0]);
  });

  it("takes embeddings that differ by rounding alone for equal", () => {
    for (const offset of [0.1, 0.2, 0.3, 0.4, 0.5]) {
      const [row] = scattered(1, 50, offset);
      const rows = [1, 1.0000002, 1.0000005, 1.0000007].map((factor) => row!.map((value) => factor * value));
      const loss = (x: tf.Tensor2D, y: tf.Tensor1D): tf.Scalar =>
        contrastive(x, y, { epsilon: 0, normalize: false });
      const { value, gradient } = evaluate(loss, rows, [0, 1, 2, 3]);
      expect(value).toBeCloseTo(0.5 * 0.49, 6);
      expect(gradient.flat().every((slope) => slope === 0)).toBe(true);
    }
  });

  it("normalizes unless told not to", () => {
    const long = threePoints.map((row) => row.map((value) => 5 * value));
    expect(evaluate((x, y) => contrastive(x, y), long).value).toBeCloseTo(0.09567, 5);
    const raw = evaluate((x, y) => contrastive(x, y, { normalize: false, reduction: "sum" }), long).value;
    expect(raw).toBeCloseTo(25 * 0.4, 4);
  });

  it("learns from the pairs of a miner only", () => {
    // Anchors 0 and 1: their positive; anchors 1 and 2: the pair at 0.283; anchor 0: the pair at 0.894.
    const { value } = evaluate((x, y) => contrastive(x, y, { miner: batchHard() }));
    expect(value).toBeCloseTo((2 * 0.5 * 0.4 + 2 * 0.5 * (0.7 - Math.sqrt(0.08)) ** 2) / 5, 5);
  });

  it("costs 0 without pairs", () => {
    for (const reduction of ["mean", "sum", "mean-of-nonzero"] as const) {
      const { value, gradient } = evaluate((x, y) => contrastive(x, y, { reduction }), [[1, 2]], [0]);
      expect(value).toBe(0);
      expect(gradient.flat().map(Math.abs)).toEqual([0, 0]);
    }
  });

  it("does not depend on the order of the batch", () => {
    const rows = scattered(6, 4);
    const order = [3, 5, 0, 1, 4, 2];
    const classes = [0, 1, 0, 1, 2, 0];
    const loss = (x: tf.Tensor2D, y: tf.Tensor1D): tf.Scalar => contrastive(x, y);
    const moved = evaluate(
      loss,
      order.map((i) => rows[i]!),
      order.map((i) => classes[i]!),
    );
    expect(moved.value).toBeCloseTo(evaluate(loss, rows, classes).value, 5);
  });

  it("refuses shapes that do not fit, float labels and options out of range", () => {
    const x = tf.zeros([2, 3]) as tf.Tensor2D;
    expect(() => contrastive(tf.zeros([2]) as never, labels(0, 1))).toThrow(
      new RangeError("contrastive: expected `embeddings` to have 2 dimensions, got shape [2]"),
    );
    expect(() => contrastive(x, labels(0))).toThrow(
      new RangeError("contrastive: expected `labels` to have shape [2], got [1]"),
    );
    expect(() => contrastive(x, tf.tensor1d([0, 1]))).toThrow(
      new TypeError("contrastive: expected `labels` to be int32, got float32"),
    );
    for (const option of ["margin", "positiveMargin", "epsilon"]) {
      expect(() => contrastive(x, labels(0, 1), { [option]: -1 })).toThrow(
        new RangeError(`contrastive: expected \`${option}\` to be a finite number of at least 0, got -1`),
      );
    }
  });
});
