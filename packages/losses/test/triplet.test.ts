import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { allTriplets, batchHard, type MinerInput, triplet } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { distance, evaluate, scattered, threePoints, unit } from "./pair-batch.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const [positive, far, near] = [Math.sqrt(0.4), Math.sqrt(0.8), Math.sqrt(0.08)];
const classes = [0, 1, 0, 1, 2, 0];

/** The costs of all triplets of a batch. */
function costs(rows: number[][], cost: (gap: number) => number): number[] {
  const points = unit(rows);
  return points.flatMap((a, i) =>
    points.flatMap((p, j) =>
      points
        .filter((_, k) => i !== j && classes[i] === classes[j] && classes[k] !== classes[i])
        .map((n) => cost(distance(a, p) - distance(a, n))),
    ),
  );
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

describe("triplet", () => {
  it("compares each anchor with its farthest positive and nearest negative, by default", () => {
    // The third point has no positive and stays out.
    const { value } = evaluate((x, y) => triplet(x, y));
    expect(value).toBeCloseTo((positive - far + 0.3 + (positive - near + 0.3)) / 2, 5);
    expect(value).toBeCloseTo(0.343821, 5);
  });

  it("softens the hinge, with a margin of 0 by default", () => {
    const soft = (gap: number): number => Math.log(1 + Math.exp(gap));
    const { value } = evaluate((x, y) => triplet(x, y, { soft: true }));
    expect(value).toBeCloseTo((soft(positive - far) + soft(positive - near)) / 2, 5);
    const wide = evaluate((x, y) => triplet(x, y, { soft: true, margin: 0.5 })).value;
    expect(wide).toBeCloseTo((soft(positive - far + 0.5) + soft(positive - near + 0.5)) / 2, 5);
  });

  it("takes squared distances", () => {
    const { value } = evaluate((x, y) => triplet(x, y, { squared: true, margin: 0.1, reduction: "sum" }));
    expect(value).toBeCloseTo(0.4 - 0.08 + 0.1, 5);
  });

  it("gives by brute force the three reductions over all triplets", () => {
    const rows = scattered(6, 4);
    const miner = allTriplets();
    const expected = costs(rows, (gap) => Math.max(0, gap + 0.3));
    const paid = expected.filter((cost) => cost > 0);
    expect(paid.length).toBeGreaterThan(3);
    expect(paid.length).toBeLessThan(expected.length - 3);
    const value = (reduction?: "mean" | "sum" | "mean-of-nonzero"): number =>
      evaluate((x, y) => triplet(x, y, { miner, ...(reduction && { reduction }) }), rows, classes).value;
    expect(value()).toBeCloseTo(mean(expected), 5);
    expect(value("mean")).toBeCloseTo(mean(expected), 5);
    expect(value("sum")).toBeCloseTo(mean(expected) * expected.length, 4);
    expect(value("mean-of-nonzero")).toBeCloseTo(mean(paid), 5);
  });

  it("normalizes unless told not to", () => {
    const long = threePoints.map((row) => row.map((value) => 5 * value));
    expect(evaluate((x, y) => triplet(x, y), long).value).toBeCloseTo(0.343821, 5);
    const raw = evaluate((x, y) => triplet(x, y, { normalize: false }), long).value;
    expect(raw).toBeCloseTo((5 * (positive - near) + 0.3) / 2, 5);
  });

  it("takes a miner written by its user, with operations that have no gradient", () => {
    const farNegatives = ({ distances, positive: same, negative }: MinerInput) => {
      const beyond = tf.cast(tf.greater(distances, 0.5), "float32");
      const pairs = tf.mul(tf.expandDims(same, 2), tf.expandDims(tf.mul(negative, beyond), 1));
      return { kind: "triplets", weights: pairs as tf.Tensor3D } as const;
    };
    const { value, gradient } = evaluate((x, y) => triplet(x, y, { miner: farNegatives }));
    expect(value).toBeCloseTo(positive - far + 0.3, 5);
    expect(Math.max(...gradient.flat())).toBeGreaterThan(0.1);
  });

  it("shares the gradient among equally hard negatives", () => {
    const rows = [
      [1, 0],
      [0, 1],
      [0.8, 0.6],
      [0.8, -0.6],
    ];
    const { value, gradient } = evaluate((x, y) => triplet(x, y, { miner: batchHard() }), rows, [0, 0, 1, 2]);
    // Anchor 0: √2 − √0.4; anchor 1: √2 − √0.8 to the third point. The fourth takes part in the first only.
    expect(value).toBeCloseTo((Math.SQRT2 - Math.sqrt(0.4) + Math.SQRT2 - far + 0.6) / 2, 5);
    expect(gradient[3]!.some((slope) => Math.abs(slope) > 0.01)).toBe(true);
  });

  it.each([
    ["positives", [0, 1, 2]],
    ["negatives", [0, 0, 0]],
  ])("costs 0, with a gradient of 0, without %s", (_name, labels) => {
    for (const miner of [batchHard(), allTriplets()]) {
      const { value, gradient } = evaluate(
        (x, y) => triplet(x, y, { miner, soft: true }),
        threePoints,
        labels,
      );
      expect(value).toBe(0);
      expect(gradient.flat().every((slope) => slope === 0)).toBe(true);
    }
  });

  it("refuses shapes that do not fit, float labels and margins out of range", () => {
    const x = tf.zeros([2, 3]) as tf.Tensor2D;
    const y = tf.tensor1d([0, 1], "int32");
    expect(() => triplet(x, tf.tensor1d([0], "int32"))).toThrow(
      new RangeError("triplet: expected `labels` to have shape [2], got [1]"),
    );
    expect(() => triplet(x, tf.tensor1d([0, 1]))).toThrow(
      new TypeError("triplet: expected `labels` to be int32, got float32"),
    );
    expect(() => triplet(x, y, { margin: -0.1 })).toThrow(
      new RangeError("triplet: expected `margin` to be a finite number of at least 0, got -0.1"),
    );
  });
});
