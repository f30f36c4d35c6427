import "@tensorflow/tfjs-layers";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as compiler from "@lmk/compile";
import {
  type Communicator,
  compiledEngine,
  earlyStopping,
  type NamedArrays,
  openCheckpoints,
  sgd,
  type TrainBatch,
  type TrainedModel,
  type TrainOptions,
  type TrainProgress,
  train,
} from "@lmk/train";
import { matMul, mean, type Scalar, square, sub, type Tensor2D, tanh } from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "lmk-pair-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** Two ranks in one process: an operation is done when both have come to it. */
function pair(): [Communicator, Communicator] {
  let waiting: { values: readonly Float32Array[]; go: () => void } | undefined;
  const meet = (
    values: readonly Float32Array[],
    combine: (mine: Float32Array, theirs: Float32Array) => void,
  ): Promise<void> => {
    if (waiting === undefined) {
      return new Promise((go) => {
        waiting = { values, go };
      });
    }
    const first = waiting;
    waiting = undefined;
    values.forEach((mine, i) => {
      combine(first.values[i]!, mine);
    });
    first.go();
    return Promise.resolve();
  };
  const both = (change: (a: number, b: number) => number) => (first: Float32Array, second: Float32Array) => {
    first.forEach((value, i) => {
      second[i] = first[i] = change(value, second[i]!);
    });
  };
  const rank = (number: number): Communicator => ({
    rank: number,
    size: 2,
    mean: (arrays) =>
      meet(
        arrays,
        both((a, b) => (a + b) / 2),
      ),
    meanSync: () => {
      throw new RangeError("two ranks of one process cannot block");
    },
    broadcast: async (arrays) => {
      // Rank 0 brings its values, rank 1 zeros: the mean is half of them.
      if (number !== 0) for (const array of arrays) array.fill(0);
      await meet(
        arrays,
        both((a, b) => a + b),
      );
    },
    max: async (value) => {
      const values = Float32Array.of(value);
      await meet([values], both(Math.max));
      return values[0]!;
    },
    seconds: () => 0,
    close: async () => {},
  });
  return [rank(0), rank(1)];
}

const sines = (shape: readonly number[], offset: number) => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, k) => Math.sin(offset + 3 * k)),
});

/** Batches of eight rows, of which each rank gets its part. */
async function* batches(
  from: number,
  { rank, size }: { readonly rank: number; readonly size: number },
): AsyncGenerator<TrainBatch> {
  const rows = 8 / size;
  const part = ({ data, shape }: { data: Float32Array; shape: readonly number[] }) => ({
    shape: [rows, shape[1]!],
    data: data.slice(rank * rows * shape[1]!, (rank + 1) * rows * shape[1]!),
  });
  for (let i = from; ; i++)
    yield { inputs: { x: part(sines([8, 3], i)), y: part(sines([8, 2], 2 * i)) }, images: rows };
}

const options = {
  loss: (p, { x, y }) => {
    const hidden = tanh(matMul(x as Tensor2D, p.a as Tensor2D));
    return { loss: mean(square(sub(matMul(hidden as Tensor2D, p.b as Tensor2D), y!))) as Scalar };
  },
  parameters: { a: sines([3, 4], 1), b: sines([4, 2], 2) },
  optimizer: sgd({ weightDecay: 1e-3 }),
  schedule: () => 0.05,
  steps: 6,
  batches,
} satisfies Omit<TrainOptions, "engine">;

const engine = () => compiledEngine(compiler, { provider: "cpu", threads: 1 });

/** The same run on both ranks, with what is another for each; failures are given, not thrown. */
async function together(
  changes: (rank: number) => Partial<TrainOptions>,
): Promise<[TrainedModel | Error, TrainedModel | Error]> {
  const runs = pair().map((communicator) =>
    train({ ...options, engine: engine(), communicator, ...changes(communicator.rank) }).catch(
      (error: unknown) => error as Error,
    ),
  );
  return Promise.all(runs) as Promise<[TrainedModel | Error, TrainedModel | Error]>;
}

function expectClose(actual: NamedArrays, expected: NamedArrays): void {
  for (const [name, { data }] of Object.entries(expected)) {
    expect([...actual[name]!.data]).toEqual([...data].map((value) => expect.closeTo(value, 5)));
  }
}

describe("two ranks", () => {
  it("end with the weights of one process, with gathered batches, clipping and averages", async () => {
    const all = { accumulate: 2, clipNorm: 0.5, movingAverage: { decay: 0.9 } };
    const alone = await train({ ...options, engine: engine(), ...all });
    const [first, second] = (await together(() => all)) as [TrainedModel, TrainedModel];
    expectClose(first.parameters, alone.parameters);
    expectClose(first.averages, alone.averages);
    expect(second.parameters).toEqual(first.parameters);
    expect(second.averages).toEqual(first.averages);
  });

  it("go on from the checkpoint that rank 0 alone has", async () => {
    const alone = await train({ ...options, engine: engine() });
    const checkpoints = await openCheckpoints<TrainProgress>(join(folder, "0"));
    const empty = await openCheckpoints<TrainProgress>(join(folder, "1"));
    const kept = (rank: number) => ({ checkpoints: rank === 0 ? checkpoints : empty });
    await together((rank) => ({ ...kept(rank), steps: 4 }));
    expect((await empty.latest()).checkpoint).toBeUndefined();
    const [first, second] = (await together(kept)) as [TrainedModel, TrainedModel];
    expect(first.step).toBe(6);
    expectClose(first.parameters, alone.parameters);
    expect(second.parameters).toEqual(first.parameters);
  });

  it("stop together when rank 0's callback says so, and when one gets the signal", async () => {
    const evaluation = { everySteps: 1, run: async (_: unknown, step: number) => ({ worse: step }) };
    const stopping = () => ({
      evaluation,
      callbacks: [earlyStopping({ metric: "worse", mode: "min", patience: 2 })],
    });
    const stopped = (await together(stopping)) as [TrainedModel, TrainedModel];
    expect(stopped.map(({ step, reason }) => [step, reason])).toEqual([
      [3, "stopped"],
      [3, "stopped"],
    ]);

    const controller = new AbortController();
    const interrupted = (await together((rank) => ({
      callbacks: [{ onStep: ({ step }) => void (step === 2 && setImmediate(() => controller.abort())) }],
      ...(rank === 1 ? { signal: controller.signal } : {}),
    }))) as [TrainedModel, TrainedModel];
    expect(interrupted[0].step).toBe(interrupted[1].step);
    expect(interrupted.map(({ reason }) => reason)).toEqual(["interrupted", "interrupted"]);
  });

  it("save the last step when any of them fails by itself", async () => {
    const checkpoints = await openCheckpoints<TrainProgress>(folder);
    const failing = async function* (
      from: number,
      shard: { rank: number; size: number },
    ): AsyncGenerator<TrainBatch> {
      let i = from;
      for await (const batch of batches(from, shard)) {
        if (i++ === 3) throw new RangeError("disk of rank 1 is gone");
        yield batch;
      }
    };
    const outcome = await together((rank) => ({ checkpoints, ...(rank === 1 ? { batches: failing } : {}) }));
    expect(outcome.map((one) => (one as Error).message)).toEqual([
      "train: expected every rank to go on, got one that failed and shows why",
      "disk of rank 1 is gone",
    ]);
    expect(outcome[0]).toMatchObject({ name: "TrainingError", code: "rank-failed" });
    expect((await checkpoints.latest()).checkpoint?.step).toBe(3);

    const callbacks = [{ onStep: ({ step }: { step: number }) => void (step === 5 && raise("log is full")) }];
    const full = await together(() => ({ checkpoints, callbacks }));
    expect(full.map((one) => (one as Error).message)).toEqual([
      "log is full",
      "train: expected every rank to go on, got one that failed and shows why",
    ]);
    expect((await checkpoints.latest()).checkpoint?.step).toBe(5);
  });
});

function raise(message: string): never {
  throw new RangeError(message);
}
