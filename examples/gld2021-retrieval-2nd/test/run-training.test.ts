import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readJsonLinesLog } from "@lmk/train";
import { afterAll, beforeAll, expect, it } from "vitest";
import { headName } from "../src/network.ts";
import { runTraining } from "../src/run-training.ts";
import type { TrainingOptions, TrainingOutcome } from "../src/training-options.ts";
import { readStart } from "../src/weights-file.ts";
import { generateTiny, tinyTraining } from "./tiny-training.ts";

let folder = "";
/** A run that nothing interrupts. */
let whole: TrainingOptions;
let outcome: TrainingOutcome;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-run-training-"));
  await generateTiny(join(folder, "images"));
  whole = await optionsFor("whole");
  outcome = await runTraining(whole);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function optionsFor(name: string): Promise<TrainingOptions> {
  return tinyTraining(join(folder, "images"), join(folder, name));
}

/** The bytes of the weights. */
function weightsIn({ folder: out }: TrainingOptions): Record<string, string> {
  const names = readdirSync(out).filter((name) => name.endsWith(".safetensors"));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(out, name), "base64")]));
}

/** The log without its times. */
function linesOf({ folder: out }: TrainingOptions): string[] {
  const lines = readFileSync(join(out, "train_log.txt"), "utf8").trimEnd().split("\n");
  return lines.map((line) => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /, ""));
}

it("keeps the weights of every second epoch and of the last, and a line of the log for each", async () => {
  // Batches of two devices with 4 images each, of which the last is filled up.
  const steps = Math.ceil(whole.images.classIds.length / 8);
  expect(steps).toBeGreaterThan(3);
  const weights = join(whole.folder, "resnet50_3.safetensors");
  expect(outcome).toEqual({ reason: "finished", step: 3 * steps, weights });
  expect(readdirSync(whole.folder).sort()).toEqual([
    "finished.json",
    "history.jsonl",
    "resnet50_2.safetensors",
    "resnet50_3.safetensors",
    "train_log.txt",
  ]);
  const { steps: logged } = await readJsonLinesLog(join(whole.folder, "history.jsonl"));
  const first = logged.slice(0, steps).reduce((sum, { loss }) => sum + loss, 0) / steps;
  const lines = linesOf(whole);
  expect(lines).toHaveLength(3);
  expect(lines[0]).toMatch(
    new RegExp(`^Epoch 1, step ${steps}: loss ${first.toFixed(5)}, lr \\d\\.\\d{3}e-`),
  );
  // The warm-up begins with a hundredth of the rate.
  expect(logged[0]!.learningRate).toBeCloseTo(1e-5, 9);
});

it("names arrays as the original, and leaves the neck's bias as it was", async () => {
  const arrays = await readStart(outcome.weights);
  const names = Object.keys(arrays);
  expect(names.filter((name) => !name.startsWith("base."))).toEqual(
    expect.arrayContaining([headName, "fcneck.weight", "fcneck_bn.weight"]),
  );
  expect(names).toContain("base.layer4.0.conv3.weight");
  expect(arrays[headName]!.shape).toEqual([whole.classes, 512]);
  expect([...arrays["fcneck_bn.bias"]!.data].every((value) => value === 0)).toBe(true);
});

it("goes on where it was interrupted, and ends with the same bytes", async () => {
  const parted = await optionsFor("parted");
  const stop = new AbortController();
  const abortAt = 7;
  const first = await runTraining({
    ...parted,
    signal: stop.signal,
    callbacks: [{ onStep: ({ step }) => (step === abortAt ? stop.abort() : undefined) }],
  });
  expect(first).toMatchObject({ reason: "interrupted", step: abortAt });
  await expect(runTraining({ ...parted, seed: 1 })).rejects.toThrow(
    `${parted.folder}: expected checkpoints of this run, got those of one with other settings; finish that one, or remove the folder`,
  );
  const classIds = parted.images.classIds.map((classId) => (classId === 0 ? 1 : classId));
  await expect(runTraining({ ...parted, images: { ...parted.images, classIds } })).rejects.toThrow(
    "of one with other settings",
  );
  expect((await runTraining(parted)).reason).toBe("finished");
  expect(existsSync(join(parted.folder, "checkpoints"))).toBe(false);
  expect(weightsIn(parted)).toEqual(weightsIn(whole));
  expect(linesOf(parted)).toEqual(linesOf(whole));
});

it("is not done again when it is done", async () => {
  const told: string[] = [];
  const again = { ...whole, onNotice: (line: string) => told.push(line) };
  expect(await runTraining(again)).toEqual(outcome);
  const record = join(whole.folder, "finished.json");
  expect(told).toEqual([`trained before; remove ${record} to train it again`]);
});

it("takes at most steps, and a head of more classes", async () => {
  const short = { ...(await optionsFor("short")), maxSteps: 1, headClasses: 10 };
  const { weights, step } = await runTraining(short);
  expect([weights, step]).toEqual([join(short.folder, "resnet50_1.safetensors"), 1]);
  expect((await readStart(weights))[headName]!.shape).toEqual([10, 512]);
});

it("begins with the weights that it is given, and says that it replaces those of another run", async () => {
  const start = await readStart(outcome.weights);
  const told: string[] = [];
  const onNotice = (line: string) => told.push(line);
  const still = { ...(await optionsFor("short")), start, startedFrom: "whole", maxSteps: 1, onNotice };
  const { SOLVER } = still.config;
  // At a rate of 0 the weights stay, but for the statistics of batch norms.
  const config = { ...still.config, SOLVER: { ...SOLVER, BASE_LR: 0 } };
  const after = await readStart((await runTraining({ ...still, config })).weights);
  expect(told).toEqual([`replaces the weights in ${still.folder}, of other settings`]);
  const names = ["base.layer1.0.conv2.weight", "fcneck.weight", headName];
  for (const name of names) expect(after[name]!.data).toEqual(start[name]!.data);
});

it("refuses processes and parts that do not share a batch, and what it cannot do", async () => {
  await expect(runTraining({ ...whole, partsOfDevice: 3 })).rejects.toThrow(
    "train: expected parts that divide SOLVER.IMS_PER_BATCH, 4, got 3; choose another number",
  );
  const config = { ...whole.config, INPUT: { ...whole.config.INPUT, AUGMIX_PROB: 0.5 } };
  await expect(runTraining({ ...whole, config })).rejects.toThrow("INPUT.AUGMIX_PROB: expected 0, got 0.5");
});
