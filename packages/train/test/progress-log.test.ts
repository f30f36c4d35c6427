import { PassThrough } from "node:stream";
import type { TrainCallback } from "@lmk/train";
import { type ProgressLogOptions, progressLog } from "@lmk/train/progress";
import { describe, expect, it } from "vitest";
import { stepReport } from "./step-report.ts";

/** A callback that writes to a stream of its own, and what it wrote. */
function recorded(
  options: ProgressLogOptions = {},
  terminal: { isTTY?: boolean; columns?: number } = {},
): { callback: TrainCallback; text: () => string } {
  const stream = Object.assign(new PassThrough(), terminal) as unknown as NodeJS.WriteStream;
  const chunks: string[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk.toString()));
  return { callback: progressLog({ stream, ...options }), text: () => chunks.join("") };
}

describe("progressLog", () => {
  it("tells of a run in lines where the stream is no terminal", () => {
    const { callback, text } = recorded({ lineEverySeconds: 0 });
    callback.onStart?.({ steps: 3, fromStep: 0 });
    callback.onStep?.(stepReport(1, { steps: 3, seconds: 8, learningRate: 1e-4 }));
    callback.onStep?.(stepReport(2, { steps: 3, seconds: 2, learningRate: 0 }));
    callback.onEvaluate?.({ step: 2, metrics: { "mAP@100": 1 / 3, queries: 1500 } });
    callback.onStep?.(stepReport(3, { steps: 3, seconds: 2, loss: 0.0123456 }));
    callback.onEnd?.({ step: 3, reason: "finished", loss: 0.0123456 });
    // Rates: 32/8; 64/10; 96/12. Left: 2 × 8; 1 × 5; 0.
    expect(text()).toBe(
      [
        "train begins: 3 steps",
        "train 1/3 · 4.0 images/s · 16 s left · loss 12.50 · lr 1.00e-4",
        "train 2/3 · 6.4 images/s · 5 s left · loss 12.50 · lr 0",
        "train evaluation at step 2 · mAP@100 0.3333 · queries 1500",
        "train 3/3 · 8.0 images/s · 0 s left · loss 0.01235 · lr 0.001",
        "train finished after 3 steps · 0 s · loss 0.01235",
        "",
      ].join("\n"),
    );
  });

  it("counts the steps of before, but not their time, when a run goes on", () => {
    const { callback, text } = recorded({ label: "stage 2", lineEverySeconds: 0 });
    callback.onNotice?.("passed over step-000000900: damaged");
    callback.onStart?.({ steps: 1000, fromStep: 800 });
    callback.onStep?.(stepReport(801));
    callback.onEnd?.({ step: 801, reason: "interrupted", loss: 12.5 });
    expect(text()).toBe(
      [
        "stage 2 passed over step-000000900: damaged",
        "stage 2 goes on from step 800 of 1000",
        "stage 2 801/1000 · 128 images/s · 50 s left · loss 12.50 · lr 0.001",
        "stage 2 interrupted after step 801 of 1000 · 0 s since step 800 · loss 12.50",
        "",
      ].join("\n"),
    );
  });

  it("says how a run ended that stopped, that failed, or that had nothing left to do", () => {
    const lastLine = (end: (callback: TrainCallback) => unknown): string | undefined => {
      const { callback, text } = recorded();
      callback.onStart?.({ steps: 1000, fromStep: 0 });
      callback.onStep?.(stepReport(1));
      end(callback);
      return text().trimEnd().split("\n").at(-1);
    };
    expect(lastLine((callback) => callback.onEnd?.({ step: 1, reason: "stopped", loss: 2 }))).toBe(
      "train stopped after step 1 of 1000 · 0 s · loss 2.000",
    );
    expect(lastLine((callback) => callback.onEnd?.(undefined))).toBe(
      "train failed after step 1 of 1000 · 0 s",
    );
    expect(
      lastLine((callback) => callback.onEnd?.({ step: 1000, reason: "finished", loss: Number.NaN })),
    ).toBe("train finished after 1000 steps · 0 s");
  });

  it("averages the rate over the last 50 steps", () => {
    const { callback, text } = recorded({ lineEverySeconds: 0 });
    callback.onStart?.({ steps: 1000, fromStep: 0 });
    for (let step = 1; step <= 51; step++)
      callback.onStep?.(stepReport(step, { seconds: step === 1 ? 50.25 : 0.25 }));
    const lines = text().split("\n");
    // After 50 steps 1600 images in 62.5 s; the first step's 50.25 s are then forgotten.
    expect(lines[50]).toContain("train 50/1000 · 26 images/s");
    expect(lines[51]).toContain("train 51/1000 · 128 images/s");
  });

  it("waits 15 seconds between lines unless told otherwise, but not for the last step", () => {
    const { callback, text } = recorded();
    callback.onStart?.({ steps: 2, fromStep: 0 });
    callback.onStep?.(stepReport(1, { steps: 2 }));
    callback.onStep?.(stepReport(2, { steps: 2 }));
    expect(text().split("\n").slice(1)).toEqual([
      "train 2/2 · 128 images/s · 0 s left · loss 12.50 · lr 0.001",
      "",
    ]);
  });

  it("draws a bar on a terminal, leaves lines above it, and takes the bar away", () => {
    const { callback, text } = recorded({}, { isTTY: true, columns: 100 });
    callback.onStart?.({ steps: 4, fromStep: 2 });
    expect(text()).toContain("train █████░░░░░ 2/4 · waiting for the first step");
    callback.onStep?.(stepReport(3, { steps: 4 }));
    callback.onEvaluate?.({ step: 3, metrics: { mAP: 0.5 } });
    callback.onEnd?.({ step: 3, reason: "stopped", loss: 12.5 });
    expect(text()).toContain(
      "train ████████░░ 3/4 · 128 images/s · 0 s left · loss 12.50 · lr 0.001".replace(
        "███████░░░",
        "████████░░",
      ),
    );
    // Each line stands alone: the bar before it is cleared, and drawn again after it.
    expect(text()).toContain("\u001b[2Ktrain evaluation at step 3 · mAP 0.5\n");
    expect(
      text().endsWith("\u001b[2Ktrain stopped after step 3 of 4 · 0 s since step 2 · loss 12.50\n"),
    ).toBe(true);
  });

  it("leaves out what a narrow terminal has no room for", () => {
    const { callback, text } = recorded({}, { isTTY: true, columns: 60 });
    callback.onStart?.({ steps: 4, fromStep: 0 });
    callback.onStep?.(stepReport(4, { steps: 4 }));
    callback.onEnd?.({ step: 4, reason: "finished", loss: 12.5 });
    expect(text()).toContain("train ██████████ 4/4 · 128 images/s · 0 s left");
    expect(text()).toContain(" · loss 12.50\u001b");
    expect(text()).not.toContain(" · lr");
  });

  it("refuses negative seconds", () => {
    expect(() => progressLog({ lineEverySeconds: -1 })).toThrow(
      new RangeError("progressLog: expected `lineEverySeconds` to be a finite number of at least 0, got -1"),
    );
  });
});
