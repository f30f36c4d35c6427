import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { ntXent } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { dot, evaluate, scattered, threePoints, unit } from "./pair-batch.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

describe("ntXent", () => {
  it("compares each positive pair with the negatives of its anchor", () => {
    const { value } = evaluate((x, y) => ntXent(x, y, { temperature: 1 }));
    expect(value).toBeCloseTo((Math.log(1 + Math.exp(-0.2)) + Math.log(1 + Math.exp(0.16))) / 2, 6);
    expect(value).toBeCloseTo(0.687241, 6);
  });

  it("has a temperature of 0.07 by default", () => {
    const { value } = evaluate((x, y) => ntXent(x, y));
    const expected = (Math.log(1 + Math.exp(-0.2 / 0.07)) + Math.log(1 + Math.exp(0.16 / 0.07))) / 2;
    expect(value).toBeCloseTo(expected, 5);
  });

  it("is SimCLR of two views: the cross-entropy of the other view among all others", () => {
    const rows = scattered(8, 4);
    const points = unit(rows);
    const labels = [0, 1, 2, 3, 0, 1, 2, 3];
    const anchors = points.map((point, i) => {
      const exponents = points.map((other, j) => (i === j ? 0 : Math.exp(dot(point, other) / 0.5)));
      return -Math.log(exponents[(i + 4) % 8]! / exponents.reduce((sum, exponent) => sum + exponent, 0));
    });
    const { value } = evaluate((x, y) => ntXent(x, y, { temperature: 0.5 }), rows, labels);
    expect(value).toBeCloseTo(anchors.reduce((sum, anchor) => sum + anchor, 0) / 8, 5);
  });

  it("leaves other positives out of the denominator", () => {
    const rows = [...threePoints, [0, 1]];
    const pair = (cosine: number, negative: number): number => Math.log(1 + Math.exp(negative - cosine));
    const { value } = evaluate((x, y) => ntXent(x, y, { temperature: 1 }), rows, [0, 0, 0, 1]);
    const pairs = [
      pair(0.8, 0),
      pair(0.6, 0),
      pair(0.8, 0.6),
      pair(0.96, 0.6),
      pair(0.6, 0.8),
      pair(0.96, 0.8),
    ];
    expect(value).toBeCloseTo(pairs.reduce((sum, one) => sum + one, 0) / 6, 6);
  });

  it.each([
    ["positives", [0, 1, 2]],
    ["negatives", [0, 0, 0]],
  ])("costs 0, with a gradient of 0, without %s", (_name, labels) => {
    const { value, gradient } = evaluate((x, y) => ntXent(x, y), threePoints, labels);
    expect(value).toBe(0);
    expect(gradient.flat().every((slope) => slope === 0)).toBe(true);
  });

  it("refuses labels that do not fit and temperatures out of range", () => {
    const x = tf.zeros([2, 3]) as tf.Tensor2D;
    expect(() => ntXent(x, tf.tensor1d([0], "int32"))).toThrow(
      new RangeError("ntXent: expected `labels` to have shape [2], got [1]"),
    );
    expect(() => ntXent(x, tf.tensor1d([0, 1], "int32"), { temperature: -1 })).toThrow(
      new RangeError("ntXent: expected `temperature` to be a finite number above 0, got -1"),
    );
  });
});
