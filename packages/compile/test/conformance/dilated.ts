import * as tf from "@tensorflow/tfjs-core";

/**
 * A filter with zeros between its places: a convolution with it is the dilated convolution, and tfjs knows its
 * gradients.
 */
export function withZerosBetween(filter: tf.Tensor, [down, across]: readonly [number, number]): tf.Tensor4D {
  const [height, width, inputs, outputs] = filter.shape;
  const rows = tf.pad(tf.reshape(filter, [height, 1, width * inputs * outputs]), [
    [0, 0],
    [0, down - 1],
    [0, 0],
  ]);
  const places = tf.pad(tf.reshape(rows, [height * down, width, 1, inputs * outputs]), [
    [0, 0],
    [0, 0],
    [0, across - 1],
    [0, 0],
  ]);
  const full = tf.reshape(places, [height * down, width * across, inputs, outputs]) as tf.Tensor4D;
  return tf.slice(full, 0, [(height - 1) * down + 1, (width - 1) * across + 1, inputs, outputs]);
}
