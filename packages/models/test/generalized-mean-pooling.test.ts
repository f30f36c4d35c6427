import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { type GeneralizedMeanPoolingOptions, generalizedMeanPooling } from "@lmk/models";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { hashedUniform } from "./reference-values.ts";

beforeAll(async () => {
  await tf.setBackend("cpu");
});

function pool(
  values: ArrayLike<number>,
  shape: [number, number, number, number],
  options?: GeneralizedMeanPoolingOptions,
): number[] {
  return tf.tidy(() => [
    ...generalizedMeanPooling(tf.tensor4d(Array.from(values), shape), options).dataSync(),
  ]);
}

describe("generalizedMeanPooling", () => {
  it("computes the doc comment's example, which is the 2019 winners' p = 3", () => {
    expect(pool([0, 1, 2, -3], [1, 2, 2, 1])[0]).toBeCloseTo(1.310371, 5);
  });

  it("is the formula for each image and channel", () => {
    const features = hashedUniform("features", 2 * 3 * 4 * 5);
    const pooled = pool(features, [2, 3, 4, 5], { power: 2.5, epsilon: 1e-3 });
    expect(pooled).toHaveLength(10);
    for (let row = 0; row < 10; row++) {
      const [image, channel] = [Math.floor(row / 5), row % 5];
      const values = Array.from({ length: 12 }, (_, i) => features[(image * 12 + i) * 5 + channel]!);
      const mean = values.reduce((sum, value) => sum + Math.max(value, 1e-3) ** 2.5, 0) / 12;
      expect(pooled[row]).toBeCloseTo(mean ** (1 / 2.5), 5);
    }
  });

  it("is the average at power 1 and nears the maximum at a large one", () => {
    expect(pool([1, 2, 3, 6], [1, 2, 2, 1], { power: 1 })[0]).toBeCloseTo(3, 5);
    expect(pool([1, 2, 3, 6], [1, 2, 2, 1], { power: 40 })[0]).toBeCloseTo(6 * 4 ** (-1 / 40), 4);
  });

  it("gives the minimum, with a finite gradient, where nothing is above it", () => {
    expect(pool([0, -1, 0, -2], [1, 2, 2, 1])[0]).toBeCloseTo(1e-6, 8);
    const gradient = tf.tidy(() => {
      const zeros = tf.zeros([1, 2, 2, 1]) as tf.Tensor4D;
      return tf
        .grad((x) => tf.sum(generalizedMeanPooling(x as tf.Tensor4D)))(zeros)
        .dataSync();
    });
    expect([...gradient].every(Number.isFinite)).toBe(true);
  });

  it("has the gradient by its power that finite differences find", () => {
    const features = hashedUniform("features", 16, 0.5, 0.6);
    const byPower = (power: number): number => pool(features, [1, 4, 4, 1], { power })[0]!;
    const slope = tf.tidy(() => {
      const x = tf.tensor4d(features, [1, 4, 4, 1]);
      const f = (p: tf.Tensor): tf.Tensor => tf.sum(generalizedMeanPooling(x, { power: p }));
      return tf
        .grad(f)(tf.tensor1d([3]))
        .dataSync()[0]!;
    });
    expect(slope).toBeCloseTo((byPower(3.05) - byPower(2.95)) / 0.1, 4);
  });

  it("leaves no tensor behind but its result", () => {
    const features = tf.ones([2, 2, 2, 3]) as tf.Tensor4D;
    const before = tf.memory().numTensors;
    const pooled = generalizedMeanPooling(features);
    expect(tf.memory().numTensors).toBe(before + 1);
    tf.dispose([features, pooled]);
  });

  it("refuses another rank, and powers and minima that are not above 0", () => {
    const features = tf.ones([1, 2, 2, 1]) as tf.Tensor4D;
    expect(() => generalizedMeanPooling(tf.ones([2, 3]) as unknown as tf.Tensor4D)).toThrow(
      new RangeError("generalizedMeanPooling: expected `features` to have shape [N, H, W, C], got [2,3]"),
    );
    for (const power of [0, -1, Number.NaN]) {
      expect(() => generalizedMeanPooling(features, { power })).toThrow(
        new RangeError(
          `generalizedMeanPooling: expected \`power\` to be a finite number above 0, got ${power}`,
        ),
      );
    }
    expect(() => generalizedMeanPooling(features, { epsilon: 0 })).toThrow(
      new RangeError("generalizedMeanPooling: expected `epsilon` to be a finite number above 0, got 0"),
    );
  });
});
