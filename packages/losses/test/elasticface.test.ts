import "@tensorflow/tfjs-backend-cpu";
import { type ElasticFaceOptions, elasticFace, elasticFaceLogits } from "@lmk/losses";
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

/** The target logits of embeddings with the given cosines to their class. */
function targetLogits(cosines: number[], draws: number[], options: ElasticFaceOptions): number[] {
  return tf.tidy(() => {
    const embeddings = tf.tensor2d(cosines.map((cosine) => [Math.sqrt(1 - cosine ** 2), cosine]));
    const labels = tf.fill([cosines.length], 1, "int32") as tf.Tensor1D;
    const logits = elasticFaceLogits(embeddings, weight(), labels, tf.tensor1d(draws), {
      scale: 1,
      ...options,
    });
    return [...logits.dataSync()].filter((_, i) => i % 2 === 1);
  });
}

const near = (values: number[]): unknown[] => values.map((value) => expect.closeTo(value, 5));

describe("elasticFaceLogits", () => {
  it("adds each row's margin m + σ · draw to the angle", () => {
    const margins = [0.5 + 2 * 0.0125, 0.5 - 3 * 0.0125];
    expect(targetLogits([0.8, 0.1], [2, -3], {})).toEqual(
      near([Math.cos(Math.acos(0.8) + margins[0]!), Math.cos(Math.acos(0.1) + margins[1]!)]),
    );
  });

  it("takes it from the cosine in the other form, whose mean is 0.35", () => {
    expect(targetLogits([0.8, 0.1], [2, -3], { form: "cos" })).toEqual(
      near([0.8 - 0.35 - 2 * 0.0125, 0.1 - 0.35 + 3 * 0.0125]),
    );
    expect(targetLogits([0.8], [1], { form: "cos", margin: 0.2, deviation: 0.1, scale: 10 })).toEqual(
      near([5]),
    );
  });

  it("with plus gives the larger margins to the smaller cosines, wherever they stand", () => {
    // Cosines in falling order are those of rows 1, 2, 0; draws in rising order are −1, 1, 3.
    const options = { form: "cos", margin: 0.3, deviation: 0.1, plus: true } as const;
    expect(targetLogits([0.1, 0.9, 0.5], [3, -1, 1], options)).toEqual(
      near([0.1 - 0.6, 0.9 - 0.2, 0.5 - 0.4]),
    );
    expect(targetLogits([0.1, 0.9, 0.5], [-1, 1, 3], options)).toEqual(
      near([0.1 - 0.6, 0.9 - 0.2, 0.5 - 0.4]),
    );
  });

  it("gives equal cosines the draws in the order of the rows", () => {
    const options = { form: "cos", margin: 0.3, deviation: 0.1, plus: true } as const;
    expect(targetLogits([0.6, 0.6, 0.8], [2, 0, 1], options)).toEqual(
      near([0.6 - 0.4, 0.6 - 0.5, 0.8 - 0.3]),
    );
  });

  it("refuses draws of another number and options out of range", () => {
    const labels = tf.tensor1d([0], "int32");
    const call =
      (options: ElasticFaceOptions, draws = tf.tensor1d([0])) =>
      () =>
        elasticFaceLogits(tf.zeros([1, 2]), weight(), labels, draws, options);
    expect(call({}, tf.tensor1d([0, 1]))).toThrow(
      new RangeError("elasticFaceLogits: expected `draws` to have shape [1], got [2]"),
    );
    expect(call({ scale: 0 })).toThrow(
      new RangeError("elasticFaceLogits: expected `scale` to be a finite number above 0, got 0"),
    );
    expect(call({ margin: 4 })).toThrow(
      new RangeError("elasticFaceLogits: expected `margin` to be from 0 to π, got 4"),
    );
    expect(call({ margin: -1, form: "cos" })).toThrow(
      new RangeError("elasticFaceLogits: expected `margin` to be a finite number of at least 0, got -1"),
    );
    expect(call({ deviation: -1 })).toThrow(
      new RangeError("elasticFaceLogits: expected `deviation` to be a finite number of at least 0, got -1"),
    );
    expect(() => elasticFaceLogits(tf.zeros([1, 3]), weight(), labels, tf.tensor1d([0]))).toThrow(
      new RangeError("elasticFaceLogits: expected `weight` to have 3 columns, got shape [2,2]"),
    );
  });
});

describe("elasticFace", () => {
  it("computes the doc comment's example", () => {
    const loss = tf.tidy(() => {
      const labels = tf.tensor1d([1], "int32");
      const options = { form: "cos", scale: 1 } as const;
      return elasticFace(tf.tensor2d([[3, 4]]), weight(), labels, tf.tensor1d([2]), options).dataSync()[0];
    });
    expect(loss).toBeCloseTo(0.78447, 5);
    expect(loss).toBeCloseTo(Math.log(1 + Math.exp(0.6 - (0.8 - 0.375))), 6);
  });
});
