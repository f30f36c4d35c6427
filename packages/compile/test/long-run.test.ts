import { compile, createState, type TracedFunction } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { uniform } from "./against-tfjs.ts";

const shapes = { filter: [3, 3, 3, 16], weight: [16, 4] } as const;
const step: TracedFunction = ({ images, labels }, state) => {
  const loss = (filter: tf.Tensor, weight: tf.Tensor) => {
    const features = tf.relu(tf.conv2d(images as tf.Tensor4D, filter as tf.Tensor4D, 2, "same"));
    const logits = tf.matMul(tf.mean(features, [1, 2]) as tf.Tensor2D, weight as tf.Tensor2D);
    const own = tf.oneHot(labels as tf.Tensor1D, 4);
    return tf.neg(tf.mean(tf.sum(tf.mul(own, tf.logSoftmax(logits)), 1))) as tf.Scalar;
  };
  const { value, grads } = tf.valueAndGrads(loss)([state.filter, state.weight]);
  const next: Record<string, tf.Tensor> = {};
  ["filter", "weight"].forEach((name, i) => {
    next[`velocity/${name}`] = tf.add(tf.mul(state[`velocity/${name}`], 0.9), grads[i]);
    next[name] = tf.sub(state[name], tf.mul(next[`velocity/${name}`], 0.01));
  });
  return { outputs: { loss: value }, state: next };
};

it("1,000 training steps leave no tensor behind and take no more memory", { timeout: 60_000 }, async () => {
  const tensors = tf.memory().numTensors;
  const buffers = tf.memory().numDataBuffers;
  const arrays = Object.entries(shapes).flatMap(([name, shape], i) => {
    const data = uniform(i, shape).data as Float32Array;
    return [
      [name, { shape, data }],
      [`velocity/${name}`, { shape, data: new Float32Array(data.length) }],
    ] as const;
  });
  const state = createState(Object.fromEntries(arrays));
  const inputs = { images: { shape: [8, 32, 32, 3] }, labels: { shape: [8], dtype: "int32" } } as const;
  const compiled = await compile(step, { inputs, state }, { threads: 1 });
  const batch = {
    images: uniform(7, inputs.images.shape).data,
    labels: Int32Array.from({ length: 8 }, (_, i) => i % 4),
  };
  let atStart = 0;
  let first = 0;
  let last = 0;
  for (let i = 0; i < 1200; i++) {
    if (i === 200) atStart = process.memoryUsage.rss();
    const { loss } = await compiled.run(batch);
    last = loss.data[0];
    if (i === 0) first = last;
  }
  const grown = process.memoryUsage.rss() - atStart;
  // A leak of one batch of images a step would be 98 MB.
  expect(grown).toBeLessThan(24e6);
  expect(last).toBeLessThan(first / 2);
  expect(tf.memory()).toMatchObject({ numTensors: tensors, numDataBuffers: buffers });
  await compiled.dispose();
});
