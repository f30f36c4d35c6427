import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  cosineSchedule,
  eagerEngine,
  type NamedArrays,
  openCheckpoints,
  sgd,
  type TrainBatch,
  type TrainCallback,
  TrainingError,
  type TrainOptions,
  type TrainProgress,
  train,
} from "@lmk/train";
import * as tf from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lmk-train-"));
});
afterEach(() => rm(folder, { recursive: true }));

const engine = eagerEngine({ backend: "cpu" });
const constant = (): number => 1;

/** Batches that hold their own number, four images each. */
async function* numbers(from: number): AsyncGenerator<TrainBatch> {
  for (let x = from; ; x++) yield batchOf(x);
}

const batchOf = (...values: number[]): TrainBatch => ({
  inputs: { x: { shape: [values.length], data: Float32Array.from(values) } },
  images: 4,
});

/** A weight that moves by rate · x, and tells where it was as its loss. */
const walk = {
  engine,
  loss: ({ w }, { x }) => {
    const place = tf.mul(w!, tf.mean(x!));
    // d(place − w·mean(x) + −mean(x)·w)/dw: the value is w, the slope −mean(x).
    const slope = tf.sub(tf.neg(place), tf.neg(tf.mul(stop(w!), tf.mean(x!))));
    return { loss: tf.sum(tf.add(stop(w!), slope)) as tf.Scalar, metrics: { doubled: tf.mul(2, stop(w!)) } };
  },
  parameters: { w: { shape: [], data: Float32Array.of(0) } },
  optimizer: sgd({ momentum: 0, weightDecay: 0 }),
  schedule: constant,
  batches: numbers,
  steps: 4,
} satisfies TrainOptions;

function stop(x: tf.Tensor): tf.Tensor {
  return tf.customGrad((y) => ({
    value: (y as tf.Tensor).clone(),
    gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy),
  }))(x);
}

/** Two weights, momentum and random noise: what must go on exactly from a checkpoint. */
const noisy = {
  engine,
  loss: ({ w }, { x }, { seed }) => {
    const noise = tf.sin(tf.cast(seed, "float32"));
    return { loss: tf.sum(tf.squaredDifference(w!, tf.add(tf.mean(x!), noise))) as tf.Scalar };
  },
  parameters: { w: { shape: [2], data: Float32Array.of(0.3, -2) } },
  optimizer: sgd({ momentum: 0.9, weightDecay: 1e-3 }),
  schedule: cosineSchedule({ base: 0.05, steps: 9 }),
  batches: numbers,
  steps: 9,
  seed: 5,
} satisfies TrainOptions;

const values = (arrays: NamedArrays): Record<string, number[]> =>
  Object.fromEntries(Object.entries(arrays).map(([name, { data }]) => [name, [...data]]));

describe("train", () => {
  it("runs every step with its learning rate and tells of it", async () => {
    const told: unknown[] = [];
    const callback: TrainCallback = {
      onStart: (run) => void told.push(run),
      onStep: ({ seconds, ...report }) => void told.push(report, seconds >= 0),
      onEnd: (result) => void told.push(result),
    };
    const schedule = cosineSchedule({ base: 1, minimum: 0, steps: 2 });
    const batches = (from: number): AsyncGenerator<TrainBatch> => numbers(from + 1);
    const { parameters } = await train({ ...walk, steps: 2, schedule, batches, callbacks: [callback] });
    expect(told).toEqual([
      { steps: 2, fromStep: 0 },
      { step: 1, steps: 2, loss: 0, learningRate: 1, images: 4, metrics: { doubled: 0 } },
      true,
      { step: 2, steps: 2, loss: 1, learningRate: 0.5, images: 4, metrics: { doubled: 2 } },
      true,
      { step: 2, reason: "finished", loss: 1 },
    ]);
    // From 0 by 1 · 1, then by 0.5 · 2.
    expect(values(parameters)).toEqual({ w: [2] });
  });

  it("saves every so many steps and after the last one", async () => {
    const saved: number[] = [];
    await train({
      ...walk,
      steps: 7,
      checkpoints: await openCheckpoints<TrainProgress>(folder),
      checkpointEverySteps: 3,
      callbacks: [{ onCheckpoint: ({ step }) => void saved.push(step) }],
    });
    expect(saved).toEqual([3, 6, 7]);
  });

  it("ends with the same bits when it is stopped and starts again", async () => {
    const whole = await train(noisy);
    const checkpoints = await openCheckpoints<TrainProgress>(folder);
    const controller = new AbortController();
    const stopAt4: TrainCallback = { onStep: ({ step }) => void (step === 4 && controller.abort()) };
    const first = await train({ ...noisy, checkpoints, signal: controller.signal, callbacks: [stopAt4] });
    expect(first).toMatchObject({ step: 4, reason: "interrupted" });
    const starts: unknown[] = [];
    const second = await train({
      ...noisy,
      checkpoints,
      callbacks: [{ onStart: (run) => void starts.push(run) }],
    });
    expect(starts).toEqual([{ steps: 9, fromStep: 4 }]);
    expect(second).toEqual(whole);
  });

  it("gives back the weights and no loss when all steps are done", async () => {
    const checkpoints = await openCheckpoints<TrainProgress>(folder);
    const first = await train({ ...walk, checkpoints });
    const batches = (): AsyncGenerator<TrainBatch> => {
      throw new RangeError("asked for batches");
    };
    expect(await train({ ...walk, checkpoints, batches })).toEqual({ ...first, loss: Number.NaN });
  });

  it("takes several batches for a step", async () => {
    const reports: unknown[] = [];
    const callback: TrainCallback = { onStep: ({ seconds, ...report }) => void reports.push(report) };
    const batches = (from: number): AsyncGenerator<TrainBatch> => numbers(from + 1);
    const { parameters } = await train({ ...walk, steps: 2, accumulate: 3, batches, callbacks: [callback] });
    // The means of 1, 2, 3 and of 4, 5, 6.
    expect(parameters.w!.data[0]).toBeCloseTo(2 + 5, 5);
    expect(reports).toMatchObject([{ images: 12 }, { images: 12 }]);
  });

  it("goes on exactly with several batches for a step", async () => {
    const options = { ...noisy, accumulate: 2, checkpointEverySteps: 2 };
    const whole = await train(options);
    const checkpoints = await openCheckpoints<TrainProgress>(folder);
    const failing = async function* (from: number): AsyncGenerator<TrainBatch> {
      for await (const batch of numbers(from)) {
        if (batch.inputs.x!.data[0] === 11) throw new RangeError("image is gone");
        yield batch;
      }
    };
    await expect(train({ ...options, checkpoints, batches: failing })).rejects.toThrow("image is gone");
    // Batch 11 is the second of step 6: step 5 is whole and kept.
    expect((await checkpoints.latest()).checkpoint?.step).toBe(5);
    expect(await train({ ...options, checkpoints })).toEqual(whole);
  });

  it("evaluates on the way and at the end, and stops when a callback says so", async () => {
    const seen: unknown[] = [];
    const evaluation = {
      everySteps: 2,
      run: async (weights: { parameters: () => Promise<NamedArrays> }, step: number) => ({
        place: (await weights.parameters()).w!.data[0]!,
        step,
      }),
    };
    const callback: TrainCallback = {
      onEvaluate: ({ weights, ...report }) => void seen.push(report, weights !== undefined),
    };
    await train({ ...walk, steps: 3, evaluation, callbacks: [callback] });
    expect(seen).toEqual([
      { step: 2, metrics: { place: 1, step: 2 } },
      true,
      { step: 3, metrics: { place: 3, step: 3 } },
      true,
    ]);
    const stopping: TrainCallback = { onEvaluate: async ({ step }) => (step === 2 ? "stop" : undefined) };
    const stopped = await train({ ...walk, steps: 9, evaluation, callbacks: [stopping] });
    expect(stopped).toMatchObject({ step: 2, reason: "stopped" });
  });

  it("makes an evaluation that failed again, before any other step", async () => {
    const checkpoints = await openCheckpoints<TrainProgress>(folder);
    const seen: number[] = [];
    const evaluation = (fails: boolean) => ({
      everySteps: 3,
      run: async (_weights: unknown, step: number) => {
        if (fails) throw new RangeError("no memory");
        seen.push(step);
        return { step };
      },
    });
    for (const steps of [3, 6]) {
      const options = { ...walk, steps, checkpoints };
      await expect(train({ ...options, evaluation: evaluation(true) })).rejects.toThrow("no memory");
      expect((await checkpoints.latest()).checkpoint?.step).toBe(steps);
      await train({ ...options, evaluation: evaluation(false) });
    }
    expect(seen).toEqual([3, 6]);
  });

  it("does not evaluate before it stops on a signal, but when it goes on", async () => {
    const checkpoints = await openCheckpoints<TrainProgress>(folder);
    const seen: number[] = [];
    const evaluation = {
      everySteps: 2,
      run: async (_: unknown, step: number) => ({ step: seen.push(step) }),
    };
    const controller = new AbortController();
    const callbacks = [{ onStep: ({ step }: { step: number }) => void (step === 2 && controller.abort()) }];
    const options = { ...walk, checkpoints, evaluation };
    const stopped = await train({ ...options, callbacks, signal: controller.signal });
    expect([stopped.step, stopped.reason, seen]).toEqual([2, "interrupted", []]);
    const asked: unknown[] = [];
    const still = await train({
      ...options,
      signal: controller.signal,
      callbacks: [{ onStep: (r) => void asked.push(r) }],
    });
    expect([still.step, still.reason, asked]).toEqual([2, "interrupted", []]);
    await train(options);
    expect(seen).toEqual([2, 4]);
  });

  it("does no step when a callback says so at the start", async () => {
    const { step, reason } = await train({ ...walk, callbacks: [{ onStart: () => "stop" }] });
    expect([step, reason]).toEqual([0, "stopped"]);
  });

  it("tells callbacks of the end whatever fails, and shows what failed first", async () => {
    const checkpoints = await openCheckpoints<TrainProgress>(folder);
    await train({ ...walk, checkpoints });
    const ends: unknown[] = [];
    const failing = { onEnd: () => Promise.reject(new RangeError("log is full")) };
    const callbacks = [failing, { onEnd: (result: unknown) => void ends.push(result) }];
    await expect(train({ ...walk, checkpoints, callbacks, seed: 3 })).rejects.toThrow("its seed is 0");
    await expect(train({ ...walk, checkpoints, callbacks })).rejects.toThrow("log is full");
    expect(ends).toEqual([undefined, { step: 4, reason: "finished", loss: Number.NaN }]);
  });

  it("keeps what callbacks remember in the checkpoint", async () => {
    const checkpoints = await openCheckpoints<TrainProgress>(folder);
    const remembering = (): TrainCallback & { seen: number[] } => {
      const seen: number[] = [];
      return {
        seen,
        onStep: ({ step }) => void seen.push(step),
        save: () => seen,
        restore: (saved) => void seen.push(...(saved as number[])),
      };
    };
    await train({ ...walk, steps: 2, checkpoints, callbacks: [{}, remembering()] });
    const again = remembering();
    await train({ ...walk, steps: 4, checkpoints, callbacks: [{}, again] });
    expect(again.seen).toEqual([1, 2, 3, 4]);
  });

  it("stops when the loss is not a number any more, naming the step and the last checkpoint", async () => {
    const batches = async function* (from: number): AsyncGenerator<TrainBatch> {
      yield* [batchOf(1), batchOf(2), batchOf(Number.NaN), batchOf(3)].slice(from);
    };
    const ends: unknown[] = [];
    const options = { ...walk, batches, callbacks: [{ onEnd: (result: unknown) => void ends.push(result) }] };
    await expect(train(options)).rejects.toThrow(
      new TrainingError(
        "not-finite",
        "train: expected a finite loss, got NaN at step 3; no checkpoint was written before; lower the learning rate, or look at the images of this batch",
      ),
    );
    expect(ends).toEqual([undefined]);
    const checkpoints = await openCheckpoints<TrainProgress>(folder);
    await expect(train({ ...options, checkpoints, checkpointEverySteps: 2 })).rejects.toThrow(
      "the last checkpoint is of step 2",
    );
    expect((await checkpoints.latest()).checkpoint?.step).toBe(2);
  });

  it("saves the last finished step when a batch cannot be read", async () => {
    const checkpoints = await openCheckpoints<TrainProgress>(folder);
    const batches = async function* (): AsyncGenerator<TrainBatch> {
      yield batchOf(1);
      yield batchOf(2);
      throw new RangeError("disk is gone");
    };
    await expect(train({ ...walk, checkpoints, batches })).rejects.toThrow("disk is gone");
    const { checkpoint } = await checkpoints.latest();
    expect([checkpoint?.step, checkpoint?.arrays.w?.data[0]]).toEqual([2, 3]);
  });

  it("refuses a checkpoint of another run", async () => {
    const checkpoints = await openCheckpoints<TrainProgress>(folder);
    await train({ ...walk, checkpoints });
    const refusal = (what: string): TrainingError =>
      new TrainingError(
        "other-run",
        `train: expected the checkpoint in ${folder} to be of this run, but ${what}; choose another folder`,
      );
    await expect(train({ ...walk, checkpoints, seed: 3 })).rejects.toThrow(
      refusal("its seed is 0 instead of 3"),
    );
    await expect(train({ ...walk, checkpoints, accumulate: 2 })).rejects.toThrow(
      refusal("it gathers 1 batches a step instead of 2"),
    );
    await expect(train({ ...walk, checkpoints, steps: 3 })).rejects.toThrow(
      refusal("it has done 4 steps of 3"),
    );
    const b = { shape: [], data: new Float32Array(1) };
    await expect(train({ ...walk, checkpoints, parameters: { ...walk.parameters, b } })).rejects.toThrow(
      refusal("it lacks b"),
    );
    await expect(
      train({ ...walk, checkpoints, parameters: { w: { shape: [1], data: new Float32Array(1) } } }),
    ).rejects.toThrow(refusal("its w has shape [] instead of [1]"));
  });

  it("tells of damaged checkpoints and goes on from the one before", async () => {
    const checkpoints = await openCheckpoints<TrainProgress>(folder);
    await train({ ...walk, checkpoints, checkpointEverySteps: 2 });
    await rm(join(folder, "step-000000004", "arrays.safetensors"));
    const notices: string[] = [];
    const { parameters } = await train({
      ...walk,
      checkpoints,
      callbacks: [{ onNotice: (line) => void notices.push(line) }],
    });
    expect(notices).toEqual([expect.stringMatching(/^passed over .*step-000000004: .*ENOENT/)]);
    expect(values(parameters)).toEqual({ w: [6] });
  });

  it("refuses too few batches, arrays that do not fit, and numbers out of range", async () => {
    const three = async function* (): AsyncGenerator<TrainBatch> {
      yield* [batchOf(1), batchOf(1), batchOf(1)];
    };
    await expect(train({ ...walk, batches: three })).rejects.toThrow(
      new TrainingError("no-more-batches", "train: expected batches for 4 steps, got 3"),
    );
    const wrong = async function* (): AsyncGenerator<TrainBatch> {
      yield { inputs: { x: { shape: [3], data: Float32Array.of(1, 2) } }, images: 1 };
    };
    await expect(train({ ...walk, batches: wrong })).rejects.toThrow(
      new RangeError("train: expected `inputs.x` to have 3 values for shape [3], got 2"),
    );
    await expect(train({ ...walk, schedule: (step) => 1 - step })).rejects.toThrow(
      new RangeError("train: expected `learningRate of step 2` to be a finite number of at least 0, got -1"),
    );
    const named = async function* (): AsyncGenerator<TrainBatch> {
      yield {
        inputs: { x: { shape: [], data: new Float32Array(1) }, seed: { shape: [], data: new Int32Array(1) } },
        images: 1,
      };
    };
    await expect(train({ ...walk, batches: named })).rejects.toThrow(
      new RangeError("train: expected the batch's `inputs` to leave the name seed to the step, got it"),
    );
    await expect(train({ ...walk, steps: 0 })).rejects.toThrow(
      new RangeError("train: expected `steps` to be a whole number of at least 1, got 0"),
    );
    await expect(train({ ...walk, seed: 0.5 })).rejects.toThrow(
      new RangeError("train: expected `seed` to be a whole number of at least 0, got 0.5"),
    );
    await expect(train({ ...walk, checkpointEverySteps: 0 })).rejects.toThrow(
      new RangeError("train: expected `checkpointEverySteps` to be a whole number of at least 1, got 0"),
    );
  });

  it("refuses losses that cannot be followed", async () => {
    const w = walk.parameters.w;
    const idle = { ...walk, parameters: { w, idle: w } };
    await expect(train(idle)).rejects.toThrow(
      new RangeError(
        "createTrainStep: expected the loss to use every parameter that is not frozen, got one that it does not: idle",
      ),
    );
    const returning = (extra: object) =>
      ({ ...walk, loss: () => ({ loss: tf.scalar(1), ...extra }) }) as TrainOptions;
    await expect(train(returning({ loss: tf.zeros([2]) }))).rejects.toThrow(
      new RangeError("createTrainStep: expected the loss to be a scalar, got shape [2]"),
    );
    await expect(train(returning({ metrics: { loss: tf.scalar(1) } }))).rejects.toThrow(
      new RangeError("createTrainStep: expected no metric named loss, got one"),
    );
    await expect(train(returning({ statistics: { w: tf.scalar(1) } }))).rejects.toThrow(
      new RangeError(
        "createTrainStep: expected `statistics` to be of parameters that no gradient moves, got w",
      ),
    );
    const vector: TrainOptions["loss"] = (p, x) => ({
      ...walk.loss(p, x),
      metrics: { many: tf.zeros([3]) },
    });
    await expect(train({ ...walk, loss: vector })).rejects.toThrow(
      new RangeError("train: expected the metric many to be a scalar, got 3 values"),
    );
  });

  it("leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    await train({ ...noisy, accumulate: 2 });
    expect(tf.memory().numTensors).toBe(before);
  });
});
