import {
  adaFace,
  circle,
  circleClassification,
  curricularFace,
  elasticFace,
  magFace,
  type Parameters,
} from "@lmk/losses";
import * as tf from "@tensorflow/tfjs-core";
import { type LossCase, sines } from "../loss-case.ts";
import { headExtremes } from "./margins.ts";

const classes = 5;
const dimension = 4;
const weight = sines([classes, dimension], 0.3);
/** Embeddings of lengths near 0.9, 2.6 and 5. */
const scaled = sines([3, dimension], 0.7);
const embeddings = {
  shape: scaled.shape,
  data: scaled.data.map((value, i) => value * [0.6, 1.9, 3.4][Math.floor(i / dimension)]!),
};
const labels = Int32Array.of(0, 3, 3);

type Head = [embeddings: tf.Tensor2D, weight: tf.Tensor2D];
const headOf = (arrays: Parameters): Head => [arrays.embeddings as tf.Tensor2D, arrays.weight as tf.Tensor2D];
const tensorOf = ({ shape, data }: { shape: readonly number[]; data: Float32Array }): tf.Tensor =>
  tf.tensor(data, [...shape]);

/** Cosines between all rows of two matrices. */
function cosinesBetween(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const unit = (rows: tf.Tensor): tf.Tensor => tf.div(rows, tf.norm(rows, 2, 1, true));
  return tf.matMul(unit(a) as tf.Tensor2D, unit(b) as tf.Tensor2D, false, true);
}

/** Circle loss logits whose weights stay those of `given`. */
function heldCircleLogits(
  moving: tf.Tensor,
  given: tf.Tensor,
  positive: tf.Tensor,
  scale: number,
): tf.Tensor {
  const margin = 0.25;
  const pulled = tf.mul(tf.relu(tf.sub(1 + margin, given)), tf.sub(moving, 1 - margin));
  const pushed = tf.mul(tf.relu(tf.add(given, margin)), tf.sub(moving, margin));
  return tf.mul(tf.where(tf.cast(positive, "bool"), pulled, pushed), scale);
}

const heads: readonly Pick<LossCase, "name" | "loss" | "held">[] = [
  {
    name: "curricularFace",
    loss: (arrays, numbers) => {
      const running = tf.scalar(0.3);
      const options = { scale: 8, margin: 0.4 };
      const { loss, statistics } = curricularFace(...headOf(arrays), numbers, running, options);
      return { loss, ...statistics };
    },
    held: (arrays, numbers) => {
      const target = tf.sum(
        tf.mul(cosinesBetween(tensorOf(embeddings), tensorOf(weight)), tf.oneHot(numbers, classes)),
        1,
      );
      const running = tf.add(tf.mul(tf.mean(target), 0.01), 0.99 * 0.3) as tf.Scalar;
      return curricularFace(...headOf(arrays), numbers, running, { scale: 8, margin: 0.4, momentum: 0 }).loss;
    },
  },
  {
    name: "adaFace",
    loss: (arrays, numbers) => {
      const running = { mean: tf.scalar(2), deviation: tf.scalar(1) };
      const { loss, statistics } = adaFace(...headOf(arrays), numbers, running, { scale: 8 });
      return { loss, ...statistics };
    },
    held: (arrays, numbers) => {
      const [moving, rows] = headOf(arrays);
      const lengths = tf.norm(tensorOf(embeddings), 2, 1, true);
      const sameLengths = tf.mul(tf.div(moving, tf.norm(moving, 2, 1, true)), lengths) as tf.Tensor2D;
      const running = { mean: tf.scalar(2), deviation: tf.scalar(1) };
      return adaFace(sameLengths, rows, numbers, running, { scale: 8 }).loss;
    },
  },
  {
    name: "magFace",
    loss: (arrays, numbers) =>
      magFace(...headOf(arrays), numbers, { scale: 8, lowerNorm: 0.5, upperNorm: 4, regularization: 3 }),
  },
  {
    name: "magFace without an easy margin",
    loss: (arrays, numbers) =>
      magFace(...headOf(arrays), numbers, { scale: 8, lowerNorm: 0.5, upperNorm: 9, beyond: "linear" }),
  },
  {
    name: "elasticFace",
    loss: (arrays, numbers) =>
      elasticFace(...headOf(arrays), numbers, tf.tensor1d([1.2, -0.4, 0.3]), { scale: 8, deviation: 0.1 }),
  },
  {
    name: "elasticFace of cosines, sorted",
    loss: (arrays, numbers) =>
      elasticFace(...headOf(arrays), numbers, tf.tensor1d([1.2, -0.4, 0.3]), {
        form: "cos",
        scale: 8,
        deviation: 0.1,
        plus: true,
      }),
  },
  {
    name: "circleClassification",
    loss: (arrays, numbers) => circleClassification(...headOf(arrays), numbers, { scale: 8 }),
    held: (arrays, numbers) => {
      const own = tf.oneHot(numbers, classes);
      const given = cosinesBetween(tensorOf(embeddings), tensorOf(weight));
      const logits = heldCircleLogits(cosinesBetween(...headOf(arrays)), given, own, 8);
      return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), own), 1))) as tf.Scalar;
    },
  },
];

/** Two classes of three and one of one. */
const pairs = sines([7, dimension], 0.7);
const pairLabels = Int32Array.of(0, 1, 0, 1, 2, 0, 1);

const circleCase: LossCase = {
  name: "circle",
  arrays: { embeddings: pairs },
  labels: pairLabels,
  loss: (arrays, numbers) => circle(arrays.embeddings as tf.Tensor2D, numbers, { scale: 8, margin: 0.25 }),
  held: (arrays) => {
    const [moving, given] = [arrays.embeddings!, tensorOf(pairs)].map((rows) => cosinesBetween(rows, rows));
    const anchors = [0, 1, 2, 3, 5, 6];
    const logits = (positive: 0 | 1): tf.Tensor =>
      tf.mul(heldCircleLogits(moving!, given!, tf.fill([7, 7], positive), 8), positive === 1 ? -1 : 1);
    const [pulled, pushed] = [tf.unstack(logits(1)), tf.unstack(logits(0))];
    const losses = anchors.map((i) => {
      const others = (wanted: boolean): number[] =>
        [...pairLabels.keys()].filter((j) => j !== i && (pairLabels[j] === pairLabels[i]) === wanted);
      const sumOf = (row: tf.Tensor, places: number[]): tf.Tensor =>
        tf.sum(tf.exp(tf.gather(row, tf.tensor1d(places, "int32"))));
      return tf.log1p(tf.mul(sumOf(pulled[i]!, others(true)), sumOf(pushed[i]!, others(false))));
    });
    return tf.mean(tf.stack(losses)) as tf.Scalar;
  },
  extremes: [
    {
      name: "equal embeddings, opposite ones, and one of length 0",
      arrays: {
        embeddings: {
          shape: [4, 2],
          data: Float32Array.of(1, 2, 1, 2, -1, -2, 0, 0),
        },
      },
      labels: Int32Array.of(0, 0, 1, 1),
    },
    { name: "one class", arrays: { embeddings: pairs }, labels: new Int32Array(7) },
    { name: "no positives", arrays: { embeddings: pairs }, labels: Int32Array.of(0, 1, 2, 3, 4, 5, 6) },
  ],
};

export const adaptiveCases: readonly LossCase[] = [
  ...heads.map((one) => ({ ...one, arrays: { embeddings, weight }, labels, extremes: headExtremes })),
  circleCase,
];
