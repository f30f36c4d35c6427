import { type BestEvaluation, type KeepBestOptions, keepBest, type TrainCallback } from "@lmk/train";
import { describe, expect, it } from "vitest";

/** A callback and what it told. */
function recorded(options: Partial<KeepBestOptions> = {}): {
  callback: TrainCallback;
  told: BestEvaluation[];
} {
  const told: BestEvaluation[] = [];
  const onBest = (best: BestEvaluation): void => void told.push(best);
  return { callback: keepBest({ metric: "mAP", mode: "max", onBest, ...options }), told };
}

async function evaluate(callback: TrainCallback, from: number, values: readonly number[]): Promise<void> {
  for (const [i, mAP] of values.entries()) {
    const answer = await callback.onEvaluate?.({ step: from + i * 100, metrics: { mAP } });
    expect(answer).toBe(undefined);
  }
}

describe("keepBest", () => {
  it("tells of each evaluation that is better than all before", async () => {
    const { callback, told } = recorded();
    await evaluate(callback, 100, [Number.NaN, 0.5, 0.4, 0.5, 0.6]);
    expect(told).toEqual([
      { step: 200, value: 0.5 },
      { step: 500, value: 0.6 },
    ]);
  });

  it("takes smaller values as better if told so, and changes that are large enough", async () => {
    const { callback, told } = recorded({ mode: "min", minimumChange: 0.125 });
    await evaluate(callback, 100, [0.5, 0.375, 0.25]);
    expect(told.map(({ value }) => value)).toEqual([0.5, 0.25]);
  });

  it("lets training wait until the best is kept", async () => {
    const order: string[] = [];
    const onBest = async (): Promise<void> => {
      await new Promise((done) => setTimeout(done, 5));
      order.push("kept");
    };
    await keepBest({ metric: "mAP", mode: "max", onBest }).onEvaluate?.({ step: 1, metrics: { mAP: 1 } });
    order.push("goes on");
    expect(order).toEqual(["kept", "goes on"]);
  });

  it("knows the best of before when a run goes on", async () => {
    const before = recorded();
    await evaluate(before.callback, 100, [0.5]);
    const after = recorded();
    after.callback.restore?.(JSON.parse(JSON.stringify(before.callback.save?.())));
    after.callback.onStart?.({ steps: 1000, fromStep: 150 });
    await evaluate(after.callback, 200, [0.4, 0.7]);
    expect(after.told).toEqual([{ step: 300, value: 0.7 }]);
  });

  it("forgets what was best of another metric, and of a run when another one begins", async () => {
    const { callback, told } = recorded();
    callback.restore?.({ metric: "gap", mode: "max", best: { step: 100, value: 0.9 } });
    await evaluate(callback, 200, [0.5]);
    callback.onStart?.({ steps: 1000, fromStep: 0 });
    await evaluate(callback, 100, [0.1]);
    expect(told).toEqual([
      { step: 200, value: 0.5 },
      { step: 100, value: 0.1 },
    ]);
  });

  it("gives the weights of the evaluation, and says so where there are none", async () => {
    const given: unknown[] = [];
    const callback = keepBest({
      metric: "mAP",
      mode: "max",
      onBest: async (_best, weights) => void given.push(await weights.averages()),
    });
    const w = { shape: [1], data: Float32Array.of(3) };
    const weights = { parameters: async () => ({}), averages: async () => ({ w }) };
    await callback.onEvaluate?.({ step: 1, metrics: { mAP: 0.5 }, weights });
    expect(given).toEqual([{ w }]);
    await expect(callback.onEvaluate?.({ step: 2, metrics: { mAP: 0.6 } })).rejects.toThrow(
      new RangeError("keepBest: expected an evaluation with weights, as train gives it, got one without"),
    );
  });

  it("does not count as kept what could not be kept", async () => {
    let full = true;
    const told: number[] = [];
    const callback = keepBest({
      metric: "mAP",
      mode: "max",
      onBest: ({ step }) => {
        if (full) throw new RangeError("disk is full");
        told.push(step);
      },
    });
    const report = { step: 1, metrics: { mAP: 0.5 } };
    await expect(callback.onEvaluate?.(report)).rejects.toThrow("disk is full");
    expect(callback.save?.()).toMatchObject({ best: null });
    full = false;
    await callback.onEvaluate?.(report);
    expect(told).toEqual([1]);
  });

  it("refuses what it cannot follow", async () => {
    const { callback } = recorded();
    await expect(callback.onEvaluate?.({ step: 1, metrics: { gap: 1 } })).rejects.toThrow(
      new RangeError("keepBest: expected the evaluation to have the metric mAP, got gap"),
    );
    expect(() => recorded({ minimumChange: Number.NaN })).toThrow(
      new RangeError("keepBest: expected `minimumChange` to be a finite number of at least 0, got NaN"),
    );
    expect(() => recorded({ mode: "most" as "max" })).toThrow(
      new RangeError('keepBest: expected `mode` to be "max" or "min", got "most"'),
    );
  });
});
