import { compile } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";

it("compiles gradients where tfjs has no backend and no gradients, and leaves it without a backend", async () => {
  expect(tf.engine().backendNames()).toEqual([]);
  expect(tf.getGradient(tf.Square)).toBeUndefined();
  const compiled = await compile(
    ({ x }) => ({ outputs: { y: tf.grad((z: tf.Tensor) => tf.sum(tf.square(z)))(x) } }),
    { inputs: { x: { shape: [2] } } },
  );
  expect((await compiled.run({ x: Float32Array.of(1, 2) })).y.data).toEqual(Float32Array.of(2, 4));
  await compiled.dispose();
  expect(tf.engine().backendNames()).toEqual([]);
  expect(tf.getBackend() ?? null).toBeNull();
});
