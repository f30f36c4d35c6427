import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { bits, integers, type TestArray, uniform } from "../against-tfjs.ts";
import { between, floats, inputShape, seeds, shapes, signed, storages, stored } from "./arrays.ts";
import type { Case } from "./case.ts";
import { distinct } from "./distinct.ts";

type Reduction = (x: tf.Tensor, axes: number[] | undefined, keepDims: boolean) => tf.Tensor;

/** A shape, its storage, and axes of it: all by default, or some, of which some are counted from the end. */
const reductions = fc
  .record({
    shape: shapes(1, 4),
    storage: storages,
    mask: between(0, 15),
    negative: between(0, 15),
    keepDims: fc.boolean(),
    seed: seeds,
  })
  .map(({ shape, mask, negative, ...rest }) => {
    const chosen = shape.map((_, axis) => axis).filter((axis) => (mask >> axis) & 1);
    const axes = chosen.map((axis) => ((negative >> axis) & 1 ? axis - shape.length : axis));
    return { ...rest, shape, axes: axes.length === 0 ? undefined : axes };
  });

/** The slices along an axis, by an op whose gradient is right also for one slice. */
function slicesOf(x: tf.Tensor, axis: number): tf.Tensor[] {
  return Array.from({ length: x.shape[axis] }, (_, at) => {
    const begin = x.shape.map((__, other) => (other === axis ? at : 0));
    return tf.reshape(tf.slice(x, begin, x.shape.with(axis, 1)), x.shape.toSpliced(axis, 1));
  });
}

/** The product in ops that tfjs differentiates: one slice times the next. */
const productOfSlices: Reduction = (x, axes, keepDims) => {
  const all = x.shape.map((_, axis) => axis);
  const along = (axes ?? all).map((axis) => (axis < 0 ? axis + x.rank : axis));
  const outer = all.filter((axis) => !along.includes(axis));
  const length = along.reduce((product, axis) => product * x.shape[axis], 1);
  const rows = tf.reshape(tf.transpose(x, [...outer, ...along]), [-1, length]);
  const product = slicesOf(rows, 1).reduce((left, right) => tf.mul(left, right));
  const kept = x.shape.map((dimension, axis) => (along.includes(axis) ? 1 : dimension));
  return tf.reshape(product, keepDims ? kept : outer.map((axis) => x.shape[axis]));
};

interface Reduced {
  readonly op: Reduction;
  readonly draw: (seed: number, shape: readonly number[]) => TestArray;
  readonly reference?: Reduction;
}

/** Multiples of 1/2 between -1.5 and 1.5, zeros among them. */
const fewValues = (seed: number, shape: readonly number[]) => {
  const { data } = signed(seed, shape, 3);
  return { shape, data: Float32Array.from(data, (value) => value / 2) };
};

const floating: Readonly<Record<string, Reduced>> = {
  Sum: { op: tf.sum, draw: (seed, shape) => uniform(seed, shape, 0.5, 2) },
  Mean: { op: tf.mean, draw: (seed, shape) => uniform(seed, shape, 0.5, 2) },
  Max: { op: tf.max, draw: distinct },
  Min: { op: tf.min, draw: distinct },
  Prod: { op: tf.prod, draw: fewValues, reference: productOfSlices },
};

const floatCases: Case[] = Object.entries(floating).map(([kernel, { op, draw, reference }]) => ({
  name: `${kernel} along any axes of any storage`,
  kernels: [kernel],
  differentiable: ["x"],
  arbitrary: reductions.map(({ shape, storage, axes, keepDims, seed }) => {
    const apply = (fn: Reduction) => (inputs: Readonly<Record<string, tf.Tensor>>) =>
      fn(stored(inputs.x, shape, storage), axes, keepDims);
    return {
      inputs: { x: draw(seed, inputShape(shape, storage)) },
      op: apply(op),
      ...(reference === undefined ? {} : { reference: apply(reference) }),
    };
  }),
}));

/** tfjs's running sums along the last axis, the only one for which its own gradient is right. */
function runningSum(x: tf.Tensor, axis: number, exclusive: boolean, reverse: boolean): tf.Tensor {
  const order = x.shape
    .map((_, at) => at)
    .with(axis, x.rank - 1)
    .with(x.rank - 1, axis);
  return tf.transpose(tf.cumsum(tf.transpose(x, order), x.rank - 1, exclusive, reverse), order);
}

/** Running products in ops that tfjs differentiates. */
function runningProduct(x: tf.Tensor, axis: number, exclusive: boolean, reverse: boolean): tf.Tensor {
  const slices = slicesOf(x, axis);
  const ordered = reverse ? slices.toReversed() : slices;
  let product: tf.Tensor = tf.onesLike(ordered[0]);
  const products = ordered.map((part) => {
    const before = product;
    product = tf.mul(product, part);
    return exclusive ? before : product;
  });
  return tf.stack(reverse ? products.toReversed() : products, axis);
}

const running = fc
  .record({
    shape: shapes(1, 4, 5),
    storage: storages,
    at: between(0, 3),
    exclusive: fc.boolean(),
    reverse: fc.boolean(),
    seed: seeds,
  })
  .map(({ at, ...rest }) => ({ ...rest, axis: at % rest.shape.length }));

const runningCases: Case[] = (
  [
    ["Cumsum", tf.cumsum, runningSum],
    ["Cumprod", tf.cumprod, runningProduct],
  ] as const
).flatMap(([kernel, op, reference]) => [
  {
    name: `${kernel} along any axis, with zeros`,
    kernels: [kernel],
    differentiable: ["x"],
    arbitrary: running.map(({ shape, storage, axis, exclusive, reverse, seed }) => ({
      inputs: { x: fewValues(seed, inputShape(shape, storage)) },
      op: ({ x }) => op(stored(x, shape, storage), axis, exclusive, reverse),
      reference: ({ x }) => reference(stored(x, shape, storage), axis, exclusive, reverse),
    })),
  },
  {
    name: `${kernel} of int32 and bool`,
    kernels: [kernel],
    arbitrary: running.map(({ shape, storage, axis, exclusive, reverse, seed }) => ({
      inputs: {
        numbers: signed(seed, inputShape(shape, storage), 3),
        bools: bits(seed, inputShape(shape, storage)),
      },
      op: ({ numbers, bools }) => [
        op(stored(numbers, shape, storage), axis, exclusive, reverse),
        op(stored(bools, shape, storage), axis, exclusive, reverse),
      ],
    })),
  },
]);

const equations = [
  "ij->ji",
  "ijk->j",
  "ij->",
  "i,i->",
  "i,j->ij",
  "ij,ij->ij",
  "ij,ij->i",
  "ij,j->i",
  "ij,jk->ik",
  "ij,kj->ki",
  "bij,jk->bik",
  "bnc,c->bn",
  "abc,cbd->da",
  "abcd,cbe->ade",
  "bhid,bhjd->bhij",
  "bhij,bjhd->bihd",
  "ij,ijk->",
];

/** A sum of products in ops that tfjs differentiates: operands lined up by their letters. */
function sumOfProducts(equation: string, tensors: readonly tf.Tensor[]): tf.Tensor {
  const [left, result] = equation.split("->");
  const terms = left.split(",");
  const letters = [...new Set([...result, ...left.replaceAll(",", "")])];
  const lined = tensors.map((tensor, i) => {
    const present = letters.filter((letter) => terms[i].includes(letter));
    const turned = tf.transpose(
      tensor,
      present.map((letter) => terms[i].indexOf(letter)),
    );
    return tf.reshape(
      turned,
      letters.map((letter) => tensor.shape[terms[i].indexOf(letter)] ?? 1),
    );
  });
  const product = lined.reduce((a, b) => tf.mul(a, b));
  const summed = letters.map((_, axis) => axis).filter((axis) => axis >= result.length);
  return summed.length === 0 ? product : tf.sum(product, summed);
}

const einsums = fc
  .record({
    equation: fc.constantFrom(...equations),
    lengths: fc.array(between(1, 4), { minLength: 12, maxLength: 12 }),
    storages: fc.tuple(storages, storages),
    seed: seeds,
  })
  .map(({ equation, lengths, ...rest }) => {
    const terms = equation.split("->")[0].split(",");
    const lengthOf = (letter: string) => lengths["abcdehijkln".indexOf(letter)];
    return { ...rest, equation, shapes: terms.map((term) => [...term].map(lengthOf)) };
  });

const einsumCase = (operands: number): Case => ({
  name: `Einsum of ${operands === 1 ? "one operand" : "two operands"}`,
  kernels: ["Einsum"],
  differentiable: ["a", "b"].slice(0, operands),
  arbitrary: einsums
    .filter(({ shapes: drawn }) => drawn.length === operands)
    .map(({ equation, shapes: drawn, storages: how, seed }) => {
      const names = ["a", "b"].slice(0, operands);
      const given = (inputs: Readonly<Record<string, tf.Tensor>>) =>
        names.map((name, i) => stored(inputs[name], drawn[i], how[i]));
      return {
        inputs: Object.fromEntries(
          names.map((name, i) => [name, uniform(seed + i, inputShape(drawn[i], how[i]))]),
        ),
        op: (inputs) => tf.einsum(equation, ...given(inputs)),
        reference: (inputs) => sumOfProducts(equation, given(inputs)),
      };
    }),
});

const otherCases: Case[] = [
  {
    name: "reductions of int32 and bool",
    kernels: ["Sum", "Mean", "Max", "Min", "Prod", "All", "Any"],
    arbitrary: reductions.map(({ shape, storage, axes, keepDims, seed }) => ({
      inputs: {
        numbers: signed(seed, inputShape(shape, storage), 2),
        bools: bits(seed, inputShape(shape, storage)),
      },
      op: (inputs) => {
        const [numbers, bools] = [inputs.numbers, inputs.bools].map((x) => stored(x, shape, storage));
        return [
          ...[tf.sum, tf.mean, tf.max, tf.min, tf.prod].map((op) => op(numbers, axes, keepDims)),
          ...[tf.all, tf.any, tf.sum].map((op) => op(bools, axes, keepDims)),
        ];
      },
    })),
  },
  {
    name: "ArgMax and ArgMin give the first of equals",
    kernels: ["ArgMax", "ArgMin"],
    arbitrary: running.map(({ shape, storage, axis, seed }) => ({
      inputs: { x: floats(integers(seed, inputShape(shape, storage), 4)) },
      op: ({ x }) => [tf.argMax, tf.argMin].map((op) => op(stored(x, shape, storage), axis)),
    })),
  },
  {
    name: "ArgMax and ArgMin have a gradient of zero",
    kernels: ["ArgMax", "ArgMin"],
    differentiable: ["x"],
    arbitrary: running.map(({ shape, storage, axis, seed }) => ({
      inputs: { x: distinct(seed, inputShape(shape, storage)) },
      op: (inputs) => {
        const x = stored(inputs.x, shape, storage);
        return [tf.argMax, tf.argMin].map((op) =>
          tf.mul(tf.cast(tf.expandDims(op(x, axis), axis), "float32"), x),
        );
      },
    })),
  },
  {
    name: "Softmax and logSoftmax along the last axis",
    kernels: ["Softmax"],
    differentiable: ["x"],
    arbitrary: running.map(({ shape: leading, axis, seed }) => {
      const shape = [...leading.slice(0, 3), 3];
      const storage = axis % 2 === 0 ? "given" : "turned";
      return {
        inputs: { x: uniform(seed, inputShape(shape, storage), -5, 5) },
        op: ({ x }) => [tf.softmax, tf.logSoftmax].map((op) => op(stored(x, shape, storage))),
      };
    }),
  },
  {
    name: "Softmax and logSoftmax of repeated values",
    kernels: ["Softmax"],
    arbitrary: running.map(({ shape, seed }) => ({
      inputs: { x: uniform(seed, inputShape(shape, "repeated"), -5, 5) },
      op: ({ x }) => [tf.softmax, tf.logSoftmax].map((op) => op(stored(x, shape, "repeated"))),
    })),
  },
  ...runningCases,
  einsumCase(1),
  einsumCase(2),
  {
    name: "Einsum of int32",
    kernels: ["Einsum"],
    arbitrary: einsums.map(({ equation, shapes: drawn, storages: how, seed }) => ({
      inputs: Object.fromEntries(
        drawn.map((shape, i) => [i, signed(seed + i, inputShape(shape, how[i]), 5)]),
      ),
      op: (inputs) => tf.einsum(equation, ...drawn.map((shape, i) => stored(inputs[i], shape, how[i]))),
    })),
  },
  {
    name: "SearchSorted on either side, with ties",
    kernels: ["SearchSorted"],
    arbitrary: fc
      .record({
        rows: between(1, 3),
        length: between(1, 6),
        count: between(1, 5),
        whole: fc.boolean(),
        seed: seeds,
      })
      .map(({ rows, length, count, whole, seed }) => {
        const { data } = signed(seed, [rows, length], 4);
        const sorted = Array.from({ length: rows }, (_, row) =>
          data.slice(row * length, (row + 1) * length).sort((a, b) => a - b),
        );
        const sequence = { shape: [rows, length], data: Int32Array.from(sorted.flatMap((row) => [...row])) };
        const values = signed(seed + 1, [rows, count], 5);
        return {
          inputs: { sequence: whole ? sequence : floats(sequence), values: whole ? values : floats(values) },
          op: (inputs) => [
            tf.lowerBound(inputs.sequence, inputs.values),
            tf.upperBound(inputs.sequence, inputs.values),
          ],
        };
      }),
  },
  {
    name: "Bincount and DenseBincount, integers beyond the bins and no weights included",
    kernels: ["Bincount", "DenseBincount"],
    arbitrary: fc
      .record({
        rows: between(1, 3),
        columns: between(1, 8),
        size: between(1, 6),
        binary: fc.boolean(),
        seed: seeds,
      })
      .map(({ rows, columns, size, binary, seed }) => ({
        inputs: { x: integers(seed, [rows, columns], 8), weights: uniform(seed + 1, [rows, columns]) },
        op: ({ x, weights }) => {
          const matrix = [x, weights] as [tf.Tensor2D, tf.Tensor2D];
          const [row, rowWeights] = matrix.map((tensor) => tf.reshape(tensor, [-1])) as tf.Tensor1D[];
          const none = tf.tensor1d([], "int32");
          return [
            tf.bincount(row, rowWeights, size),
            tf.bincount(row, none, size),
            tf.denseBincount(...matrix, size, binary),
            tf.denseBincount(x as tf.Tensor2D, none as tf.Tensor as tf.Tensor2D, size, binary),
            tf.denseBincount(row, rowWeights, size, binary),
          ];
        },
      })),
  },
];

/** Reductions, running sums and products, sums of products, and counts. */
export const reductionCases: readonly Case[] = [...floatCases, ...otherCases];
