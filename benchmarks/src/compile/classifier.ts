import type { NamedArrays, Signature, TracedFunction } from "@lmk/compile";
import { softmax, softmaxLogits } from "@lmk/losses";
import type { Parameters } from "@lmk/models";
import { createTrainStep, sgd, type TrainStep } from "@lmk/train";
import * as tf from "@tensorflow/tfjs-core";
import { createRandom } from "../measure/random.ts";
import { createNetwork, type NetworkName } from "./networks/all-networks.ts";

/** What the sides of a comparison run. */
export interface Task {
  readonly network: NetworkName;
  readonly batch: number;
  /** Height and width of the images. */
  readonly size: number;
  readonly classes: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Keeps batch norm on its running statistics. */
  readonly frozenBatchNorm?: boolean;
}

/** A network with a linear classifier behind it. */
export interface Classifier {
  /** Initial weights. */
  readonly parameters: NamedArrays;
  /** Forward, backward, SGD with momentum. */
  readonly step: TrainStep;
  /** Logits `[N, classes]` with running statistics. */
  readonly logits: (parameters: Parameters, images: tf.Tensor4D) => tf.Tensor2D;
}

/** A task as the benchmarks run it. */
export function taskOf(network: NetworkName, size: number): Task {
  return { network, batch: 8, size, classes: 1000, learningRate: 0.001, momentum: 0.9, weightDecay: 1e-5 };
}

/** The classifier that torchvision defines by the name of the task's network, with seeded weights. */
export function createClassifier(task: Task): Classifier {
  const { channels, head, initialize, apply } = createNetwork(task.network);
  const random = createRandom(2);
  const bound = 1 / Math.sqrt(channels);
  const draw = (length: number) => Float32Array.from({ length }, () => (2 * random() - 1) * bound);
  const parameters = {
    ...initialize({ seed: 1 }),
    [`${head}.weight`]: { shape: [task.classes, channels], data: draw(task.classes * channels) },
    [`${head}.bias`]: { shape: [task.classes], data: new Float32Array(task.classes) },
  };
  const classify = (current: Parameters) =>
    [current[`${head}.weight`] as tf.Tensor2D, current[`${head}.bias`] as tf.Tensor1D] as const;
  const step = createTrainStep({
    parameters,
    frozenBatchNorm: task.frozenBatchNorm ?? false,
    optimizer: sgd({ momentum: task.momentum, weightDecay: task.weightDecay }),
    loss: (current, inputs, options) => {
      const { features, statistics } = apply(current, inputs.images as tf.Tensor4D, options);
      return { loss: softmax(features, ...classify(current), inputs.labels as tf.Tensor1D), statistics };
    },
  });
  const logits: Classifier["logits"] = (current, images) =>
    softmaxLogits(apply(current, images, { training: false }).features, ...classify(current));
  return { parameters, step, logits };
}

/** Inference with the weights as constants, which can be folded into one another. */
export function inferenceOf({ parameters, logits }: Classifier): TracedFunction {
  return ({ images }) => {
    const constants = Object.entries(parameters).map(([name, { data, shape }]) => [
      name,
      tf.tensor(data, [...shape]),
    ]);
    return { outputs: { logits: logits(Object.fromEntries(constants), images as tf.Tensor4D) } };
  };
}

/** One seeded batch of noise: images NHWC, roughly of zero mean and unit variance, and labels. */
export function createBatch(task: Task, seed = 3): { images: Float32Array; labels: Int32Array } {
  const random = createRandom(seed);
  const images = Float32Array.from(
    { length: task.batch * task.size * task.size * 3 },
    () => (random() + random() + random() - 1.5) * 2,
  );
  const labels = Int32Array.from({ length: task.batch }, () => Math.floor(random() * task.classes));
  return { images, labels };
}

/** The signature's inputs of a compiled step of `task`. */
export function inputsOf({ batch, size }: Task): Signature["inputs"] {
  return {
    images: { shape: [batch, size, size, 3] },
    labels: { shape: [batch], dtype: "int32" },
    learningRate: { shape: [] },
  };
}
