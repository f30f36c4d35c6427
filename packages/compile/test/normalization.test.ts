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

type Tensors = Readonly<Record<string, tf.Tensor>>;

/** What users write where tfjs has no op: centred and scaled over `axes`. */
function normalized(x: tf.Tensor, axes: number[]): tf.Tensor {
  const { mean, variance } = tf.moments(x, axes, true);
  return tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5)));
}

const networks: Readonly<Record<string, (tensors: Tensors) => tf.Tensor>> = {
  "layer norm of a convolution's output": ({ x, gain, bias }) =>
    tf.add(tf.mul(normalized(mixed(x), [-1]), gain), bias),
  "instance norm of a convolution's output": ({ x, gain, bias }) =>
    tf.add(tf.mul(normalized(mixed(x), [1, 2]), gain), bias),
  "group norm of a convolution's output": ({ x, gain, bias }) => {
    const groups = tf.reshape(mixed(x), [2, 4, 5, 3, 2]);
    return tf.add(tf.mul(tf.reshape(normalized(groups, [1, 2, 4]), x.shape), gain), bias);
  },
  "batch norm with the batch's statistics": ({ x, gain, bias }) => {
    const images = mixed(x);
    const { mean, variance } = tf.moments(images, [0, 1, 2]);
    return tf.batchNorm(
      images,
      mean as tf.Tensor1D,
      variance as tf.Tensor1D,
      bias as tf.Tensor1D,
      gain as tf.Tensor1D,
    );
  },
};

describe("normalization written with moments agrees with tfjs in value and all gradients", () => {
  for (const [name, network] of Object.entries(networks)) {
    it(name, async () => {
      await expectSame(withGradients(network, ["x", "gain", "bias"]), {
        x: uniform(1, [2, 4, 5, 6]),
        gain: uniform(2, [6], 0.5, 1.5),
        bias: uniform(3, [6]),
      });
    });
  }
});
