import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { bits, integers, type TestArray, uniform } from "../against-tfjs.ts";
import {
  between,
  floats,
  inputShape,
  pairs,
  seeds,
  shapes,
  signed,
  smooth,
  storages,
  stored,
} from "./arrays.ts";
import type { Case } from "./case.ts";

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

const halves = Array.from({ length: 17 }, (_, i) => (i - 8) / 2);

/** The op of each kernel, where it is smooth, and the kinks in between. */
const unary: Readonly<Record<string, readonly [Unary, number, number, (readonly number[])?]>> = {
  Abs: [tf.abs, -2, 2, [0]],
  Acos: [tf.acos, -0.9, 0.9],
  Acosh: [tf.acosh, 1.2, 3],
  Asin: [tf.asin, -0.9, 0.9],
  Asinh: [tf.asinh, -2, 2],
  Atan: [tf.atan, -2, 2],
  Atanh: [tf.atanh, -0.9, 0.9],
  Ceil: [tf.ceil, -3, 3, halves],
  ClipByValue: [(x) => tf.clipByValue(x, -1, 0.5), -2, 2, [-1, 0.5]],
  Cos: [tf.cos, -3, 3],
  Cosh: [tf.cosh, -2, 2],
  Elu: [tf.elu, -2, 2, [0]],
  Erf: [tf.erf, -2, 2],
  Exp: [tf.exp, -2, 2],
  Expm1: [tf.expm1, -2, 2],
  Floor: [tf.floor, -3, 3, halves],
  LeakyRelu: [(x) => tf.leakyRelu(x, 0.1), -2, 2, [0]],
  Log: [tf.log, 0.2, 3],
  Log1p: [tf.log1p, -0.8, 3],
  Neg: [tf.neg, -2, 2],
  Reciprocal: [tf.reciprocal, 0.5, 2],
  Relu: [tf.relu, -2, 2, [0]],
  Relu6: [tf.relu6, -4, 10, [0, 6]],
  Round: [tf.round, -3, 3, halves],
  Rsqrt: [tf.rsqrt, 0.2, 3],
  Selu: [tf.selu, -2, 2, [0]],
  Sigmoid: [tf.sigmoid, -4, 4],
  Sign: [tf.sign, -2, 2, [0]],
  Sin: [tf.sin, -3, 3],
  Sinh: [tf.sinh, -2, 2],
  Softplus: [tf.softplus, -4, 4],
  Sqrt: [tf.sqrt, 0.2, 3],
  Square: [tf.square, -2, 2],
  Step: [(x) => tf.step(x, 0.25), -2, 2, [0]],
  Tan: [tf.tan, -1, 1],
  Tanh: [tf.tanh, -3, 3],
};

const unaryCases: Case[] = Object.entries(unary).map(([kernel, [op, low, high, kinks]]) => ({
  name: `${kernel} of any shape and storage, and of a uniform constant`,
  kernels: [kernel],
  gradientKernels: kernel === "Elu" ? ["EluGrad"] : [],
  differentiable: ["x"],
  arbitrary: fc
    .record({ shape: shapes(0, 4), storage: storages, seed: seeds })
    .map(({ shape, storage, seed }) => ({
      inputs: { x: smooth(seed, inputShape(shape, storage), low, high, kinks) },
      op: ({ x }) => [
        op(stored(x, shape, storage)),
        op(tf.fill([2, 3], smooth(seed + 1, [1], low, high, kinks).data[0])),
      ],
    })),
}));

const integerOps: Readonly<Record<string, Unary>> = {
  Abs: tf.abs,
  Neg: tf.neg,
  Sign: tf.sign,
  Relu: tf.relu,
  Relu6: tf.relu6,
  Square: tf.square,
  Exp: tf.exp,
  Expm1: tf.expm1,
  LeakyRelu: (x) => tf.leakyRelu(x, 0.1),
  Round: tf.round,
  Selu: tf.selu,
  Softplus: tf.softplus,
  Sinh: tf.sinh,
  Asinh: tf.asinh,
  Atan: tf.atan,
  Step: (x) => tf.step(x, 2),
  ClipByValue: (x) => tf.clipByValue(x, -1, 3),
  IsNan: tf.isNaN,
  IsInf: tf.isInf,
  IsFinite: tf.isFinite,
};

const special = Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, -Infinity, -0, 0, 1, -2.5, 3e38);

/** The larger and the smaller of two that never tie, in ops that tfjs differentiates also when they broadcast. */
const larger: Binary = (a, b) => tf.where(tf.greaterEqual(a, b), a, b);
const smaller: Binary = (a, b) => tf.where(tf.greaterEqual(b, a), a, b);

interface BinaryOp {
  readonly op: Binary;
  readonly a: (seed: number, shape: readonly number[]) => TestArray;
  readonly b: (seed: number, shape: readonly number[]) => TestArray;
  readonly reference?: Binary;
}

const drawn = (low: number, high: number) => (seed: number, shape: readonly number[]) =>
  uniform(seed, shape, low, high);
/** Multiples of 1/8, and numbers half-way between them, so that operands never tie. */
const eighths =
  (offset: number, limit = 16) =>
  (seed: number, shape: readonly number[]) => {
    const { data } = signed(seed, shape, limit);
    return { shape, data: Float32Array.from(data, (value) => value / 8 + offset) };
  };

const binary: Readonly<Record<string, BinaryOp>> = {
  Add: { op: tf.add, a: drawn(-2, 2), b: drawn(-2, 2) },
  Atan2: { op: tf.atan2, a: eighths(0.0625), b: eighths(0.0625) },
  Maximum: { op: tf.maximum, a: eighths(0), b: eighths(0.0625), reference: larger },
  Minimum: { op: tf.minimum, a: eighths(0), b: eighths(0.0625), reference: smaller },
  Mod: { op: tf.mod, a: eighths(0.0625), b: (seed, shape) => smooth(seed, shape, 6, 8) },
  Multiply: { op: tf.mul, a: drawn(-2, 2), b: drawn(-2, 2) },
  Pow: { op: tf.pow, a: drawn(0.5, 2), b: drawn(-2, 2) },
  Prelu: {
    op: tf.prelu,
    a: (seed, shape) => smooth(seed, shape, -2, 2, [0]),
    b: drawn(0.1, 1),
    reference: (x, alpha) => tf.where(tf.greaterEqual(x, 0), x, tf.mul(alpha, x)),
  },
  RealDiv: { op: tf.div, a: drawn(-2, 2), b: drawn(0.5, 2) },
  SquaredDifference: {
    op: tf.squaredDifference,
    a: drawn(-2, 2),
    b: drawn(-2, 2),
    reference: (a, b) => tf.square(tf.sub(a, b)),
  },
  Sub: { op: tf.sub, a: drawn(-2, 2), b: drawn(-2, 2) },
};

const pairsStored = fc.record({ pair: pairs, storages: fc.tuple(storages, storages), seed: seeds });

const binaryCases: Case[] = Object.entries(binary).map(([kernel, { op, a, b, reference }]) => ({
  name: `${kernel} of shapes that broadcast, of any storage`,
  kernels: [kernel],
  differentiable: ["a", "b"],
  arbitrary: pairsStored.map(({ pair, storages: [first, second], seed }) => {
    const apply =
      (fn: Binary) =>
      (inputs: Readonly<Record<string, tf.Tensor>>): tf.Tensor =>
        fn(stored(inputs.a, pair.a, first), stored(inputs.b, pair.b, second));
    return {
      inputs: { a: a(seed, inputShape(pair.a, first)), b: b(seed + 1, inputShape(pair.b, second)) },
      op: apply(op),
      ...(reference === undefined ? {} : { reference: apply(reference) }),
    };
  }),
}));

const integerBinary: Readonly<Record<string, Binary>> = {
  Add: tf.add,
  Sub: tf.sub,
  Multiply: tf.mul,
  Maximum: tf.maximum,
  Minimum: tf.minimum,
  FloorDiv: tf.floorDiv,
  Mod: tf.mod,
  Atan2: tf.atan2,
  SquaredDifference: tf.squaredDifference,
};

const comparisons: Readonly<Record<string, Binary>> = {
  Equal: tf.equal,
  NotEqual: tf.notEqual,
  Greater: tf.greater,
  GreaterEqual: tf.greaterEqual,
  Less: tf.less,
  LessEqual: tf.lessEqual,
};

const otherCases: Case[] = [
  {
    name: "unary kernels of int32",
    kernels: Object.keys(integerOps),
    arbitrary: fc
      .record({ shape: shapes(0, 4), storage: storages, seed: seeds })
      .map(({ shape, storage, seed }) => ({
        inputs: { x: signed(seed, inputShape(shape, storage), 6) },
        op: ({ x }) => Object.values(integerOps).map((op) => op(stored(x, shape, storage))),
      })),
  },
  {
    name: "tests for NaN and infinities",
    kernels: ["IsNan", "IsInf", "IsFinite"],
    arbitrary: fc
      .record({ shape: shapes(0, 4), storage: storages, seed: seeds })
      .map(({ shape, storage, seed }) => {
        const { data } = integers(seed, inputShape(shape, storage), special.length);
        return {
          inputs: {
            x: { shape: inputShape(shape, storage), data: Float32Array.from(data, (i) => special[i]) },
          },
          op: ({ x }) => [tf.isNaN, tf.isInf, tf.isFinite].map((op) => op(stored(x, shape, storage))),
        };
      }),
  },
  {
    name: "binary kernels of int32, division by zero included",
    kernels: Object.keys(integerBinary),
    arbitrary: pairsStored.map(({ pair, storages: [first, second], seed }) => ({
      inputs: {
        a: signed(seed, inputShape(pair.a, first), 20),
        b: signed(seed + 1, inputShape(pair.b, second), 5),
      },
      op: ({ a, b }) =>
        Object.values(integerBinary).map((op) => op(stored(a, pair.a, first), stored(b, pair.b, second))),
    })),
  },
  {
    name: "integer quotients and remainders of large numbers",
    kernels: ["FloorDiv", "Mod"],
    arbitrary: fc
      .array(fc.tuple(between(-(2 ** 31), 2 ** 31 - 1), between(-9, 9)), { minLength: 1, maxLength: 20 })
      .map((list) => ({
        inputs: {
          a: { shape: [list.length], data: Int32Array.from(list, ([a]) => a) },
          b: { shape: [list.length], data: Int32Array.from(list, ([a, b]) => (b === -9 ? a : b)) },
        },
        op: ({ a, b }) => [
          tf.floorDiv(a, b),
          tf.mod(a, b),
          tf.floorDiv(a, tf.scalar(-7, "int32")),
          tf.mod(a, tf.scalar(10, "int32")),
        ],
      })),
  },
  {
    name: "FloorDiv of float32, with the gradient of a quotient",
    kernels: ["FloorDiv"],
    differentiable: ["a", "b"],
    arbitrary: pairsStored.map(({ pair, storages: [first, second], seed }) => ({
      inputs: {
        a: eighths(0.0625)(seed, inputShape(pair.a, first)),
        b: smooth(seed + 1, inputShape(pair.b, second), 6, 8),
      },
      op: ({ a, b }) =>
        tf.mul(tf.cast(tf.floorDiv(stored(a, pair.a, first), stored(b, pair.b, second)), "float32"), 1),
    })),
  },
  {
    name: "Pow of int32 to powers of int32",
    kernels: ["Pow"],
    arbitrary: pairsStored.map(({ pair, storages: [first, second], seed }) => ({
      inputs: {
        a: signed(seed, inputShape(pair.a, first), 9),
        b: integers(seed + 1, inputShape(pair.b, second), 6),
      },
      op: ({ a, b }) => tf.pow(stored(a, pair.a, first), stored(b, pair.b, second)),
    })),
  },
  {
    name: "Pow of negative numbers to whole powers, constant or not",
    kernels: ["Pow"],
    differentiable: ["x"],
    arbitrary: fc
      .record({ shape: shapes(0, 4), storage: storages, seed: seeds, exponent: between(-2, 4) })
      .map(({ shape, storage, seed, exponent }) => ({
        inputs: {
          x: smooth(seed, inputShape(shape, storage), -2, 2, [-0.15, -0.05, 0.05, 0.15]),
          exponents: floats(signed(seed, shape, 3)),
        },
        op: ({ x, exponents }) => [
          tf.pow(stored(x, shape, storage), exponent),
          tf.pow(stored(x, shape, storage), exponents),
        ],
      })),
    tolerance: 2e-5,
  },
  {
    name: "Pow to constant powers of positive numbers",
    kernels: ["Pow"],
    differentiable: ["x"],
    arbitrary: fc
      .record({
        shape: shapes(0, 4),
        storage: storages,
        seed: seeds,
        exponent: fc.constantFrom(0, 0.5, 1, 1.5, 2, 3, -0.5),
      })
      .map(({ shape, storage, seed, exponent }) => ({
        inputs: { x: uniform(seed, inputShape(shape, storage), 0.5, 2) },
        op: ({ x }) => tf.pow(stored(x, shape, storage), exponent),
      })),
  },
  {
    name: "AddN of several tensors and a constant",
    kernels: ["AddN"],
    differentiable: ["a", "b"],
    arbitrary: fc
      .record({ shape: shapes(0, 4), storage: storages, seed: seeds })
      .map(({ shape, storage, seed }) => ({
        inputs: { a: uniform(seed, inputShape(shape, storage)), b: uniform(seed + 1, shape) },
        op: ({ a, b }) =>
          tf.addN([stored(a, shape, storage), b, tf.fill(shape, 0.5), stored(a, shape, storage)]),
      })),
  },
  {
    name: "BitwiseAnd of int32",
    kernels: ["BitwiseAnd"],
    arbitrary: fc
      .record({ shape: shapes(0, 4), storage: storages, seed: seeds })
      .map(({ shape, storage, seed }) => ({
        inputs: { a: signed(seed, inputShape(shape, storage), 2 ** 20), b: signed(seed + 1, shape, 2 ** 20) },
        op: ({ a, b }) => tf.bitwiseAnd(stored(a, shape, storage), b),
      })),
  },
  {
    name: "comparisons of float32, int32 and bool, with ties",
    kernels: Object.keys(comparisons),
    arbitrary: fc.tuple(pairsStored, fc.constantFrom("float32", "int32", "bool")).map(
      ([
        {
          pair,
          storages: [first, second],
          seed,
        },
        dtype,
      ]) => {
        const make = (at: number, shape: readonly number[]) =>
          dtype === "bool"
            ? bits(at, shape)
            : dtype === "int32"
              ? signed(at, shape, 2)
              : floats(signed(at, shape, 2));
        return {
          inputs: { a: make(seed, inputShape(pair.a, first)), b: make(seed + 1, inputShape(pair.b, second)) },
          op: ({ a, b }) =>
            Object.values(comparisons).map((op) => op(stored(a, pair.a, first), stored(b, pair.b, second))),
        };
      },
    ),
  },
  {
    name: "GreaterEqual has a gradient of zero",
    kernels: ["GreaterEqual"],
    differentiable: ["a", "b"],
    arbitrary: fc.record({ shape: shapes(0, 4), seed: seeds }).map(({ shape, seed }) => ({
      inputs: { a: eighths(0)(seed, shape), b: eighths(0.0625)(seed + 1, shape) },
      op: ({ a, b }) => tf.mul(tf.cast(tf.greaterEqual(a, b), "float32"), tf.add(a, b)),
    })),
  },
  {
    name: "logic of bools that broadcast",
    kernels: ["LogicalAnd", "LogicalOr", "LogicalNot"],
    arbitrary: pairsStored.map(({ pair, storages: [first, second], seed }) => ({
      inputs: { a: bits(seed, inputShape(pair.a, first)), b: bits(seed + 1, inputShape(pair.b, second)) },
      op: (inputs) => {
        const [a, b] = [stored(inputs.a, pair.a, first), stored(inputs.b, pair.b, second)];
        return [tf.logicalAnd(a, b), tf.logicalOr(a, b), tf.logicalXor(a, b), tf.logicalNot(a)];
      },
    })),
  },
  {
    name: "Select of conditions and values that broadcast",
    kernels: ["Select"],
    differentiable: ["a", "b"],
    arbitrary: fc.record({ pair: pairs, third: between(0, 4), seed: seeds }).map(({ pair, third, seed }) => {
      const condition = pair.b.slice(Math.min(third, pair.b.length));
      return {
        inputs: {
          condition: bits(seed, condition),
          a: uniform(seed + 1, pair.a),
          b: uniform(seed + 2, pair.b),
        },
        op: ({ condition: chosen, a, b }) => tf.where(chosen, a, b),
      };
    }),
  },
  {
    name: "Select of bools and int32",
    kernels: ["Select"],
    arbitrary: fc
      .record({ shape: shapes(0, 4), storage: storages, seed: seeds })
      .map(({ shape, storage, seed }) => ({
        inputs: {
          condition: bits(seed, inputShape(shape, storage)),
          bools: bits(seed + 1, shape),
          numbers: signed(seed + 2, shape, 9),
        },
        op: ({ condition, bools, numbers }) => {
          const chosen = stored(condition, shape, storage);
          return [
            tf.where(chosen, bools, tf.logicalNot(bools)),
            tf.where(chosen, numbers, tf.scalar(4, "int32")),
          ];
        },
      })),
  },
  {
    name: "Cast between all types",
    kernels: ["Cast"],
    differentiable: ["x"],
    arbitrary: fc
      .record({ shape: shapes(0, 4), storage: storages, seed: seeds })
      .map(({ shape, storage, seed }) => ({
        inputs: {
          x: smooth(seed, inputShape(shape, storage), -3, 3, halves),
          numbers: signed(seed + 1, shape, 2),
          bools: bits(seed + 2, shape),
        },
        op: (inputs) => {
          const x = stored(inputs.x, shape, storage);
          const number = tf.cast(inputs.bools, "float32");
          return [
            tf.mul(tf.cast(x, "float32"), x),
            tf.cast(x, "int32"),
            tf.cast(x, "bool"),
            tf.cast(inputs.numbers, "bool"),
            tf.mul(tf.cast(inputs.numbers, "float32"), 2),
            tf.add(tf.cast(inputs.bools, "int32"), tf.scalar(2, "int32")),
            tf.mul(number, x),
          ];
        },
      })),
  },
];

/** Element-wise kernels: of one operand, of two, comparisons, logic, choice and casts. */
export const elementWiseCases: readonly Case[] = [...unaryCases, ...binaryCases, ...otherCases];
