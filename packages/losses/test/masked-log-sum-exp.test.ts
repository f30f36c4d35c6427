import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { type MaskedLogSumExpOptions, maskedLogSumExp } from "../src/pairs/masked-log-sum-exp.ts";
import { pairMasks } from "../src/pairs/pair-masks.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

function sums(values: number[][], mask: number[][], options?: MaskedLogSumExpOptions): number[] {
  return tf.tidy(() => [...maskedLogSumExp(tf.tensor2d(values), tf.tensor2d(mask), options).dataSync()]);
}

const near = (numbers: number[]): unknown[] => numbers.map((value) => expect.closeTo(value, 5));
const values = [
  [Math.log(2), Math.log(3), 5],
  [Math.log(4), 5, Math.log(6)],
];
const mask = [
  [1, 1, 0],
  [1, 0, 0.5],
];

describe("maskedLogSumExp", () => {
  it("sums along rows or columns, with weights, and with 1 on request", () => {
    expect(sums(values, mask)).toEqual(near([Math.log(5), Math.log(7)]));
    expect(sums(values, mask, { addOne: true })).toEqual(near([Math.log(6), Math.log(8)]));
    expect(sums(values, mask, { axis: 0 })).toEqual(near([Math.log(6), Math.log(3), Math.log(3)]));
  });

  it("neither overflows nor lets entries outside the mask in", () => {
    // Float32 numbers around 1000 are 6e-5 apart.
    const [high] = sums([[1000, 999, 5000]], [[1, 1, 0]]);
    expect(high).toBeCloseTo(1000 + Math.log(1 + Math.exp(-1)), 4);
    const [low] = sums([[-1000, -999, 5000]], [[1, 1, 0]]);
    expect(low).toBeCloseTo(-999 + Math.log(1 + Math.exp(-1)), 4);
    expect(sums([[-1000, 5000]], [[1, 0]], { addOne: true })).toEqual(near([0]));
  });

  it("gives 0 and no gradient for an empty row", () => {
    for (const addOne of [true, false]) {
      expect(sums([[3, 5000]], [[0, 0]], { addOne })).toEqual([0]);
      const slope = tf.tidy(() => {
        const f = (x: tf.Tensor): tf.Scalar =>
          tf.sum(maskedLogSumExp(x as tf.Tensor2D, tf.tensor2d([[0, 0]]), { addOne }));
        return [
          ...tf
            .grad(f)(tf.tensor2d([[3, 5000]]))
            .dataSync(),
        ];
      });
      expect(slope.map(Math.abs)).toEqual([0, 0]);
    }
  });

  it("has the softmax as its gradient", () => {
    const slope = tf.tidy(() => {
      const f = (x: tf.Tensor): tf.Scalar =>
        tf.sum(maskedLogSumExp(x as tf.Tensor2D, tf.tensor2d(mask), { addOne: true }));
      return [...tf.grad(f)(tf.tensor2d(values)).dataSync()];
    });
    expect(slope).toEqual(near([2 / 6, 3 / 6, 0, 4 / 8, 0, 3 / 8]));
  });
});

describe("pairMasks", () => {
  it("tells pairs of one class from pairs of two, without the diagonal", () => {
    const { positive, negative } = pairMasks(tf.tensor1d([7, -1, 7], "int32"));
    expect(positive.arraySync()).toEqual([
      [0, 0, 1],
      [0, 0, 0],
      [1, 0, 0],
    ]);
    expect(negative.arraySync()).toEqual([
      [0, 1, 0],
      [1, 0, 1],
      [0, 1, 0],
    ]);
  });
});
