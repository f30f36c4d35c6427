import * as tf from "@tensorflow/tfjs-core";
import { describe, it } from "vitest";
import { expectSame, mixed, uniform, withGradients } from "./against-tfjs.ts";

const arrays = {
  x: uniform(1, [2, 4, 5, 3]),
  mean: uniform(2, [3]),
  variance: uniform(3, [3], 0.5, 1.5),
  offset: uniform(4, [3]),
  scale: uniform(5, [3], 0.5, 1.5),
};

describe("batchNorm with given statistics agrees with tfjs", () => {
  for (const [kind, from] of [
    ["images", (x: tf.Tensor) => x as tf.Tensor4D],
    ["a convolution's output", mixed],
  ] as const) {
    it(`on ${kind}, in value and all gradients`, async () => {
      await expectSame(
        withGradients(
          ({ x, mean, variance, offset, scale }) =>
            tf.batchNorm(
              from(x),
              mean as tf.Tensor1D,
              variance as tf.Tensor1D,
              offset as tf.Tensor1D,
              scale as tf.Tensor1D,
              1e-5,
            ),
          ["x", "mean", "variance", "offset", "scale"],
        ),
        arrays,
      );
    });

    it(`on ${kind}, without scale and offset, with the default epsilon`, async () => {
      const { x, mean, variance } = arrays;
      await expectSame(
        (given) => ({
          outputs: {
            y: tf.batchNorm(from(given.x), given.mean as tf.Tensor1D, given.variance as tf.Tensor1D),
          },
        }),
        { x, mean, variance },
      );
    });
  }
});
