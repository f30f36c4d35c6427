import { arcFace, softmax } from "@lmk/losses";
import { type Tensor2D, zeros } from "@tensorflow/tfjs-core";
import { type LossCase, sines } from "../loss-case.ts";

const classes = 5;
const dimension = 4;
const weight = sines([classes, dimension], 0.3);
const embeddings = sines([3, dimension], 0.7);

/** Embeddings equal to their class row, opposite to it, and without a direction. */
export const headExtremes: LossCase["extremes"] = [
  {
    name: "cosines of 1 and −1, and an embedding of length 0",
    arrays: {
      weight,
      embeddings: {
        shape: [3, dimension],
        data: Float32Array.of(
          ...weight.data.slice(0, dimension),
          ...weight.data.slice(3 * dimension, 4 * dimension).map((value) => -value),
          ...new Float32Array(dimension),
        ),
      },
    },
    labels: Int32Array.of(0, 3, 3),
  },
  {
    name: "one class",
    arrays: { weight: sines([1, dimension], 0.3), embeddings },
    labels: Int32Array.of(0, 0, 0),
  },
];

/** Class-row losses: cosines against the rows of a weight. */
const losses: readonly Pick<LossCase, "name" | "loss">[] = [
  {
    name: "arcFace",
    loss: (arrays, labels) => arcFace(arrays.embeddings as Tensor2D, arrays.weight as Tensor2D, labels),
  },
  {
    name: "arcFace with an easy margin",
    loss: (arrays, labels) =>
      arcFace(arrays.embeddings as Tensor2D, arrays.weight as Tensor2D, labels, {
        easyMargin: true,
        scale: 8,
      }),
  },
  {
    name: "softmax",
    loss: (arrays, labels) =>
      softmax(
        arrays.embeddings as Tensor2D,
        arrays.weight as Tensor2D,
        zeros([arrays.weight!.shape[0]!]),
        labels,
      ),
  },
];

export const marginCases: readonly LossCase[] = losses.map((one) => ({
  ...one,
  arrays: { embeddings, weight },
  labels: Int32Array.of(0, 3, 3),
  extremes: headExtremes,
}));
