import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { mixed, type TestArray, uniform } from "../against-tfjs.ts";
import type { Case, Tensors } from "./case.ts";

const small = (max: number, min = 1) => fc.integer({ min, max });

type Statistics = "per channel" | "per element";

interface BatchNorm {
  readonly inputs: Readonly<Record<string, TestArray>>;
  readonly epsilon: number;
  readonly computed: boolean;
}

function batchNorms(rank: 2 | 3 | 4, statistics: Statistics): fc.Arbitrary<BatchNorm> {
  return fc
    .record({
      seed: small(1e6),
      shape: fc.array(small(4), { minLength: rank, maxLength: rank }),
      epsilon: fc.constantFrom(1e-3, 1e-5, 0.1),
      computed: rank === 4 ? fc.boolean() : fc.constant(false),
    })
    .map(({ seed, shape, ...rest }) => {
      const length = statistics === "per channel" ? shape.slice(-1) : shape;
      return {
        ...rest,
        inputs: {
          x: uniform(seed, shape),
          mean: uniform(seed + 1, length),
          variance: uniform(seed + 2, length, 0.5, 1.5),
          offset: uniform(seed + 3, length),
          scale: uniform(seed + 4, length, 0.5, 1.5),
        },
      };
    });
}

function batchNorm(
  tensors: Tensors,
  given: readonly ("offset" | "scale")[],
  { epsilon, computed }: BatchNorm,
) {
  const { x, mean, variance } = tensors as Record<string, tf.Tensor1D>;
  const optional = (name: "offset" | "scale") =>
    given.includes(name) ? (tensors[name] as tf.Tensor1D) : undefined;
  const images = (computed ? mixed(x) : x) as tf.Tensor4D;
  return tf.batchNorm(images, mean, variance, optional("offset"), optional("scale"), epsilon);
}

const batchNormCases: readonly Case[] = ([2, 3, 4] as const).flatMap((rank) =>
  (["per channel", "per element"] as const).map((statistics) => ({
    name: `batchNorm${rank}d with statistics ${statistics}`,
    kernels: ["FusedBatchNorm"],
    differentiable: ["x", "mean", "variance", "offset", "scale"],
    arbitrary: batchNorms(rank, statistics).map((example) => ({
      inputs: example.inputs,
      op: (tensors: Tensors) => batchNorm(tensors, ["offset", "scale"], example),
    })),
  })),
);

/** tfjs itself fails to differentiate a batch norm that lacks one of the two. */
const optionalCase: Case = {
  name: "batchNorm without an offset, a scale or both",
  kernels: ["FusedBatchNorm"],
  arbitrary: fc
    .tuple(batchNorms(4, "per channel"), fc.subarray(["offset", "scale"] as const, { maxLength: 1 }))
    .map(([example, given]) => ({
      inputs: example.inputs,
      op: (tensors) => batchNorm(tensors, given, example),
    })),
};

/** Normalizations as users write them; `axes` are those that share statistics. */
function normalized(x: tf.Tensor, axes: number[], epsilon = 1e-3): tf.Tensor {
  const { mean, variance } = tf.moments(x, axes, true);
  return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, epsilon)));
}

interface Images {
  readonly seed: number;
  readonly batch: number;
  readonly size: number;
  readonly groups: number;
  readonly perGroup: number;
}

const images: fc.Arbitrary<Images> = fc.record({
  seed: small(1e6),
  batch: small(3),
  // Variances of few elements come close to 0, where the root loses digits.
  size: small(4, 3),
  groups: small(3),
  perGroup: small(3, 2),
});

const written: Readonly<Record<string, (x: tf.Tensor, example: Images) => tf.Tensor>> = {
  "layer norm over the channels": (x) => normalized(x, [3]),
  "layer norm over all but the batch": (x) => normalized(x, [1, 2, 3]),
  "instance norm": (x) => normalized(x, [1, 2]),
  "group norm": (x, { batch, size, groups, perGroup }) => {
    const parts = tf.reshape(x, [batch, size, size, groups, perGroup]);
    return tf.reshape(normalized(parts, [1, 2, 4]), x.shape);
  },
  "batch norm in training": (x) => normalized(x, [0, 1, 2]),
  "root mean square norm": (x) => tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-3))),
  "weight standardization of the result": (x) => {
    const rows = tf.reshape(x, [-1, x.shape[3] as number]);
    return tf.reshape(normalized(rows, [0]), x.shape);
  },
};

const writtenCases: readonly Case[] = Object.entries(written).map(([name, normalize]) => ({
  name: `${name}, written with moments`,
  kernels: ["Multiply", "Add"],
  differentiable: ["x", "gain", "bias"],
  tolerance: 2e-5,
  arbitrary: fc.tuple(images, fc.boolean()).map(([example, computed]) => {
    const { seed, batch, size, groups, perGroup } = example;
    const channels = groups * perGroup;
    const inputs: Record<string, TestArray> = {
      x: uniform(seed, [batch, size, size, channels]),
      gain: uniform(seed + 1, [channels], 0.5, 1.5),
      bias: uniform(seed + 2, [channels]),
    };
    return {
      inputs,
      op: ({ x, gain, bias }: Tensors) =>
        tf.add(tf.mul(normalize(computed ? mixed(x) : x, example), gain), bias),
    };
  }),
}));

/** Batch normalization, and the others as tfjs users write them. */
export const normalizationCases: readonly Case[] = [...batchNormCases, optionalCase, ...writtenCases];
