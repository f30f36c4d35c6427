import { compile } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { expectSame, integers, type TestArray, uniform, withGradients } from "./against-tfjs.ts";

type T = tf.Tensor;
type Tensors = Readonly<Record<string, T>>;

const [batch, side, window, heads, width] = [2, 8, 4, 2, 6];
const channels = heads * width;
const tokens = window * window;
const windows = (side / window) ** 2;
const grid = side / window;
const biases = (2 * window - 1) ** 2;

function normalized(x: T, scale: T, shift: T): T {
  const { mean, variance } = tf.moments(x, -1, true);
  return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-5))), scale), shift);
}

const gelu = (x: T): T => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));

function dense(x: T, weights: T, bias: T): T {
  const rows = tf.reshape(x, [-1, weights.shape[0] as number]);
  return tf.reshape(tf.add(tf.matMul(rows, weights), bias), [...x.shape.slice(0, -1), -1]);
}

/** Rotates rows and columns by `distance` towards the start. */
function rolled(x: T, distance: number): T {
  return [1, 2].reduce((image, axis) => {
    const cut = (distance + side) % side;
    return tf.concat(tf.split(image, [cut, side - cut], axis).toReversed(), axis);
  }, x);
}

const partitioned = (x: T): T => {
  const cells = tf.reshape(x, [batch, grid, window, grid, window, channels]);
  return tf.reshape(tf.transpose(cells, [0, 1, 3, 2, 4, 5]), [batch * windows, tokens, channels]);
};

const joined = (x: T): T => {
  const cells = tf.reshape(x, [batch, grid, grid, window, window, channels]);
  return tf.reshape(tf.transpose(cells, [0, 1, 3, 2, 4, 5]), [batch, side, side, channels]);
};

function attention(x: T, given: Tensors): T {
  const split = [batch * windows, tokens, 3, heads, width];
  const projected = tf.reshape(dense(x, given.wqkv, given.bqkv), split);
  const [q, k, v] = tf.unstack(tf.transpose(projected, [2, 0, 3, 1, 4]));
  const rows = tf.gather(given.table, tf.reshape(given.ids, [-1]) as tf.Tensor1D);
  const bias = tf.transpose(tf.reshape(rows, [tokens, tokens, heads]), [2, 0, 1]);
  const scores = tf.add(tf.matMul(tf.mul(q, width ** -0.5), k, false, true), bias);
  const mixed = tf.transpose(tf.matMul(tf.softmax(scores), v), [0, 2, 1, 3]);
  return dense(tf.reshape(mixed, [batch * windows, tokens, channels]), given.wo, given.bo);
}

/** A shifted-window transformer block. */
function block(given: Tensors): T {
  const { x, scale, shift } = given;
  const shifted = partitioned(rolled(normalized(x, scale, shift), window / 2));
  const y = tf.add(x, rolled(joined(attention(shifted, given)), -window / 2));
  const hidden = gelu(dense(normalized(y, scale, shift), given.w1, given.b1));
  return tf.add(y, dense(hidden, given.w2, given.b2));
}

const inputs: Readonly<Record<string, TestArray>> = {
  x: uniform(1, [batch, side, side, channels]),
  scale: uniform(2, [channels], 0.5, 1.5),
  shift: uniform(3, [channels]),
  wqkv: uniform(4, [channels, 3 * channels], -0.5, 0.5),
  bqkv: uniform(5, [3 * channels]),
  wo: uniform(6, [channels, channels], -0.5, 0.5),
  bo: uniform(7, [channels]),
  w1: uniform(8, [channels, 2 * channels], -0.5, 0.5),
  b1: uniform(9, [2 * channels]),
  w2: uniform(10, [2 * channels, channels], -0.5, 0.5),
  b2: uniform(11, [channels]),
  table: uniform(12, [biases, heads]),
  ids: integers(13, [tokens, tokens], biases),
};

it("a shifted-window block equals tfjs's, with gradients", async () => {
  const differentiable = Object.keys(inputs).filter((name) => name !== "ids");
  await expectSame(withGradients(block, differentiable), inputs, 2e-5);
});

it("a shifted-window block moves elements seven times and no more", async () => {
  const specs = Object.entries(inputs).map(([name, { shape, data }]) => {
    return [name, { shape, dtype: data instanceof Int32Array ? ("int32" as const) : ("float32" as const) }];
  });
  const compiled = await compile((given) => ({ outputs: { y: block(given) } }), {
    inputs: Object.fromEntries(specs),
  });
  // The windows out of the image and back into it (2); queries, keys and values from [windows, tokens, 3,
  // heads, width] to heads first, each once (3); the biases from the table's [tokens, tokens, heads] to heads
  // first (1); the heads back behind the tokens (1). A reshape or a batched product follows each of them.
  expect(compiled.report.operators.Transpose).toBe(7);
  await compiled.dispose();
});
