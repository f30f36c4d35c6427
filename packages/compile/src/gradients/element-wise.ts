import * as tf from "@tensorflow/tfjs-core";
import type { Gradients } from "./gradient.ts";
import { sumTo } from "./sum-to.ts";

type Comparison = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** The gradient goes to `a` where `first(a, b)` holds, ties included, and to `b` where `second(a, b)` does. */
const extreme = (first: Comparison, second: Comparison): Gradients[string] => ({
  inputsToSave: ["a", "b"],
  gradFunc: (dy, [a, b]) => {
    const where = (compare: Comparison) => tf.mul(dy as tf.Tensor, tf.cast(compare(a, b), "float32"));
    return { a: () => sumTo(where(first), a.shape), b: () => sumTo(where(second), b.shape) };
  },
});

/**
 * Gradients of element-wise kernels that tfjs gives the shape of the result instead of the operand's; and that of relu,
 * which reads its result, positive where its operand is, so that the operand need not be kept beside it until then.
 */
export const elementWiseGradients: Gradients = {
  Maximum: extreme(tf.greaterEqual, tf.less),
  Minimum: extreme(tf.lessEqual, tf.greater),
  SquaredDifference: {
    inputsToSave: ["a", "b"],
    gradFunc: (dy, [a, b]) => {
      const slope = tf.mul(dy as tf.Tensor, tf.mul(tf.sub(a, b), 2));
      return { a: () => sumTo(slope, a.shape), b: () => sumTo(tf.neg(slope), b.shape) };
    },
  },
  Relu: {
    outputsToSave: [true],
    gradFunc: (dy, [y]) => ({ x: () => tf.mul(dy as tf.Tensor, tf.step(y)) }),
  },
  Prelu: {
    inputsToSave: ["x", "alpha"],
    gradFunc: (dy, [x, alpha]) => {
      const given = dy as tf.Tensor;
      const positive = tf.greater(x, 0);
      return {
        x: () => sumTo(tf.where(positive, given, tf.mul(given, alpha)), x.shape),
        alpha: () => sumTo(tf.where(positive, tf.zerosLike(given), tf.mul(given, x)), alpha.shape),
      };
    },
  },
};
