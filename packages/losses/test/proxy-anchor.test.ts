import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { proxyAnchor, proxyAnchorParameters } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const evaluate = (
  embeddings: number[][],
  proxies: number[][],
  labels: number[],
  options?: Parameters<typeof proxyAnchor>[3],
): number =>
  tf.tidy(
    () =>
      proxyAnchor(
        tf.tensor2d(embeddings),
        tf.tensor2d(proxies),
        tf.tensor1d(labels, "int32"),
        options,
      ).dataSync()[0]!,
  );

describe("proxyAnchor", () => {
  const axes = [
    [1, 0],
    [0, 2],
  ];

  it("draws towards the own proxy and pushes from the others", () => {
    // Cosines 0.6 to the own proxy, the only one present, and 0.8 to the other of two.
    const value = evaluate([[3, 4]], axes, [0], { scale: 1, margin: 0 });
    expect(value).toBeCloseTo(Math.log(1 + Math.exp(-0.6)) + Math.log(1 + Math.exp(0.8)) / 2, 6);
    expect(value).toBeCloseTo(1.023038, 6);
  });

  it("has a margin of 0.1 and a scale of 32 by default", () => {
    const expected = Math.log(1 + Math.exp(-32 * 0.5)) + Math.log(1 + Math.exp(32 * 0.9)) / 2;
    expect(evaluate([[3, 4]], axes, [0])).toBeCloseTo(expected, 5);
  });

  it("sums the embeddings of a proxy inside its logarithm", () => {
    const rows = [
      [1, 0],
      [0.6, 0.8],
      [0, 1],
    ];
    const log = (...logits: number[]): number =>
      Math.log(1 + logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    const drawn = log(-2 * 0.9, -2 * 0.5) + log(-2 * 0.9);
    const pushed = log(2 * 0.1) + log(2 * 0.1, 2 * 0.9);
    expect(evaluate(rows, axes, [0, 0, 1], { scale: 2 })).toBeCloseTo(drawn / 2 + pushed / 2, 5);
  });

  it("leaves out the half that has nothing to sum", () => {
    // Labels outside draw to no proxy; every embedding is then pushed from all.
    const none = evaluate([[1, 0]], [[0, 1]], [5], { scale: 1, margin: 0 });
    expect(none).toBeCloseTo(Math.log(2), 6);
    const alone = evaluate([[1, 0]], [[0, 1]], [0], { scale: 1, margin: 0 });
    expect(alone).toBeCloseTo(Math.log(2), 6);
  });

  it("refuses shapes that do not fit and options out of range", () => {
    const x = tf.zeros([2, 3]) as tf.Tensor2D;
    const y = tf.tensor1d([0, 1], "int32");
    expect(() => proxyAnchor(x, tf.zeros([4, 2]), y)).toThrow(
      new RangeError("proxyAnchor: expected `proxies` to have shape [4,3], got [4,2]"),
    );
    expect(() => proxyAnchor(x, x, tf.tensor1d([0, 1]))).toThrow(
      new TypeError("proxyAnchor: expected `labels` to be int32, got float32"),
    );
    expect(() => proxyAnchor(x, x, y, { scale: 0 })).toThrow(
      new RangeError("proxyAnchor: expected `scale` to be a finite number above 0, got 0"),
    );
    expect(() => proxyAnchor(x, x, y, { margin: -1 })).toThrow(
      new RangeError("proxyAnchor: expected `margin` to be a finite number of at least 0, got -1"),
    );
  });
});

describe("proxyAnchorParameters", () => {
  it("draws proxies with mean 0 and variance 2 / C, the same for the same seed", () => {
    const options = { classes: 50, dimension: 200, seed: 3 };
    const { shape, data } = proxyAnchorParameters(options)["final.weight"]!;
    expect(shape).toEqual([50, 200]);
    const mean = (values: Float32Array): number => values.reduce((sum, v) => sum + v, 0) / values.length;
    expect(Math.abs(mean(data))).toBeLessThan(3 * Math.sqrt(0.04 / 10_000));
    expect(mean(data.map((v) => v * v)) / 0.04).toBeCloseTo(1, 1);
    // Of a normal variable: E x⁴ = 3 σ⁴.
    expect(mean(data.map((v) => v ** 4)) / 0.04 ** 2 / 3).toBeCloseTo(1, 1);
    expect(proxyAnchorParameters(options)["final.weight"]!.data).toEqual(data);
    expect(proxyAnchorParameters({ ...options, seed: 4 })["final.weight"]!.data).not.toEqual(data);
  });

  it("refuses sizes that are not whole", () => {
    expect(() => proxyAnchorParameters({ classes: 0, dimension: 2, seed: 1 })).toThrow(
      new RangeError("proxyAnchorParameters: expected `classes` to be a whole number above 0, got 0"),
    );
    expect(() => proxyAnchorParameters({ classes: 2, dimension: 1.5, seed: 1 })).toThrow(
      new RangeError("proxyAnchorParameters: expected `dimension` to be a whole number above 0, got 1.5"),
    );
  });
});
