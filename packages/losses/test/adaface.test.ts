import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { type AdaFaceOptions, adaFace, adaFaceLogits, adaFaceParameters } from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const weight = (): tf.Tensor2D =>
  tf.tensor2d([
    [1, 0],
    [0, 1],
  ]);

/** The target logit of an embedding with a cosine of 0.8 to its class, of a given length. */
function targetLogit(length: number, options: AdaFaceOptions = {}): number {
  return tf.tidy(() => {
    const embeddings = tf.tensor2d([[0.6 * length, 0.8 * length]]);
    const running = { mean: tf.scalar(10), deviation: tf.scalar(2 - 1e-3) };
    const labels = tf.tensor1d([1], "int32");
    const { logits } = adaFaceLogits(embeddings, weight(), labels, running, {
      scale: 1,
      momentum: 0,
      concentration: 0.5,
      ...options,
    });
    expect(logits.dataSync()[0]).toBeCloseTo(0.6, 6);
    return logits.dataSync()[1]!;
  });
}

const angle = Math.acos(0.8);

describe("adaFaceLogits", () => {
  it("takes the margin from the cosine at the mean length", () => {
    expect(targetLogit(10)).toBeCloseTo(0.8 - 0.4, 5);
  });

  it("widens the angle of short embeddings and narrows that of long ones, taking more from their cosine", () => {
    // One deviation below the mean: q = −1 · 0.5; one above: q = 0.5.
    expect(targetLogit(8)).toBeCloseTo(Math.cos(angle + 0.2) - 0.2, 5);
    expect(targetLogit(12)).toBeCloseTo(Math.cos(angle - 0.2) - 0.6, 5);
  });

  it("ends two deviations from the mean", () => {
    expect(targetLogit(6)).toBeCloseTo(Math.cos(angle + 0.4), 5);
    expect(targetLogit(0.01)).toBeCloseTo(Math.cos(angle + 0.4), 5);
    expect(targetLogit(50)).toBeCloseTo(Math.cos(angle - 0.4) - 0.8, 5);
  });

  it("keeps the angle 0.001 from 0 and from π", () => {
    // The cosine of 0.001 is 0.9999995, 5e-7 from 1.
    expect(targetLogit(50, { margin: 1 }) + 1).toBeLessThan(-3e-7);
    expect(targetLogit(50, { margin: 1 }) + 1).toBeGreaterThan(-7e-7);
    expect(targetLogit(1, { margin: 3 }) + 1).toBeGreaterThan(3e-7);
    expect(targetLogit(1, { margin: 3 }) + 1).toBeLessThan(7e-7);
  });

  it("refuses shapes that do not fit and options out of range", () => {
    const labels = tf.tensor1d([0], "int32");
    const running = { mean: tf.scalar(0), deviation: tf.scalar(1) };
    const call = (options: AdaFaceOptions) => () =>
      adaFaceLogits(tf.zeros([1, 2]), weight(), labels, running, options);
    const long = tf.zeros([2]) as tf.Scalar;
    expect(() => adaFaceLogits(tf.zeros([1, 2]), weight(), labels, { ...running, mean: long })).toThrow(
      new RangeError("adaFaceLogits: expected `running.mean` to have shape [], got [2]"),
    );
    expect(() => adaFaceLogits(tf.zeros([1, 2]), weight(), labels, { ...running, deviation: long })).toThrow(
      new RangeError("adaFaceLogits: expected `running.deviation` to have shape [], got [2]"),
    );
    expect(call({ scale: 0 })).toThrow(
      new RangeError("adaFaceLogits: expected `scale` to be a finite number above 0, got 0"),
    );
    expect(call({ margin: -1 })).toThrow(
      new RangeError("adaFaceLogits: expected `margin` to be from 0 to π, got -1"),
    );
    expect(call({ concentration: 0 })).toThrow(
      new RangeError("adaFaceLogits: expected `concentration` to be a finite number above 0, got 0"),
    );
    expect(call({ momentum: -0.5 })).toThrow(
      new RangeError("adaFaceLogits: expected `momentum` to be from 0 to 1, got -0.5"),
    );
    expect(() => adaFaceLogits(tf.zeros([1, 3]), weight(), labels, running)).toThrow(
      new RangeError("adaFaceLogits: expected `weight` to have 3 columns, got shape [2,2]"),
    );
  });
});

describe("adaFace", () => {
  it("computes the doc comment's example", () => {
    tf.tidy(() => {
      const running = { mean: tf.scalar(5), deviation: tf.scalar(1) };
      const labels = tf.tensor1d([1], "int32");
      const { loss } = adaFace(tf.tensor2d([[3, 4]]), weight(), labels, running, { scale: 1 });
      expect(loss.dataSync()[0]).toBeCloseTo(0.798139, 6);
      expect(loss.dataSync()[0]).toBeCloseTo(Math.log(1 + Math.exp(0.6 - 0.4)), 6);
    });
  });

  it("moves the statistics by a share of the batch's, clamped to 100, with the deviation of a sample", () => {
    tf.tidy(() => {
      // Lengths 10, 20 and 300, the last clamped: mean 43.333, squared differences from it 6466.667.
      const embeddings = tf.tensor2d([
        [6, 8],
        [12, 16],
        [300, 0],
      ]);
      const running = { mean: tf.scalar(20), deviation: tf.scalar(100) };
      const { statistics } = adaFace(embeddings, weight(), tf.tensor1d([0, 1, 1], "int32"), running);
      expect(statistics["final.running_norm_mean"].dataSync()[0]).toBeCloseTo(19.8 + 0.4333333, 4);
      const deviation = Math.sqrt((33.33333 ** 2 + 23.33333 ** 2 + 56.66667 ** 2) / 2);
      expect(statistics["final.running_norm_deviation"].dataSync()[0]).toBeCloseTo(99 + deviation / 100, 3);
    });
  });

  it("counts the deviation of a single embedding as 0", () => {
    tf.tidy(() => {
      const running = { mean: tf.scalar(20), deviation: tf.scalar(100) };
      const { statistics } = adaFace(tf.tensor2d([[3, 4]]), weight(), tf.tensor1d([0], "int32"), running);
      expect(statistics["final.running_norm_deviation"].dataSync()[0]).toBeCloseTo(99, 4);
    });
  });

  it("holds the length constant: no gradient along an embedding", () => {
    tf.tidy(() => {
      const running = { mean: tf.scalar(5), deviation: tf.scalar(1) };
      const labels = tf.tensor1d([1], "int32");
      const gradient = tf.grad((x: tf.Tensor) => adaFace(x as tf.Tensor2D, weight(), labels, running).loss)(
        tf.tensor2d([[3, 3.5]]),
      );
      const [x, y] = gradient.dataSync() as Float32Array;
      expect(Math.abs(x! * 3 + y! * 3.5)).toBeLessThan(1e-5);
      expect(Math.abs(x!)).toBeGreaterThan(0.1);
    });
  });
});

describe("adaFaceParameters", () => {
  it("gives class rows, a mean of 20 and a deviation of 100", () => {
    const parameters = adaFaceParameters({ classes: 3, dimension: 2, seed: 1 });
    expect(parameters["final.weight"]!.shape).toEqual([3, 2]);
    expect(parameters["final.running_norm_mean"]).toEqual({ shape: [], data: Float32Array.of(20) });
    expect(parameters["final.running_norm_deviation"]).toEqual({ shape: [], data: Float32Array.of(100) });
  });
});
