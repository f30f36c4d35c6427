import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireSameTraining } from "@lmk-example/kit";
import { afterEach, beforeEach, expect, it } from "vitest";
import { finishedSteps, markFinished, runSettings } from "../src/run-record.ts";
import type { TrainingOptions } from "../src/training-options.ts";
import { tinyRun } from "./tiny-training.ts";

let folder = "";
let weights = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-run-record-"));
  weights = join(folder, "b3_tiny_fold1.safetensors");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const options = {
  run: { ...tinyRun, keepEpochs: [2] },
  data: { rows: new Int32Array(5) },
  seed: 7,
} as unknown as TrainingOptions;
const settings = runSettings(options, 4);

it("knows a run that is done by its weights, settings and epochs", () => {
  const { run } = options;
  writeFileSync(weights, "");
  writeFileSync(join(folder, "b3_tiny_fold1_ep2.safetensors"), "");
  expect(finishedSteps(weights, run, settings)).toBeUndefined();
  markFinished(weights, run, { settings, step: 21 });
  expect(finishedSteps(weights, run, settings)).toBe(21);
  // Fewer epochs to keep are there too; the last epoch may be said by either number.
  expect(finishedSteps(weights, { ...run, keepEpochs: [] }, settings)).toBe(21);
  expect(finishedSteps(weights, { ...run, stopAtEpoch: 4, epochs: 3 }, settings)).toBe(21);

  expect(finishedSteps(weights, { ...run, keepEpochs: [1, 2] }, settings)).toBeUndefined();
  expect(finishedSteps(weights, { ...run, stopAtEpoch: 4 }, settings)).toBeUndefined();
  rmSync(join(folder, "b3_tiny_fold1_ep2.safetensors"));
  expect(finishedSteps(weights, run, settings)).toBeUndefined();
});

it.each([
  { seed: 8 },
  { startedFrom: "0123456789ab" },
  { maxSteps: 3 },
  { run: { ...options.run, initLr: 1e-3 } },
])("takes %j for another run", (change) => {
  const { run } = options;
  writeFileSync(weights, "");
  markFinished(weights, { ...run, keepEpochs: [] }, { settings, step: 21 });
  const other = runSettings({ ...options, ...change }, 4);
  expect(finishedSteps(weights, { ...run, keepEpochs: [] }, other)).toBeUndefined();

  requireSameTraining(folder, settings);
  // Without a checkpoint nothing is lost.
  requireSameTraining(folder, other);
  mkdirSync(join(folder, "checkpoints", "step-1"), { recursive: true });
  requireSameTraining(folder, other);
  expect(() => requireSameTraining(folder, settings)).toThrow(
    "expected checkpoints of this run, got those of one with other settings; finish that one, or remove the folder",
  );
});
