import { cosineSchedule, type StepReport, type TrainBatch, TrainingError, train } from "@lmk/train";
import { describe, expect, it } from "vitest";

/** A step whose weight moves by rate · x, and which tells the weight as its loss. */
function counter(start = 0) {
  const state = { w: start };
  return {
    state,
    async run(inputs: Readonly<Record<string, Float32Array | Int32Array>>) {
      state.w += inputs.learningRate![0]! * inputs.x![0]!;
      return { loss: { data: [state.w] }, doubled: { data: [2 * state.w] } };
    },
  };
}

async function* numbers(from: number, to = Number.POSITIVE_INFINITY): AsyncGenerator<TrainBatch> {
  for (let x = from; x < to; x++) yield { inputs: { x: Float32Array.of(x) }, images: 4 };
}

const constant = () => 1;

describe("train", () => {
  it("runs every step with its learning rate and reports it", async () => {
    const step = counter();
    const reports: StepReport[] = [];
    const schedule = cosineSchedule({ base: 1, minimum: 0, steps: 2 });
    const loss = await train({
      steps: 2,
      batches: (from) => numbers(from + 1),
      step: () => step,
      schedule,
      onStep: (r) => reports.push(r),
    });
    expect(loss).toBe(2);
    expect(reports).toEqual([
      { step: 1, steps: 2, loss: 1, learningRate: 1, images: 4, metrics: { doubled: 2 } },
      { step: 2, steps: 2, loss: 2, learningRate: 0.5, images: 4, metrics: { doubled: 4 } },
    ]);
  });

  it("saves every so many steps and after the last one", async () => {
    const saved: number[] = [];
    const saveCheckpoint = async (step: number): Promise<void> => void saved.push(step);
    await train({
      steps: 7,
      batches: numbers,
      step: () => counter(),
      schedule: constant,
      saveCheckpoint,
      checkpointEverySteps: 3,
    });
    expect(saved).toEqual([3, 6, 7]);
  });

  it("ends the same when it starts again from a checkpoint", async () => {
    const whole = counter();
    const common = {
      steps: 9,
      batches: (from: number) => numbers(from),
      schedule: cosineSchedule({ base: 1, steps: 9 }),
    };
    await train({ ...common, step: () => whole });
    const first = counter();
    const stop = new AbortController();
    const onStep = ({ step }: StepReport): void => {
      if (step === 4) stop.abort(new RangeError("stopped"));
    };
    await expect(train({ ...common, step: () => first, onStep, signal: stop.signal })).rejects.toThrow(
      "stopped",
    );
    const second = counter(first.state.w);
    await train({ ...common, step: () => second, fromStep: 4 });
    expect(second.state.w).toBe(whole.state.w);
  });

  it("does nothing when all steps are done", async () => {
    const step = () => {
      throw new RangeError("ran");
    };
    expect(await train({ steps: 3, fromStep: 3, batches: numbers, step, schedule: constant })).toBeNaN();
  });

  it("stops when the loss is not a number any more, naming the step and the last checkpoint", async () => {
    const batches = async function* (): AsyncGenerator<TrainBatch> {
      for (const x of [1, 2, Number.NaN]) yield { inputs: { x: Float32Array.of(x) }, images: 1 };
    };
    const saveCheckpoint = async (): Promise<void> => {};
    const run = train({
      steps: 5,
      batches,
      step: () => counter(),
      schedule: constant,
      saveCheckpoint,
      checkpointEverySteps: 2,
    });
    await expect(run).rejects.toThrow(
      new TrainingError(
        "not-finite",
        "train: expected a finite loss, got NaN at step 3; the last checkpoint is of step 2; lower the learning rate, or look at the images of this batch",
      ),
    );
  });

  it("says when there is no checkpoint to go back to", async () => {
    const run = train({
      steps: 5,
      batches: () => numbers(1),
      step: () => ({ run: async () => ({ loss: { data: [Number.POSITIVE_INFINITY] } }) }),
      schedule: constant,
    });
    await expect(run).rejects.toThrow(
      new TrainingError(
        "not-finite",
        "train: expected a finite loss, got Infinity at step 1; no checkpoint was written before; lower the learning rate, or look at the images of this batch",
      ),
    );
  });

  it("says so when the batches end early", async () => {
    const run = train({ steps: 5, batches: () => numbers(0, 2), step: () => counter(), schedule: constant });
    await expect(run).rejects.toThrow(
      new TrainingError("no-more-batches", "train: expected batches for 5 steps, got 2"),
    );
  });

  it("refuses zero steps", async () => {
    await expect(
      train({ steps: 0, batches: numbers, step: () => counter(), schedule: constant }),
    ).rejects.toThrow(new RangeError("train: expected `steps` to be a whole number of at least 1, got 0"));
  });
});
