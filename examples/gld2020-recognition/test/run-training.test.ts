import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { holdOutFold } from "@lmk/data";
import { readJsonLinesLog } from "@lmk/train";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createNetwork, headName } from "../src/network.ts";
import { historyFile, runTraining } from "../src/run-training.ts";
import type { TrainingOptions, TrainingOutcome } from "../src/training-options.ts";
import { readWeights } from "../src/weights-file.ts";
import { generateTiny, tinyTraining } from "./tiny-training.ts";

let folder = "";
/** A run that nothing interrupts. */
let whole: TrainingOptions;
let outcome: TrainingOutcome;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-training-"));
  await generateTiny(join(folder, "images"));
  whole = await optionsFor("whole");
  outcome = await runTraining(whole);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function optionsFor(name: string): Promise<TrainingOptions> {
  const { run, ...options } = await tinyTraining(join(folder, "images"), join(folder, name));
  return { ...options, run: { ...run, keepEpochs: [2] } };
}

/** A log without its times. */
function linesOf({ logDir }: TrainingOptions): string[] {
  const lines = readFileSync(join(logDir, "b3_tiny.txt"), "utf8").trimEnd().split("\n");
  return lines.map((line) => line.replace(/^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4} /, ""));
}

function bytesOf({ modelDir }: TrainingOptions): Record<string, string> {
  const names = readdirSync(modelDir).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(modelDir, name), "base64")]));
}

it("writes weights after each epoch, those to keep and the last, and a line of the log", async () => {
  const options = whole;
  const { train, validation } = holdOutFold(options.data.folds, { fold: 1, every: 1 });
  expect(validation.length).toBeGreaterThan(3);
  const steps = 3 * Math.floor(train.length / 8);
  const weights = join(options.modelDir, "b3_tiny_fold1.safetensors");
  expect(outcome).toEqual({ reason: "finished", step: steps, weights });
  const files = bytesOf(options);
  expect(Object.keys(files)).toEqual([
    "b3_tiny_fold1.finished.json",
    "b3_tiny_fold1.safetensors",
    "b3_tiny_fold1_ep2.safetensors",
    "b3_tiny_fold1_final.safetensors",
  ]);
  expect(files["b3_tiny_fold1_final.safetensors"]).toBe(files["b3_tiny_fold1.safetensors"]);
  expect(files["b3_tiny_fold1_ep2.safetensors"]).not.toBe(files["b3_tiny_fold1.safetensors"]);
  const read = await readWeights(weights, createNetwork("tf_efficientnet_b3_ns", options.size));
  expect(read[headName]!.shape).toEqual([3 * 6, 512]);

  const number = String.raw`\d+\.`;
  const lines = linesOf(options);
  expect(lines.map((line) => line.slice(0, 34))).toEqual([
    "Fold 1, Epoch 1, lr: 0.0001000, tr",
    "Fold 1, Epoch 2, lr: 0.0010000, tr",
    "Fold 1, Epoch 3, lr: 0.0010000, tr",
  ]);
  for (const line of lines) {
    expect(line).toMatch(
      new RegExp(
        `train loss: ${number}\\d{5}, valid loss: ${number}\\d{5}, acc_m: ${number}\\d{6}, gap_m: 0\\.\\d{6}\\.$`,
      ),
    );
  }
  const { steps: logged, evaluations } = await readJsonLinesLog(historyFile(options.logDir, options.run));
  expect(logged.length).toBe(steps);
  const first = logged.slice(0, steps / 3).reduce((sum, { loss }) => sum + loss, 0) / (steps / 3);
  expect(evaluations[0]!.metrics.trainLoss).toBeCloseTo(first, 6);
  expect(lines[0]).toContain(`train loss: ${first.toFixed(5)}`);
});

it("goes on where it was interrupted, and ends with the same bytes", async () => {
  const parted = await optionsFor("parted");
  const stop = new AbortController();
  // In the middle of the second epoch of three steps.
  const abortAt = 5;
  const first = await runTraining({
    ...parted,
    signal: stop.signal,
    callbacks: [{ onStep: ({ step }) => (step === abortAt ? stop.abort() : undefined) }],
  });
  expect(first).toMatchObject({ reason: "interrupted", step: abortAt });
  expect(existsSync(join(parted.modelDir, "b3_tiny_fold1.checkpoints"))).toBe(true);
  await expect(runTraining({ ...parted, seed: 1 })).rejects.toThrow(
    /b3_tiny_fold1\.checkpoints: expected checkpoints of this run, got those of one with other settings/,
  );
  expect((await runTraining(parted)).reason).toBe("finished");
  expect(bytesOf(parted)).toEqual(bytesOf(whole));
  expect(linesOf(parted)).toEqual(linesOf(whole));
});

it("is not done again when it is done", async () => {
  const [files, lines] = [bytesOf(whole), linesOf(whole)];
  const told: string[] = [];
  const again = await runTraining({ ...whole, onNotice: (line) => told.push(line) });
  expect(again).toEqual(outcome);
  expect(told).toEqual([
    `trained before; remove ${join(whole.modelDir, "b3_tiny_fold1.finished.json")} to train it again`,
  ]);
  expect([bytesOf(whole), linesOf(whole)]).toEqual([files, lines]);
});

it("begins with a later epoch, at most steps, with a head of more classes, and validates on nothing", async () => {
  const options = await optionsFor("other");
  const told: string[] = [];
  const { weights } = await runTraining({
    ...options,
    run: { ...options.run, fold: 9, startFromEpoch: 3 },
    maxSteps: 1,
    headClasses: 10,
    onNotice: (line) => told.push(line),
  });
  expect(told).toEqual(["no images are validated on: none is of fold 9"]);
  const lines = linesOf(options);
  expect(lines.map((line) => line.slice(0, 31))).toEqual(["Fold 9, Epoch 3, lr: 0.0010000,"]);
  expect(lines[0]).toContain("valid loss: nan, acc_m: nan");
  const read = await readWeights(weights, createNetwork("tf_efficientnet_b3_ns", options.size));
  expect(read[headName]!.shape).toEqual([3 * 10, 512]);
});

it("takes a step's images in parts, and says that it replaces another run", async () => {
  const options = await optionsFor("other");
  const told: string[] = [];
  const { step, weights } = await runTraining({
    ...options,
    run: { ...options.run, fold: 9, batchSize: 4, devices: 2, stopAtEpoch: 1 },
    accumulate: 2,
    onNotice: (line) => told.push(line),
  });
  expect(told).toContain(`replaces ${weights}, of other settings or epochs`);
  expect(weights).toBe(join(options.modelDir, "b3_tiny_fold9.safetensors"));
  const { train } = holdOutFold(options.data.folds, { fold: 9, every: 1 });
  expect(step).toBe(Math.floor(Math.floor(train.length / 4) / 2));
  await expect(runTraining({ ...options, accumulate: 3 })).rejects.toThrow(
    "train: expected 1 processes and 3 parts that divide a batch of 8 images, got a remainder",
  );
});
