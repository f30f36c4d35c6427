import { compile, createState, type NamedArrays, type TracedFunction } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { describe, expect, it } from "vitest";
import { createRandom, expectClose, integers, runEagerly, uniform } from "./against-tfjs.ts";

type Tensors = Readonly<Record<string, tf.Tensor>>;

const classes = 5;
const shapes: Readonly<Record<string, readonly number[]>> = {
  "stem.weight": [7, 7, 3, 8],
  "bn.weight": [8],
  "bn.bias": [8],
  "block.weight": [3, 3, 8, 8],
  "down.weight": [1, 1, 8, 12],
  "wide.weight": [3, 3, 8, 12],
  "pool.p": [1],
  "fc.weight": [6, 12],
  "neck.weight": [6],
  "neck.bias": [6],
  "final.weight": [classes, 6],
};

function initialState(): NamedArrays {
  const random = createRandom(1);
  const arrays: Record<string, { shape: readonly number[]; data: Float32Array }> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const size = shape.reduce((product, dimension) => product * dimension, 1);
    const draw = () => {
      if (name === "pool.p") return 3;
      if (shape.length === 1) return name.endsWith("weight") ? 1 : 0;
      return (random() - 0.5) * 0.4;
    };
    arrays[name] = { shape, data: Float32Array.from({ length: size }, draw) };
    arrays[`velocity/${name}`] = { shape, data: new Float32Array(size) };
  }
  for (const statistic of ["running_mean", "running_var"]) {
    arrays[`bn.${statistic}`] = {
      shape: [8],
      data: new Float32Array(8).fill(statistic.endsWith("var") ? 1 : 0),
    };
  }
  return arrays;
}

function normalized(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor, axes: number[]) {
  const { mean, variance } = tf.moments(x, axes);
  const y = tf.add(tf.mul(tf.sub(x, mean), tf.mul(tf.rsqrt(tf.add(variance, 1e-5)), weight)), bias);
  return { y, mean, variance };
}

function embed(p: Tensors, images: tf.Tensor) {
  const conv = (x: tf.Tensor, name: string, stride: number, pad: number) =>
    tf.conv2d(x as tf.Tensor4D, p[name] as tf.Tensor4D, stride, [
      [0, 0],
      [pad, pad],
      [pad, pad],
      [0, 0],
    ]);
  const stem = normalized(conv(images, "stem.weight", 2, 3), p["bn.weight"], p["bn.bias"], [0, 1, 2]);
  const pooled = tf.maxPool(tf.relu(stem.y) as tf.Tensor4D, 3, 2, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
  const block = tf.relu(tf.add(conv(pooled, "block.weight", 1, 1), pooled));
  const features = tf.relu(tf.add(conv(block, "wide.weight", 2, 1), conv(block, "down.weight", 2, 0)));
  const raised = tf.pow(tf.maximum(features, 1e-6), p["pool.p"]);
  const gem = tf.pow(tf.mean(raised, [1, 2]), tf.div(1, p["pool.p"]));
  const neck = normalized(
    tf.matMul(gem as tf.Tensor2D, p["fc.weight"] as tf.Tensor2D, false, true),
    p["neck.weight"],
    p["neck.bias"],
    [0],
  );
  return { embedding: neck.y as tf.Tensor2D, stem };
}

function arcFace(
  embedding: tf.Tensor2D,
  weight: tf.Tensor,
  labels: tf.Tensor,
  scale = 30,
  margin = 0.3,
): tf.Scalar {
  const unit = (x: tf.Tensor) => tf.div(x, tf.sqrt(tf.maximum(tf.sum(tf.square(x), 1, true), 1e-24)));
  const cosine = tf.clipByValue(tf.matMul(unit(embedding), unit(weight), false, true), -1, 1);
  const sine = tf.sqrt(tf.maximum(tf.sub(1, tf.square(cosine)), 1e-12));
  const moved = tf.sub(tf.mul(cosine, Math.cos(margin)), tf.mul(sine, Math.sin(margin)));
  const target = tf.where(
    tf.cast(tf.step(tf.sub(cosine, Math.cos(Math.PI - margin))), "bool"),
    moved,
    tf.sub(cosine, Math.sin(margin) * margin),
  );
  const own = tf.oneHot(labels as tf.Tensor1D, classes);
  const logits = tf.mul(tf.where(tf.cast(own, "bool"), target, cosine), scale);
  return tf.neg(tf.mean(tf.sum(tf.mul(own, tf.logSoftmax(logits)), 1))) as tf.Scalar;
}

const step: TracedFunction = ({ images, labels, learningRate }, state) => {
  const names = Object.keys(shapes);
  const statistics: Record<string, tf.Tensor> = {};
  const loss = (...parameters: tf.Tensor[]) => {
    const p = Object.fromEntries(names.map((name, i) => [name, parameters[i]]));
    const { embedding, stem } = embed(p, images);
    statistics["bn.running_mean"] = tf.keep(
      tf.add(tf.mul(state["bn.running_mean"], 0.9), tf.mul(stem.mean, 0.1)),
    );
    statistics["bn.running_var"] = tf.keep(
      tf.add(tf.mul(state["bn.running_var"], 0.9), tf.mul(stem.variance, 0.1)),
    );
    return arcFace(embedding, p["final.weight"], labels);
  };
  const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => state[name]));
  const next: Record<string, tf.Tensor> = {};
  for (const [name, kept] of Object.entries(statistics)) {
    next[name] = tf.clone(kept);
    kept.dispose();
  }
  names.forEach((name, i) => {
    const decayed = tf.add(grads[i], tf.mul(state[name], 1e-4));
    next[`velocity/${name}`] = tf.add(tf.mul(state[`velocity/${name}`], 0.9), decayed);
    next[name] = tf.sub(state[name], tf.mul(next[`velocity/${name}`], learningRate));
  });
  return { outputs: { loss: value }, state: next };
};

const inputs = {
  images: { shape: [4, 20, 20, 3] },
  labels: { shape: [4], dtype: "int32" },
  learningRate: { shape: [] },
} as const;

const batch = (seed: number) => ({
  images: uniform(seed, [4, 20, 20, 3]),
  labels: integers(seed, [4], classes),
  learningRate: { shape: [], data: Float32Array.of(0.02) },
});

const arraysOf = (given: ReturnType<typeof batch>) =>
  Object.fromEntries(Object.entries(given).map(([name, { data }]) => [name, data]));

describe("a compiled training step", () => {
  it("equals tfjs's CPU backend over several steps: loss, parameters, velocities, running statistics", async () => {
    const state = createState(initialState());
    const compiled = await compile(step, { inputs, state }, { threads: 1 });
    for (let i = 0; i < 4; i++) {
      const before = state.read();
      const outputs = await compiled.run(arraysOf(batch(i)));
      const eager = runEagerly(step, batch(i), before);
      expectClose(outputs.loss, eager.outputs.loss, 1e-5, `loss of step ${i}`);
      const after = state.read();
      for (const [name, array] of Object.entries(eager.state))
        expectClose(after[name], array, 3e-5, `${name} after step ${i}`);
    }
    await compiled.dispose();
  });

  it("gives equal bits in equal runs, and after its state went through a checkpoint", async () => {
    const train = async (interrupted: boolean) => {
      let state = createState(initialState());
      let compiled = await compile(step, { inputs, state }, { threads: 2 });
      for (let i = 0; i < 6; i++) {
        if (interrupted && i === 3) {
          await compiled.dispose();
          state = createState(state.read());
          compiled = await compile(step, { inputs, state }, { threads: 2 });
        }
        await compiled.run(arraysOf(batch(i)));
      }
      await compiled.dispose();
      return state.read();
    };
    const once = await train(false);
    expect(await train(false)).toEqual(once);
    expect(await train(true)).toEqual(once);
  });
});
