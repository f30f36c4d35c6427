import { compile, createState, type NamedArray, type TracedFunction } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { expectClose, runEagerly, uniform } from "./against-tfjs.ts";

const array = (seed: number, shape: readonly number[]) => uniform(seed, shape) as NamedArray;
const count: TracedFunction = ({ step }, { total }) => {
  const next = tf.add(total, step);
  return { outputs: { total: next }, state: { total: next } };
};

describe("createState", () => {
  it("copies what it is given, and reads back copies of every rank in order", () => {
    const arrays = Object.fromEntries(
      [[], [3], [2, 3], [2, 3, 2], [3, 2, 4, 5], [1, 1, 4, 5], [2, 1, 2, 1, 2]].map((shape, i) => [
        `array ${i}`,
        array(i, shape),
      ]),
    );
    const given = structuredClone(arrays);
    const state = createState(given);
    for (const { data } of Object.values(given)) data.fill(0);
    expect(state.names).toEqual(Object.keys(arrays));
    expect(state.read()).toEqual(arrays);
    for (const { data } of Object.values(state.read())) data.fill(0);
    expect(state.read()).toEqual(arrays);
  });

  it("writes some of its arrays, in the layout they were given in", () => {
    const state = createState({ filter: array(1, [3, 2, 4, 5]), bias: array(2, [5]) });
    const filter = array(3, [3, 2, 4, 5]);
    state.write({ filter });
    expect(state.read()).toEqual({ filter, bias: array(2, [5]) });
  });

  it("refuses what does not fit, and then writes nothing", () => {
    const state = createState({ a: array(1, [2, 3]), b: array(2, [2]) });
    const before = state.read();
    const ones = { shape: [2, 3], data: new Float32Array(6).fill(1) };
    expect(() => state.write({ a: ones, c: ones })).toThrow(
      new RangeError('State.write: expected `arrays` to be named as the state\'s arrays, got "c"'),
    );
    expect(() => state.write({ a: ones, b: ones })).toThrow(
      new RangeError('State.write: expected `arrays["b"].shape` to be [2], got [2, 3]'),
    );
    expect(() => state.write({ a: { ...ones, data: new Float32Array(5) } })).toThrow(
      new RangeError('State.write: expected `arrays["a"].data` to be 6 elements of shape [2, 3], got 5'),
    );
    expect(state.read()).toEqual(before);
    expect(() => createState({ a: { shape: [2.5], data: new Float32Array(2) } })).toThrow(
      new RangeError(
        'createState: expected `arrays["a"].shape` to be a list of positive integers, got [2.5]',
      ),
    );
    expect(() => createState({ a: { shape: [2], data: new Float32Array(3) } })).toThrow(
      new RangeError('createState: expected `arrays["a"].data` to be 2 elements of shape [2], got 3'),
    );
    expect(() => createState({ a: { shape: [2], data: [1, 2] as never } })).toThrow(
      new TypeError('createState: expected `arrays["a"].data` to be a Float32Array, got a Array'),
    );
  });
});

describe("a state shared by functions for two image sizes", () => {
  const step: TracedFunction = ({ images }, { filter, bias }) => {
    const loss = (f: tf.Tensor, b: tf.Tensor) =>
      tf.mean(tf.square(tf.add(tf.conv2d(images as tf.Tensor4D, f as tf.Tensor4D, 1, "same"), b)));
    const { value, grads } = tf.valueAndGrads(loss as never)([filter, bias]);
    const descend = (parameter: tf.Tensor, gradient: tf.Tensor) => tf.sub(parameter, tf.mul(gradient, 0.1));
    return {
      outputs: { loss: value },
      state: { filter: descend(filter, grads[0]), bias: descend(bias, grads[1]) },
    };
  };

  it("goes on from what the other wrote, as eager steps do", async () => {
    let reference: Readonly<Record<string, NamedArray>> = {
      filter: array(1, [3, 3, 2, 4]),
      bias: array(2, [4]),
    };
    const state = createState(reference);
    const sizes = [
      [2, 6, 6, 2],
      [2, 5, 8, 2],
    ];
    const compiled = await Promise.all(
      sizes.map((shape) => compile(step, { inputs: { images: { shape } }, state }, { threads: 1 })),
    );
    for (let i = 0; i < 4; i++) {
      const images = uniform(10 + i, sizes[i % 2]);
      const { loss } = await compiled[i % 2].run({ images: images.data });
      const eager = runEagerly(step, { images }, reference);
      reference = eager.state as Record<string, NamedArray>;
      expectClose(loss, eager.outputs.loss, 1e-5, "loss");
      for (const name of state.names) expectClose(state.read()[name], reference[name], 1e-5, name);
    }
    for (const one of compiled) await one.dispose();
    expectClose(state.read().filter, reference.filter, 1e-5, "filter after both were disposed");
  });
});

describe("runs on one state", () => {
  it("that are asked for at once happen in order, none lost", async () => {
    const state = createState({ total: { shape: [], data: Float32Array.of(0) } });
    const signature = { inputs: { step: { shape: [] } }, state };
    const [first, second] = [await compile(count, signature), await compile(count, signature)];
    const runs = Array.from({ length: 10 }, (_, i) =>
      (i % 2 === 0 ? first : second).run({ step: Float32Array.of(i) }),
    );
    const totals = (await Promise.all(runs)).map(({ total }) => total.data[0]);
    expect(totals).toEqual([0, 1, 3, 6, 10, 15, 21, 28, 36, 45]);
    expect(state.read().total.data[0]).toBe(45);
    await first.dispose();
    await second.dispose();
  });

  it("that are under way are neither written over nor read past", async () => {
    const state = createState({ total: { shape: [], data: Float32Array.of(0) } });
    const compiled = await compile(count, { inputs: { step: { shape: [] } }, state });
    const other = await compile(({ step }) => ({ outputs: { step } }), { inputs: { step: { shape: [] } } });
    const written = { total: { shape: [], data: Float32Array.of(100) } };
    const running = compiled.run({ step: Float32Array.of(2) });
    const alone = other.run({ step: Float32Array.of(2) });
    const fetching = state.fetch();
    const underWay = "expected no run to be under way, got 2; await them first";
    expect(() => state.write(written)).toThrow(new RangeError(`State.write: ${underWay}`));
    expect(() => state.read()).toThrow(new RangeError(`State.read: ${underWay}`));
    expect(() => compiled.toOnnx()).toThrow(new RangeError(`Compiled.toOnnx: ${underWay}`));
    expect(compiled.toOnnx({ state: "inputs" }).model.length).toBeGreaterThan(0);
    expect(other.toOnnx().model.length).toBeGreaterThan(0);
    expect((await running).total.data[0]).toBe(2);
    expect((await fetching).total.data[0]).toBe(2);
    state.write(written);
    expect((await compiled.run({ step: Float32Array.of(1) })).total.data[0]).toBe(101);
    const failing = compiled.run({ step: new Int32Array(1) });
    expect(state.read().total.data[0]).toBe(101);
    await expect(failing).rejects.toThrow(TypeError);
    const disposing = compiled.dispose();
    expect(() => state.write(written)).toThrow(RangeError);
    await disposing;
    state.write(written);
    await alone;
    await other.dispose();
  });

  it("go on after one that was refused", async () => {
    const state = createState({ total: { shape: [], data: Float32Array.of(0) } });
    const compiled = await compile(count, { inputs: { step: { shape: [] } }, state });
    const good = compiled.run({ step: Float32Array.of(2) });
    const bad = compiled.run({});
    await expect(bad).rejects.toThrow(RangeError);
    await good;
    await compiled.run({ step: Float32Array.of(3) });
    expect(state.read().total.data[0]).toBe(5);
    await compiled.dispose();
  });

  it("see what was written between them, and leave alone what they do not return", async () => {
    const state = createState({
      total: { shape: [], data: Float32Array.of(1) },
      other: { shape: [2], data: Float32Array.of(7, 8) },
    });
    const compiled = await compile(count, { inputs: { step: { shape: [] } }, state });
    await compiled.run({ step: Float32Array.of(1) });
    state.write({ total: { shape: [], data: Float32Array.of(100) } });
    const { total } = await compiled.run({ step: Float32Array.of(1) });
    expect(total.data[0]).toBe(101);
    expect(state.read().other.data).toEqual(Float32Array.of(7, 8));
    await compiled.dispose();
  });

  it("swap two arrays without mixing them up", async () => {
    const state = createState({ a: array(1, [3]), b: array(2, [3]) });
    const compiled = await compile((_, { a, b }) => ({ outputs: {}, state: { a: b, b: a } }), {
      inputs: {},
      state,
    });
    await compiled.run({});
    expect(state.read()).toEqual({ a: array(2, [3]), b: array(1, [3]) });
    await compiled.dispose();
  });
});
