import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBinary, toJson } from "@bufbuild/protobuf";
import {
  cosineSchedule,
  eagerEngine,
  earlyStopping,
  jsonLinesLog,
  keepBest,
  openCheckpoints,
  readJsonLinesLog,
  sgd,
  type TrainCallback,
  type TrainResult,
  train,
} from "@lmk/train";
import { tensorBoardLog } from "@lmk/train/tensorboard";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-layers";
import { afterEach, beforeEach, expect, it } from "vitest";
import { eventSchema } from "./event-schema.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-callbacks-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Evaluations after steps 3, 6, 9, …; the best one is that of step 6. */
const values: Readonly<Record<number, number>> = { 3: 0.25, 6: 0.5, 9: 0.375, 12: 0.375, 15: 0.375 };

/** A run of 20 steps, with checkpoints every 4 and all callbacks that remember. */
async function run(at: string, best: number[], more: TrainCallback = {}): Promise<TrainResult> {
  return train({
    engine: eagerEngine({ backend: "cpu" }),
    loss: ({ w }, { x }) => ({ loss: tf.mean(tf.squaredDifference(w!, x!)) as tf.Scalar }),
    parameters: { w: { shape: [1], data: Float32Array.of(0) } },
    optimizer: sgd({ momentum: 0, weightDecay: 0 }),
    schedule: cosineSchedule({ base: 0.25, minimum: 0, steps: 20 }),
    steps: 20,
    batches: async function* (from) {
      for (let i = from; ; i++) yield { inputs: { x: { shape: [1], data: Float32Array.of(i) } }, images: 1 };
    },
    checkpoints: await openCheckpoints(join(at, "checkpoints")),
    checkpointEverySteps: 4,
    evaluation: { everySteps: 3, run: async (_weights, step) => ({ mAP: values[step]! }) },
    callbacks: [
      jsonLinesLog(join(at, "history.jsonl")),
      tensorBoardLog(join(at, "events"), { host: "host" }),
      earlyStopping({ metric: "mAP", mode: "max", patience: 3 }),
      keepBest({ metric: "mAP", mode: "max", onBest: ({ step }) => void best.push(step) }),
      more,
    ],
  });
}

/** The losses that TensorBoard shows: a file's start drops what files before hold of its step and later ones. */
function shownLosses(at: string): Map<number, number> {
  const shown = new Map<number, number>();
  for (const name of readdirSync(at).sort()) {
    const file = readFileSync(join(at, name));
    for (let i = 0; i < file.length; ) {
      const length = Number(file.readBigUInt64LE(i));
      const event = toJson(eventSchema, fromBinary(eventSchema, file.subarray(i + 12, i + 12 + length))) as {
        step?: string;
        sessionLog?: object;
        summary?: { value: { tag: string; simpleValue: number }[] };
      };
      const step = Number(event.step ?? 0);
      if (event.sessionLog)
        for (const later of [...shown.keys()].filter((key) => key >= step)) shown.delete(later);
      const loss = event.summary?.value.find(({ tag }) => tag === "loss");
      if (loss) {
        expect(shown.has(step)).toBe(false);
        shown.set(step, loss.simpleValue ?? 0);
      }
      i += 16 + length;
    }
  }
  return shown;
}

it.each([
  { moment: "onStep", killedAt: 11, onDisk: 9 },
  { moment: "onCheckpoint", killedAt: 8, onDisk: 8 },
] as const)("leaves what a run leaves that was not killed in $moment $killedAt", async (kill) => {
  const whole = join(folder, "whole");
  const killed = join(folder, "killed");
  const best: number[] = [];
  // What is on the disk then; the newest checkpoint is that of step 8, and lines that wait in memory are lost.
  const copy = ({ step }: { readonly step: number }): void => {
    if (step === kill.killedAt) cpSync(whole, killed, { recursive: true });
  };
  const result = await run(whole, best, { [kill.moment]: copy });
  expect(result).toMatchObject({ step: 15, reason: "stopped" });
  expect(best).toEqual([3, 6]);
  const expected = await readJsonLinesLog(join(whole, "history.jsonl"));
  expect(expected.steps.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);

  const before = await readJsonLinesLog(join(killed, "history.jsonl"));
  expect(before.steps.at(-1)!.step).toBe(kill.onDisk);

  const bestAgain: number[] = [];
  expect(await run(killed, bestAgain)).toMatchObject({ step: 15, reason: "stopped" });
  expect(bestAgain).toEqual([]);
  const after = await readJsonLinesLog(join(killed, "history.jsonl"));
  const withoutTime = ({ steps }: typeof after) => steps.map(({ seconds: _, ...step }) => step);
  expect(withoutTime(after)).toEqual(withoutTime(expected));
  expect(after.evaluations).toEqual(expected.evaluations);

  const losses = expected.steps.map(({ step, loss }): [number, number] => [step, Math.fround(loss)]);
  expect([...shownLosses(join(whole, "events"))]).toEqual(losses);
  expect([...shownLosses(join(killed, "events"))]).toEqual(losses);
});
