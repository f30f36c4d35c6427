import { compile, createState, type NamedArrays, type TracedFunction } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, describe, expect, it } from "vitest";
import { expectClose, uniform } from "./against-tfjs.ts";
import { releaseWebgpu, webgpuObstacle } from "./conformance/software-gpu.ts";

const obstacle = await webgpuObstacle();
afterAll(releaseWebgpu);

const step: TracedFunction = ({ x }, { filter, scale, frozen }) => {
  const loss = (f: tf.Tensor, s: tf.Tensor) =>
    tf.mean(tf.square(tf.add(tf.mul(tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, "same"), s), frozen)));
  const { value, grads } = tf.valueAndGrads(loss as never)([filter, scale]);
  const next = { filter: tf.sub(filter, tf.mul(grads[0], 0.1)), scale: tf.sub(scale, tf.mul(grads[1], 0.1)) };
  return { outputs: { loss: value, low: tf.less(value, 1) }, state: next };
};
const arrays = {
  filter: uniform(1, [3, 3, 2, 4]),
  scale: { shape: [], data: Float32Array.of(0.5) },
  frozen: uniform(2, [4]),
} as NamedArrays;
const x = uniform(3, [2, 5, 5, 2]);
const signature = { inputs: { x: { shape: x.shape } } };

describe.skipIf(obstacle !== undefined)(
  `the state on a GPU${obstacle === undefined ? "" : ` (${obstacle})`}`,
  () => {
    it("stays there between runs, and comes back when asked for, as on the processor", async () => {
      const [there, here] = [createState(arrays), createState(arrays)];
      const onDevice = await compile(step, { ...signature, state: there }, { provider: "webgpu" });
      const inMemory = await compile(step, { ...signature, state: here });
      for (let i = 0; i < 3; i++) {
        const { loss, low } = await onDevice.run({ x: x.data });
        const expected = await inMemory.run({ x: x.data });
        expectClose(loss, expected.loss, 1e-4, `loss of step ${i}`);
        expect(low).toEqual(expected.low);
      }
      const refused =
        'expected the state\'s arrays to be in main memory, got "filter" on a GPU; first await State.fetch()';
      expect(() => there.read()).toThrow(new RangeError(`State.read: ${refused}`));
      expect(() => onDevice.toOnnx()).toThrow(new RangeError(`Compiled.toOnnx: ${refused}`));
      const fetched = await there.fetch();
      expect(there.read()).toEqual(fetched);
      for (const name of there.names) expectClose(fetched[name], here.read()[name], 1e-4, name);
      expect(fetched.frozen).toEqual(arrays.frozen);
      expect(onDevice.toOnnx().model.length).toBeGreaterThan(0);
      await onDevice.dispose();
      await inMemory.dispose();
    });

    it("is shared by functions here and there, and outlives them", async () => {
      const [shared, reference] = [createState(arrays), createState(arrays)];
      const first = await compile(step, { ...signature, state: shared }, { provider: "webgpu" });
      const second = await compile(step, { ...signature, state: shared }, { provider: "webgpu" });
      const here = await compile(step, { ...signature, state: shared });
      const alone = await compile(step, { ...signature, state: reference });
      for (const compiled of [first, second, here, second, first]) {
        const { loss } = await compiled.run({ x: x.data });
        expectClose(loss, (await alone.run({ x: x.data })).loss, 1e-4, "loss");
      }
      await first.dispose();
      expectClose(shared.read().filter, reference.read().filter, 1e-4, "filter after the first was disposed");
      await second.run({ x: x.data });
      await alone.run({ x: x.data });
      await second.dispose();
      expectClose(shared.read().filter, reference.read().filter, 1e-4, "filter after both were disposed");
      await here.dispose();
      await alone.dispose();
    });

    it("takes what is written, and swaps arrays without mixing them up", async () => {
      const pair = { a: uniform(1, [3]), b: uniform(2, [3]) } as NamedArrays;
      const state = createState(pair);
      const swap = await compile(
        (_, { a, b }) => ({ outputs: {}, state: { a: b, b: a } }),
        { inputs: {}, state },
        {
          provider: "webgpu",
        },
      );
      await swap.run({});
      const written = { shape: [3], data: Float32Array.of(7, 8, 9) };
      state.write({ a: written });
      await swap.run({});
      expect(await state.fetch()).toEqual({ a: pair.a, b: written });
      await swap.dispose();
    });
  },
);
