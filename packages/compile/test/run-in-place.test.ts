import { createState } from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-layers";
import { describe, expect, it } from "vitest";
import { createCompiled } from "../src/compiled.ts";
import { stopName } from "../src/onnx-model.ts";
import { abilities } from "../src/providers.ts";
import { canStopCopies, endsWithResults } from "../src/run-in-place.ts";
import { openSession } from "../src/session.ts";
import { type StateStorage, storageOf } from "../src/state.ts";
import { type TracedFunction, trace } from "../src/trace.ts";
import { uniform } from "./against-tfjs.ts";

describe("the probe of onnxruntime-node", () => {
  it("finds that the installed version ends runs before it copies", async () => {
    expect(await canStopCopies()).toBe(true);
    expect(canStopCopies()).toBe(canStopCopies());
  });

  it("takes nothing else for that", async () => {
    const negate = (fetches: unknown) => {
      (fetches as Record<"y", tf.TensorInfo & { data: Float32Array }>).y.data.set([-1, -2]);
    };
    const refusal = (_?: unknown, message = "Non tensor type is temporarily not supported.") =>
      Promise.reject(new Error(message));
    const behaviours: readonly (readonly [boolean, (fetches: unknown) => Promise<never>])[] = [
      [true, (fetches) => refusal(negate(fetches))],
      [false, () => refusal()],
      [false, (fetches) => refusal(negate(fetches), "sequences are not supported")],
      [false, async (fetches) => negate(fetches) as never],
    ];
    for (const [expected, behave] of behaviours) {
      const session = { run: (_: unknown, fetches: unknown) => behave(fetches) };
      expect(await endsWithResults(session as never)).toBe(expected);
    }
  });
});

describe("a model that copies its results, for versions that are not stopped", () => {
  const step: TracedFunction = ({ x }, { w }) => {
    const loss = (v: tf.Tensor) => tf.mean(tf.square(tf.sub(tf.mul(x, v), 1)));
    const { value, grad } = tf.valueAndGrad(loss as (v: tf.Tensor) => tf.Scalar)(w);
    return {
      outputs: { value, place: tf.argMax(x, 0), low: tf.less(value, 1) },
      state: { w: tf.sub(w, tf.mul(grad, 0.1)), rest: w },
    };
  };

  it("gives the same bits and the same state", async () => {
    const results = [];
    for (const stopsCopies of [true, false]) {
      const state = createState({
        w: { shape: [5], data: uniform(1, [5]).data as Float32Array },
        rest: { shape: [5], data: new Float32Array(5) },
      });
      const storage = storageOf(state) as StateStorage;
      const inputs = new Map([["x", { shape: [5], dtype: "float32" as const }]]);
      const traced = trace(step, inputs, storage.slots, abilities.cpu);
      const settings = { provider: "cpu", threads: 1, profile: undefined, cache: undefined } as const;
      const { session } = await openSession(traced.graph, { ...settings, stopsCopies });
      expect(session.outputNames.includes(stopName)).toBe(stopsCopies);
      const facts = { report: {} as never, profiled: false, provider: "cpu" } as const;
      const compiled = createCompiled(session, traced, inputs, storage, facts);
      const outputs = [];
      for (let i = 0; i < 3; i++) outputs.push(await compiled.run({ x: uniform(7 + i, [5]).data }));
      await compiled.dispose();
      results.push({ outputs, state: state.read() });
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[0].state.rest.data).not.toEqual(new Float32Array(5));
  });
});
