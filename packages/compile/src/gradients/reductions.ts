import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../dtype.ts";
import { einsumLetters } from "../kernels/einsum.ts";
import { parseAxes } from "../kernels/reductions.ts";
import type { Gradients } from "./gradient.ts";

interface Running {
  readonly axis: number;
  readonly exclusive: boolean;
  readonly reverse: boolean;
}

/** Rows moved along their second axis, with `fill` coming in: towards the start for a positive distance. */
function shifted(rows: tf.Tensor, distance: number, fill: number): tf.Tensor {
  const [count, length] = rows.shape as [number, number];
  const moved = Math.abs(distance);
  if (moved >= length) return tf.fill([count, length], fill);
  const kept = tf.slice(rows, [0, Math.max(distance, 0)], [count, length - moved]);
  return tf.pad(kept, [[0, 0], distance > 0 ? [0, moved] : [moved, 0]], fill);
}

/**
 * The gradient of inclusive running products along rows, exact for zeros: the product before an element times
 * `s[j] = dy[j] + x[j + 1] · s[j + 1]`, a recurrence solved by doubling the reach of its steps.
 */
function runningProductGradient(rows: tf.Tensor, dy: tf.Tensor): tf.Tensor {
  const [, length] = rows.shape as [number, number];
  let factor = shifted(rows, 1, 0);
  let total = dy;
  for (let reach = 1; reach < length; reach *= 2) {
    total = tf.add(total, tf.mul(factor, shifted(total, reach, 0)));
    factor = tf.mul(factor, shifted(factor, reach, 0));
  }
  return tf.mul(tf.cumprod(rows, 1, true), total);
}

/** Applies `fn` to tensors turned to rows along `axes`, and turns its result back. */
function alongRows(
  tensors: readonly tf.Tensor[],
  axes: readonly number[],
  fn: (...rows: tf.Tensor[]) => tf.Tensor,
): tf.Tensor {
  const { shape } = tensors[0];
  const outer = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...outer, ...axes];
  const length = sizeOf(axes.map((axis) => shape[axis]));
  const rows = tensors.map((tensor) => {
    return tf.reshape(tf.transpose(tensor, order), [tensor.size / length, length]);
  });
  const moved = tf.reshape(
    fn(...rows),
    order.map((axis) => shape[axis]),
  );
  return tf.transpose(
    moved,
    shape.map((_, axis) => order.indexOf(axis)),
  );
}

/** `tensor` with an axis of length 1 where `letters` has one that `present` lacks, repeated to `shape`. */
function repeatedAlong(
  tensor: tf.Tensor,
  present: readonly string[],
  letters: readonly string[],
  shape: readonly number[],
): tf.Tensor {
  if (present.length === letters.length) return tensor;
  const lined = letters.map((letter, axis) => (present.includes(letter) ? shape[axis] : 1));
  return tf.mul(tf.reshape(tensor, lined), tf.ones([...shape]));
}

/** Gradients of reductions, running sums and products, and sums of products. */
export const reductionGradients: Gradients = {
  Prod: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attributes) => {
      const axes = parseAxes(attributes.axis, x.rank);
      const kept = x.shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension));
      const others = (rows: tf.Tensor) =>
        tf.mul(tf.cumprod(rows, 1, true, false), tf.cumprod(rows, 1, true, true));
      return { x: () => tf.mul(tf.reshape(dy as tf.Tensor, kept), alongRows([x], axes, others)) };
    },
  },
  Cumsum: {
    gradFunc: (dy, _, attributes) => {
      const { axis, exclusive, reverse } = attributes as unknown as Running;
      return { x: () => tf.cumsum(dy as tf.Tensor, axis, exclusive, !reverse) };
    },
  },
  Cumprod: {
    inputsToSave: ["x"],
    gradFunc: (dy, [x], attributes) => {
      const { axis, exclusive, reverse } = attributes as unknown as Running;
      const turned = (rows: tf.Tensor) => (reverse ? tf.reverse(rows, 1) : rows);
      const gradient = (rows: tf.Tensor, given: tf.Tensor) => {
        const [factors, slopes] = [turned(rows), turned(given)];
        return turned(
          exclusive
            ? shifted(runningProductGradient(shifted(factors, -1, 1), slopes), 1, 0)
            : runningProductGradient(factors, slopes),
        );
      };
      return { x: () => alongRows([x, dy as tf.Tensor], parseAxes(axis, x.rank), gradient) };
    },
  },
  Einsum: {
    saveAllInputs: true,
    gradFunc: (dy, operands, attributes) => {
      const { operands: terms, result } = einsumLetters(attributes.equation as string);
      const gradients = operands.map((operand, i) => () => {
        const others = terms.filter((_, j) => j !== i);
        const known = [...result, ...others.flat()];
        const present = terms[i].filter((letter) => known.includes(letter));
        const equation = `${[result, ...others].map((term) => term.join("")).join()}->${present.join("")}`;
        const rest = operands.filter((_, j) => j !== i).map((other) => tf.cast(other, "float32"));
        const sums = tf.einsum(equation, dy as tf.Tensor, ...rest);
        return repeatedAlong(sums, present, terms[i], operand.shape);
      });
      return Object.fromEntries(gradients.entries());
    },
  },
};
