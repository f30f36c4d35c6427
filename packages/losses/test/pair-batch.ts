import * as tf from "@tensorflow/tfjs-core";

/** A loss between the embeddings of a batch. */
export type PairLoss = (embeddings: tf.Tensor2D, labels: tf.Tensor1D) => tf.Scalar;

/** Unit vectors at cosines of 0.8 (rows 0, 1), 0.6 (0, 2) and 0.96 (1, 2). */
export const threePoints: readonly (readonly number[])[] = [
  [1, 0],
  [0.8, 0.6],
  [0.6, 0.8],
];

/** The first two of one class. */
export const threeLabels: readonly number[] = [0, 0, 1];

/** Random-looking numbers from −1 to 1: rows of a batch. */
export function scattered(rows: number, dimension: number, offset = 0.3): number[][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: dimension }, (_, column) => {
      const k = row * dimension + column;
      return Math.sin(offset + k + (k * k) / 7);
    }),
  );
}

/** Value and gradient of a loss at a batch. */
export function evaluate(
  loss: PairLoss,
  rows: readonly (readonly number[])[] = threePoints,
  labels: readonly number[] = threeLabels,
): { value: number; gradient: number[][] } {
  return tf.tidy(() => {
    const numbers = tf.tensor1d([...labels], "int32");
    const run = tf.valueAndGrad((x) => loss(x as tf.Tensor2D, numbers));
    const { value, grad } = run(tf.tensor2d(rows.map((row) => [...row])));
    return { value: value.dataSync()[0]!, gradient: grad.arraySync() as number[][] };
  });
}

/** Lengths of rows. */
export const length = (row: readonly number[]): number => Math.hypot(...row);

/** Rows divided by their lengths. */
export const unit = (rows: readonly (readonly number[])[]): number[][] =>
  rows.map((row) => row.map((value) => value / length(row)));

/** The distance of two rows. */
export const distance = (a: readonly number[], b: readonly number[]): number =>
  length(a.map((value, i) => value - b[i]!));

/** The product of two rows. */
export const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);
