import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { integers, mixed, type TestArray, uniform } from "../against-tfjs.ts";
import type { Case } from "./case.ts";
import { distinct } from "./distinct.ts";

const seed = fc.integer({ min: 1, max: 1e6 });
const dimension = fc.integer({ min: 1, max: 5 });
const dimensions = (minLength: number, maxLength: number) => fc.array(dimension, { minLength, maxLength });
const sizeOf = (shape: readonly number[]) => shape.reduce((product, d) => product * d, 1);

/** The first `count` entries of a shuffle of `[0, limit)`. */
function choice(seedValue: number, count: number, limit: number): Int32Array {
  const order = [...distinct(seedValue, [limit]).data].map((value) => value * 64 + Math.floor(limit / 2));
  return Int32Array.from(order.slice(0, count));
}

/** Rows of zeros with a one where the id points, of any length. */
function hot(ids: tf.Tensor, length: number): tf.Tensor {
  const held = tf.oneHot(tf.reshape(ids, [ids.size]), length + 1, 1, 0, "float32");
  return tf.reshape(tf.slice(held, [0, 0], [ids.size, length]), [...ids.shape, length]);
}

const asInt32 = ({ shape, data }: TestArray): TestArray => ({
  shape,
  data: Int32Array.from(data, (value) => Math.round(value * 9)),
});

/** `gather` of flattened tensors, which tfjs differentiates rightly. */
function flatGather(x: tf.Tensor, ids: tf.Tensor, axis: number, batchDims: number): tf.Tensor {
  const batch = sizeOf(x.shape.slice(0, batchDims));
  const outer = x.shape.slice(batchDims, axis);
  const inner = x.shape.slice(axis + 1);
  const length = x.shape[axis];
  const picked = ids.shape.slice(batchDims);
  const lined = tf.transpose(tf.reshape(x, [batch, sizeOf(outer), length, sizeOf(inner)]), [0, 2, 1, 3]);
  const starts = tf.reshape(tf.range(0, batch, 1, "int32"), [batch, 1]);
  const rows = tf.add(tf.reshape(ids, [batch, sizeOf(picked)]), tf.mul(starts, tf.scalar(length, "int32")));
  const taken = tf.gather(
    tf.reshape(lined, [batch * length, sizeOf(outer) * sizeOf(inner)]),
    tf.reshape(rows, [batch * sizeOf(picked)]) as tf.Tensor1D,
  );
  const turned = tf.transpose(
    tf.reshape(taken, [batch, sizeOf(picked), sizeOf(outer), sizeOf(inner)]),
    [0, 2, 1, 3],
  );
  return tf.reshape(turned, [...x.shape.slice(0, batchDims), ...outer, ...picked, ...inner]);
}

const gathers = fc
  .record({
    shared: dimensions(0, 2),
    outer: dimensions(0, 2),
    length: dimension,
    inner: dimensions(0, 2),
    picked: dimensions(0, 2),
    fromEnd: fc.boolean(),
    seed,
  })
  .map((drawn) => {
    const batchDims = drawn.shared.length;
    const axis = batchDims + drawn.outer.length;
    const shape = [...drawn.shared, ...drawn.outer, drawn.length, ...drawn.inner];
    const given = drawn.fromEnd ? axis - shape.length : axis;
    return { ...drawn, batchDims, axis, given: batchDims > 0 ? axis : given, shape };
  });

/** An index per row of `count`, each naming a place of the leading axes of a shape. */
function places(seedValue: number, count: number, lead: readonly number[], repeats: boolean): TestArray {
  const limit = sizeOf(lead);
  const rows = repeats ? integers(seedValue, [count], limit).data : choice(seedValue, count, limit);
  const data = Int32Array.from(
    [...rows].flatMap((row) =>
      lead.map((length, axis) => Math.floor(row / sizeOf(lead.slice(axis + 1))) % length),
    ),
  );
  return { shape: [count, lead.length], data };
}

/** Numbers of the rows that indices name, and the tensor as rows, for references. */
function rowsOf(indices: tf.Tensor, lead: readonly number[]): tf.Tensor1D {
  const strides = lead.map((_, axis) => sizeOf(lead.slice(axis + 1)));
  return tf.sum(tf.mul(indices, tf.tensor1d(strides, "int32")), -1) as tf.Tensor1D;
}

const scattered = fc
  .record({
    lead: dimensions(1, 3),
    inner: dimensions(0, 2),
    count: fc.integer({ min: 1, max: 6 }),
    repeats: fc.boolean(),
    seed,
  })
  .map((drawn) => {
    const count = drawn.repeats ? drawn.count : Math.min(drawn.count, sizeOf(drawn.lead));
    return { ...drawn, count, shape: [...drawn.lead, ...drawn.inner] };
  });

/** What tensorScatterUpdate does for indices that do not repeat, written with ops that tfjs differentiates. */
function replaced(tensor: tf.Tensor, ids: tf.Tensor1D, updates: tf.Tensor, rows: number): tf.Tensor {
  const width = tensor.size / rows;
  const hits = hot(ids, rows);
  const written = tf.matMul(hits, tf.reshape(updates, [ids.size, width]), true);
  const kept = tf.sub(1, tf.reshape(tf.sum(hits, 0), [rows, 1]));
  return tf.reshape(tf.add(tf.mul(tf.reshape(tensor, [rows, width]), kept), written), tensor.shape);
}

/** Conformance of the kernels that pick or place by index. */
export const indexingCases: readonly Case[] = [
  {
    name: "gather: any axis, ids of any rank, batch dimensions",
    kernels: ["GatherV2"],
    differentiable: ["x"],
    arbitrary: gathers.map(({ shape, shared, picked, length, axis, given, batchDims, seed }) => ({
      inputs: { x: uniform(seed, shape), ids: integers(seed + 1, [...shared, ...picked], length) },
      op: ({ x, ids }) => tf.gather(x, ids as tf.Tensor1D, given, batchDims),
      reference: ({ x, ids }) => flatGather(x, ids, axis, batchDims),
    })),
  },
  {
    name: "gather: int32 from images stored channels first, by constant ids",
    kernels: ["GatherV2"],
    arbitrary: fc.tuple(fc.integer({ min: 0, max: 3 }), seed).map(([axis, seedValue]) => ({
      inputs: { x: uniform(seedValue, [2, 3, 4, 3]) },
      op: ({ x }) => [
        tf.gather(mixed(x), [1, 0, 1], axis),
        tf.gather(tf.cast(tf.mul(mixed(x), 9), "int32"), tf.tensor2d([[0, 1]], [1, 2], "int32"), axis),
        tf.gather(tf.greater(mixed(x), 0), [1], axis),
      ],
    })),
  },
  {
    name: "gatherND: indices of any depth",
    kernels: ["GatherNd"],
    differentiable: ["x"],
    arbitrary: scattered.map(({ lead, shape, count, repeats, seed }) => ({
      inputs: { x: uniform(seed, shape), ids: places(seed, count, lead, repeats) },
      op: ({ x, ids }) => tf.gatherND(x, ids),
      reference: ({ x, ids }) => {
        const rows = sizeOf(lead);
        const taken = tf.gather(tf.reshape(x, [rows, x.size / rows]), rowsOf(ids, lead));
        return tf.reshape(taken, [count, ...shape.slice(lead.length)]);
      },
    })),
  },
  {
    name: "gatherND: one index, and a grid of them",
    kernels: ["GatherNd"],
    differentiable: ["x"],
    arbitrary: fc.tuple(seed, dimension).map(([seedValue, last]) => ({
      inputs: {
        x: uniform(seedValue, [3, 4, last]),
        one: integers(seedValue, [2], 3),
        grid: integers(seedValue + 1, [2, 3, 1], 3),
      },
      op: ({ x, one, grid }) => [tf.gatherND(x, one), tf.gatherND(x, grid)],
      reference: ({ x, one, grid }) => [
        tf.reshape(tf.gather(tf.reshape(x, [12, last]), tf.reshape(rowsOf(one, [3, 4]), [1])), [last]),
        tf.gather(x, tf.reshape(grid, [2, 3]) as tf.Tensor2D),
      ],
    })),
  },
  {
    name: "scatterND: adds repeated indices",
    kernels: ["ScatterNd"],
    differentiable: ["updates"],
    arbitrary: scattered.map(({ lead, inner, shape, count, repeats, seed }) => ({
      inputs: { updates: uniform(seed, [count, ...inner]), ids: places(seed, count, lead, repeats) },
      op: ({ updates, ids }) => tf.scatterND(ids, updates, shape as [number]),
      reference: ({ updates, ids }) => {
        const rows = sizeOf(lead);
        const flat = tf.reshape(updates, [count, updates.size / count]);
        return tf.reshape(tf.unsortedSegmentSum(flat, rowsOf(ids, lead), rows), shape);
      },
    })),
  },
  {
    name: "scatterND: a vector of indices, int32",
    kernels: ["ScatterNd"],
    arbitrary: fc.tuple(seed, dimension, dimension).map(([seedValue, count, width]) => ({
      inputs: {
        updates: asInt32(uniform(seedValue, [count, width])),
        ids: integers(seedValue, [count], 4),
      },
      op: ({ updates, ids }) => tf.scatterND(ids, updates, [4, width]),
    })),
  },
  {
    name: "tensorScatterUpdate: distinct indices",
    kernels: ["TensorScatterUpdate"],
    differentiable: ["x", "updates"],
    arbitrary: scattered
      .filter(({ repeats }) => !repeats)
      .map(({ lead, inner, shape, count, seed }) => ({
        inputs: {
          x: uniform(seed, shape),
          updates: uniform(seed + 1, [count, ...inner]),
          ids: places(seed, count, lead, false),
        },
        // tfjs's CPU backend writes into its input.
        op: ({ x, updates, ids }) => tf.tensorScatterUpdate(tf.mul(x, 1), ids, updates),
        reference: ({ x, updates, ids }) => replaced(x, rowsOf(ids, lead), updates, sizeOf(lead)),
      })),
  },
  {
    name: "tensorScatterUpdate: the last of several updates stays",
    kernels: ["TensorScatterUpdate"],
    arbitrary: scattered.map(({ lead, inner, shape, count, seed }) => ({
      inputs: {
        x: asInt32(uniform(seed, shape)),
        updates: asInt32(uniform(seed + 1, [count, ...inner])),
        ids: places(seed, count, lead, true),
      },
      op: ({ x, updates, ids }) => tf.tensorScatterUpdate(tf.mul(x, tf.scalar(1, "int32")), ids, updates),
    })),
  },
  {
    name: "sparseToDense: a value each, or one for all",
    kernels: ["SparseToDense"],
    differentiable: ["values", "rest"],
    arbitrary: fc
      .record({ shape: dimensions(1, 3), count: fc.integer({ min: 1, max: 5 }), one: fc.boolean(), seed })
      .map(({ shape, count: wanted, one, seed }) => {
        const count = Math.min(wanted, sizeOf(shape));
        return {
          inputs: {
            ids: places(seed, count, shape, false),
            values: uniform(seed, one ? [] : [count]),
            rest: uniform(seed + 1, []),
          },
          op: ({ ids, values, rest }) => tf.sparseToDense(ids, values, shape as [number], rest as tf.Scalar),
          reference: ({ ids, values, rest }) => {
            const each = one ? tf.tile(tf.reshape(values, [1]), [count]) : values;
            return replaced(tf.mul(tf.ones(shape), rest), rowsOf(ids, shape), each, sizeOf(shape));
          },
        };
      }),
  },
  {
    name: "sparseToDense: int32 at a vector of indices, the last of several stays",
    kernels: ["SparseToDense"],
    arbitrary: fc.tuple(seed, dimension).map(([seedValue, count]) => ({
      inputs: {
        ids: integers(seedValue, [count], 4),
        values: asInt32(uniform(seedValue, [count])),
      },
      op: ({ ids, values }) => tf.sparseToDense(ids, values, [4], tf.scalar(-1, "int32")),
    })),
  },
  {
    name: "unsortedSegmentSum: ids below and beyond the segments are dropped",
    kernels: ["UnsortedSegmentSum"],
    differentiable: ["x"],
    arbitrary: fc
      .record({ rows: fc.integer({ min: 1, max: 8 }), inner: dimensions(0, 2), seed })
      .map(({ rows, inner, seed }) => {
        const raw = (ids: tf.Tensor) => tf.sub(ids, tf.scalar(1, "int32")) as tf.Tensor1D;
        return {
          inputs: { x: uniform(seed, [rows, ...inner]), ids: integers(seed, [rows], 5) },
          op: ({ x, ids }) => tf.unsortedSegmentSum(x, raw(ids), 3),
          reference: ({ x, ids }) => {
            const hits = hot(raw(ids), 3);
            const sums = tf.matMul(hits, tf.reshape(x, [rows, sizeOf(inner)]), true);
            return tf.reshape(sums, [3, ...inner]);
          },
        };
      }),
  },
  {
    name: "oneHot: ids outside the depth leave no one",
    kernels: ["OneHot"],
    arbitrary: fc
      .record({
        shape: dimensions(1, 3),
        depth: fc.integer({ min: 2, max: 6 }),
        on: fc.constantFrom(1, 0.9),
        seed,
      })
      .map(({ shape, depth, on, seed }) => ({
        inputs: { ids: integers(seed, shape, depth + 3) },
        op: ({ ids }) => {
          const moved = tf.sub(ids, tf.scalar(1, "int32"));
          return [tf.oneHot(moved, depth, on, 0, "float32"), tf.oneHot(moved, depth, 5, -2)];
        },
      })),
  },
  {
    name: "oneHot: of what is differentiated, which gets nothing through it",
    kernels: ["OneHot"],
    differentiable: ["x"],
    arbitrary: fc
      .tuple(dimensions(1, 2), fc.integer({ min: 2, max: 5 }), seed)
      .map(([shape, depth, seedValue]) => ({
        inputs: {
          x: { shape, data: Float32Array.from(integers(seedValue, shape, depth).data, (id) => id + 0.4) },
        },
        op: ({ x }) => {
          const hits = tf.oneHot(tf.cast(x, "int32"), depth, 1, 0, "float32");
          return tf.mul(hits, tf.expandDims(x, -1));
        },
      })),
  },
  {
    name: "topk: values and places",
    kernels: ["TopK"],
    differentiable: ["x"],
    arbitrary: fc
      .record({
        outer: dimensions(0, 2),
        length: dimension,
        part: fc.double({ min: 0, max: 1, noNaN: true }),
        seed,
      })
      .map(({ outer, length, part, seed }) => {
        const k = 1 + Math.floor(part * (length - 1));
        return {
          inputs: { x: distinct(seed, [...outer, length]) },
          op: ({ x }) => {
            const { values, indices } = tf.topk(x, k);
            return [values, indices];
          },
          reference: ({ x }) => {
            const { indices } = tf.topk(tf.tensor(x.dataSync(), x.shape), k);
            const hits = hot(indices, length);
            return [tf.sum(tf.mul(hits, tf.expandDims(x, -2)), -1), indices];
          },
        };
      }),
  },
  {
    name: "topk: equal values in the order of their places, int32, unsorted alike",
    kernels: ["TopK"],
    arbitrary: fc.tuple(seed, fc.integer({ min: 1, max: 6 })).map(([seedValue, k]) => ({
      inputs: { x: integers(seedValue, [2, 3, 6], 4) },
      op: ({ x }) => {
        const { values, indices } = tf.topk(x, k);
        return [values, indices, tf.sum(tf.topk(x, k, false).values, -1)];
      },
    })),
  },
];
