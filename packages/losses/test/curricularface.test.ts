import "@tensorflow/tfjs-backend-cpu";
import {
  type CurricularFaceOptions,
  curricularFace,
  curricularFaceLogits,
  curricularFaceParameters,
} from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

const embeddings = (): tf.Tensor2D => tf.tensor2d([[3, 4]]);
/** Cosines of 0.6, 0.8, −0.6 and 0.28 to the embedding [3, 4]. */
const weight = (): tf.Tensor2D =>
  tf.tensor2d([
    [5, 0],
    [0, 1],
    [-2, 0],
    [-0.6, 0.8],
  ]);

function logitsOf(label: number, running: number, options: CurricularFaceOptions): number[] {
  return tf.tidy(() => {
    const labels = tf.tensor1d([label], "int32");
    const { logits } = curricularFaceLogits(embeddings(), weight(), labels, tf.scalar(running), options);
    return [...logits.dataSync()];
  });
}

/** The cosine of the angle whose cosine is 0.8, widened by half a radian. */
const widened = Math.cos(Math.acos(0.8) + 0.5);

describe("curricularFaceLogits", () => {
  it("weighs classes above the widened target by t + cos θ, and leaves the others", () => {
    // t = 0.01 · 0.8 + 0.99 · 0.5; of the others only 0.6 is above cos(θ + 0.5) = 0.414.
    const t = 0.503;
    const expected = [0.6 * (t + 0.6), widened, -0.6, 0.28].map((value) => expect.closeTo(10 * value, 4));
    expect(logitsOf(1, 0.5, { scale: 10 })).toEqual(expected);
  });

  it("keeps the given mean with a momentum of 0", () => {
    expect(logitsOf(1, 0.5, { scale: 10, momentum: 0 })[0]).toBeCloseTo(10 * 0.6 * 1.1, 5);
  });

  it("falls back beyond π − m, as ArcFace does", () => {
    // cos θ = −0.6 is below cos(π − 1) = −0.54; every other class is above its widened cosine, so all are hard.
    const logits = logitsOf(2, 0, { scale: 1, margin: 1, momentum: 0 });
    expect(logits[2]).toBeCloseTo(-0.6 - Math.sin(1), 5);
    expect(logits[3]).toBeCloseTo(0.28 ** 2, 5);
  });

  it("refuses shapes that do not fit and options out of range", () => {
    const labels = tf.tensor1d([0], "int32");
    const call =
      (options: CurricularFaceOptions, running: tf.Tensor = tf.scalar(0)) =>
      () =>
        curricularFaceLogits(embeddings(), weight(), labels, running as tf.Scalar, options);
    expect(call({}, tf.tensor1d([0]))).toThrow(
      new RangeError("curricularFaceLogits: expected `running` to have shape [], got [1]"),
    );
    expect(call({ scale: -1 })).toThrow(
      new RangeError("curricularFaceLogits: expected `scale` to be a finite number above 0, got -1"),
    );
    expect(call({ margin: 3.2 })).toThrow(
      new RangeError("curricularFaceLogits: expected `margin` to be from 0 to π, got 3.2"),
    );
    expect(call({ momentum: 1.5 })).toThrow(
      new RangeError("curricularFaceLogits: expected `momentum` to be from 0 to 1, got 1.5"),
    );
    expect(() => curricularFaceLogits(tf.zeros([1, 3]), weight(), labels, tf.scalar(0))).toThrow(
      new RangeError("curricularFaceLogits: expected `weight` to have 3 columns, got shape [4,2]"),
    );
    expect(() => curricularFaceLogits(embeddings(), weight(), tf.tensor1d([0]), tf.scalar(0))).toThrow(
      new TypeError("curricularFaceLogits: expected `labels` to be int32, got float32"),
    );
  });
});

describe("curricularFace", () => {
  it("computes the doc comment's example", () => {
    tf.tidy(() => {
      const rows = tf.tensor2d([
        [1, 0],
        [0, 1],
      ]);
      const labels = tf.tensor1d([1], "int32");
      const { loss, statistics } = curricularFace(embeddings(), rows, labels, tf.scalar(0.5), { scale: 1 });
      expect(loss.dataSync()[0]).toBeCloseTo(0.824473, 6);
      expect(loss.dataSync()[0]).toBeCloseTo(Math.log(1 + Math.exp(0.6 * 1.103 - widened)), 6);
      expect(Object.keys(statistics)).toEqual(["final.running_target_cosine"]);
      expect(statistics["final.running_target_cosine"].shape).toEqual([]);
      expect(statistics["final.running_target_cosine"].dataSync()[0]).toBeCloseTo(0.503, 6);
    });
  });
});

describe("curricularFaceParameters", () => {
  it("gives class rows and a mean of 0", () => {
    const parameters = curricularFaceParameters({ classes: 3, dimension: 2, seed: 1 });
    expect(parameters["final.weight"]!.shape).toEqual([3, 2]);
    expect(parameters["final.running_target_cosine"]).toEqual({ shape: [], data: Float32Array.of(0) });
  });
});
