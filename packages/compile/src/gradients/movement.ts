import * as tf from "@tensorflow/tfjs-core";
import { stridedRanges } from "../kernels/rearrangement.ts";
import type { Gradients } from "./gradient.ts";
import { sumTo } from "./sum-to.ts";

/** Elements `[begin, begin + length)` of one axis. */
function part(tensor: tf.Tensor, axis: number, begin: number, length: number): tf.Tensor {
  const starts = tensor.shape.map((_, at) => (at === axis ? begin : 0));
  return tf.slice(tensor, starts, tensor.shape.with(axis, length));
}

/** Zeros before and behind one axis. */
function surrounded(tensor: tf.Tensor, axis: number, before: number, after: number): tf.Tensor {
  return tf.pad(
    tensor,
    tensor.shape.map((_, at) => (at === axis ? [before, after] : [0, 0])),
  );
}

/** Folds the mirrored ends of an axis back onto the elements that they copy. */
function folded(
  dy: tf.Tensor,
  axis: number,
  [before, after]: readonly number[],
  length: number,
  skipped: number,
): tf.Tensor {
  const end = (begin: number, size: number, at: number) =>
    surrounded(tf.reverse(part(dy, axis, begin, size), axis), axis, at, length - at - size);
  let sum = part(dy, axis, before, length);
  if (before > 0) sum = tf.add(sum, end(0, before, skipped));
  if (after > 0) sum = tf.add(sum, end(before + length, after, length - after - skipped));
  return sum;
}

/** The gradient of taking `count` elements of an axis from `begin` by `stride`: they return to their places. */
function scattered(dy: tf.Tensor, axis: number, begin: number, stride: number, length: number): tf.Tensor {
  const count = dy.shape[axis];
  const step = Math.abs(stride);
  const first = stride > 0 ? begin : begin + (count - 1) * stride;
  const ordered = stride > 0 ? dy : tf.reverse(dy, axis);
  const span = (count - 1) * step + 1;
  let spread = ordered;
  if (step > 1) {
    const cells = tf.reshape(ordered, dy.shape.toSpliced(axis + 1, 0, 1));
    const wide = surrounded(cells, axis + 1, 0, step - 1);
    spread = part(tf.reshape(wide, dy.shape.with(axis, count * step)), axis, 0, span);
  }
  return surrounded(spread, axis, first, length - first - span);
}

/** The gradients of a kernel's results; tfjs passes one alone where there is one. */
const listOf = (dy: tf.Tensor | tf.Tensor[]) => (Array.isArray(dy) ? dy : [dy]);

/** Gradients of kernels that move or repeat elements. */
export const movementGradients: Gradients = {
  Tile: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attributes) => {
      const reps = attributes.reps as number[];
      const split = x.shape.flatMap((dimension, axis) => [reps[axis], dimension]);
      const repeats = x.shape.map((_, axis) => 2 * axis).filter((_, axis) => reps[axis] !== 1);
      return {
        x: () =>
          x.shape.every((dimension, axis) => dimension === 1 || reps[axis] === 1)
            ? sumTo(dy as tf.Tensor, x.shape)
            : tf.reshape(tf.sum(tf.reshape(dy as tf.Tensor, split), repeats), x.shape),
      };
    },
  },
  Unpack: {
    gradFunc: (dy, _, { axis }) => ({ value: () => tf.stack(listOf(dy), axis as unknown as number) }),
  },
  SplitV: {
    gradFunc: (dy, _, { axis }) => ({ x: () => tf.concat(listOf(dy), axis as unknown as number) }),
  },
  MirrorPad: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attributes) => {
      const { paddings, mode } = attributes as unknown as { paddings: number[][]; mode: string };
      const skipped = mode === "reflect" ? 1 : 0;
      return {
        x: () =>
          paddings.reduce<tf.Tensor>(
            (sum, amounts, axis) => folded(sum, axis, amounts, x.shape[axis], skipped),
            dy as tf.Tensor,
          ),
      };
    },
  },
  StridedSlice: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attributes) => {
      const { begin, strides, counts } = stridedRanges(x.shape, attributes);
      return {
        x: () =>
          x.shape.reduce<tf.Tensor>(
            (sum, length, axis) => scattered(sum, axis, begin[axis], strides[axis], length),
            tf.reshape(dy as tf.Tensor, [...counts]),
          ),
      };
    },
  },
  Diag: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x]) => ({
      x: () => {
        const square = tf.reshape(dy as tf.Tensor, [x.size, x.size]);
        return tf.reshape(tf.sum(tf.mul(square, tf.eye(x.size)), 1), x.shape);
      },
    }),
  },
};
