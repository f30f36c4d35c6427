import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { allPairs, multiSimilarity } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { evaluate, scattered, threePoints } from "./pair-batch.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const positives = (cosine: number): number => Math.log(1 + Math.exp(-2 * (cosine - 0.5))) / 2;
const negatives = (...cosines: number[]): number =>
  Math.log(1 + cosines.reduce((sum, cosine) => sum + Math.exp(50 * (cosine - 0.5)), 0)) / 50;

describe("multiSimilarity", () => {
  it("weighs the pairs that the paper mines, by default", () => {
    // The second point has its positive at 0.8 and a negative at 0.96; the first and third have no pair hard enough.
    const { value } = evaluate((x, y) => multiSimilarity(x, y));
    expect(value).toBeCloseTo((positives(0.8) + negatives(0.96)) / 3, 6);
    expect(value).toBeCloseTo(0.226248, 6);
  });

  it("weighs all pairs on request", () => {
    const { value } = evaluate((x, y) => multiSimilarity(x, y, { miner: allPairs() }));
    const anchors = [positives(0.8) + negatives(0.6), positives(0.8) + negatives(0.96), negatives(0.6, 0.96)];
    expect(value).toBeCloseTo(anchors.reduce((sum, anchor) => sum + anchor, 0) / 3, 6);
  });

  it("takes alpha, beta and lambda", () => {
    const { value } = evaluate((x, y) => multiSimilarity(x, y, { alpha: 3, beta: 20, lambda: 0.7 }));
    const expected = Math.log(1 + Math.exp(-3 * 0.1)) / 3 + Math.log(1 + Math.exp(20 * 0.26)) / 20;
    expect(value).toBeCloseTo(expected / 3, 6);
  });

  it("stays finite where exponentials overflow", () => {
    const { value } = evaluate((x, y) => multiSimilarity(x, y, { beta: 1000 }));
    expect(value).toBeCloseTo((positives(0.8) + 0.46) / 3, 5);
  });

  it("ignores lengths", () => {
    const long = threePoints.map((row, i) => row.map((value) => (i + 2) * value));
    expect(evaluate((x, y) => multiSimilarity(x, y), long).value).toBeCloseTo(0.226248, 6);
  });

  it.each([
    ["positives", [0, 1, 2, 3]],
    ["negatives", [0, 0, 0, 0]],
  ])("costs 0, with a gradient of 0, without %s", (_name, labels) => {
    const { value, gradient } = evaluate((x, y) => multiSimilarity(x, y), scattered(4, 3), labels);
    expect(value).toBe(0);
    expect(gradient.flat().every((slope) => slope === 0)).toBe(true);
  });

  it("refuses labels that do not fit and options out of range", () => {
    const x = tf.zeros([2, 3]) as tf.Tensor2D;
    const y = tf.tensor1d([0, 1], "int32");
    expect(() => multiSimilarity(x, tf.tensor1d([0], "int32"))).toThrow(
      new RangeError("multiSimilarity: expected `labels` to have shape [2], got [1]"),
    );
    for (const option of ["alpha", "beta"]) {
      expect(() => multiSimilarity(x, y, { [option]: 0 })).toThrow(
        new RangeError(`multiSimilarity: expected \`${option}\` to be a finite number above 0, got 0`),
      );
    }
    expect(() => multiSimilarity(x, y, { lambda: Number.NaN })).toThrow(
      new RangeError("multiSimilarity: expected `lambda` to be a finite number, got NaN"),
    );
  });
});
