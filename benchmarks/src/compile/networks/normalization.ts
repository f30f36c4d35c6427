import * as tf from "@tensorflow/tfjs-core";
import type { Pass } from "./network.ts";

const epsilon = 1e-5;
const momentum = 0.1;

/** Batch normalization over all axes but the last, as PyTorch computes it. */
export function batchNorm(pass: Pass, name: string, x: tf.Tensor4D): tf.Tensor4D {
  const [weight, bias, runningMean, runningVariance] = ["weight", "bias", "running_mean", "running_var"].map(
    (field) => pass.parameters[`${name}.${field}`],
  );
  if (!pass.batchStatistics) {
    const factor = tf.mul(weight, tf.rsqrt(tf.add(runningVariance, epsilon)));
    return tf.add(tf.mul(x, factor), tf.sub(bias, tf.mul(runningMean, factor)));
  }
  const axes = [0, 1, 2];
  const count = x.size / x.shape[3];
  const mean = tf.mean(x, axes);
  const centered = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centered), axes);
  const moved = (old: tf.Tensor, now: tf.Tensor) => tf.add(tf.mul(old, 1 - momentum), tf.mul(now, momentum));
  pass.statistics[`${name}.running_mean`] = moved(runningMean, mean);
  pass.statistics[`${name}.running_var`] = moved(runningVariance, tf.mul(variance, count / (count - 1)));
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  return tf.customGrad((_x, w, b, save) => {
    (save as tf.GradSaveFunc)([centered, inverse, w as tf.Tensor]);
    return {
      value: tf.add(tf.mul(centered, tf.mul(w as tf.Tensor, inverse)), b as tf.Tensor),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [from, scale, factor] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
        const total = tf.sum(dy, axes);
        const along = tf.mul(tf.sum(tf.mul(dy, from), axes), scale);
        const slope = tf.mul(factor, scale);
        const back = tf.neg(tf.mul(slope, tf.mul(scale, tf.div(along, count))));
        const shift = tf.neg(tf.mul(slope, tf.div(total, count)));
        return [tf.add(tf.mul(dy, slope), tf.add(tf.mul(from, back), shift)), along, total];
      },
    };
  })(x, weight, bias) as tf.Tensor4D;
}

/** Layer normalization over the last axis. */
export function layerNorm<T extends tf.Tensor>(pass: Pass, name: string, x: T): T {
  const weight = pass.parameters[`${name}.weight`];
  const bias = pass.parameters[`${name}.bias`];
  const { normalized, inverse } = standardize(x, [-1], true);
  const others = x.shape.slice(1).map((_, axis) => axis);
  return scaled(x, weight, bias, [normalized, inverse], (dy, y, w, scale) => {
    const slope = tf.mul(dy, w);
    const along = tf.mean(tf.mul(slope, y), -1, true);
    const centered = tf.sub(tf.sub(slope, tf.mean(slope, -1, true)), tf.mul(y, along));
    return [tf.mul(centered, scale), tf.sum(tf.mul(dy, y), others), tf.sum(dy, others)];
  }) as T;
}

function standardize(x: tf.Tensor, axes: number[], keepDims: boolean) {
  const mean = tf.mean(x, axes, keepDims);
  const centered = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centered), axes, keepDims);
  const inverse = tf.rsqrt(tf.add(variance, epsilon));
  return { mean, variance, inverse, normalized: tf.mul(centered, inverse) };
}

/**
 * `weight · normalized + bias` with the gradients of x, weight and bias written out: the tape would walk back
 * through mean, variance and root, and read the feature map about three times as often.
 */
function scaled(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  [normalized, inverse]: readonly [tf.Tensor, tf.Tensor],
  gradients: (dy: tf.Tensor, y: tf.Tensor, weight: tf.Tensor, inverse: tf.Tensor) => tf.Tensor[],
): tf.Tensor {
  return tf.customGrad((_x, w, b, save) => {
    (save as tf.GradSaveFunc)([normalized, w as tf.Tensor, inverse]);
    return {
      value: tf.add(tf.mul(normalized, w as tf.Tensor), b as tf.Tensor),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradients(dy, saved[0], saved[1], saved[2]),
    };
  })(x, weight, bias);
}
