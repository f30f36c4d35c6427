import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-wasm";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { hashedUniform } from "./reference-values.ts";
import { useExactMean } from "./wasm-mean.ts";

const mean = (shape: number[], axis?: number | number[], keepDims?: boolean): Promise<unknown> =>
  tf
    .tidy(() => tf.mean(tf.tensor(hashedUniform("x", tf.util.sizeFromShape(shape)), shape), axis, keepDims))
    .array();

describe("the mean that networks are compared with", () => {
  beforeAll(async () => {
    await tf.setBackend("wasm");
  });

  it("is that of the backend but for rounding", async () => {
    const cases: readonly [shape: number[], axis?: number | number[], keepDims?: boolean][] = [
      [
        [2, 3, 4, 5],
        [0, 1, 2],
      ],
      [[2, 3, 4, 5], [1, 2], true],
      [[2, 3, 4, 5], -1],
      [
        [2, 3, 4, 5],
        [2, 1],
      ],
      [[2, 3], 0],
      [[2, 3, 4]],
    ];
    const before = await Promise.all(cases.map((args) => mean(...args)));
    useExactMean();
    const after = await Promise.all(cases.map((args) => mean(...args)));
    for (const [i, value] of after.entries()) {
      const [own, backend] = [value, before[i]].map((array) =>
        tf.tensor(array as number[], undefined, "float32"),
      );
      expect(own!.shape).toEqual(backend!.shape);
      expect(tf.max(tf.abs(tf.sub(own!, backend!))).arraySync()).toBeLessThan(1e-6);
    }
  });

  it("adds a million numbers to the last digit", async () => {
    useExactMean();
    const values = hashedUniform("many", 2 ** 20, 1, 1);
    const exact = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(tf.mean(tf.tensor1d(values)).arraySync()).toBe(Math.fround(exact));
  });
});
