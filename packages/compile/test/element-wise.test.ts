import { compile } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { abilities } from "../src/providers.ts";
import { trace } from "../src/trace.ts";
import { bits, expectSame, integers, mixed, type TestArray, uniform, withGradients } from "./against-tfjs.ts";

type Unary = (x: tf.Tensor) => tf.Tensor;
type Binary = (a: tf.Tensor, b: tf.Tensor) => tf.Tensor;

/** Each op with a range in which it is smooth, and whether tfjs differentiates it. */
const unary: Readonly<Record<string, readonly [Unary, number, number]>> = {
  abs: [tf.abs, -2, 2],
  acos: [tf.acos, -0.9, 0.9],
  acosh: [tf.acosh, 1.1, 3],
  asin: [tf.asin, -0.9, 0.9],
  asinh: [tf.asinh, -2, 2],
  atan: [tf.atan, -2, 2],
  atanh: [tf.atanh, -0.9, 0.9],
  ceil: [tf.ceil, -3, 3],
  cos: [tf.cos, -3, 3],
  cosh: [tf.cosh, -2, 2],
  elu: [tf.elu, -2, 2],
  erf: [tf.erf, -2, 2],
  exp: [tf.exp, -2, 2],
  expm1: [tf.expm1, -2, 2],
  floor: [tf.floor, -3, 3],
  leakyRelu: [(x) => tf.leakyRelu(x, 0.1), -2, 2],
  log: [tf.log, 0.1, 3],
  log1p: [tf.log1p, -0.9, 3],
  logSigmoid: [tf.logSigmoid, -3, 3],
  neg: [tf.neg, -2, 2],
  reciprocal: [tf.reciprocal, 0.5, 2],
  relu: [tf.relu, -2, 2],
  relu6: [tf.relu6, -4, 10],
  round: [tf.round, -3, 3],
  rsqrt: [tf.rsqrt, 0.1, 3],
  selu: [tf.selu, -2, 2],
  sigmoid: [tf.sigmoid, -4, 4],
  sign: [tf.sign, -2, 2],
  sin: [tf.sin, -3, 3],
  sinh: [tf.sinh, -2, 2],
  softplus: [tf.softplus, -4, 4],
  sqrt: [tf.sqrt, 0.1, 3],
  square: [tf.square, -2, 2],
  step: [(x) => tf.step(x, 0.25), -2, 2],
  tan: [tf.tan, -1, 1],
  tanh: [tf.tanh, -3, 3],
  "clipByValue (both bounds hit)": [(x) => tf.clipByValue(x, -1, 0.5), -2, 2],
  "pow 0": [(x) => tf.pow(x, 0), 0.5, 2],
  "pow 0.5": [(x) => tf.pow(x, 0.5), 0.5, 2],
  "pow 1": [(x) => tf.pow(x, 1), -2, 2],
  "pow 2": [(x) => tf.pow(x, 2), -2, 2],
  "pow 3": [(x) => tf.pow(x, 3), -2, 2],
  "pow 2.5": [(x) => tf.pow(x, 2.5), 0.5, 2],
  "times 1, plus 0, over 4": [(x) => tf.div(tf.add(tf.mul(x, 1), 0), 4), -2, 2],
};

const binary: Readonly<Record<string, readonly [Binary, number, number]>> = {
  add: [tf.add, -2, 2],
  div: [tf.div, 0.5, 2],
  divNoNan: [tf.divNoNan, 0.5, 2],
  maximum: [tf.maximum, -2, 2],
  minimum: [tf.minimum, -2, 2],
  mod: [tf.mod, 0.3, 4],
  mul: [tf.mul, -2, 2],
  pow: [tf.pow, 0.5, 2],
  prelu: [tf.prelu, -2, 2],
  squaredDifference: [tf.squaredDifference, -2, 2],
  sub: [tf.sub, -2, 2],
};

const comparisons: Readonly<Record<string, Binary>> = {
  equal: tf.equal,
  notEqual: tf.notEqual,
  greater: tf.greater,
  greaterEqual: tf.greaterEqual,
  less: tf.less,
  lessEqual: tf.lessEqual,
};

const logical: Readonly<Record<string, Binary>> = {
  logicalAnd: tf.logicalAnd,
  logicalOr: tf.logicalOr,
  logicalXor: tf.logicalXor,
};

describe("unary ops agree with tfjs in value and gradient", () => {
  for (const [name, [op, low, high]] of Object.entries(unary)) {
    it(name, async () => {
      await expectSame(
        withGradients(({ x }) => op(x), ["x"]),
        { x: uniform(1, [3, 7], low, high) },
      );
    });
  }

  it("all of them on int32, where tfjs takes it", async () => {
    const ops = { abs: tf.abs, neg: tf.neg, sign: tf.sign, relu: tf.relu, square: tf.square, exp: tf.exp };
    await expectSame(
      ({ x }) => ({
        outputs: Object.fromEntries(
          Object.entries(ops).map(([name, op]) => [name, op(tf.sub(x, tf.scalar(3, "int32")))]),
        ),
      }),
      { x: integers(1, [11], 7) },
    );
  });

  it("rounds halves to the even number", async () => {
    const x = { shape: [6], data: Float32Array.of(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5) };
    await expectSame(({ x: given }) => ({ outputs: { y: tf.round(given) } }), { x });
  });

  it("tells NaN and infinities from numbers", async () => {
    const x = { shape: [4], data: Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, -Infinity, 1) };
    await expectSame(
      ({ x: given }) => ({
        outputs: { nan: tf.isNaN(given), infinite: tf.isInf(given), finite: tf.isFinite(given) },
      }),
      { x },
    );
  });
});

/** Ops that tfjs does not differentiate. */
const valuesOnly = new Set(["divNoNan"]);
/** Ops whose gradient tfjs defines for operands of one shape only. */
const unbroadcast = new Set(["maximum", "minimum", "squaredDifference"]);
const square: readonly number[] = [2, 3];

describe("binary ops broadcast", () => {
  const shapes: readonly (readonly [readonly number[], readonly number[]])[] = [
    [square, square],
    [square, []],
    [[], [3]],
    [
      [2, 1, 3],
      [4, 1],
    ],
  ];
  for (const [name, [op, low, high]] of Object.entries(binary)) {
    it(name, async () => {
      const apply = (inputs: Readonly<Record<string, tf.Tensor>>) => op(inputs.a, inputs.b);
      for (const [a, b] of name === "prelu" ? shapes.slice(0, 1) : shapes) {
        const differentiable = !valuesOnly.has(name) && (a === b || !unbroadcast.has(name));
        await expectSame(
          differentiable
            ? withGradients(apply, ["a", "b"])
            : (inputs) => ({ outputs: { value: apply(inputs) } }),
          { a: uniform(1, a, low, high), b: uniform(2, b, low, high) },
        );
      }
    });
  }

  it("over images that a convolution left channels first", async () => {
    const others: readonly (readonly number[])[] = [[], [3], [5, 3], [4, 1, 1], [2, 1, 1, 3], [2, 4, 5, 3]];
    for (const shape of others) {
      const op = ({ x, other }: Readonly<Record<string, tf.Tensor>>) =>
        tf.mul(tf.sub(other, mixed(x)), tf.add(mixed(x), other));
      await expectSame(withGradients(op, ["x", "other"]), {
        x: uniform(1, [2, 4, 5, 3]),
        other: uniform(2, shape),
      });
    }
  });

  it("over two layouts of the same images", async () => {
    await expectSame(
      withGradients(({ x }) => tf.maximum(mixed(x), tf.mul(x, 0.5)), ["x"]),
      { x: uniform(1, [2, 4, 5, 3]) },
    );
  });

  it("with constants of both layouts", async () => {
    const constant = uniform(3, [2, 4, 5, 3]);
    await expectSame(
      withGradients(({ x }) => tf.mul(mixed(x), tf.tensor(constant.data, [2, 4, 5, 3])), ["x"]),
      { x: uniform(1, [2, 4, 5, 3]) },
    );
  });

  it("on int32", async () => {
    const ops = { add: tf.add, sub: tf.sub, mul: tf.mul, maximum: tf.maximum, minimum: tf.minimum };
    const more = { floorDiv: tf.floorDiv, mod: tf.mod, div: tf.div };
    await expectSame(
      ({ a, b }) => ({
        outputs: Object.fromEntries(
          Object.entries({ ...ops, ...more }).map(([name, op]) => [
            name,
            op(tf.sub(a, tf.scalar(5, "int32")), tf.add(b, tf.scalar(1, "int32"))),
          ]),
        ),
      }),
      { a: integers(1, [4, 3], 11), b: integers(2, [3], 4) },
    );
  });

  it("float remainders take the sign of the divisor", async () => {
    const a = { shape: [6], data: Float32Array.of(-3.5, 3.5, -3.5, 3.5, 4, -4) };
    const b = { shape: [6], data: Float32Array.of(2, 2, -2, -2, 2, 2) };
    await expectSame((inputs) => ({ outputs: { y: tf.mod(inputs.a, inputs.b) } }), { a, b });
  });

  it("addN sums a list", async () => {
    await expectSame(
      withGradients(({ x, y }) => tf.addN([x, y, x]), ["x", "y"]),
      { x: uniform(1, [3]), y: uniform(2, [3]) },
    );
  });
});

describe("comparisons and logic", () => {
  const pair = { a: integers(1, [2, 6], 3), b: integers(2, [6], 3) };
  const floats = (array: TestArray) => ({ ...array, data: Float32Array.from(array.data) });
  for (const [name, op] of Object.entries(comparisons)) {
    it(`${name} of float32 and int32`, async () => {
      const compare = (inputs: Readonly<Record<string, tf.Tensor>>) => ({
        outputs: { y: op(inputs.a, inputs.b) },
      });
      await expectSame(compare, pair);
      await expectSame(compare, { a: floats(pair.a), b: floats(pair.b) });
    });
  }
  for (const [name, op] of Object.entries(logical)) {
    it(name, async () => {
      await expectSame(({ a, b }) => ({ outputs: { y: op(a, b) } }), {
        a: bits(1, [2, 6]),
        b: bits(2, [6]),
      });
    });
  }
  it("logicalNot", async () => {
    await expectSame(({ x }) => ({ outputs: { y: tf.logicalNot(x) } }), { x: bits(1, [7]) });
  });
});

describe("where", () => {
  it("selects, with gradients to both sides", async () => {
    await expectSame(
      withGradients(({ condition, a, b }) => tf.where(condition, a, b), ["a", "b"]),
      { condition: bits(1, [3, 4]), a: uniform(2, [3, 4]), b: uniform(3, [3, 4]) },
    );
  });

  it("broadcasts all three", async () => {
    await expectSame(({ condition, a, b }) => ({ outputs: { y: tf.where(condition, a, b) } }), {
      condition: bits(1, [3, 1]),
      a: uniform(2, [4]),
      b: uniform(3, []),
    });
  });

  it("selects bools and int32", async () => {
    await expectSame(
      ({ condition, a, b, i, j }) => ({
        outputs: { bools: tf.where(condition, a, b), integers: tf.where(condition, i, j) },
      }),
      {
        condition: bits(1, [9]),
        a: bits(2, [9]),
        b: bits(3, [9]),
        i: integers(4, [9], 5),
        j: integers(5, [9], 5),
      },
    );
  });

  it("selects between two types as the wider one", async () => {
    await expectSame(
      ({ condition, floats, ints, bools }) => ({
        outputs: {
          "float32 or int32": tf.where(condition, floats, ints),
          "int32 or float32": tf.where(condition, ints, floats),
          "int32 or bool": tf.where(condition, ints, bools),
          "bool or float32": tf.where(condition, bools, floats),
        },
      }),
      {
        condition: bits(1, [3, 4]),
        floats: uniform(2, [3, 4]),
        ints: integers(3, [3, 4], 9),
        bools: bits(4, [3, 4]),
      },
    );
  });

  it("selects images that a convolution left channels first", async () => {
    await expectSame(
      withGradients(({ x, other }) => tf.where(tf.greater(mixed(other), 0), x, mixed(x)), ["x"]),
      { x: uniform(1, [2, 4, 5, 3]), other: uniform(2, [2, 4, 5, 3]) },
    );
  });
});

describe("casts", () => {
  it("float32 to int32 truncates towards zero; to bool, anything but 0 is true", async () => {
    const x = { shape: [6], data: Float32Array.of(-1.7, -0.4, 0, 0.4, 1.7, 3) };
    await expectSame(
      ({ x: given }) => ({ outputs: { integers: tf.cast(given, "int32"), bools: tf.cast(given, "bool") } }),
      { x },
    );
  });

  it("int32 and bool to float32, also as a mask that multiplies", async () => {
    await expectSame(
      ({ i, b, x }) => ({
        outputs: {
          fromIntegers: tf.cast(i, "float32"),
          fromBools: tf.cast(b, "float32"),
          masked: tf.mul(x, tf.cast(b, "float32")),
          maskedInOtherOrder: tf.mul(tf.cast(b, "float32"), x),
          twoMasks: tf.mul(tf.cast(b, "float32"), tf.cast(tf.greater(x, 0), "float32")),
          count: tf.sum(tf.cast(b, "int32")),
          backAgain: tf.cast(tf.cast(b, "float32"), "bool"),
        },
      }),
      { i: integers(1, [5], 9), b: bits(2, [5]), x: uniform(3, [5]) },
    );
  });

  it("pass gradients", async () => {
    await expectSame(
      withGradients(({ x }) => tf.mul(tf.cast(x, "float32"), x), ["x"]),
      { x: uniform(1, [5]) },
    );
  });
});

describe("numbers near the edges of float32", () => {
  const expectRelative = async (op: Unary, values: readonly number[], tolerance: number) => {
    const x = { shape: [1], data: new Float32Array(1) };
    for (const value of values) {
      x.data[0] = value;
      const fn = ({ x: given }: Readonly<Record<string, tf.Tensor>>) => ({
        outputs: { y: tf.div(op(given), Math.abs(value)) },
      });
      await expectSame(fn, { x }, tolerance);
    }
  };

  it("expm1 and log1p keep the digits of tiny numbers", async () => {
    const tiny = [1e-30, 1e-10, -1e-7, 1e-6, -1e-6, 1e-3, -1e-3, 0.1, -0.3];
    await expectRelative(tf.expm1, tiny, 1e-6);
    await expectRelative(tf.log1p, tiny, 1e-6);
  });

  it("expm1, log1p, softplus and atan2 hold at their limits", async () => {
    const x = {
      shape: [9],
      data: Float32Array.of(0, -0, -1, 88, -100, 1e30, Infinity, -Infinity, Number.NaN),
    };
    for (const op of [tf.expm1, tf.log1p, tf.softplus]) {
      await expectSame(({ x: given }) => ({ outputs: { y: op(given) } }), { x }, 1e-6);
    }
    const y = { shape: [6, 1], data: Float32Array.of(0, 1e-30, -1, 2, -1e30, Infinity) };
    const z = { shape: [6], data: Float32Array.of(0, 1e-30, -1, 2, -1e30, 5) };
    await expectSame((given) => ({ outputs: { angle: tf.atan2(given.y, given.z) } }), { y, z });
  });

  it("NaN passes through activations, extremes of two and clipping", async () => {
    const x = { shape: [4], data: Float32Array.of(Number.NaN, Infinity, -Infinity, -2) };
    const ops = {
      relu: tf.relu,
      relu6: tf.relu6,
      step: (a: tf.Tensor) => tf.step(a),
      elu: tf.elu,
      selu: tf.selu,
    };
    await expectSame(
      (given) => ({
        outputs: {
          ...Object.fromEntries(Object.entries(ops).map(([name, op]) => [name, op(given.x)])),
          clip: tf.clipByValue(given.x, -1, 1),
          leaky: tf.leakyRelu(given.x, 0.1),
          maximum: tf.maximum(given.x, 0),
          minimum: tf.minimum(0, given.x),
        },
      }),
      { x },
    );
  });

  it("integer quotients are exact beyond 2^24, and 0 divides to 0 without a trap", async () => {
    const a = Int32Array.of(2 ** 24 + 1, -(2 ** 24) - 1, 2 ** 31 - 1, -(2 ** 31), -(2 ** 31), 7, -7, 0);
    const b = Int32Array.of(1, 2, 3, -1, 7, 0, 0, 0);
    await expectSame(
      (given) => ({ outputs: { quotient: tf.floorDiv(given.a, given.b), rest: tf.mod(given.a, given.b) } }),
      { a: { shape: [8], data: a }, b: { shape: [8], data: b } },
    );
  });

  it("a product with a bool is 0 where that is false, also of NaN and infinities", async () => {
    const compiled = await compile(
      ({ x, keep }) => ({ outputs: { y: tf.mul(x, tf.cast(keep, "float32")) } }),
      { inputs: { x: { shape: [4] }, keep: { shape: [4], dtype: "bool" } } },
    );
    const { y } = await compiled.run({
      x: Float32Array.of(Number.NaN, Infinity, 3, Number.NaN),
      keep: Uint8Array.of(0, 0, 0, 1),
    });
    expect([...y.data]).toEqual([0, 0, 0, Number.NaN]);
    await compiled.dispose();
  });
});

describe("the gradient of relu", () => {
  it("reads the result alone, so that what entered need not be kept", () => {
    const { graph } = trace(
      ({ x }) => ({ outputs: { gradient: tf.grad((v: tf.Tensor) => tf.relu(tf.neg(v)))(x) } }),
      new Map([["x", { shape: [5], dtype: "float32" }]]),
      new Map(),
      abilities.cpu,
    );
    const outputOf = (op: string) => graph.nodes.find((node) => node.op === op)?.outputs[0];
    const readersOf = (name: string | undefined) =>
      graph.nodes.filter(({ inputs }) => inputs.includes(name as string)).map(({ op }) => op);
    expect(readersOf(outputOf("Neg"))).toEqual(["Relu"]);
    expect(readersOf(outputOf("Relu"))).toEqual(["HardSigmoid"]);
  });

  it("is 0 at zeros of both signs and below, and 1 up to infinity", async () => {
    const compiled = await compile(({ x }) => ({ outputs: { gradient: tf.grad(tf.relu)(x) } }), {
      inputs: { x: { shape: [6] } },
    });
    const { gradient } = await compiled.run({
      x: Float32Array.of(0, -0, -1, Number.NEGATIVE_INFINITY, 2 ** -126, Number.POSITIVE_INFINITY),
    });
    expect([...gradient.data]).toEqual([0, 0, 0, 0, 1, 1]);
    await compiled.dispose();
  });
});

describe("ties", () => {
  it("give the gradient of maximum and minimum to the first operand, as in tfjs", async () => {
    const a = { shape: [3], data: Float32Array.of(1, 2, 3) };
    const b = { shape: [3], data: Float32Array.of(1, 3, 2) };
    for (const op of [tf.maximum, tf.minimum]) {
      await expectSame(
        withGradients((given) => op(given.a, given.b), ["a", "b"]),
        { a, b },
      );
    }
  });
});
