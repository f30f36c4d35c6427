import * as tf from "@tensorflow/tfjs-core";
import { sizeOf } from "../dtype.ts";
import { parseAxes } from "../kernels/reductions.ts";
import { identityOrder } from "../value.ts";
import type { Gradients } from "./gradient.ts";

/** `[0, length)` as an int32 vector. */
const counting = (length: number) => tf.range(0, length, 1, "int32");

/** What `gather` took from `x`, added back to the places it was taken from. */
function gatherGradient(dy: tf.Tensor, x: tf.Tensor, indices: tf.Tensor, attrs: tf.NamedAttrMap): tf.Tensor {
  const [along] = parseAxes(attrs.axis, x.rank);
  const given = (attrs.batchDims as unknown as number | undefined) ?? 0;
  const shared = given < 0 ? given + indices.rank : given;
  const picked = indices.rank - shared;
  const axes = identityOrder(dy.rank);
  const batch = sizeOf(x.shape.slice(0, shared));
  const length = x.shape[along];
  const outer = axes.slice(shared, along);
  const rows = tf.transpose(dy, [
    ...axes.slice(0, shared),
    ...axes.slice(along, along + picked),
    ...outer,
    ...axes.slice(along + picked),
  ]);
  const offsets = tf.mul(counting(batch), tf.scalar(length, "int32"));
  const ids = tf.add(
    tf.reshape(tf.cast(indices, "int32"), [batch, -1]),
    tf.reshape(offsets, [batch, 1]),
  ) as tf.Tensor2D;
  const rest = [...x.shape.slice(shared, along), ...x.shape.slice(along + 1)];
  const summed = tf.unsortedSegmentSum(
    tf.reshape(rows, [indices.size, sizeOf(rest)]),
    tf.reshape(ids, [indices.size]),
    batch * length,
  );
  const lined = tf.reshape(summed, [...x.shape.slice(0, shared), length, ...rest]);
  const positions = identityOrder(x.rank);
  return tf.transpose(lined, [
    ...positions.slice(0, shared),
    ...positions.slice(shared + 1, along + 1),
    shared,
    ...positions.slice(along + 1),
  ]);
}

/** Indices as a matrix with one index per row, as `gatherND` and `scatterND` read it. */
function indexMatrix(indices: tf.Tensor): tf.Tensor2D {
  const components = indices.rank > 1 ? indices.shape[indices.rank - 1] : 1;
  return tf.reshape(tf.cast(indices, "int32"), [indices.size / components, components]);
}

/** 1 for each update that is the last of its place, else 0, with `rank` axes. */
function lasting(matrix: tf.Tensor2D, shape: readonly number[], rank: number): tf.Tensor {
  const [count, components] = matrix.shape;
  const numbers = counting(count);
  const places = tf.tensorScatterUpdate(tf.fill(shape.slice(0, components), -1, "int32"), matrix, numbers);
  const last = tf.equal(tf.gatherND(places, matrix), numbers);
  return tf.reshape(tf.cast(last, "float32"), [count, ...Array<number>(rank - 1).fill(1)]);
}

/** What reaches updates, one per index, from the gradient of the tensor they were written to. */
function updatesGradient(dy: tf.Tensor, indices: tf.Tensor): tf.Tensor {
  const matrix = indexMatrix(indices);
  const rows = tf.gatherND(dy, matrix);
  return tf.mul(rows, lasting(matrix, dy.shape, rows.rank));
}

/** The gradient of what was there before, which updates have replaced. */
function untouched(dy: tf.Tensor, indices: tf.Tensor): tf.Tensor {
  const matrix = indexMatrix(indices);
  const shape = [matrix.shape[0], ...dy.shape.slice(matrix.shape[1])];
  return tf.tensorScatterUpdate(dy, matrix, tf.zeros(shape));
}

/** Gradients of the kernels that pick or place by index. */
export const indexingGradients: Gradients = {
  // tfjs's own takes at most one batch dimension, and copies the graph once per element of it.
  GatherV2: {
    inputsToSave: ["x", "indices"],
    gradFunc: (dy, saved, attrs) => {
      const [x, indices] = saved;
      return {
        x: () => gatherGradient(dy as tf.Tensor, x, indices, attrs),
        indices: () => tf.zerosLike(indices),
      };
    },
  },
  GatherNd: {
    inputsToSave: ["params", "indices"],
    gradFunc: (dy, [params, indices]) => ({
      params: () => {
        const components = indices.shape[indices.rank - 1];
        const count = indices.size / components;
        const updates = tf.reshape(dy as tf.Tensor, [count, ...params.shape.slice(components)]);
        return tf.scatterND(tf.reshape(indices, [count, components]), updates, params.shape as [number]);
      },
      indices: () => tf.zerosLike(indices),
    }),
  },
  ScatterNd: {
    inputsToSave: ["indices", "updates"],
    gradFunc: (dy, [indices, updates]) => ({
      indices: () => tf.zerosLike(indices),
      updates: () => tf.reshape(tf.gatherND(dy as tf.Tensor, indexMatrix(indices)), updates.shape),
    }),
  },
  TensorScatterUpdate: {
    inputsToSave: ["indices", "updates"],
    gradFunc: (dy, [indices, updates]) => ({
      tensor: () => untouched(dy as tf.Tensor, indices),
      indices: () => tf.zerosLike(indices),
      updates: () => tf.reshape(updatesGradient(dy as tf.Tensor, indices), updates.shape),
    }),
  },
  SparseToDense: {
    inputsToSave: ["sparseIndices", "sparseValues"],
    gradFunc: (dy, [indices, values]) => ({
      sparseIndices: () => tf.zerosLike(indices),
      sparseValues: () => {
        const each = updatesGradient(dy as tf.Tensor, indices);
        return values.rank === 0 ? tf.sum(each) : tf.reshape(each, values.shape);
      },
      defaultValue: () => tf.sum(untouched(dy as tf.Tensor, indices)),
    }),
  },
  // tfjs's own fails on ids beyond the last segment.
  UnsortedSegmentSum: {
    inputsToSave: ["segmentIds"],
    gradFunc: (dy, [segmentIds]) => ({
      x: () => {
        const sums = dy as tf.Tensor;
        const last = tf.scalar(sums.shape[0] - 1, "int32");
        const ids = tf.cast(segmentIds, "int32") as tf.Tensor1D;
        const safe = tf.minimum(tf.maximum(ids, tf.scalar(0, "int32")), last) as tf.Tensor1D;
        const inside = tf.reshape(tf.equal(safe, ids), [ids.size, ...Array<number>(sums.rank - 1).fill(1)]);
        return tf.mul(tf.gather(sums, safe), tf.cast(inside, "float32"));
      },
    }),
  },
  TopK: {
    inputsToSave: ["x"],
    outputsToSave: [false, true],
    gradFunc: (dys, [x, indices]) => ({
      x: () => {
        const [dy] = dys as unknown as tf.Tensor[];
        const length = x.shape[x.rank - 1];
        const rows = x.size / length;
        const offsets = tf.mul(counting(rows), tf.scalar(length, "int32"));
        const ids = tf.add(tf.reshape(indices, [rows, -1]), tf.reshape(offsets, [rows, 1]));
        const flat = tf.reshape(ids, [dy.size]) as tf.Tensor1D;
        return tf.reshape(tf.unsortedSegmentSum(tf.reshape(dy, [dy.size]), flat, x.size), x.shape);
      },
    }),
  },
};
