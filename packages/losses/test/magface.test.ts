import "@tensorflow/tfjs-backend-cpu";
import { type MagFaceOptions, magFace, magFaceLogits } from "@lmk/losses";
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
const labels = (): tf.Tensor1D => tf.tensor1d([1], "int32");

/** The target logit of an embedding of a given length and cosine. */
function targetLogit(length: number, cosine: number, options: MagFaceOptions = {}): number {
  return tf.tidy(() => {
    const embeddings = tf.tensor2d([[length * Math.sqrt(1 - cosine ** 2), length * cosine]]);
    return magFaceLogits(embeddings, weight(), labels(), { scale: 1, ...options }).dataSync()[1]!;
  });
}

describe("magFaceLogits", () => {
  it("widens the angle by 0.45 up to a length of 10, by 0.8 from 110 on, and in proportion between", () => {
    const angle = Math.acos(0.8);
    expect(targetLogit(1, 0.8)).toBeCloseTo(Math.cos(angle + 0.45), 5);
    expect(targetLogit(10, 0.8)).toBeCloseTo(Math.cos(angle + 0.45), 5);
    expect(targetLogit(50, 0.8)).toBeCloseTo(Math.cos(angle + 0.45 + 0.35 * 0.4), 5);
    expect(targetLogit(300, 0.8)).toBeCloseTo(Math.cos(angle + 0.8), 5);
  });

  it("applies an easy margin only up to a right angle", () => {
    expect(targetLogit(1, -0.2)).toBeCloseTo(-0.2, 6);
    expect(targetLogit(1, 0.2)).toBeCloseTo(Math.cos(Math.acos(0.2) + 0.45), 5);
  });

  it("without it goes on to π − m, and falls back beyond", () => {
    expect(targetLogit(1, -0.2, { beyond: "linear" })).toBeCloseTo(Math.cos(Math.acos(-0.2) + 0.45), 5);
    expect(targetLogit(1, -0.95, { beyond: "linear" })).toBeCloseTo(-0.95 - 0.45 * Math.sin(0.45), 5);
  });

  it("ends at π with a hard threshold, and turns past it without any", () => {
    expect(targetLogit(1, -0.8, { beyond: "hard" })).toBeCloseTo(Math.cos(Math.acos(-0.8) + 0.45), 5);
    expect(targetLogit(1, -0.95, { beyond: "hard" })).toBeCloseTo(-1, 6);
    expect(targetLogit(1, -0.95, { beyond: "none" })).toBeCloseTo(Math.cos(Math.acos(-0.95) + 0.45), 5);
  });

  it("takes other bounds", () => {
    const options = { lowerNorm: 1, upperNorm: 3, lowerMargin: 0.2, upperMargin: 0.6, scale: 10 };
    expect(targetLogit(2, 0.8, options)).toBeCloseTo(10 * Math.cos(Math.acos(0.8) + 0.4), 4);
  });

  it("refuses options out of range", () => {
    const call = (options: MagFaceOptions) => () =>
      magFaceLogits(tf.zeros([1, 2]), weight(), labels(), options);
    expect(call({ scale: 0 })).toThrow(
      new RangeError("magFaceLogits: expected `scale` to be a finite number above 0, got 0"),
    );
    expect(call({ lowerNorm: 0 })).toThrow(
      new RangeError("magFaceLogits: expected `lowerNorm` to be a finite number above 0, got 0"),
    );
    expect(call({ upperNorm: Number.NaN })).toThrow(
      new RangeError("magFaceLogits: expected `upperNorm` to be a finite number above 0, got NaN"),
    );
    expect(call({ upperNorm: 10 })).toThrow(
      new RangeError("magFaceLogits: expected `upperNorm` to be above 10, got 10"),
    );
    expect(call({ lowerMargin: -0.1 })).toThrow(
      new RangeError("magFaceLogits: expected `lowerMargin` to be from 0 to π, got -0.1"),
    );
    expect(call({ upperMargin: 4 })).toThrow(
      new RangeError("magFaceLogits: expected `upperMargin` to be from 0 to π, got 4"),
    );
    expect(call({ upperMargin: 0.4 })).toThrow(
      new RangeError("magFaceLogits: expected `upperMargin` to be at least 0.45, got 0.4"),
    );
    expect(() => magFaceLogits(tf.zeros([1, 3]), weight(), labels())).toThrow(
      new RangeError("magFaceLogits: expected `weight` to have 3 columns, got shape [2,2]"),
    );
  });
});

describe("magFace", () => {
  const lossOf = (embeddings: number[][], options: MagFaceOptions = {}): number =>
    tf.tidy(() => magFace(tf.tensor2d(embeddings), weight(), labels(), options).dataSync()[0]!);

  it("computes the doc comment's example", () => {
    const term = 35 * (50 / 110 ** 2 + 1 / 50);
    const entropy = Math.log(1 + Math.exp(0.6 - Math.cos(Math.acos(0.8) + 0.59)));
    expect(lossOf([[30, 40]], { scale: 1 })).toBeCloseTo(1.68133, 5);
    expect(lossOf([[30, 40]], { scale: 1 })).toBeCloseTo(entropy + term, 5);
  });

  it("rewards length up to the upper bound, and no further", () => {
    const term = (length: number): number => {
      const [given, without] = [35, 0].map((regularization) =>
        lossOf([[0.6 * length, 0.8 * length]], { regularization }),
      );
      return given! - without!;
    };
    expect(term(5)).toBeCloseTo(35 * (10 / 12100 + 0.1), 4);
    expect(term(110)).toBeCloseTo(35 * (2 / 110), 4);
    expect(term(500)).toBeCloseTo(35 * (2 / 110), 4);
  });

  it("refuses a negative regularization", () => {
    expect(() => magFace(tf.zeros([1, 2]), weight(), labels(), { regularization: -1 })).toThrow(
      new RangeError("magFace: expected `regularization` to be a finite number of at least 0, got -1"),
    );
  });
});
