import {
  type CompileError,
  type CompileErrorCode,
  compile,
  createState,
  type TracedFunction,
} from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { uniform } from "./against-tfjs.ts";

type Given = Readonly<Record<"x", tf.Tensor>>;

const here = /\/trace-failure\.test\.ts:\d+$/;

/** The error that compiling `fn` for an `x` of shape [2, 3] ends in. */
async function refusal(fn: (given: Given) => unknown): Promise<CompileError> {
  return compile(fn as TracedFunction, { inputs: { x: { shape: [2, 3] } } }).then(
    () => expect.fail("compiled"),
    (error) => error as CompileError,
  );
}

/** Expects an error of this package that ends with the op and with a line of this file. */
function expectRefused(
  error: CompileError,
  code: CompileErrorCode,
  message: string,
  place: string | undefined,
): void {
  expect(error).toMatchObject({ name: "CompileError", code });
  expect(error.location).toMatch(here);
  const prefix = place === undefined ? "" : `${place}, `;
  expect(error.message).toBe(`${message} (${prefix}at ${error.location})`);
  expect(error.stack?.startsWith(`CompileError: ${error.message}\n`)).toBe(true);
}

describe("compile refuses, with the op and the line of the function,", () => {
  it("ops without a counterpart, by kernel and shapes", async () => {
    const error = await refusal(({ x }) => tf.multinomial(x as tf.Tensor2D, 4, 1));
    expect(error).toMatchObject({ op: "tf.multinomial", kernel: "Multinomial" });
    expectRefused(
      error,
      "unknown-op",
      "compile: the function uses the tfjs kernel Multinomial (logits [2, 3]), which has no ONNX counterpart " +
        "here; write it with other tfjs ops, or compute it outside and pass it as an input",
      "in tf.multinomial",
    );
  });

  it("kernels that nobody registered", async () => {
    const error = await refusal(({ x }) => tf.engine().runKernel("MyKernel", { x }));
    expect(error).toMatchObject({
      code: "unknown-op",
      op: undefined,
      kernel: "MyKernel",
      location: expect.stringMatching(here),
    });
  });

  it("types and attributes that it cannot express", async () => {
    const error = await refusal(({ x }) => {
      const mask = tf.greater(x, 0) as tf.Tensor2D;
      return tf.matMul(mask, mask, false, true);
    });
    expect(error).toMatchObject({ op: "tf.matMul", kernel: "BatchMatMul" });
    expectRefused(
      error,
      "unsupported-op",
      "compile: cannot express BatchMatMul of two bool tensors; cast one to int32 or float32",
      "in tf.matMul",
    );
  });

  it("an op of a gradient, with the kernel it is the gradient of", async () => {
    await compile(({ x }) => ({ outputs: { x } }), { inputs: { x: { shape: [1] } } }).then((c) =>
      c.dispose(),
    );
    const known = tf.getGradient(tf.Round);
    tf.unregisterGradient(tf.Round);
    tf.registerGradient({
      kernelName: tf.Round,
      gradFunc: (dy) => ({ x: () => tf.unique(dy as tf.Tensor).values }),
    });
    const error = await refusal(({ x }) => tf.grad((z) => tf.sum(tf.round(z)))(x));
    tf.unregisterGradient(tf.Round);
    tf.registerGradient(known);
    expect(error).toMatchObject({ op: undefined, kernel: "Unique" });
    expectRefused(
      error,
      "dynamic-shape",
      "compile: the function uses the tfjs kernel Unique (x [2, 3]), whose result's shape depends on values, and " +
        "compiled shapes are fixed; keep all elements and mask them, as with tf.where, or do it outside",
      "in the gradient of Round",
    );
  });

  it("what tfjs refuses inside a gradient, and what a gradient of the function's own calls", async () => {
    await compile(({ x }) => ({ outputs: { x } }), { inputs: { x: { shape: [1] } } }).then((c) =>
      c.dispose(),
    );
    const known = tf.getGradient(tf.Round);
    const cases: readonly (readonly [CompileErrorCode, (dy: tf.Tensor) => tf.Tensor])[] = [
      ["invalid-arguments", (dy) => tf.conv2d(dy as never, tf.ones([1, 1, 3, 4]), 1, "same")],
      ["unsupported-op", () => tf.randomUniform([2, 3])],
      ["symbolic-read", (dy) => tf.scalar(dy.dataSync()[0])],
    ];
    for (const [code, gradient] of cases) {
      tf.unregisterGradient(tf.Round);
      const gradFunc = (dy: tf.Tensor | tf.Tensor[]) => ({ x: () => gradient(dy as tf.Tensor) });
      tf.registerGradient({ kernelName: tf.Round, gradFunc });
      const error = await refusal(({ x }) => tf.grad((z) => tf.sum(tf.mul(tf.round(z), z)))(x));
      tf.unregisterGradient(tf.Round);
      tf.registerGradient(known);
      expect(error).toMatchObject({ code, op: undefined, kernel: undefined });
      expect(error.message).toContain(" (in the gradient of Round, at ");
    }
    const custom = tf.customGrad((z) => ({
      value: tf.square(z as tf.Tensor),
      gradFunc: (dy) => tf.unique(dy as tf.Tensor).values,
    }));
    const own = await refusal(({ x }) => tf.grad((z) => tf.sum(custom(z)))(x));
    expect(own).toMatchObject({ code: "dynamic-shape", op: "tf.unique", kernel: "Unique" });
    expect(own.message).toContain(" (in tf.unique of a gradient, at ");
  });

  it("the op that failed last, when the function had caught another failure", async () => {
    const error = await refusal(({ x }) => {
      try {
        tf.unique(x);
      } catch {}
      return tf.multinomial(x as tf.Tensor2D, 4, 1);
    });
    expect(error).toMatchObject({ code: "unknown-op", op: "tf.multinomial", kernel: "Multinomial" });
    expect(error.message).toContain(" (in tf.multinomial, at ");
  });

  it("reading values, whichever way", async () => {
    const readers: readonly ((y: tf.Tensor) => unknown)[] = [
      (y) => y.dataSync(),
      (y) => y.arraySync(),
      (y) => y.data(),
      (y) => y.array(),
      (y) => y.bytes(),
    ];
    for (const read of readers) {
      expectRefused(
        await refusal(({ x }) => read(tf.exp(x))),
        "symbolic-read",
        "compile: the traced function itself read the values of a float32 tensor of shape [2, 3] made by Exp, " +
          "which has none while the function is traced; return it as an output and read it after run()",
        undefined,
      );
    }
  });

  it("reading an input in an asynchronous function", async () => {
    expectRefused(
      await refusal(async ({ x }) => tf.scalar((await x.data())[0])),
      "symbolic-read",
      'compile: the traced function itself read the values of a float32 tensor of shape [2, 3] made by the input "x", ' +
        "which has none while the function is traced; return it as an output and read it after run()",
      undefined,
    );
  });

  it("shapes that depend on values", async () => {
    const reason = (op: string) =>
      `compile: the function uses ${op}, whose result's shape depends on values, and compiled shapes are fixed; ` +
      "keep all elements and mask them, as with tf.where, or do it outside";
    const cases: readonly [string, (x: tf.Tensor) => unknown][] = [
      ["tf.booleanMaskAsync", (x) => tf.booleanMaskAsync(x, tf.greater(x, 0))],
      ["tf.whereAsync", (x) => tf.whereAsync(tf.greater(x, 0))],
      ["tf.setdiff1dAsync", (x) => tf.setdiff1dAsync(tf.reshape(x, [6]), tf.ones([2]))],
    ];
    for (const [op, use] of cases) {
      const error = await refusal(({ x }) => use(x));
      expectRefused(error, "dynamic-shape", reason(op), undefined);
      expect(error).toMatchObject({ op, kernel: undefined });
    }
    const unique = await refusal(({ x }) => tf.unique(x).values);
    expectRefused(unique, "dynamic-shape", reason("the tfjs kernel Unique (x [2, 3])"), "in tf.unique");
  });

  it("shapes that do not fit, which tfjs or its backend would refuse", async () => {
    expectRefused(
      await refusal(({ x }) => tf.matMul(x as tf.Tensor2D, tf.ones([2, 2]))),
      "invalid-arguments",
      "compile: expected matrices whose inner dimensions are equal, got [2, 3] and [2, 2]",
      "in tf.matMul",
    );
    expectRefused(
      await refusal(({ x }) => tf.add(x, tf.ones([2]))),
      "invalid-arguments",
      "compile: expected shapes that broadcast, got [2, 3] and [2]",
      "in tf.add",
    );
    const byTfjs = await refusal(({ x }) => tf.conv2d(x as never, tf.ones([1, 1, 3, 4]), 1, "same"));
    expect(byTfjs).toMatchObject({
      code: "invalid-arguments",
      op: "tf.conv2d",
      kernel: undefined,
      location: expect.stringMatching(here),
    });
    expect(byTfjs.message).toMatch(/^compile: tfjs refused a call: Error in conv2d: .*rank 2\./);
    expect(byTfjs.cause).toBeInstanceOf(Error);
  });

  it("random ops without a seed", async () => {
    const cases: readonly [string, () => tf.Tensor][] = [
      ["randomUniform", () => tf.randomUniform([2])],
      ["randomNormal", () => tf.randomNormal([2])],
      ["randomNormal", () => tf.randomNormal([2], 0, 1, "float32", 0)],
      ["truncatedNormal", () => tf.truncatedNormal([2])],
      ["randomGamma", () => tf.randomGamma([2], 1)],
      ["dropout", () => tf.dropout(tf.ones([2]), 0.5)],
      ["multinomial", () => tf.multinomial([0.5, 0.5], 2)],
    ];
    const before = Math.random;
    for (const [op, draw] of cases) {
      const error = await refusal(() => ({ outputs: { y: draw() } }));
      expectRefused(
        error,
        "unsupported-op",
        `compile: expected tf.${op} to have a seed other than 0, got none: its numbers would be drawn once, while ` +
          "the function is traced, and be the same in every run; use randomUniform, randomNormal or dropout of " +
          "@lmk/compile with a seed that is an input, or pass the numbers as an input",
        undefined,
      );
      expect(error.op).toBe(`tf.${op}`);
      expect(Math.random).toBe(before);
    }
  });
});

describe("compile leaves alone", () => {
  it("errors of the function itself, and Math.random outside of ops", async () => {
    const own = new TypeError("on purpose");
    const error = await refusal(() => {
      throw own;
    });
    expect(error).toBe(own);
    const limit = Error.stackTraceLimit;
    const compiled = await compile(
      ({ x }) => ({
        outputs: { y: tf.mul(x, Math.random() + 1), z: tf.randomNormal([4], 0, 1, "float32", 7) },
      }),
      { inputs: { x: { shape: [] } } },
    );
    const { y, z } = await compiled.run({ x: Float32Array.of(1) });
    expect(y.data[0]).toBeGreaterThanOrEqual(1);
    await tf.setBackend("cpu");
    expect(z.data).toEqual(tf.tidy(() => tf.randomNormal([4], 0, 1, "float32", 7).dataSync()));
    expect(Error.stackTraceLimit).toBe(limit);
    await compiled.dispose();
  });
});

describe("a run that fails inside onnxruntime", () => {
  it("names the op, keeps the state, and does not stop later runs", async () => {
    const state = createState({ sum: { shape: [], data: Float32Array.of(0) } });
    const table = uniform(1, [5]).data as Float32Array;
    const compiled = await compile(
      ({ place }, { sum }) => {
        const y = tf.gather(tf.mul(tf.tensor1d(table), sum), place as tf.Tensor1D);
        return { outputs: { y }, state: { sum: tf.add(sum, 1) } };
      },
      { inputs: { place: { shape: [1], dtype: "int32" } }, state },
    );
    await compiled.run({ place: Int32Array.of(1) });
    const error = await compiled.run({ place: Int32Array.of(9) }).catch((reason) => reason);
    expect(error).toMatchObject({ name: "CompileError", code: "run-failed", op: "tf.gather" });
    expect(error.cause).toBeInstanceOf(Error);
    expect(error.message).toMatch(
      /^Compiled\.run: onnxruntime failed in tf\.gather: .*out of data bounds, idx=9/,
    );
    expect(state.read().sum.data[0]).toBe(1);
    const { y } = await compiled.run({ place: Int32Array.of(4) });
    expect(y.data[0]).toBe(table[4]);
    await compiled.dispose();
  });
});
