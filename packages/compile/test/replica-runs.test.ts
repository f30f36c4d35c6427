import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CompileError,
  type CompileOptions,
  compile,
  createState,
  replicaMean,
  type Signature,
} from "@lmk/compile";
import "@tensorflow/tfjs-layers";
import * as tf from "@tensorflow/tfjs-core";
import { InferenceSession } from "onnxruntime-node";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Slot, storageOf } from "../src/state.ts";
import { uniform } from "./against-tfjs.ts";
import { replicaGroup } from "./replica-group.ts";

const names = ["0", "1", "2"];
const createWeights = () =>
  createState(
    Object.fromEntries(
      names.map((name, i) => [name, { shape: [8, 8], data: uniform(i, [8, 8]).data as Float32Array }]),
    ),
  );

/** A training step of three layers in a row, which also picks a row of its input, if there is such a row. */
const step = (
  { x, row }: Readonly<Record<string, tf.Tensor>>,
  state: Readonly<Record<string, tf.Tensor>>,
) => {
  const loss = (...w: tf.Tensor[]) => {
    const y = w.reduce(
      (input, weight) => tf.tanh(tf.matMul(input as tf.Tensor2D, weight as tf.Tensor2D)),
      x!,
    );
    return tf.mean(tf.square(y)) as tf.Scalar;
  };
  const { value, grads } = tf.valueAndGrads(loss)(names.map((name) => state[name]!));
  const gradients = grads.map((gradient) => replicaMean(gradient));
  const moved = names.map((name, i) => [name, tf.sub(state[name]!, gradients[i]!)]);
  const picked = tf.gather(x!, row as tf.Tensor1D);
  return { outputs: { loss: value, picked }, state: Object.fromEntries(moved) };
};

const inputs = { x: { shape: [4, 8] }, row: { shape: [1], dtype: "int32" } } as const;
const x = uniform(9, [4, 8]).data;
const row = Int32Array.of(2);
/** One gradient. */
const bucketBytes = 4 * 64;

const start = async (
  mean: (arrays: readonly Float32Array[]) => Promise<void>,
  options: CompileOptions = {},
) => {
  const state = createWeights();
  const compiled = await compile(
    step,
    { inputs, state },
    { replicas: { size: 2, mean }, bucketBytes, threads: 1, ...options },
  );
  return { state, compiled };
};

/** A group whose other members see the same. */
const echo = async () => undefined;

describe("the stages", () => {
  afterEach(() => vi.restoreAllMocks());

  it("compute while a mean is under way, one mean at a time, and wait for what they need", async () => {
    const events: string[] = [];
    let asked = 0;
    const mean = async () => {
      const own = asked++;
      events.push(`mean ${own} begins`);
      await new Promise((resolve) => setTimeout(resolve, 60));
      events.push(`mean ${own} ends`);
    };
    const { compiled } = await start(mean);
    const prototype = (InferenceSession as unknown as { prototype: InferenceSession }).prototype;
    const run = prototype.run;
    let ran = 0;
    vi.spyOn(prototype, "run").mockImplementation(async function (
      this: InferenceSession,
      ...given: unknown[]
    ) {
      const own = ran++;
      events.push(`stage ${own} begins`);
      try {
        return await (run as (...given: unknown[]) => Promise<InferenceSession.OnnxValueMapType>).apply(
          this,
          given,
        );
      } finally {
        events.push(`stage ${own} ends`);
      }
    } as typeof run);
    await compiled.run({ x, row });
    await compiled.dispose();
    expect(compiled.report).toMatchObject({ stages: 4, replicaBytes: 3 * bucketBytes });
    expect(events).toEqual([
      "stage 0 begins",
      "stage 0 ends",
      // The last layer's gradient, while those before are computed.
      "mean 0 begins",
      "stage 1 begins",
      "stage 1 ends",
      "stage 2 begins",
      "stage 2 ends",
      "mean 0 ends",
      "mean 1 begins",
      "mean 1 ends",
      "mean 2 begins",
      "mean 2 ends",
      "stage 3 begins",
      "stage 3 ends",
    ]);
  });

  it("leave the state where a mean rejects, pass its error on, and ask for no other mean", async () => {
    let asked = 0;
    const failure = new Error("rank 1 is gone");
    let fails = true;
    const { state, compiled } = await start(async () => {
      asked += 1;
      if (fails && asked === 2) throw failure;
    });
    const before = state.read();
    await expect(compiled.run({ x, row })).rejects.toBe(failure);
    expect(asked).toBe(2);
    expect(state.read()).toEqual(before);

    fails = false;
    await compiled.run({ x, row });
    const healthy = await start(echo);
    await healthy.compiled.run({ x, row });
    expect(state.read()).toEqual(healthy.state.read());
    expect(state.read()).not.toEqual(before);
    await compiled.dispose();
    await healthy.compiled.dispose();
  });

  it("pass on what a mean throws at once", async () => {
    const { state, compiled } = await start(() => {
      throw new TypeError("closed");
    });
    const before = state.read();
    await expect(compiled.run({ x, row })).rejects.toThrow(new TypeError("closed"));
    expect(state.read()).toEqual(before);
    await compiled.dispose();
  });

  it("leave the state where one of them fails, and wait for the mean that is under way", async () => {
    let [asked, underWay] = [0, 0];
    const { state, compiled } = await start(async () => {
      asked += 1;
      underWay += 1;
      await new Promise((resolve) => setTimeout(resolve, 200));
      underWay -= 1;
    });
    const before = state.read();
    const failing = compiled.run({ x, row: Int32Array.of(99) });
    await expect(failing).rejects.toThrow(CompileError);
    await expect(failing).rejects.toThrow(/^Compiled\.run: onnxruntime failed in tf\.gather: /);
    expect([asked, underWay]).toEqual([1, 0]);
    expect(state.read()).toEqual(before);
    await compiled.dispose();
  });

  it("write the state into its second buffers, which then take the place of the first", async () => {
    const { state, compiled } = await start(echo);
    const slot = storageOf(state)?.slots.get("1") as Slot;
    const [first, second] = [slot.current, slot.next];
    const plain = createWeights();
    const whole = await compile(step, { inputs, state: plain }, { threads: 1 });
    for (let i = 0; i < 3; i++) {
      expect(await compiled.run({ x, row })).toEqual(await whole.run({ x, row }));
      expect(state.read()).toEqual(plain.read());
      expect(slot.current).toBe(i % 2 === 0 ? second : first);
    }
    await compiled.dispose();
    await whole.dispose();
  });

  it("average in the arrays that the next stage reads", async () => {
    const seen = new Set<ArrayBufferLike>();
    const { compiled } = await start(async (arrays) => {
      for (const { buffer } of arrays) seen.add(buffer);
    });
    for (let i = 0; i < 3; i++) await compiled.run({ x, row });
    await compiled.dispose();
    expect(seen.size).toBe(3);
  });

  it("ask for means in the same order on replicas of other speeds", async () => {
    const group = replicaGroup(3, 5);
    const steps = await Promise.all(
      group.map((replicas, i) =>
        compile(
          step,
          { inputs, state: createWeights() },
          { replicas, bucketBytes: 100, threads: 1 + (i % 2) },
        ),
      ),
    );
    await Promise.all(
      steps.map(async (one, i) => {
        await new Promise((resolve) => setTimeout(resolve, 10 * i));
        await one.run({ x, row });
      }),
    );
    await Promise.all(steps.map((one) => one.dispose()));
    expect(group[1]!.calls).toEqual(group[0]!.calls);
    expect(group[2]!.calls).toEqual(group[0]!.calls);
    // 3 · 64 floats, 25 at a time.
    expect(group[0]!.calls.map((call) => call.reduce((sum, length) => sum + length, 0))).toEqual([
      ...Array.from({ length: 7 }, () => 25),
      17,
    ]);
  });
});

describe("the options of a function in stages", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "lmk-replicas-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("keep each stage in the cache", async () => {
    const results = [];
    for (const cache of ["miss", "hit"]) {
      const { state, compiled } = await start(echo, { cache: folder });
      expect(compiled.report.cache).toBe(cache);
      await compiled.run({ x, row });
      await compiled.dispose();
      results.push(state.read());
    }
    expect(results[1]).toEqual(results[0]);
    expect(await readdir(folder)).toHaveLength(4);
  });

  it("write a profile for each stage", async () => {
    const { compiled } = await start(echo, { profile: join(folder, "profile") });
    await compiled.run({ x, row });
    await compiled.dispose();
    const files = (await readdir(folder)).sort();
    expect(files.map((name) => name.replace(/_.*/, ""))).toEqual([0, 1, 2, 3].map((i) => `profile-${i}`));
    expect(JSON.parse(await readFile(join(folder, files[3]!), "utf8"))).not.toHaveLength(0);
  });

  it("export the function of one replica, in one piece", async () => {
    const { state, compiled } = await start(echo);
    const session = await InferenceSession.create(compiled.toOnnx({ state: "inputs" }).model);
    expect(session.inputNames).toEqual(["x", "row", ...names]);
    expect(session.outputNames).toEqual(["loss", "picked", ...names.map((name) => `next/${name}`)]);
    await session.release();
    expect(compiled.toOnnx().model.length).toBeGreaterThan(0);
    expect(state.names).toEqual(names);
    await compiled.dispose();
  });
});

describe("compile refuses", () => {
  const refusal = (options: unknown, signature: Signature = { inputs, state: createWeights() }) =>
    compile(step, signature, options as CompileOptions).catch((error: unknown) => error);

  it("a size that is none", async () => {
    expect(await refusal({ replicas: { size: 0, mean: echo } })).toEqual(
      new RangeError("compile: expected `options.replicas.size` to be a positive integer, got 0"),
    );
  });

  it("a mean that is no function", async () => {
    expect(await refusal({ replicas: { size: 2, mean: null } })).toEqual(
      new TypeError("compile: expected `options.replicas.mean` to be a function, got null"),
    );
  });

  it("a bucket that is no number of bytes", async () => {
    expect(await refusal({ replicas: { size: 2, mean: echo }, bucketBytes: 0.5 })).toEqual(
      new RangeError("compile: expected `options.bucketBytes` to be a positive integer, got 0.5"),
    );
  });

  it("WebGPU", async () => {
    expect(await refusal({ replicas: { size: 2, mean: echo }, provider: "webgpu" })).toEqual(
      new RangeError(
        'compile: expected `options.provider` to be "cpu" or "cuda" with `options.replicas`, got "webgpu"',
      ),
    );
  });

  it("neither of these for one replica, whose graph is not cut", async () => {
    const free = { inputs: { ...inputs, x: { shape: ["batch", 8] } }, state: createWeights() };
    const compiled = await compile(step, free, { replicas: { size: 1, mean: echo } });
    expect(Object.keys(await compiled.run({ x, row }))).toEqual(["loss", "picked"]);
    await compiled.dispose();
  });

  it("free dimensions", async () => {
    const free = { inputs: { ...inputs, x: { shape: ["batch", 8] } }, state: createWeights() };
    expect(await refusal({ replicas: { size: 2, mean: echo } }, free)).toEqual(
      new RangeError(
        'compile: expected `signature.inputs["x"].shape` to have no free dimension with `options.replicas`, got ["batch",8]',
      ),
    );
  });
});
