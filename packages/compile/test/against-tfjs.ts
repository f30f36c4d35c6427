import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { type Compiled, type CompileOptions, compile, type TracedFunction } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { expect } from "vitest";

/** Seeded numbers in [0, 1): mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface TestArray {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** Seeded values in [low, high). */
export function uniform(seed: number, shape: readonly number[], low = -1, high = 1): TestArray {
  const random = createRandom(seed);
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return { shape, data: Float32Array.from({ length: size }, () => low + (high - low) * random()) };
}

/** Seeded integers in [0, limit). */
export function integers(seed: number, shape: readonly number[], limit: number): TestArray {
  const random = createRandom(seed);
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return { shape, data: Int32Array.from({ length: size }, () => Math.floor(random() * limit)) };
}

const dtypeOf = ({ data }: TestArray) =>
  data instanceof Float32Array ? "float32" : data instanceof Int32Array ? "int32" : "bool";

/** A tensor's values; tfjs's CPU backend leaves them in an Int32Array when it casts int32 to float32. */
function valuesOf(tensor: tf.Tensor): TestArray["data"] {
  const values = tensor.dataSync();
  return tensor.dtype === "float32" ? Float32Array.from(values) : (values as Int32Array | Uint8Array);
}

/** What `fn` gives on a backend of tfjs, its CPU backend unless another is loaded and named. */
export function runEagerly(
  fn: TracedFunction,
  inputs: Readonly<Record<string, TestArray>>,
  state: Readonly<Record<string, TestArray>> = {},
  backend = "cpu",
): { outputs: Record<string, TestArray>; state: Record<string, TestArray> } {
  void tf.setBackend(backend);
  const tensors = (arrays: Readonly<Record<string, TestArray>>) =>
    Object.fromEntries(
      Object.entries(arrays).map(([name, array]) => [
        name,
        tf.tensor(array.data, [...array.shape], dtypeOf(array)),
      ]),
    );
  const read = (results: Readonly<Record<string, tf.Tensor>>) =>
    Object.fromEntries(
      Object.entries(results).map(([name, tensor]) => [
        name,
        { shape: tensor.shape, data: valuesOf(tensor) },
      ]),
    );
  let results = { outputs: {}, state: {} };
  tf.tidy(() => {
    const result = fn(tensors(inputs), tensors(state));
    results = { outputs: read(result.outputs), state: read(result.state ?? {}) };
  });
  return results;
}

/** Fails unless the arrays agree to `tolerance`, relative to the largest expected element. */
export function expectClose(
  actual: TestArray,
  expected: TestArray,
  tolerance: number,
  name = "output",
): void {
  expect(actual.shape, name).toEqual(expected.shape);
  expect(actual.data.length, name).toBe(expected.data.length);
  const scale = Math.max(1e-3, ...expected.data.map(Math.abs).filter(Number.isFinite));
  let worst = 0;
  for (let i = 0; i < expected.data.length; i++) {
    const same = Object.is(actual.data[i], expected.data[i]) || actual.data[i] === expected.data[i];
    const error = same ? 0 : Math.abs(actual.data[i] - expected.data[i]) / scale;
    worst = Number.isNaN(error) ? Number.POSITIVE_INFINITY : Math.max(worst, error);
  }
  expect(worst, `${name}: largest error over largest value`).toBeLessThanOrEqual(tolerance);
}

/** Compiles `fn`, runs it, and holds every output against tfjs's CPU backend. */
export async function expectSame(
  fn: TracedFunction,
  inputs: Readonly<Record<string, TestArray>>,
  tolerance = 1e-5,
  options: CompileOptions = {},
): Promise<Compiled["report"]> {
  const expected = runEagerly(fn, inputs).outputs;
  const specs = Object.entries(inputs).map(([name, array]) => [
    name,
    { shape: array.shape, dtype: dtypeOf(array) } as const,
  ]);
  const compiled = await compile(fn, { inputs: Object.fromEntries(specs) }, { threads: 1, ...options });
  const arrays = Object.entries(inputs).map(([name, { data }]) => [name, data]);
  const outputs = await compiled.run(Object.fromEntries(arrays));
  await compiled.dispose();
  expect(Object.keys(outputs)).toEqual(Object.keys(expected));
  for (const [name, array] of Object.entries(expected)) {
    expect(outputs[name].data.constructor.name, name).toBe(array.data.constructor.name);
    expectClose(outputs[name], array, tolerance, name);
  }
  return compiled.report;
}

/** The values of `op` and its gradients for a loss that weighs every element of the result differently. */
export function withGradients(
  op: (inputs: Readonly<Record<string, tf.Tensor>>) => tf.Tensor,
  differentiable: readonly string[],
): TracedFunction {
  return (inputs) => {
    const weigh = (...tensors: tf.Tensor[]): tf.Scalar => {
      const changed = Object.fromEntries(differentiable.map((name, i) => [name, tensors[i]]));
      const result = op({ ...inputs, ...changed });
      // Not tf.linspace, whose elements tfjs's CPU backend adds up in float32.
      const step = 2.5 / Math.max(result.size - 1, 1);
      const weights = tf.tensor(
        Float32Array.from({ length: result.size }, (_, i) => -1 + i * step),
        result.shape,
      );
      return tf.sum(tf.mul(result, weights));
    };
    const gradients = tf.grads(weigh)(differentiable.map((name) => inputs[name]));
    const named = differentiable.map((name, i) => [`gradient of ${name}`, gradients[i]]);
    return { outputs: { value: op(inputs), ...Object.fromEntries(named) } };
  };
}

/** Seeded bytes 0 and 1. */
export function bits(seed: number, shape: readonly number[]): TestArray {
  return { shape, data: Uint8Array.from(uniform(seed, shape).data, (value) => (value > 0 ? 1 : 0)) };
}

/** An image batch mixed by a convolution, which leaves it stored channels first. */
export function mixed(images: tf.Tensor): tf.Tensor4D {
  const channels = images.shape[3] as number;
  const filter = tf.tensor(uniform(99, [channels * channels]).data, [1, 1, channels, channels]);
  return tf.conv2d(images as tf.Tensor4D, filter as tf.Tensor4D, 1, "valid");
}
