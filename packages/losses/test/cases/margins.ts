import {
  adaCos,
  arcFace,
  batchAdaCos,
  cosFace,
  crossEntropy,
  fixedAdaCos,
  focal,
  normalizedSoftmax,
  type Parameters,
  softmax,
  subCenterArcFace,
} from "@lmk/losses";
import { scalar, type Tensor1D, type Tensor2D, tensor1d, tensor2d, zeros } from "@tensorflow/tfjs-core";
import { type LossCase, sines } from "../loss-case.ts";

const classes = 5;
const dimension = 4;
const weight = sines([classes, dimension], 0.3);
const embeddings = sines([3, dimension], 0.7);
const labels = Int32Array.of(0, 3, 3);
const margins = Float32Array.of(0.1, 0.2, 0.3, 0.4, 0.5);
const classWeights = Float32Array.of(0.5, 1, 2, 3, 0.25);

const oneClass: LossCase["extremes"][number] = {
  name: "one class",
  arrays: { weight: sines([1, dimension], 0.3), embeddings },
  labels: Int32Array.of(0, 0, 0),
};

const parallel: LossCase["extremes"][number] = {
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
  labels,
};

const equal: LossCase["extremes"][number] = {
  name: "equal embeddings and equal rows",
  arrays: {
    weight: { shape: [classes, dimension], data: new Float32Array(classes * dimension).fill(0.5) },
    embeddings: { shape: [3, dimension], data: new Float32Array(3 * dimension).fill(-0.5) },
  },
  labels,
};

/** Embeddings equal to their class row, opposite to it, and without a direction. */
export const headExtremes: LossCase["extremes"] = [parallel, oneClass];

type Head = readonly [embeddings: Tensor2D, weight: Tensor2D];
const headOf = (arrays: Parameters): Head => [arrays.embeddings as Tensor2D, arrays.weight as Tensor2D];

/** The first values of numbers per class, as many as there are rows. */
const forRows = (values: Float32Array, arrays: Parameters): Float32Array =>
  values.slice(0, arrays.weight!.shape[0]);

/** Class-row losses: cosines against the rows of a weight. */
const heads: readonly Pick<LossCase, "name" | "loss">[] = [
  { name: "arcFace", loss: (arrays, numbers) => arcFace(...headOf(arrays), numbers) },
  ...(["easy", "hard", "none"] as const).map(
    (beyond): Pick<LossCase, "name" | "loss"> => ({
      name: `arcFace, ${beyond} beyond π`,
      loss: (arrays, numbers) => arcFace(...headOf(arrays), numbers, { beyond, scale: 8 }),
    }),
  ),
  {
    name: "arcFace with a margin per class, class weights and label smoothing",
    loss: (arrays, numbers) =>
      arcFace(...headOf(arrays), numbers, {
        scale: 8,
        margin: forRows(margins, arrays),
        classWeights: forRows(classWeights, arrays),
        labelSmoothing: 0.1,
      }),
  },
  { name: "cosFace", loss: (arrays, numbers) => cosFace(...headOf(arrays), numbers) },
  {
    name: "cosFace with a margin per class",
    loss: (arrays, numbers) =>
      cosFace(...headOf(arrays), numbers, { scale: 8, margin: forRows(margins, arrays) }),
  },
  {
    name: "normalizedSoftmax",
    loss: (arrays, numbers) => normalizedSoftmax(...headOf(arrays), numbers, { labelSmoothing: 0.2 }),
  },
  {
    name: "subCenterArcFace with one center",
    loss: (arrays, numbers) =>
      subCenterArcFace(...headOf(arrays), numbers, { centers: 1, margin: forRows(margins, arrays) }),
  },
  {
    name: "softmax",
    loss: (arrays, numbers) => softmax(...headOf(arrays), zeros([arrays.weight!.shape[0]!]), numbers),
  },
];

const headCases: readonly LossCase[] = heads.map((one) => ({
  ...one,
  arrays: { embeddings, weight },
  labels,
  extremes: [parallel, oneClass, equal],
}));

const subCenters: LossCase = {
  name: "subCenterArcFace",
  arrays: { embeddings, weight: sines([9, dimension], 0.3) },
  labels: Int32Array.of(0, 2, 2),
  loss: (arrays, numbers) =>
    subCenterArcFace(...headOf(arrays), numbers, {
      scale: 8,
      margin: Float32Array.of(0.5, 0.3, 0.05).slice(0, arrays.weight!.shape[0]! / 3),
    }),
  extremes: [
    {
      name: "cosines of 1 and −1, and an embedding of length 0",
      arrays: { ...parallel.arrays, weight: sines([9, dimension], 0.3) },
      labels: Int32Array.of(0, 1, 2),
    },
    {
      name: "one class",
      arrays: { embeddings, weight: sines([3, dimension], 0.3) },
      labels: Int32Array.of(0, 0, 0),
    },
    {
      name: "equal centers",
      arrays: { embeddings, weight: { shape: [9, dimension], data: new Float32Array(36).fill(0.5) } },
      labels: Int32Array.of(0, 1, 2),
    },
  ],
};

/** The scale that a batch gives, which its gradient holds constant. */
const scaleOf = (medianOf: "own" | "all", running: number, clipAngle: number, numbers: Tensor1D): number =>
  adaCos(tensorOf(embeddings), tensorOf(weight), numbers, scalar(running), {
    medianOf,
    clipAngle,
  }).statistics["final.running_scale"].dataSync()[0]!;

function tensorOf({ shape, data }: { shape: readonly number[]; data: Float32Array }): Tensor2D {
  return tensor2d(data, shape as [number, number]);
}

const adaCosCases: readonly LossCase[] = [
  {
    name: "fixedAdaCos",
    loss: (arrays: Parameters, numbers: Tensor1D) => fixedAdaCos(...headOf(arrays), numbers, { margin: 0.2 }),
  },
  {
    name: "adaCos",
    loss: (arrays: Parameters, numbers: Tensor1D) => {
      const { loss, statistics } = adaCos(...headOf(arrays), numbers, scalar(6));
      return { loss, ...statistics };
    },
    held: (arrays: Parameters, numbers: Tensor1D) =>
      normalizedSoftmax(...headOf(arrays), numbers, { scale: scaleOf("own", 6, Math.PI / 4, numbers) }),
  },
  {
    name: "batchAdaCos, median of all angles",
    loss: (arrays: Parameters, numbers: Tensor1D) =>
      batchAdaCos(...headOf(arrays), numbers, { medianOf: "all", clipAngle: 1.25 }),
    held: (arrays: Parameters, numbers: Tensor1D) =>
      normalizedSoftmax(...headOf(arrays), numbers, {
        scale: scaleOf("all", Math.log(4) / Math.cos(1.25), 1.25, numbers),
      }),
  },
].map((one) => ({
  ...one,
  arrays: { embeddings, weight },
  labels,
  extremes: [parallel, equal],
}));

const smoothed: LossCase = {
  name: "crossEntropy",
  arrays: { logits: sines([4, 3], 0.2) },
  labels: Int32Array.of(0, 2, 1, 2),
  loss: (arrays, numbers) =>
    crossEntropy(arrays.logits as Tensor2D, numbers, {
      labelSmoothing: 0.1,
      classWeights: Float32Array.of(0.5, 1, 2),
      sampleWeights: tensor1d([1, 2, 0.5, 1]),
    }),
  extremes: [
    {
      name: "huge logits",
      arrays: { logits: { shape: [4, 3], data: sines([4, 3], 0).data.map((value) => 1e4 * value) } },
      labels: Int32Array.of(0, 1, 2, 0),
    },
  ],
};

const focalCase: LossCase = {
  name: "focal",
  arrays: { logits: sines([4, 3], 0.2) },
  labels: Int32Array.of(0, 2, 1, 2),
  loss: (arrays, numbers) => {
    const logits = arrays.logits as Tensor2D;
    return focal(logits, numbers, { classWeights: classWeights.slice(0, logits.shape[1]) });
  },
  extremes: [
    {
      name: "sure and right, sure and wrong, undecided",
      arrays: { logits: { shape: [3, 3], data: Float32Array.of(500, 0, 0, 0, 500, 0, 0, 0, 0) } },
      labels: Int32Array.of(0, 2, 1),
    },
    {
      name: "one class",
      arrays: { logits: { shape: [3, 1], data: Float32Array.of(1, 2, 3) } },
      labels: Int32Array.of(0, 0, 0),
    },
  ],
};

export const marginCases: readonly LossCase[] = [
  ...headCases,
  subCenters,
  ...adaCosCases,
  smoothed,
  focalCase,
];
