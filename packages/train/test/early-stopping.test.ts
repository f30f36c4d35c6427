import { type EarlyStoppingOptions, earlyStopping } from "@lmk/train";
import { describe, expect, it } from "vitest";

/** What the callback answers to the values of evaluations after steps 100, 200, … */
function answers(values: readonly number[], options: Partial<EarlyStoppingOptions> = {}): unknown[] {
  const stopping = earlyStopping({ metric: "mAP", mode: "max", ...options });
  return values.map((mAP, i) => stopping.onEvaluate?.({ step: (i + 1) * 100, metrics: { loss: 1, mAP } }));
}

const on = undefined;

describe("earlyStopping", () => {
  // best:      0.5  0.5  0.6  0.6  0.6
  // without:   0    1    0    1    2
  it("stops after so many evaluations in a row without a better one", () => {
    expect(answers([0.5, 0.5, 0.6, 0.5, 0.6], { patience: 2 })).toEqual([on, on, on, on, "stop"]);
  });

  it("takes smaller values as better if told so", () => {
    expect(answers([0.5, 0.4, 0.3, 0.3], { mode: "min", patience: 1 })).toEqual([on, on, on, "stop"]);
  });

  it("waits for three evaluations and counts any change, unless told otherwise", () => {
    expect(answers([0.5, 0.5, 0.5, 0.5])).toEqual([on, on, on, "stop"]);
    expect(answers([0.5, 0.5, 0.5, 0.5 + 1e-9, 0.5])).toEqual([on, on, on, on, on]);
  });

  it("asks for more than the smallest change that counts, from the best value", () => {
    const options = { patience: 1, minimumChange: 0.125 };
    expect(answers([0.5, 0.625], options)).toEqual([on, "stop"]);
    expect(answers([0.5, 0.626], options)).toEqual([on, on]);
    expect(answers([0.5, 0.375], { ...options, mode: "min" })).toEqual([on, "stop"]);
    expect(answers([0.5, 0.374], { ...options, mode: "min" })).toEqual([on, on]);
    // Small changes add up: 0.5 stays the best value until 0.75 is compared with it.
    expect(answers([0.5, 0.6, 0.75], { ...options, patience: 2 })).toEqual([on, on, on]);
  });

  it("never takes NaN as better, and any number as better than NaN", () => {
    expect(answers([Number.NaN, Number.NaN], { patience: 2 })).toEqual([on, "stop"]);
    expect(answers([Number.NaN, 0.1, Number.NaN], { patience: 2 })).toEqual([on, on, on]);
    expect(answers([Number.NEGATIVE_INFINITY, 0.1], { patience: 1 })).toEqual([on, on]);
  });

  it("goes on from what it saved, through JSON", () => {
    const options = { metric: "mAP", mode: "max", patience: 2 } as const;
    for (const best of [0.5, Number.NEGATIVE_INFINITY, Number.NaN]) {
      const before = earlyStopping(options);
      before.onEvaluate?.({ step: 100, metrics: { mAP: best } });
      before.onEvaluate?.({ step: 200, metrics: { mAP: Number.NaN } });
      const saved = JSON.parse(JSON.stringify(before.save?.()));
      const after = earlyStopping(options);
      after.restore?.(saved);
      after.onStart?.({ steps: 1000, fromStep: 200 });
      expect(after.save?.()).toEqual(before.save?.());
      const report = { step: 300, metrics: { mAP: best } };
      expect(after.onEvaluate?.(report)).toBe("stop");
    }
  });

  it("saves before the first evaluation", () => {
    const saved = earlyStopping({ metric: "mAP", mode: "max" }).save?.();
    expect(saved).toEqual({ metric: "mAP", mode: "max", best: null, without: 0 });
    const after = earlyStopping({ metric: "mAP", mode: "max" });
    after.restore?.(saved);
    expect(after.save?.()).toEqual(saved);
  });

  it.each([
    { metric: "loss", mode: "max" },
    { metric: "mAP", mode: "min" },
  ] as const)("starts counting anew for $metric, $mode", (changed) => {
    const after = earlyStopping({ ...changed, patience: 2 });
    after.restore?.({ metric: "mAP", mode: "max", best: { step: 100, value: 0.5 }, without: 1 });
    expect(after.save?.()).toEqual({ ...changed, best: null, without: 0 });
  });

  it("stays stopped when the run is started again, unless it has more patience", () => {
    const saved = { metric: "mAP", mode: "max", best: { step: 100, value: 0.5 }, without: 2 };
    const start = (patience: number): unknown => {
      const stopping = earlyStopping({ metric: "mAP", mode: "max", patience });
      stopping.restore?.(saved);
      return stopping.onStart?.({ steps: 1000, fromStep: 300 });
    };
    expect([start(2), start(3)]).toEqual(["stop", undefined]);
  });

  it("forgets a run when another one begins", () => {
    const stopping = earlyStopping({ metric: "mAP", mode: "max", patience: 1 });
    stopping.onEvaluate?.({ step: 100, metrics: { mAP: 0.5 } });
    stopping.onStart?.({ steps: 1000, fromStep: 0 });
    expect(stopping.onEvaluate?.({ step: 100, metrics: { mAP: 0.1 } })).toBe(undefined);
  });

  it("names the metrics there are where the one it follows is missing", () => {
    const stopping = earlyStopping({ metric: "mAP", mode: "max" });
    expect(() => stopping.onEvaluate?.({ step: 1, metrics: { loss: 1, gap: 2 } })).toThrow(
      new RangeError("earlyStopping: expected the evaluation to have the metric mAP, got loss, gap"),
    );
    expect(() => stopping.onEvaluate?.({ step: 1, metrics: {} })).toThrow(
      new RangeError("earlyStopping: expected the evaluation to have the metric mAP, got no metrics"),
    );
  });

  it("refuses options out of their range", () => {
    const base = { metric: "mAP", mode: "max" } as const;
    expect(() => earlyStopping({ ...base, patience: 0 })).toThrow(
      new RangeError("earlyStopping: expected `patience` to be a whole number of at least 1, got 0"),
    );
    expect(() => earlyStopping({ ...base, minimumChange: -1 })).toThrow(
      new RangeError("earlyStopping: expected `minimumChange` to be a finite number of at least 0, got -1"),
    );
    expect(() => earlyStopping({ ...base, mode: "best" as "max" })).toThrow(
      new RangeError('earlyStopping: expected `mode` to be "max" or "min", got "best"'),
    );
  });
});
