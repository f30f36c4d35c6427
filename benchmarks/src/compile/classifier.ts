import type { Signature } from "@lmk/compile";
import { softmax } from "@lmk/losses";
import { createResNet, type NamedArrays, type ResNetName } from "@lmk/models";
import { createTrainStep, sgd, type TrainStep } from "@lmk/train";
import * as tf from "@tensorflow/tfjs-core";

/** What both sides of a comparison train, and how. */
export interface Task {
  readonly network: ResNetName;
  readonly batch: number;
  readonly size: number;
  readonly classes: number;
  readonly learningRate: number;
  readonly momentum: number;
  readonly weightDecay: number;
  /** Keeps batch norm on its running statistics. */
  readonly frozenBatchNorm?: boolean;
}

/** Seeded numbers in [0, 1): mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A ResNet classifier as torchvision defines it, its initial weights, and its training step. */
export function createClassifier(task: Task): { parameters: NamedArrays; step: TrainStep } {
  const backbone = createResNet(task.network);
  const random = createRandom(2);
  const bound = 1 / Math.sqrt(backbone.channels);
  const draw = (length: number) => Float32Array.from({ length }, () => (2 * random() - 1) * bound);
  const parameters = {
    ...backbone.initialize({ seed: 1 }),
    "fc.weight": { shape: [task.classes, backbone.channels], data: draw(task.classes * backbone.channels) },
    "fc.bias": { shape: [task.classes], data: draw(task.classes) },
  };
  const step = createTrainStep({
    parameters,
    frozenBatchNorm: task.frozenBatchNorm ?? false,
    optimizer: sgd({ momentum: task.momentum, weightDecay: task.weightDecay }),
    loss: (current, inputs, options) => {
      const { features, statistics } = backbone.apply(current, inputs.images as tf.Tensor4D, options);
      const pooled = tf.mean(features, [1, 2]) as tf.Tensor2D;
      const weight = current["fc.weight"] as tf.Tensor2D;
      const bias = current["fc.bias"] as tf.Tensor1D;
      return { loss: softmax(pooled, weight, bias, inputs.labels as tf.Tensor1D), statistics };
    },
  });
  return { parameters, step };
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
