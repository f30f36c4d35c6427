import { compile, createState, type NamedArrays, replicaMean, type TracedFunction } from "@lmk/compile";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { uniform } from "./against-tfjs.ts";
import { replicaGroup } from "./replica-group.ts";

const image = [8, 8, 3];

const array = (seed: number, shape: readonly number[]) => ({
  shape: [...shape],
  data: uniform(seed, shape).data as Float32Array,
});

const weights = (): NamedArrays => ({
  "0": array(1, [3, 3, 3, 4]),
  "1": array(2, [3, 3, 4, 6]),
  "2": array(3, [6, 2]),
  velocity: array(4, [6, 2]),
  running: array(5, [4]),
});

/** Batch normalization over all replicas, differentiated by the tape. */
function normalized(x: tf.Tensor4D, mean: (x: tf.Tensor) => tf.Tensor) {
  const average = mean(tf.mean(x, [0, 1, 2]));
  const variance = mean(tf.mean(tf.square(tf.sub(x, average)), [0, 1, 2]));
  return { y: tf.mul(tf.sub(x, average), tf.rsqrt(tf.add(variance, 1e-3))) as tf.Tensor4D, average };
}

/** A training step of two convolutions, whose first is normalized, and a linear layer. */
const stepOf =
  (mean: (x: tf.Tensor) => tf.Tensor, averageBatches: boolean): TracedFunction =>
  ({ x, y }, state) => {
    let average = state.running as tf.Tensor;
    const loss = (...w: tf.Tensor[]) => {
      const first = tf.conv2d(x as tf.Tensor4D, w[0] as tf.Tensor4D, 1, "same");
      const norm = normalized(first, averageBatches ? mean : (one) => one);
      average = tf.keep(norm.average);
      const second = tf.conv2d(tf.relu(norm.y), w[1] as tf.Tensor4D, 2, "same");
      const logits = tf.matMul(tf.mean(tf.relu(second), [1, 2]) as tf.Tensor2D, w[2] as tf.Tensor2D);
      return tf.mean(tf.squaredDifference(logits, y as tf.Tensor)) as tf.Scalar;
    };
    const names = ["0", "1", "2"];
    const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => state[name] as tf.Tensor));
    const gradients = grads.map(mean);
    const velocity = tf.add(tf.mul(state.velocity as tf.Tensor, 0.9), gradients[2] as tf.Tensor);
    const moved = names.map((name, i) => [
      name,
      tf.sub(state[name] as tf.Tensor, tf.mul(gradients[i] as tf.Tensor, 0.1)),
    ]);
    return {
      outputs: { loss: mean(value), own: value },
      state: { ...Object.fromEntries(moved), velocity, running: average },
    };
  };

const inputsOf = (batch: number) => ({ x: { shape: [batch, ...image] }, y: { shape: [batch, 2] } });

const batch = (seed: number, samples: number) => ({
  x: uniform(seed, [samples, ...image]).data as Float32Array,
  y: uniform(seed + 1, [samples, 2]).data as Float32Array,
});

function halves(whole: { x: Float32Array; y: Float32Array }) {
  const half = (data: Float32Array, i: number) =>
    data.slice((i * data.length) / 2, ((i + 1) * data.length) / 2);
  return [0, 1].map((i) => ({ x: half(whole.x, i), y: half(whole.y, i) }));
}

function distance(a: NamedArrays, b: NamedArrays): number {
  expect(Object.keys(a)).toEqual(Object.keys(b));
  return Math.max(
    ...Object.keys(a).flatMap((name) => Array.from(a[name]!.data, (v, i) => Math.abs(v - b[name]!.data[i]!))),
  );
}

async function trainTwo(options: { bucketBytes?: number; delay?: number; together: boolean }) {
  const { together, delay = 0, ...more } = options;
  const group = replicaGroup(2, delay);
  const replicas = await Promise.all(
    group.map(async (member) => {
      const state = createState(weights());
      const step = await compile(
        stepOf(replicaMean, together),
        { inputs: inputsOf(4), state },
        { replicas: member, threads: 1, ...more },
      );
      return { state, step, calls: member.calls };
    }),
  );
  const losses = [];
  for (let i = 0; i < 3; i++) {
    const parts = halves(batch(20 + 2 * i, 8));
    losses.push(await Promise.all(replicas.map(({ step }, k) => step.run(parts[k]!))));
  }
  await Promise.all(replicas.map(({ step }) => step.dispose()));
  return { replicas, losses };
}

describe("two replicas", () => {
  it("train as one process does on both their batches, with synchronized statistics", async () => {
    const { replicas, losses } = await trainTwo({ together: true });
    const state = createState(weights());
    const step = await compile(
      stepOf((x) => x, false),
      { inputs: inputsOf(8), state },
      { threads: 1 },
    );
    for (let i = 0; i < 3; i++) {
      const { loss } = await step.run(batch(20 + 2 * i, 8));
      for (const one of losses[i]!) {
        expect(Math.abs((one.loss!.data[0] as number) - (loss!.data[0] as number))).toBeLessThan(1e-6);
      }
    }
    await step.dispose();
    expect(distance(replicas[0]!.state.read(), state.read())).toBeLessThan(1e-6);
    expect(replicas[0]!.state.read()).toEqual(replicas[1]!.state.read());
    expect(replicas[0]!.calls).toEqual(replicas[1]!.calls);
    // Mean and variance, their gradients, then all the rest at once.
    const calls = [[4], [4], [4], [4], [12, 216, 1, 108]];
    expect(replicas[0]!.calls).toEqual([...calls, ...calls, ...calls]);
    expect(replicas[0]!.step.report).toMatchObject({ stages: 6, replicaBytes: 4 * (16 + 337), cache: "off" });
  });

  it("average the gradients that each has with its own statistics", async () => {
    const { replicas } = await trainTwo({ together: false });
    const parts = halves(batch(20, 8));
    const gradientsOf = async (part: (typeof parts)[0]) => {
      const state = createState(weights());
      const step = await compile(
        stepOf((x) => x, false),
        { inputs: inputsOf(4), state },
        { threads: 1 },
      );
      await step.run(part);
      await step.dispose();
      return state.read();
    };
    const [one, two] = [await gradientsOf(parts[0]!), await gradientsOf(parts[1]!)];
    const group = replicaGroup(2);
    const states = await Promise.all(
      group.map(async (member, i) => {
        const state = createState(weights());
        const step = await compile(
          stepOf(replicaMean, false),
          { inputs: inputsOf(4), state },
          { replicas: member, threads: 1 },
        );
        await step.run(parts[i]!);
        await step.dispose();
        return state.read();
      }),
    );
    for (const name of ["0", "1", "2", "velocity"]) {
      // The step is linear in the gradients.
      const between = one[name]!.data.map((value, i) => (value + two[name]!.data[i]!) / 2);
      const expected = { [name]: { ...one[name]!, data: between } };
      expect(distance({ [name]: states[0]![name]! }, expected)).toBeLessThan(1e-6);
    }
    expect(states[0]!.running).not.toEqual(states[1]!.running);
    expect(replicas[0]!.step.report.stages).toBe(2);
    expect(replicas[0]!.calls).toEqual(Array.from({ length: 3 }, () => [12, 216, 108, 1]));
  });

  it("give the same bits whatever the buckets, none of which is exceeded", async () => {
    const whole = await trainTwo({ together: true });
    for (const bucketBytes of [1, 400, 432]) {
      const { replicas } = await trainTwo({ together: true, bucketBytes });
      expect(replicas[0]!.state.read()).toEqual(whole.replicas[0]!.state.read());
      expect(replicas[0]!.calls).toEqual(replicas[1]!.calls);
      const sizes = replicas[0]!.calls.map((call) => 4 * call.reduce((sum, count) => sum + count, 0));
      expect(Math.max(...sizes)).toBeLessThanOrEqual(Math.max(4, bucketBytes));
      expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBe(3 * replicas[0]!.step.report.replicaBytes);
    }
  }, 30_000);

  it("change nothing where one is alone, and in a function without means", async () => {
    const mean = () => Promise.reject(new Error("nobody to ask"));
    const alone = await compile(
      stepOf(replicaMean, true),
      { inputs: inputsOf(4), state: createState(weights()) },
      { replicas: { size: 1, mean } },
    );
    expect(alone.report).toMatchObject({ stages: 1, replicaBytes: 0 });
    expect(alone.report.operators).not.toHaveProperty("ReplicaMean");
    const without = await compile(
      stepOf((x) => x, true),
      { inputs: inputsOf(4), state: createState(weights()) },
      { replicas: { size: 2, mean } },
    );
    expect(without.report).toMatchObject({ stages: 1, replicaBytes: 0 });
    expect(await alone.run(batch(1, 4))).toEqual(await without.run(batch(1, 4)));
    await alone.dispose();
    await without.dispose();
  });
});

describe("replicaMean", () => {
  it("is the identity eagerly, with its gradient", async () => {
    await tf.setBackend("cpu");
    tf.tidy(() => {
      const x = tf.tensor1d([1, -2]);
      expect(Array.from(replicaMean(x).dataSync())).toEqual([1, -2]);
      const gradient = tf.grad((v) => tf.sum(tf.square(replicaMean(v))))(x);
      expect(Array.from(gradient.dataSync())).toEqual([2, -4]);
    });
  });

  it("refuses what is not float32", async () => {
    const message = "replicaMean: expected `x` to be a float32 tensor, got a int32 one";
    expect(() => replicaMean(tf.scalar(1, "int32"))).toThrow(new TypeError(message));
    const fn: TracedFunction = ({ x }) => ({ outputs: { y: replicaMean(x as tf.Tensor) } });
    const refused = compile(fn, { inputs: { x: { shape: [2], dtype: "int32" } } });
    await expect(refused).rejects.toThrow(message);
  });

  /** Runs a function of one input on two replicas. */
  const both = async (fn: TracedFunction, shape: number[], data: readonly Float32Array[]) => {
    const steps = await Promise.all(
      replicaGroup(2).map((replicas) => compile(fn, { inputs: { x: { shape } } }, { replicas })),
    );
    const results = await Promise.all(steps.map((step, i) => step.run({ x: data[i]! })));
    for (const step of steps) await step.dispose();
    return results.map((result) =>
      Object.fromEntries(Object.entries(result).map(([name, one]) => [name, Array.from(one.data)])),
    );
  };

  it("takes inputs, constants, other means, and values that are used as they are, too", async () => {
    const fn: TracedFunction = ({ x }) => {
      const given = x as tf.Tensor1D;
      const doubled = tf.mul(given, 2);
      const once = replicaMean(doubled);
      return {
        outputs: {
          input: replicaMean(given),
          untouched: given,
          doubled,
          once,
          again: replicaMean(once),
          twice: replicaMean(tf.add(once, doubled)),
          same: replicaMean(doubled),
          constant: replicaMean(tf.tensor1d([5, 6])),
          uniform: replicaMean(tf.ones([2])),
          scalar: replicaMean(tf.sum(given)),
        },
      };
    };
    const results = await both(fn, [2], [Float32Array.of(1, 2), Float32Array.of(3, 6)]);
    const shared = {
      input: [2, 4],
      once: [4, 8],
      again: [4, 8],
      twice: [8, 16],
      same: [4, 8],
      constant: [5, 6],
      uniform: [1, 1],
      scalar: [6],
    };
    expect(results).toEqual([
      { ...shared, untouched: [1, 2], doubled: [2, 4] },
      { ...shared, untouched: [3, 6], doubled: [6, 12] },
    ]);
  });

  it("has the mean of the gradients as its gradient", async () => {
    const fn: TracedFunction = ({ x }) => {
      const given = x as tf.Tensor1D;
      const factor = tf.slice(given, [0], [1]);
      const loss = (v: tf.Tensor) => tf.sum(tf.mul(factor, tf.square(replicaMean(v))));
      return { outputs: { dx: tf.grad(loss)(given) } };
    };
    const results = await both(fn, [2], [Float32Array.of(1, 2), Float32Array.of(3, 6)]);
    // The means are [2, 4] and the factors 1 and 3: 2 · mean · factor, averaged.
    expect(results).toEqual([{ dx: [8, 16] }, { dx: [8, 16] }]);
  });

  it("lets every type of tensor pass between the stages", async () => {
    const fn: TracedFunction = ({ x }) => {
      const given = tf.reshape(x as tf.Tensor, [1, 4, 4, 1]) as tf.Tensor4D;
      const positive = tf.greater(given, 0);
      const places = tf.argMax(tf.reshape(given, [4, 4]), 1);
      const loss = (v: tf.Tensor) => {
        const pooled = tf.maxPool(v as tf.Tensor4D, 2, 2, "valid");
        return tf.sum(tf.mul(pooled, replicaMean(pooled))) as tf.Scalar;
      };
      const { value, grad } = tf.valueAndGrad(loss as (v: tf.Tensor) => tf.Scalar)(given);
      const shared = replicaMean(tf.sum(given));
      return {
        outputs: {
          grad,
          masked: tf.where(positive, tf.mul(given, replicaMean(value)), shared),
          placed: tf.add(tf.cast(places, "float32"), shared),
        },
      };
    };
    const x = uniform(3, [16]).data as Float32Array;
    const plain = await compile(fn, { inputs: { x: { shape: [16] } } });
    const expected = await plain.run({ x });
    await plain.dispose();
    for (const result of await both(fn, [16], [x, x])) {
      for (const [name, { data }] of Object.entries(expected)) {
        expect(result[name]).toEqual(Array.from(data, (value) => expect.closeTo(value, 5)));
      }
    }
  });
});
