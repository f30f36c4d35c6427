import { type CompileError, compile, createState, type TracedFunction } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { runEagerly, uniform } from "./against-tfjs.ts";

const inputs = { x: { shape: [2, 3] } };
const x = uniform(1, [2, 3]).data as Float32Array;
const double: TracedFunction = (given) => ({ outputs: { y: tf.mul(given.x, 2) } });

/** The error that compiling `fn` for `inputs` ends in. */
async function refusal(fn: unknown): Promise<CompileError> {
  return compile(fn as TracedFunction, { inputs }).then(
    () => expect.fail("compiled"),
    (error) => error as CompileError,
  );
}

describe("compile", () => {
  it("gives outputs by name, with shape and array class", async () => {
    const compiled = await compile(
      (given) => ({
        outputs: {
          sum: tf.sum(given.x),
          place: tf.argMax(given.x, 1),
          positive: tf.greater(given.x, 0),
        },
      }),
      { inputs: { x: { shape: [2, 2] } } },
    );
    expect(await compiled.run({ x: Float32Array.of(1, -2, 3, 4) })).toEqual({
      sum: { shape: [], data: Float32Array.of(6) },
      place: { shape: [2], data: Int32Array.of(0, 1) },
      positive: { shape: [2, 2], data: Uint8Array.of(1, 0, 1, 1) },
    });
    await compiled.dispose();
  });

  it("takes int32, bool and scalar inputs, and leaves them as they are", async () => {
    const compiled = await compile(
      (given) => ({ outputs: { y: tf.where(given.choose, tf.mul(given.ids, given.factor), given.ids) } }),
      {
        inputs: {
          ids: { shape: [3], dtype: "int32" },
          choose: { shape: [3], dtype: "bool" },
          factor: { shape: [], dtype: "int32" },
        },
      },
    );
    const given = { ids: Int32Array.of(1, 2, 3), choose: Uint8Array.of(1, 0, 1), factor: Int32Array.of(10) };
    const { y } = await compiled.run(given);
    expect(y.data).toEqual(Int32Array.of(10, 2, 30));
    expect(given.ids).toEqual(Int32Array.of(1, 2, 3));
    await compiled.dispose();
  });

  it("accepts inputs that the function ignores, and functions without inputs", async () => {
    const ignoring = await compile(() => ({ outputs: { y: tf.add(1, 2) } }), { inputs });
    expect((await ignoring.run({ x })).y.data).toEqual(Float32Array.of(3));
    const closed = await compile(() => ({ outputs: { y: tf.range(0, 3) } }), { inputs: {} });
    expect((await closed.run({})).y.data).toEqual(Float32Array.of(0, 1, 2));
    await ignoring.dispose();
    await closed.dispose();
  });

  it("copies the tensors that the function closes over when it is compiled", async () => {
    const factor = tf.tensor1d([1, 2, 3]);
    const compiled = await compile((given) => ({ outputs: { y: tf.mul(given.x, factor) } }), { inputs });
    factor.dispose();
    const { y } = await compiled.run({ x: Float32Array.of(1, 1, 1, 2, 2, 2) });
    expect(y.data).toEqual(Float32Array.of(1, 2, 3, 2, 4, 6));
    await compiled.dispose();
  });

  it("gives equal model bytes for equal functions, with a report of what is inside", async () => {
    const fn: TracedFunction = (given) => ({ outputs: { y: tf.relu(tf.add(given.x, given.x)) } });
    const [first, second] = [await compile(fn, { inputs }), await compile(fn, { inputs })];
    expect(first.toOnnx().model).toEqual(second.toOnnx().model);
    expect(first.report).toEqual({
      nodes: 2,
      operators: { Add: 1, Relu: 1 },
      constantBytes: 0,
      stages: 1,
      replicaBytes: 0,
      cache: "off",
      traceMilliseconds: expect.any(Number),
      sessionMilliseconds: expect.any(Number),
    });
    await first.dispose();
    await second.dispose();
  });

  it("computes equal expressions once and drops what no output needs", async () => {
    const compiled = await compile(
      (given) => {
        tf.exp(given.x);
        return { outputs: { y: tf.mul(tf.sin(given.x), tf.sin(given.x)) } };
      },
      { inputs },
    );
    expect(compiled.report.operators).toEqual({ Sin: 1, Mul: 1 });
    await compiled.dispose();
  });

  it("names nodes after the op they are for, and those that bring results into form after none", async () => {
    const compiled = await compile(
      (given) => {
        const y = tf.transpose(given.x);
        return { outputs: { z: tf.exp(given.x), y } };
      },
      { inputs },
    );
    const text = Buffer.from(compiled.toOnnx().model).toString("latin1");
    const names = [...text.matchAll(/[\w/]*\b(?:Exp\/z|Transpose\/y)/g)].map(([name]) => name);
    expect(names).toEqual(["exp/Exp/z", "Transpose/y"]);
    await compiled.dispose();
  });

  it("follows gradients that the function defines, and gradients of gradients", async () => {
    const doubled = tf.customGrad((z) => ({
      value: tf.square(z as tf.Tensor),
      gradFunc: (dy) => tf.mul(dy as tf.Tensor, 2),
    }));
    const compiled = await compile(
      (given) => ({
        outputs: {
          custom: tf.grad((z) => tf.sum(doubled(z)))(given.x),
          second: tf.grad((z) => tf.sum(tf.grad((v) => tf.sum(tf.pow(v, 3)))(z)))(given.x),
        },
      }),
      { inputs: { x: { shape: [2] } } },
    );
    const { custom, second } = await compiled.run({ x: Float32Array.of(1, 2) });
    expect(custom.data).toEqual(Float32Array.of(2, 2));
    expect(second.data).toEqual(Float32Array.of(6, 12));
    await compiled.dispose();
  });

  it("gives new arrays in every run", async () => {
    const compiled = await compile(double, { inputs });
    const first = await compiled.run({ x });
    const before = first.y.data.slice();
    await compiled.run({ x: new Float32Array(6) });
    expect(first.y.data).toEqual(before);
    await compiled.dispose();
  });
});

describe("tfjs", () => {
  const afterwards = async (act: () => Promise<unknown>) => {
    await tf.setBackend("cpu");
    const kept = tf.scalar(1);
    const { numTensors, numDataBuffers } = tf.memory();
    await act();
    expect(tf.getBackend()).toBe("cpu");
    expect(tf.memory()).toMatchObject({ numTensors, numDataBuffers });
    expect(tf.engine().registryFactory).not.toHaveProperty("lmk-compile");
    expect(tf.getKernelsForBackend("lmk-compile")).toEqual([]);
    expect(tf.add(kept, 1).dataSync()[0]).toBe(2);
    kept.dispose();
  };

  it("is as it was after compiling and running", async () => {
    await afterwards(async () => {
      const step: TracedFunction = (given) => {
        const { value, grad } = tf.valueAndGrad((z: tf.Tensor) => tf.sum(tf.square(z)))(given.x);
        return { outputs: { value, grad } };
      };
      const compiled = await compile(step, { inputs });
      await compiled.run({ x });
      await compiled.dispose();
    });
  });

  it("is as it was after an error inside the function, and inside a gradient", async () => {
    const fail = () => {
      throw new Error("on purpose");
    };
    await afterwards(async () => {
      const plain = (given: { x: tf.Tensor }) => fail() ?? given.x;
      expect((await refusal(plain)).message).toBe("on purpose");
    });
    await afterwards(async () => {
      const inside = (given: { x: tf.Tensor }) => {
        const loss = (z: tf.Tensor) => {
          const squared = tf.square(tf.exp(z));
          fail();
          return tf.sum(squared) as tf.Scalar;
        };
        return { outputs: { y: tf.grad(loss)(given.x) } };
      };
      expect((await refusal(inside)).message).toBe("on purpose");
    });
  });

  it("is put back as far as it can be where a part of it cannot", async () => {
    const gradient = tf.getGradient(tf.Square);
    const limit = Error.stackTraceLimit;
    const draw = Math.random;
    const error = await refusal((given: { x: tf.Tensor }) => {
      tf.unregisterKernel(tf.Square, "lmk-compile");
      return { outputs: { x: given.x } };
    });
    expect(error.message).toContain("is not registered");
    expect(tf.getGradient(tf.Square)).toBe(gradient);
    expect(Error.stackTraceLimit).toBe(limit);
    expect(Math.random).toBe(draw);
    expect(tf.getKernelsForBackend("lmk-compile")).toEqual([]);
    expect(tf.engine().registryFactory).not.toHaveProperty("lmk-compile");
  });

  it("keeps working between two compiles, eagerly and compiled", async () => {
    for (const factor of [2, 3]) {
      const fn: TracedFunction = (given) => ({ outputs: { y: tf.mul(given.x, factor) } });
      const compiled = await compile(fn, { inputs });
      const eager = runEagerly(fn, { x: { shape: [2, 3], data: x } });
      expect((await compiled.run({ x })).y.data).toEqual(eager.outputs.y.data);
      await compiled.dispose();
    }
  });
});

describe("compile refuses", () => {
  it("results that are not { outputs, state } of tensors", async () => {
    const state = createState({ w: { shape: [2], data: new Float32Array(2) } });
    const cases: readonly (readonly [unknown, string])[] = [
      [() => undefined, "be { outputs, state }, got undefined"],
      [async () => ({ outputs: {} }), "be { outputs, state }, got a promise"],
      [() => Promise.reject(new Error("later")), "be { outputs, state }, got a promise"],
      [(given: { x: tf.Tensor }) => given.x, "be { outputs, state }, got a tensor"],
      [
        () => ({ outputs: { y: Promise.reject(new Error("later")) } }),
        'hold tensors, got a promise for outputs["y"]',
      ],
      [() => ({ outputs: { y: 3 } }), 'hold tensors, got 3 for outputs["y"]'],
      [() => ({ y: 3 }), "be { outputs, state }, got an object"],
      [
        () => ({ outputs: Promise.reject(new Error("later")) }),
        "hold tensors by name in `outputs`, got a promise",
      ],
      [() => ({ outputs: null }), "hold tensors by name in `outputs`, got null"],
      [
        (given: { x: tf.Tensor }) => ({ outputs: given.x }),
        "hold tensors by name in `outputs`, got a tensor",
      ],
      [() => ({ outputs: {}, state: null }), "hold tensors by name in `state`, got null"],
      [() => ({ outputs: {}, state: "w" }), "hold tensors by name in `state`, got w"],
      [
        (given: { x: tf.Tensor }) => ({ outputs: {}, state: { v: given.x } }),
        'update arrays of the state, got "v", which it lacks',
      ],
      [
        (given: { x: tf.Tensor }) => ({ outputs: {}, state: { w: given.x } }),
        'keep state["w"] of shape [2], got [2, 3]',
      ],
    ];
    for (const [fn, message] of cases) {
      const error = await compile(fn as TracedFunction, { inputs, state }).catch((reason) => reason);
      expect(error).toMatchObject({ name: "CompileError", code: "bad-result" });
      expect(error.message).toBe(`compile: expected the function's result to ${message}`);
    }
  });

  it("signatures and options out of range", async () => {
    const attempt = (signature: object, options: object = {}) =>
      compile(double, { inputs, ...signature } as never, options as never);
    await expect(attempt({ inputs: { x: { shape: [2, 0] } } })).rejects.toThrow(
      new RangeError(
        'compile: expected `signature.inputs["x"].shape` to be a list of positive integers or names of letters, digits and _, got [2,0]',
      ),
    );
    await expect(attempt({ inputs: { x: { shape: [2], dtype: "string" } } })).rejects.toThrow(
      new RangeError(
        'compile: expected `signature.inputs["x"].dtype` to be "float32" or "int32" or "bool", got "string"',
      ),
    );
    await expect(attempt({ state: {} })).rejects.toThrow(
      new TypeError("compile: expected `signature.state` to be made by createState, got another object"),
    );
    await expect(attempt({}, { provider: "tpu" })).rejects.toThrow(
      new RangeError('compile: expected `options.provider` to be "cpu" or "webgpu" or "cuda", got "tpu"'),
    );
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      await expect(attempt({}, { threads })).rejects.toThrow(
        new RangeError(`compile: expected \`options.threads\` to be a positive integer, got ${threads}`),
      );
    }
  });
});

describe("run refuses", () => {
  it("wrong names, lengths and array classes, and runs after dispose", async () => {
    const compiled = await compile(double, { inputs });
    const attempt = (given: object) => compiled.run(given as never);
    await expect(attempt({ x, z: x })).rejects.toThrow(
      new RangeError('Compiled.run: expected `inputs` to be an object with "x", got one with "z" as well'),
    );
    await expect(attempt({ z: x })).rejects.toThrow(
      new RangeError('Compiled.run: expected `inputs` to be an object with "x", got one without "x"'),
    );
    await expect(attempt({ x: new Float32Array(5) })).rejects.toThrow(
      new RangeError('Compiled.run: expected `inputs["x"]` to be 6 elements of shape [2, 3], got 5'),
    );
    await expect(attempt({ x: new Int32Array(6) })).rejects.toThrow(
      new TypeError('Compiled.run: expected `inputs["x"]` to be a Float32Array, got a Int32Array'),
    );
    await expect(attempt({ x: [1, 2, 3, 4, 5, 6] })).rejects.toThrow(
      new TypeError('Compiled.run: expected `inputs["x"]` to be a Float32Array, got a Array'),
    );
    expect((await compiled.run({ x })).y.shape).toEqual([2, 3]);
    await compiled.dispose();
    await compiled.dispose();
    await expect(compiled.run({ x })).rejects.toThrow(
      new RangeError("Compiled.run: expected the function to be in use, got a disposed one"),
    );
  });

  it("runs after dispose, not those that were asked for before", async () => {
    const compiled = await compile(double, { inputs });
    const before = compiled.run({ x });
    const disposing = compiled[Symbol.asyncDispose]();
    const after = compiled.run({ x });
    await expect(after).rejects.toThrow(
      new RangeError("Compiled.run: expected the function to be in use, got a disposed one"),
    );
    expect((await before).y.shape).toEqual([2, 3]);
    await disposing;
  });
});
