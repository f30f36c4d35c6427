import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { supCon } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { dot, evaluate, scattered, threePoints, unit } from "./pair-batch.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

/** The formula, literally. */
function literal(
  rows: readonly (readonly number[])[],
  labels: readonly number[],
  temperature: number,
): number {
  const points = unit(rows);
  const exponent = (i: number, j: number): number => dot(points[i]!, points[j]!) / temperature;
  const anchors = points.flatMap((_, i) => {
    const others = points.map((__, j) => j).filter((j) => j !== i);
    const all = others.reduce((sum, j) => sum + Math.exp(exponent(i, j)), 0);
    const positives = others.filter((j) => labels[j] === labels[i]);
    if (positives.length === 0) return [];
    return positives.reduce((sum, j) => sum + Math.log(all) - exponent(i, j), 0) / positives.length;
  });
  return anchors.reduce((sum, anchor) => sum + anchor, 0) / anchors.length;
}

describe("supCon", () => {
  it("compares each positive with all others, over anchors that have positives", () => {
    const { value } = evaluate((x, y) => supCon(x, y, { temperature: 1 }));
    expect(value).toBeCloseTo((Math.log(1 + Math.exp(-0.2)) + Math.log(1 + Math.exp(0.16))) / 2, 6);
    expect(value).toBeCloseTo(0.687241, 6);
  });

  it("has a temperature of 0.1 by default", () => {
    const { value } = evaluate((x, y) => supCon(x, y));
    expect(value).toBeCloseTo((Math.log(1 + Math.exp(-2)) + Math.log(1 + Math.exp(1.6))) / 2, 5);
  });

  it("averages over the positives outside the logarithm, also of several views", () => {
    const rows = scattered(9, 4);
    for (const labels of [
      [0, 1, 0, 2, 1, 0, 3, 1, 0],
      [0, 1, 2, 0, 1, 2, 0, 1, 2],
    ]) {
      const { value } = evaluate((x, y) => supCon(x, y, { temperature: 0.2 }), rows, labels);
      expect(value).toBeCloseTo(literal(rows, labels, 0.2), 5);
    }
  });

  it("counts positives in the denominator: with one class only, each against the others", () => {
    const { value } = evaluate((x, y) => supCon(x, y, { temperature: 1 }), threePoints, [4, 4, 4]);
    expect(value).toBeCloseTo(literal(threePoints, [4, 4, 4], 1), 6);
    expect(value).toBeGreaterThan(0.5);
  });

  it("costs 0, with a gradient of 0, without positives", () => {
    const { value, gradient } = evaluate((x, y) => supCon(x, y), threePoints, [0, 1, 2]);
    expect(value).toBe(0);
    expect(gradient.flat().every((slope) => slope === 0)).toBe(true);
  });

  it("stays finite where exponentials overflow", () => {
    const { value } = evaluate((x, y) => supCon(x, y, { temperature: 1e-3 }));
    expect(value).toBeCloseTo(160 / 2, 2);
  });

  it("refuses labels that do not fit and temperatures out of range", () => {
    const x = tf.zeros([2, 3]) as tf.Tensor2D;
    expect(() => supCon(x, tf.tensor1d([0], "int32"))).toThrow(
      new RangeError("supCon: expected `labels` to have shape [2], got [1]"),
    );
    expect(() => supCon(x, tf.tensor1d([0, 1], "int32"), { temperature: 0 })).toThrow(
      new RangeError("supCon: expected `temperature` to be a finite number above 0, got 0"),
    );
  });
});
