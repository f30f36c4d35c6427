import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { bits, integers, mixed, type TestArray, uniform } from "../against-tfjs.ts";
import type { Case, Tensors } from "./case.ts";

const small = (max: number, min = 1) => fc.integer({ min, max });

interface Product {
  readonly seed: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

const products: fc.Arbitrary<Product> = fc.record({
  seed: small(1e6),
  rows: small(5),
  inner: small(6),
  columns: small(5),
  transposeA: fc.boolean(),
  transposeB: fc.boolean(),
});

const shapeA = (batch: readonly number[], { rows, inner, transposeA }: Product) =>
  transposeA ? [...batch, inner, rows] : [...batch, rows, inner];
const shapeB = (batch: readonly number[], { inner, columns, transposeB }: Product) =>
  transposeB ? [...batch, columns, inner] : [...batch, inner, columns];

const multiply = ({ a, b }: Tensors, { transposeA, transposeB }: Product) =>
  tf.matMul(a, b, transposeA, transposeB);

/** Repeats a tensor to a larger batch, which tfjs differentiates. */
function withBatch(tensor: tf.Tensor, batch: readonly number[]): tf.Tensor {
  const matrix = tensor.shape.slice(-2);
  const given = tensor.shape.slice(0, -2);
  const filled = [...Array<number>(batch.length - given.length).fill(1), ...given];
  const repeats = batch.map((length, axis) => length / filled[axis]);
  return tf.tile(tf.reshape(tensor, [...filled, ...matrix]), [...repeats, 1, 1]);
}

const plainCase: Case = {
  name: "matMul of equal batches",
  kernels: ["BatchMatMul"],
  differentiable: ["a", "b"],
  arbitrary: fc.tuple(products, fc.array(small(3), { maxLength: 2 })).map(([product, batch]) => ({
    inputs: {
      a: uniform(product.seed, shapeA(batch, product)),
      b: uniform(product.seed + 1, shapeB(batch, product)),
    },
    op: (tensors) => multiply(tensors, product),
  })),
};

/** Trailing parts of a batch; where the longer one has more, tfjs's CPU backend repeats the shorter rightly. */
const partsOfBatch = fc.tuple(small(3), small(3)).chain(([outer, inner]) =>
  fc.record({
    batch: fc.constant([outer, inner]),
    part: fc.constantFrom<number[][]>([], [1], [inner], [1, 1], [1, inner]),
    repeatsA: fc.boolean(),
  }),
);

const repeatedCase: Case = {
  name: "matMul of a batch and a repeated operand",
  kernels: ["BatchMatMul"],
  differentiable: ["a", "b"],
  arbitrary: fc.tuple(products, partsOfBatch).map(([product, { batch, part, repeatsA }]) => ({
    inputs: {
      a: uniform(product.seed, shapeA(repeatsA ? part : batch, product)),
      b: uniform(product.seed + 1, shapeB(repeatsA ? batch : part, product)),
    },
    op: (tensors) => multiply(tensors, product),
    reference: ({ a, b }) => multiply({ a: withBatch(a, batch), b: withBatch(b, batch) }, product),
  })),
};

const typed: Readonly<Record<string, (seed: number, shape: readonly number[]) => TestArray>> = {
  float32: uniform,
  int32: (seed, shape) => integers(seed, shape, 9),
  bool: bits,
};

const typedCase: Case = {
  name: "matMul of int32, bool and float32",
  kernels: ["BatchMatMul"],
  arbitrary: fc
    .tuple(
      products,
      fc.constantFrom(["int32", "int32"], ["int32", "float32"], ["bool", "float32"], ["int32", "bool"]),
      fc.boolean(),
      fc.array(small(3), { maxLength: 2 }),
    )
    .map(([product, [left, right], turned, batch]) => ({
      inputs: {
        a: typed[turned ? right : left](product.seed, shapeA(batch, product)),
        b: typed[turned ? left : right](product.seed + 1, shapeB(batch, product)),
      },
      op: (tensors) => multiply(tensors, product),
    })),
};

const layoutCase: Case = {
  name: "matMul of transposed, channels-first, repeated and constant operands",
  kernels: ["BatchMatMul"],
  differentiable: ["x", "w", "row"],
  arbitrary: fc
    .record({ seed: small(1e6), batch: small(2), size: small(3), channels: small(4), units: small(4) })
    .map(({ seed, batch, size, channels, units }) => {
      const others = ({ x, w, row }: Tensors): tf.Tensor[] => {
        const images = mixed(x);
        const constant = tf.tensor(uniform(5, [units, 3]).data, [units, 3]);
        return [
          tf.matMul(tf.reshape(images, [-1, channels]), w, false, true),
          tf.matMul(tf.matMul(tf.tile(row, [3, 1]), w, false, true), constant),
          tf.matMul(tf.ones([2, units]), w),
          tf.matMul(tf.transpose(images, [0, 3, 1, 2]), tf.transpose(images, [0, 3, 2, 1])),
        ];
      };
      return {
        inputs: {
          x: uniform(seed, [batch, size, size, channels]),
          w: uniform(seed + 1, [units, channels]),
          row: uniform(seed + 2, [1, channels]),
        },
        op: (tensors) => [tf.matMul(mixed(tensors.x), tf.transpose(tensors.w)), ...others(tensors)],
        reference: (tensors) => {
          const rows = tf.reshape(mixed(tensors.x), [-1, channels]);
          const product = tf.matMul(rows, tf.transpose(tensors.w));
          return [tf.reshape(product, [batch, size, size, units]), ...others(tensors)];
        },
      };
    }),
};

const activations = ["linear", "relu", "relu6", "elu", "sigmoid", "leakyrelu", "prelu"] as const;

const fusedCase: Case = {
  name: "fused.matMul",
  kernels: ["_FusedMatMul"],
  gradientKernels: ["BatchMatMul"],
  differentiable: ["a", "b", "bias"],
  arbitrary: fc
    .tuple(
      products,
      fc.constantFrom(...activations),
      fc.array(small(3), { maxLength: 1 }),
      fc.constantFrom(-1, 1),
    )
    .map(([product, activation, batch, sign]) => ({
      inputs: {
        a: uniform(product.seed, shapeA(batch, product)),
        b: uniform(product.seed + 1, shapeB(batch, product), -1 / product.inner, 1 / product.inner),
        // The bias keeps every activation away from its kinks.
        bias: uniform(product.seed + 2, [product.columns], sign * 3 - 0.5, sign * 3 + 0.5),
        alpha: uniform(product.seed + 3, [product.columns], 0.1, 0.5),
      },
      op: ({ a, b, bias, alpha }) =>
        tf.fused.matMul({
          a,
          b,
          bias,
          activation,
          transposeA: product.transposeA,
          transposeB: product.transposeB,
          leakyreluAlpha: 0.3,
          ...(activation === "prelu" ? { preluActivationWeights: alpha } : {}),
        }),
    })),
};

/** Matrix products. */
export const matrixProductCases: readonly Case[] = [
  plainCase,
  repeatedCase,
  typedCase,
  layoutCase,
  fusedCase,
];
