import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import {
  type Communicator,
  type CompilerOptions,
  compiledEngine,
  eagerEngine,
  type NamedArrays,
  type StepFunction,
} from "@lmk/train";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";

const array = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });
const inputs = { x: { shape: [2], dtype: "float32" } } as const;

/** Adds the input to the state, and gives back the sum. */
const accumulate: StepFunction = ({ x }, { total }) => {
  const next = tf.add(total!, x!);
  return { outputs: { sum: tf.sum(next), same: next }, state: { total: next } };
};

/** Two ranks that hold the same values plus a number. */
function partner(offset: number): Communicator & { readonly calls: number[][] } {
  const calls: number[][] = [];
  const meanSync = (arrays: readonly Float32Array[]): void => {
    for (const values of arrays) {
      calls.push([...values]);
      values.forEach((value, i) => {
        values[i] = value + offset / 2;
      });
    }
  };
  return {
    calls,
    rank: 0,
    size: 2,
    meanSync,
    mean: async (arrays) => meanSync(arrays),
    broadcast: async () => {},
    max: async (value) => value,
    seconds: () => 0,
    close: async () => {},
  };
}

describe("eagerEngine", () => {
  it("runs a function on its state, which stays between runs", async () => {
    const engine = eagerEngine({ backend: "cpu" });
    const state = engine.createState({ total: array(1, 2), other: array(7) });
    const step = await engine.load(accumulate, inputs, state);
    const before = tf.memory().numTensors;
    expect((await step.run({ x: Float32Array.of(1, 1) })).sum!.data[0]).toBe(5);
    expect((await step.run({ x: Float32Array.of(1, 1) })).sum!.data[0]).toBe(7);
    expect(await state.read()).toEqual({ total: array(3, 4), other: array(7) });
    state.write({ total: array(0, 0) });
    expect((await step.run({ x: Float32Array.of(1, 1) })).sum!.data[0]).toBe(2);
    state.dispose();
    expect(tf.memory().numTensors).toBe(before);
    await step.dispose();
  });

  it("does not keep the arrays it is given", async () => {
    const engine = eagerEngine({ backend: "cpu" });
    const given: NamedArrays = { total: array(1, 2) };
    const state = engine.createState(given);
    given.total!.data[0] = 100;
    const read = await state.read();
    read.total!.data[0] = 200;
    expect(await state.read()).toEqual({ total: array(1, 2) });
  });

  it("leaves the state as it was when a run fails", async () => {
    const engine = eagerEngine({ backend: "cpu" });
    const state = engine.createState({ total: array(1, 2) });
    const fails: StepFunction = (given, before) => {
      accumulate(given, before);
      throw new RangeError("failed");
    };
    const step = await engine.load(fails, inputs, state);
    await expect(step.run({ x: Float32Array.of(1, 1) })).rejects.toThrow("failed");
    expect(await state.read()).toEqual({ total: array(1, 2) });
    state.dispose();
  });

  it("averages over ranks inside a function, and its gradient too", async () => {
    const engine = eagerEngine({ backend: "cpu" });
    const state = engine.createState({ w: array(1, 2) });
    const ranks = partner(4);
    const fn: StepFunction = ({ x }, { w }) => {
      const { value, grad } = tf.valueAndGrad((v: tf.Tensor) => tf.sum(tf.mul(engine.replicaMean(v), x!)))(
        w!,
      );
      return { outputs: { value, grad }, state: {} };
    };
    const step = await engine.load(fn, inputs, state, ranks);
    const { value, grad } = await step.run({ x: Float32Array.of(10, 1) });
    // w + 2 on the way forth, x + 2 on the way back.
    expect(value!.data[0]).toBe(3 * 10 + 4 * 1);
    expect([...(grad!.data as Float32Array)]).toEqual([12, 3]);
    expect(ranks.calls).toEqual([
      [1, 2],
      [10, 1],
    ]);

    const alone = await engine.load(fn, inputs, state);
    expect((await alone.run({ x: Float32Array.of(10, 1) })).value!.data[0]).toBe(12);
    state.dispose();
  });

  it("refuses states of others, missing inputs, other shapes and backends that are not there", async () => {
    const engine = eagerEngine({ backend: "cpu" });
    const state = engine.createState({ total: array(1, 2) });
    await expect(eagerEngine().load(accumulate, inputs, state)).rejects.toThrow(
      new TypeError("eagerEngine: expected `state` to be made by this engine's createState, got another"),
    );
    const step = await engine.load(accumulate, inputs, state);
    await expect(step.run({})).rejects.toThrow(
      new RangeError("RunnableStep.run: expected `inputs` to have x, got none"),
    );
    expect(() => state.write({ total: array(1) })).toThrow(
      new RangeError("StepState.write: expected `total` to have shape [2], got [1]"),
    );
    expect(() => state.write({ totals: array(1) })).toThrow(
      new RangeError("StepState.write: expected arrays named as those of the state, got totals"),
    );
    const missing = eagerEngine({ backend: "abacus" });
    const elsewhere = await missing.load(accumulate, inputs, missing.createState({ total: array(1, 2) }));
    await expect(elsewhere.run({ x: Float32Array.of(1, 1) })).rejects.toThrow("abacus");
    state.dispose();
  });

  it("tells its backend by name", () => {
    expect([eagerEngine().name, eagerEngine({ backend: "wasm" }).name]).toEqual(["eager", "eager wasm"]);
  });
});

describe("compiledEngine", () => {
  /** A compiler that notes what it is asked for. */
  function fakeCompiler() {
    const asked: unknown[] = [];
    return {
      asked,
      createState: (arrays: NamedArrays) => ({ fetch: async () => arrays, write: () => {} }),
      compile: async (_fn: StepFunction, signature: object, options?: CompilerOptions) => {
        asked.push(signature, options);
        return { run: async () => ({}), dispose: async () => {} };
      },
      replicaMean: <T extends tf.Tensor>(x: T): T => x,
    };
  }

  it("passes state, options and ranks on to the compiler", async () => {
    const compiler = fakeCompiler();
    const engine = compiledEngine(compiler, { provider: "webgpu" });
    expect(engine.name).toBe("compiled webgpu");
    expect(compiledEngine(compiler, {}).name).toBe("compiled cpu");
    const state = engine.createState({ total: array(1, 2) });
    await engine.load(accumulate, inputs, state);
    const ranks = partner(0);
    await engine.load(accumulate, inputs, state, ranks);
    expect(compiler.asked).toEqual([
      { inputs, state: expect.anything() },
      { provider: "webgpu" },
      { inputs, state: expect.anything() },
      { provider: "webgpu", replicas: { size: 2, mean: ranks.mean } },
    ]);
    expect(await state.read()).toEqual({ total: array(1, 2) });
    await expect(engine.load(accumulate, inputs, eagerEngine().createState({}))).rejects.toThrow(
      new TypeError("compiledEngine: expected `state` to be made by this engine's createState, got another"),
    );
  });
});
