import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  adam,
  type Communicator,
  constantSchedule,
  createTrainStep,
  type Engine,
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
  folder = await mkdtemp(join(tmpdir(), "lmk-sampled-"));
});
afterEach(() => rm(folder, { recursive: true }));

const engine = eagerEngine({ backend: "cpu" });
const parameters: NamedArrays = {
  scale: { shape: [], data: Float32Array.of(0.5) },
  head: { shape: [4, 2], data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
};

/** Half the squared distance between scaled rows and what they shall be. */
const towards: TrainOptions["loss"] = ({ scale, head }, { goal }) => ({
  loss: tf.mul(0.5, tf.sum(tf.squaredDifference(tf.mul(scale!, head!), goal!))) as tf.Scalar,
});

const goals = Float32Array.of(0.3, -1, 2, 0.1, -0.7, 1, 0.4, 0.9);

/** A batch with these rows of the head, and their goals in the same order. */
function batchOf(rows: readonly number[]): TrainBatch {
  const data = Float32Array.from(rows.flatMap((row) => [...goals.subarray(2 * row, 2 * row + 2)]));
  return {
    inputs: { goal: { shape: [rows.length, 2], data } },
    rows: { head: Int32Array.from(rows) },
    images: rows.length,
  };
}

/** Batches that see these rows, one list after the other and again from the first. */
const seeing = (...lists: readonly (readonly number[])[]): TrainOptions["batches"] =>
  async function* (from) {
    for (let i = from; ; i++) yield batchOf(lists[i % lists.length]!);
  };

const base = {
  engine,
  loss: towards,
  parameters,
  optimizer: sgd({ momentum: 0.9, weightDecay: 0.01 }),
  schedule: constantSchedule({ base: 0.02 }),
  sampledRows: ["head"],
  batches: seeing([2, 0], [1, 2], [0, 2]),
  steps: 6,
} satisfies TrainOptions;

/** All rows in their order, without a word of it. */
const dense: TrainOptions["batches"] = async function* () {
  const { rows, ...batch } = batchOf([0, 1, 2, 3]);
  for (;;) yield batch;
};

describe("createTrainStep with sampledRows", () => {
  it("keeps the arrays out of the state and takes their rows as inputs", () => {
    const step = createTrainStep({ ...base, optimizer: adam() });
    expect(Object.keys(step.state)).toEqual(["scale", "adam/mean/scale", "adam/square/scale", "train/step"]);
    const zeros = { shape: [4, 2], data: new Float32Array(8) };
    expect(step.sampled).toEqual({
      head: { head: parameters.head, "adam/mean/head": zeros, "adam/square/head": zeros },
    });
    tf.tidy(() => {
      const rows = { "rows/head": tf.ones([1, 2]), "rows/adam/mean/head": tf.zeros([1, 2]) };
      const inputs = { ...rows, goal: tf.zeros([1, 2]), learningRate: tf.scalar(1) };
      const state = { scale: tf.scalar(1), "train/step": tf.scalar(0) };
      expect(() => step.run(inputs, state)).toThrow(
        new RangeError("createTrainStep: expected `inputs` to have rows/adam/square/head, got none"),
      );
      const slots = { "adam/mean/scale": tf.scalar(0), "adam/square/scale": tf.scalar(0) };
      const result = step.run(
        { ...inputs, "rows/adam/square/head": tf.zeros([1, 2]) },
        { ...state, ...slots },
      );
      expect(Object.keys(result.outputs)).toEqual([
        "loss",
        ...Object.keys(step.sampled.head!).map((name) => `rows/${name}`),
      ]);
      expect(Object.keys(result.state).sort()).toEqual(Object.keys(step.state).sort());
    });
  });
});

describe("train with sampledRows", () => {
  it.each([
    ["sgd", sgd({ momentum: 0.9, nesterov: true, weightDecay: 0.01 })],
    ["adam", adam({ weightDecay: 0.01 })],
  ])(
    "has the bits of dense training where each batch samples all rows, with %s",
    async (_name, optimizer) => {
      const groups = [{ name: "head", match: /head/, learningRate: 2, weightDecay: 0.1 }];
      const options = { ...base, optimizer, groups, clipNorm: 0.8 };
      const { sampledRows, ...whole } = options;
      const expected = await train({ ...whole, batches: dense });
      expect(expected.parameters.head!.data).not.toEqual(parameters.head!.data);
      expect(await train({ ...options, batches: seeing([0, 1, 2, 3]) })).toEqual(expected);
    },
  );

  it("gives the rows in the batch's order", async () => {
    const { sampledRows, ...whole } = base;
    const expected = await train({ ...whole, batches: dense });
    const seen: number[][] = [];
    const loss: TrainOptions["loss"] = (given, inputs, context) => {
      seen.push([...given.head!.shape, ...given.head!.dataSync()]);
      return towards(given, inputs, context);
    };
    const shuffled = await train({ ...base, loss, batches: seeing([3, 1, 0, 2]) });
    expect(seen[0]).toEqual([4, 2, 7, 8, 3, 4, 1, 2, 5, 6]);
    // Sums over the rows are in another order: the last bits of `scale` differ.
    for (const name of ["head", "scale"]) {
      shuffled.parameters[name]!.data.forEach((value, i) => {
        expect(value).toBeCloseTo(expected.parameters[name]!.data[i]!, 5);
      });
    }
  });

  it("moves, decays and remembers the sampled rows only", async () => {
    const checkpoints = await openCheckpoints<TrainProgress>(folder);
    const pull: TrainOptions["loss"] = ({ head }) => ({ loss: tf.sum(head!) as tf.Scalar });
    const { parameters: trained } = await train({
      ...base,
      checkpoints,
      loss: pull,
      parameters: { head: { shape: [3, 1], data: Float32Array.of(1, 2, 4) } },
      optimizer: sgd({ momentum: 0.5, weightDecay: 0.25 }),
      schedule: constantSchedule({ base: 1 }),
      batches: seeing([0, 2], [0, 1]),
      steps: 2,
    });
    // Step 1, rows 0 and 2: v = 1 + p/4 = 1.25, 2; p = 1 − 1.25 = −0.25, 4 − 2 = 2.
    // Step 2, rows 0 and 1: v = 1.25/2 + 1 − 0.25/4 = 1.5625, 1 + 2/4 = 1.5; p = −0.25 − 1.5625, 2 − 1.5.
    expect([...trained.head!.data]).toEqual([-1.8125, 0.5, 2]);
    const { checkpoint } = await checkpoints.latest();
    expect([...checkpoint!.arrays["sgd/momentum/head"]!.data]).toEqual([1.5625, 1.5, 2]);
    expect(checkpoint!.arrays.head).toEqual(trained.head);
  });

  it("leaves rows that no batch samples as they are, to the bit, and the caller's arrays, too", async () => {
    const data = Float32Array.of(1, 2, 3, 4, 5, 6, 1e-42, -0);
    const given = { ...parameters, head: { shape: [4, 2], data: data.slice() } };
    const { parameters: trained } = await train({ ...base, parameters: given });
    const bits = (array: Float32Array) => [...new Uint32Array(array.buffer, array.byteOffset, array.length)];
    expect(bits(trained.head!.data).slice(6)).toEqual(bits(data).slice(6));
    expect(trained.head!.data.slice(0, 6)).not.toEqual(data.slice(0, 6));
    expect(bits(given.head.data)).toEqual(bits(data));
  });

  it("takes another number of rows in another batch, rows of one number, and several parameters", async () => {
    const loss: TrainOptions["loss"] = ({ head, margins }) => ({
      loss: tf.add(tf.sum(head!), tf.sum(margins!)) as tf.Scalar,
    });
    const batches: TrainOptions["batches"] = async function* () {
      yield { inputs: {}, rows: { head: Int32Array.of(1), margins: Int32Array.of(0, 4) }, images: 1 };
      yield { inputs: {}, rows: { head: Int32Array.of(3, 1), margins: Int32Array.of(2) }, images: 1 };
    };
    const result = await train({
      ...base,
      loss,
      parameters: { head: parameters.head!, margins: { shape: [5], data: new Float32Array(5) } },
      optimizer: sgd({ momentum: 0, weightDecay: 0 }),
      schedule: constantSchedule({ base: 1 }),
      sampledRows: ["head", "margins"],
      batches,
      steps: 2,
    });
    expect([...result.parameters.head!.data]).toEqual([1, 2, 1, 2, 5, 6, 6, 7]);
    expect([...result.parameters.margins!.data]).toEqual([-1, 0, -1, 0, -1]);
  });

  it("gives rows of frozen parameters and writes the rows of running ones", async () => {
    const loss: TrainOptions["loss"] = ({ scale, head, running_sum }) => ({
      loss: tf.mul(scale!, tf.sum(head!)) as tf.Scalar,
      statistics: { running_sum: tf.add(running_sum!, tf.sum(head!, 1)) },
    });
    const result = await train({
      ...base,
      loss,
      parameters: { ...parameters, running_sum: { shape: [4], data: new Float32Array(4) } },
      groups: [{ name: "head", match: /head/, frozen: true }],
      sampledRows: ["head", "running_sum"],
      batches: async function* () {
        const rows = Int32Array.of(3, 1);
        for (;;) yield { inputs: {}, rows: { head: rows, running_sum: rows }, images: 1 };
      },
      steps: 2,
    });
    expect(result.parameters.head).toEqual(parameters.head);
    expect([...result.parameters.running_sum!.data]).toEqual([0, 14, 0, 30]);
  });

  it("keeps a statistic that is the rows themselves when the next rows come", async () => {
    let calls = 0;
    const loss: TrainOptions["loss"] = (given, inputs, context) => ({
      ...towards(given, inputs, context),
      ...(++calls === 1 ? { statistics: { running_rows: given.head! } } : {}),
    });
    const running_rows = { shape: [2, 2], data: new Float32Array(4) };
    const result = await train({ ...base, loss, parameters: { ...parameters, running_rows }, steps: 3 });
    expect([...result.parameters.running_rows!.data]).toEqual([5, 6, 1, 2]);
  });

  it("ends with the same bits when it is stopped and starts again", async () => {
    const whole = await train(base);
    const checkpoints = await openCheckpoints<TrainProgress>(folder);
    const controller = new AbortController();
    const stopAt2: TrainCallback = { onStep: ({ step }) => void (step === 2 && controller.abort()) };
    const first = await train({ ...base, checkpoints, signal: controller.signal, callbacks: [stopAt2] });
    expect(first).toMatchObject({ step: 2, reason: "interrupted" });
    expect(first.parameters).not.toEqual(whole.parameters);
    expect(await train({ ...base, checkpoints })).toEqual(whole);
  });

  it("goes on from a checkpoint of dense training, and refuses one of another shape", async () => {
    const checkpoints = await openCheckpoints<TrainProgress>(folder);
    const { sampledRows, ...whole } = base;
    const { parameters: before } = await train({ ...whole, batches: dense, steps: 2, checkpoints });
    const { parameters: after } = await train({ ...base, batches: seeing([1]), steps: 3, checkpoints });
    expect(after.head!.data.slice(4)).toEqual(before.head!.data.slice(4));
    expect(after.head!.data.slice(2, 4)).not.toEqual(before.head!.data.slice(2, 4));
    const head = { shape: [2, 2], data: new Float32Array(4) };
    await expect(train({ ...base, checkpoints, parameters: { ...parameters, head } })).rejects.toThrow(
      new TrainingError(
        "other-run",
        `train: expected the checkpoint in ${folder} to be of this run, but its head has shape [4,2] instead of [2,2]; choose another folder`,
      ),
    );
  });

  it("gives evaluations copies of the whole arrays", async () => {
    const seen: NamedArrays[] = [];
    const evaluation: TrainOptions["evaluation"] = {
      everySteps: 1,
      run: async (weights) => {
        seen.push(await weights.parameters(), await weights.averages());
        return {};
      },
    };
    const { parameters: last, averages } = await train({ ...base, evaluation, steps: 2 });
    expect(seen[0]!.head!.shape).toEqual([4, 2]);
    expect(seen[0]).toEqual(seen[1]);
    expect(seen[0]).not.toEqual(seen[2]);
    expect([seen[2], averages]).toEqual([last, last]);
  });

  it("leaves all rows as they were when a step fails, and saves the step before", async () => {
    const checkpoints = await openCheckpoints<TrainProgress>(folder);
    const { parameters: expected } = await train({ ...base, steps: 2 });
    const failing = (fail: (call: number) => Record<string, { data: Float32Array }> | undefined): Engine => ({
      ...engine,
      async load(...args) {
        const runnable = await engine.load(...args);
        let calls = 0;
        return {
          ...runnable,
          run: async (inputs) => ({ ...(await runnable.run(inputs)), ...fail(++calls) }),
        };
      },
    });
    const lost = failing((call) => {
      if (call === 3) throw new RangeError("device is lost");
      return undefined;
    });
    const same = seeing([2, 0]);
    const two = await train({ ...base, batches: same, steps: 2 });
    await expect(train({ ...base, batches: same, engine: lost, checkpoints })).rejects.toThrow(
      "device is lost",
    );
    const { checkpoint } = await checkpoints.latest();
    expect([checkpoint!.step, checkpoint!.arrays.head]).toEqual([2, two.parameters.head]);
    expect(two.parameters.head).not.toEqual(expected.head);

    const short = failing(() => ({ "rows/sgd/momentum/head": { data: new Float32Array(2) } }));
    await expect(train({ ...base, engine: short })).rejects.toThrow(
      new RangeError("train: expected the step to give back 4 values of rows/sgd/momentum/head, got 2"),
    );
  });

  it("refuses rows that are missing, outside, twice, none, or of other parameters", async () => {
    const refusal = (rows: unknown): Promise<unknown> => {
      const batches: TrainOptions["batches"] = async function* () {
        yield { ...batchOf([0, 1]), rows: rows as Record<string, Int32Array> };
      };
      return train({ ...base, batches }).then(
        () => undefined,
        (error: unknown) => error,
      );
    };
    expect(await refusal({})).toEqual(
      new RangeError("train: expected the batch's `rows` to have head, got none"),
    );
    expect(await refusal({ head: Int32Array.of(0, 4) })).toEqual(
      new RangeError("train: expected `rows.head[1]` to be from 0 to 3, got 4"),
    );
    expect(await refusal({ head: Int32Array.of(-1, 0) })).toEqual(
      new RangeError("train: expected `rows.head[0]` to be from 0 to 3, got -1"),
    );
    expect(await refusal({ head: Int32Array.of(2, 1, 2) })).toEqual(
      new RangeError("train: expected `rows.head` to be distinct, got 2 twice"),
    );
    expect(await refusal({ head: new Int32Array(0) })).toEqual(
      new RangeError("train: expected `rows.head` to have at least one row, got none"),
    );
    expect(await refusal({ head: [0, 1] })).toEqual(
      new TypeError("train: expected `rows.head` to be an Int32Array, got object"),
    );
    expect(await refusal({ head: Int32Array.of(0, 1), tail: Int32Array.of(0) })).toEqual(
      new RangeError("train: expected the batch's `rows` to be of `sampledRows`, got tail"),
    );
  });

  it("refuses names and options that it does not go with", async () => {
    await expect(train({ ...base, sampledRows: ["neck"] })).rejects.toThrow(
      new RangeError("createTrainStep: expected `sampledRows` to name parameters, got neck"),
    );
    await expect(train({ ...base, sampledRows: ["scale"] })).rejects.toThrow(
      new RangeError(
        "createTrainStep: expected `sampledRows` to name parameters with rows, got the scalar scale",
      ),
    );
    await expect(train({ ...base, sampledRows: ["head", "head"] })).rejects.toThrow(
      new RangeError("createTrainStep: expected `sampledRows` to name each parameter once, got head twice"),
    );
    const head = { shape: [4, 2], data: new Float32Array(7) };
    await expect(train({ ...base, parameters: { ...parameters, head } })).rejects.toThrow(
      new RangeError("createTrainStep: expected `parameters.head` to have 8 values for shape [4,2], got 7"),
    );
    await expect(train({ ...base, accumulate: 2 })).rejects.toThrow(
      new RangeError("createTrainStep: expected `accumulate` to be 1 with `sampledRows`, got 2"),
    );
    await expect(train({ ...base, movingAverage: { decay: 0.9 } })).rejects.toThrow(
      new RangeError("createTrainStep: expected no `movingAverage` with `sampledRows`, got one"),
    );
    const communicator = { rank: 0, size: 4 } as Communicator;
    await expect(train({ ...base, communicator })).rejects.toThrow(
      new RangeError("train: expected `communicator` to have one rank with `sampledRows`, got 4"),
    );
  });

  it("leaves no tensor behind", async () => {
    const before = tf.memory().numTensors;
    await train(base);
    await expect(train({ ...base, batches: seeing([0, 4]) })).rejects.toThrow(RangeError);
    expect(tf.memory().numTensors).toBe(before);
  });
});
