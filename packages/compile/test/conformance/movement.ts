import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { bits, integers, uniform } from "../against-tfjs.ts";
import { between, inputShape, type Storage, seeds, shapes, storages, stored } from "./arrays.ts";
import type { Case, Example } from "./case.ts";

type Op = (x: tf.Tensor) => tf.Tensor | tf.Tensor[];

interface Moved {
  readonly shape: readonly number[];
  readonly op: Op;
  readonly reference?: Op;
}

interface Drawn {
  readonly shape: number[];
  readonly numbers: readonly number[];
}

/** An op that moves float32, int32 and bool alike, and that has a gradient. */
interface Movement {
  readonly kernel: string;
  readonly name: string;
  readonly minRank?: number;
  readonly make: (drawn: Drawn) => Moved;
}

const axesOf = (shape: readonly number[]) => shape.map((_, axis) => axis);

/** Each axis with a number of its own, below `limit`. */
const perAxis = ({ shape, numbers }: Drawn, limit: (axis: number) => number, from = 0) =>
  shape.map((_, axis) => (numbers[from + axis] % (limit(axis) + 1)) as number);

/** A permutation of the axes that the numbers decide. */
function permutationOf({ shape, numbers }: Drawn): number[] {
  return axesOf(shape).sort((a, b) => numbers[a] - numbers[b] || a - b);
}

/** A mirrored axis by the slices that mirroring repeats. */
function mirroredBySlices(x: tf.Tensor, paddings: readonly number[][], skipped: number): tf.Tensor {
  return paddings.reduce<tf.Tensor>((padded, [before, after], axis) => {
    const length = padded.shape[axis];
    const end = (begin: number, size: number) => {
      const starts = padded.shape.map((_, at) => (at === axis ? begin : 0));
      return tf.reverse(tf.slice(padded, starts, padded.shape.with(axis, size)), axis);
    };
    const parts = [padded];
    if (before > 0) parts.unshift(end(skipped, before));
    if (after > 0) parts.push(end(length - after - skipped, after));
    return parts.length === 1 ? padded : tf.concat(parts, axis);
  }, x);
}

/** A strided slice of every axis by gathering each axis in turn. */
function gathered(x: tf.Tensor, indices: readonly (readonly number[])[]): tf.Tensor {
  return indices.reduce<tf.Tensor>(
    (result, places, axis) => tf.gather(result, tf.tensor1d([...places], "int32"), axis),
    x,
  );
}

const movements: readonly Movement[] = [
  {
    kernel: "Identity",
    name: "a clone",
    make: ({ shape }) => ({ shape, op: (x) => tf.clone(x) }),
  },
  {
    kernel: "Reshape",
    name: "to rows of another length, and to a vector",
    make: ({ shape, numbers }) => {
      const cut = numbers[0] % (shape.length + 1);
      const rows = shape.slice(0, cut).reduce((product, length) => product * length, 1);
      return {
        shape,
        op: (x) => [tf.reshape(x, [rows, -1]), tf.reshape(x, [-1]), tf.reshape(x, [1, ...shape, 1])],
      };
    },
  },
  {
    kernel: "ExpandDims",
    name: "at any axis",
    make: ({ shape, numbers }) => {
      const axis = (numbers[0] % (shape.length + 1)) - (numbers[1] % 2 === 0 ? 0 : shape.length + 1);
      return { shape, op: (x) => tf.expandDims(x, axis) };
    },
  },
  {
    kernel: "Transpose",
    name: "by any permutation, and followed by a reshape",
    minRank: 2,
    make: (drawn) => {
      const permutation = permutationOf(drawn);
      return {
        shape: drawn.shape,
        op: (x) => [tf.transpose(x, permutation), tf.reshape(tf.transpose(x, permutation), [-1])],
      };
    },
  },
  {
    kernel: "Concat",
    name: "with itself, turned parts and a constant",
    minRank: 1,
    make: ({ shape, numbers }) => {
      const axis = (numbers[0] % shape.length) - (numbers[1] % 2 === 0 ? 0 : shape.length);
      return {
        shape,
        op: (x) => tf.concat([x, tf.cast(tf.ones(shape), x.dtype), tf.reverse(x, axis), x], axis),
      };
    },
  },
  {
    kernel: "Pack",
    name: "at any axis",
    make: ({ shape, numbers }) => {
      const axis = numbers[0] % (shape.length + 1);
      return { shape, op: (x) => tf.stack([x, tf.clone(x), x], axis) };
    },
  },
  {
    kernel: "Unpack",
    name: "along any axis",
    minRank: 1,
    make: ({ shape, numbers }) => {
      const at = numbers[0] % shape.length;
      const axis = numbers[1] % 2 === 0 ? at : at - shape.length;
      const reference = (x: tf.Tensor) =>
        Array.from({ length: shape[at] }, (_, i) => {
          const begin = shape.map((__, other) => (other === at ? i : 0));
          return tf.reshape(tf.slice(x, begin, shape.with(at, 1)), shape.toSpliced(at, 1));
        });
      return { shape, op: (x) => tf.unstack(x, axis), reference };
    },
  },
  {
    kernel: "SplitV",
    name: "in equal parts and in given ones",
    minRank: 1,
    make: ({ shape, numbers }) => {
      const axis = numbers[0] % shape.length;
      const wide = shape.with(axis, 6);
      return {
        shape: wide,
        op: (x) => [
          ...tf.split(x, 3, axis),
          ...tf.split(x, [1, 2, -1], axis),
          ...tf.split(x, [4, 2], axis - shape.length),
        ],
      };
    },
  },
  {
    kernel: "Slice",
    name: "of any range",
    minRank: 1,
    make: (drawn) => {
      const { shape } = drawn;
      const begin = perAxis(drawn, (axis) => shape[axis] - 1);
      const size = perAxis(drawn, (axis) => shape[axis] - begin[axis] - 1, 4).map((more) => more + 1);
      return { shape, op: (x) => [tf.slice(x, begin, size), tf.slice(x, begin)] };
    },
  },
  {
    kernel: "StridedSlice",
    name: "with steps of either sign",
    minRank: 1,
    make: (drawn) => {
      const { shape, numbers } = drawn;
      const begin = perAxis(drawn, (axis) => shape[axis] - 1);
      const strides = shape.map((_, axis) => [1, 2, -1, -2, 3, -3][numbers[4 + axis] % 6]);
      const end = shape.map((length, axis) => (strides[axis] > 0 ? length : -length - 1));
      const indices = shape.map((length, axis) => {
        const places: number[] = [];
        for (let at = begin[axis]; at >= 0 && at < length; at += strides[axis]) places.push(at);
        return places;
      });
      return {
        shape,
        op: (x) => tf.stridedSlice(x, begin, end, strides),
        reference: (x) => gathered(x, indices),
      };
    },
  },
  {
    kernel: "StridedSlice",
    name: "with masks, an ellipsis, a new axis and a dropped one",
    make: ({ numbers }) => {
      const shape = [3, 2, 4, 5];
      const drop = numbers[0] % 3;
      return {
        shape,
        op: (x) => [
          tf.stridedSlice(x, [drop, 0, 0, 1], [drop + 1, 0, 0, 4], [1, 1, 1, 1], 0, 0, 0b10, 0b100, 0b1),
          tf.stridedSlice(x, [2, 0, 0, 1], [0, 0, 0, 4], [-1, 1, 1, 2], 0, 0, 0b10, 0b100),
          tf.stridedSlice(x, [-1, 0, -4, 0], [-4, 2, -1, 0], [-1, 1, 2, 1], 0b0010, 0b1000),
          tf.stridedSlice(x, [0, -2], [2, -1], [1, 1], 0, 0, 0, 0, 0b10),
        ],
        reference: (x) => [
          tf.reshape(tf.slice(gathered(x, [[drop], [0, 1], [0, 1, 2, 3], [1, 2, 3]]), [0]), [2, 4, 1, 3]),
          tf.reshape(
            gathered(x, [
              [2, 1],
              [0, 1],
              [0, 1, 2, 3],
              [1, 3],
            ]),
            [2, 2, 4, 1, 2],
          ),
          gathered(x, [
            [2, 1, 0],
            [0, 1],
            [0, 2],
            [0, 1, 2, 3, 4],
          ]),
          tf.reshape(gathered(x, [[0, 1], [0], [0, 1, 2, 3], [0, 1, 2, 3, 4]]), [2, 4, 5]),
        ],
      };
    },
  },
  {
    kernel: "Reverse",
    name: "of any axes",
    minRank: 1,
    make: ({ shape, numbers }) => {
      const axes = axesOf(shape).filter((axis) => numbers[axis] % 2 === 0);
      return { shape, op: (x) => [tf.reverse(x, axes.length === 0 ? 0 : axes), tf.reverse(x, -1)] };
    },
  },
  {
    kernel: "PadV2",
    name: "with any value",
    minRank: 1,
    make: (drawn) => {
      const before = perAxis(drawn, () => 2);
      const after = perAxis(drawn, () => 2, 4);
      const paddings = before.map((amount, axis): [number, number] => [amount, after[axis]]);
      return { shape: drawn.shape, op: (x) => [tf.pad(x, paddings), tf.pad(x, paddings, 1)] };
    },
  },
  ...(["reflect", "symmetric"] as const).map((mode): Movement => {
    const skipped = mode === "reflect" ? 1 : 0;
    return {
      kernel: "MirrorPad",
      name: mode,
      minRank: 1,
      make: (drawn) => {
        const before = perAxis(drawn, (axis) => drawn.shape[axis] - skipped);
        const after = perAxis(drawn, (axis) => drawn.shape[axis] - skipped, 4);
        const paddings = before.map((amount, axis): [number, number] => [amount, after[axis]]);
        return {
          shape: drawn.shape,
          op: (x) => tf.mirrorPad(x, paddings, mode),
          reference: (x) => mirroredBySlices(x, paddings, skipped),
        };
      },
    };
  }),
  {
    kernel: "Tile",
    name: "along any axes",
    minRank: 1,
    make: (drawn) => ({
      shape: drawn.shape,
      op: (x) =>
        tf.tile(
          x,
          perAxis(drawn, () => 2).map((more) => more + 1),
        ),
    }),
  },
  {
    kernel: "Tile",
    name: "by broadcasting to more axes",
    make: ({ shape, numbers }) => {
      const leading = shape.length < 3 ? [2, (numbers[0] % 3) + 1] : [];
      const ones = shape.map((length, axis) => (numbers[axis] % 2 === 0 ? 1 : length));
      return { shape: ones, op: (x) => tf.broadcastTo(x, [...leading, ...shape]) };
    },
  },
  {
    kernel: "Diag",
    name: "of any shape",
    minRank: 1,
    make: ({ shape: drawn }) => {
      const shape = drawn.slice(0, 2);
      const size = shape.reduce((product, length) => product * length, 1);
      return {
        shape,
        op: (x) => tf.diag(x),
        reference: (x) => tf.reshape(tf.mul(tf.reshape(x, [size, 1]), tf.eye(size)), [...shape, ...shape]),
      };
    },
  },
];

const movementCase = ({ kernel, name, minRank = 0, make }: Movement): Case => ({
  name: `${kernel}: ${name}`,
  kernels: [kernel],
  differentiable: ["x"],
  arbitrary: fc
    .record({
      shape: shapes(minRank, 4),
      numbers: fc.array(between(0, 11), { minLength: 8, maxLength: 8 }),
      storage: storages,
      seed: seeds,
    })
    .map(({ storage, seed, ...drawn }): Example => {
      const { shape, op, reference } = make(drawn);
      const given = inputShape(shape, storage);
      const apply = (fn: Op) => (inputs: Readonly<Record<string, tf.Tensor>>) => {
        const results = fn(stored(inputs.x, shape, storage));
        return Array.isArray(results) ? results : [results];
      };
      return {
        inputs: { x: uniform(seed, given), numbers: integers(seed, given, 9), bools: bits(seed, given) },
        op: (inputs) => [...apply(op)(inputs), ...others(inputs, shape, storage).flatMap((x) => op(x))],
        ...(reference === undefined ? {} : { reference: apply(reference) }),
      };
    }),
});

/** The int32 and bool inputs, stored alike. */
function others(
  inputs: Readonly<Record<string, tf.Tensor>>,
  shape: readonly number[],
  storage: Storage,
): tf.Tensor[] {
  return [inputs.numbers, inputs.bools].map((x) => stored(x, shape, storage));
}

const madeCases: Case[] = [
  {
    name: "Fill, ZerosLike, OnesLike, Range and LinSpace",
    kernels: ["Fill", "ZerosLike", "OnesLike", "Range", "LinSpace"],
    arbitrary: fc
      .record({
        shape: shapes(0, 4),
        start: between(-5, 5),
        step: fc.constantFrom(1, 2, -1, -3),
        count: between(1, 9),
        seed: seeds,
      })
      .map(({ shape, start, step, count, seed }) => ({
        inputs: { x: uniform(seed, shape), numbers: integers(seed, shape, 5) },
        op: ({ x, numbers }) => [
          tf.fill(shape, 1.5),
          tf.fill(shape, 3, "int32"),
          tf.zerosLike(x),
          tf.onesLike(numbers),
          tf.range(start, start + count * step, step, "int32"),
          tf.range(start, start + count * step, step),
          tf.linspace(start, start + count / 3, count),
        ],
      })),
  },
  {
    name: "ZerosLike and OnesLike have gradients of zero",
    kernels: ["ZerosLike", "OnesLike"],
    differentiable: ["x"],
    arbitrary: fc.record({ shape: shapes(0, 4), seed: seeds }).map(({ shape, seed }) => ({
      inputs: { x: uniform(seed, shape) },
      op: ({ x }) => tf.mul(tf.add(tf.zerosLike(x), tf.onesLike(x)), x),
    })),
  },
  {
    name: "BroadcastArgs of two shapes",
    kernels: ["BroadcastArgs"],
    arbitrary: fc
      .record({ shape: shapes(1, 4), ones: fc.tuple(between(0, 15), between(0, 15)), dropped: between(0, 3) })
      .map(({ shape, ones, dropped }) => {
        const part = (mask: number) => shape.map((length, axis) => ((mask >> axis) & 1 ? 1 : length));
        const [a, b] = [part(ones[0]), part(ones[1]).slice(Math.min(dropped, shape.length - 1))];
        return {
          inputs: {
            s0: { shape: [a.length], data: Int32Array.from(a) },
            s1: { shape: [b.length], data: Int32Array.from(b) },
          },
          op: ({ s0, s1 }) => tf.engine().runKernel("BroadcastArgs", { s0, s1 }) as tf.Tensor,
        };
      }),
  },
];

/** Kernels that move, pick, repeat, mirror or make elements. */
export const movementCases: readonly Case[] = [...movements.map(movementCase), ...madeCases];
