import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jsonLinesLog, readJsonLinesLog, TrainingError } from "@lmk/train";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stepReport } from "../step-report.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-log-"));
  path = join(folder, "history.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const text = (): string => readFileSync(path, "utf8");
const end = { step: 1, reason: "finished", loss: 12.5 } as const;
const lineOf = (step: number): string =>
  `{"step":${step},"loss":12.5,"learningRate":0.001,"images":32,"seconds":0.25}\n`;

/** The steps of a log, written by a run that starts at `fromStep`. */
async function write(fromStep: number, steps: readonly number[]): Promise<void> {
  const log = jsonLinesLog(path);
  await log.onStart?.({ steps: 1000, fromStep });
  for (const step of steps) await log.onStep?.(stepReport(step));
  await log.onEnd?.(end);
}

describe("jsonLinesLog", () => {
  it("writes a line for each step and each evaluation", async () => {
    const log = jsonLinesLog(path);
    await log.onStart?.({ steps: 1000, fromStep: 0 });
    await log.onStep?.(stepReport(1, { metrics: { accuracy: 0.5 } }));
    await log.onEvaluate?.({ step: 1, metrics: { mAP: 0.25 } });
    await log.onEnd?.(end);
    expect(text()).toBe(
      '{"step":1,"loss":12.5,"learningRate":0.001,"images":32,"seconds":0.25,"accuracy":0.5}\n' +
        '{"step":1,"evaluation":{"mAP":0.25}}\n',
    );
    expect(await readJsonLinesLog(path)).toEqual({
      steps: [
        { step: 1, loss: 12.5, learningRate: 0.001, images: 32, seconds: 0.25, metrics: { accuracy: 0.5 } },
      ],
      evaluations: [{ step: 1, metrics: { mAP: 0.25 } }],
    });
  });

  it("drops the lines of steps that are done again, and keeps the evaluation of the last step", async () => {
    const log = jsonLinesLog(path);
    await log.onStart?.({ steps: 1000, fromStep: 0 });
    for (const step of [1, 2, 3]) {
      await log.onStep?.(stepReport(step));
      await log.onEvaluate?.({ step, metrics: { mAP: step } });
    }
    await log.onEnd?.(undefined);
    await write(2, [3, 4]);
    const { steps, evaluations } = await readJsonLinesLog(path);
    expect(steps.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(evaluations.map(({ step }) => step)).toEqual([1, 2]);
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  it("begins anew where the run does", async () => {
    writeFileSync(path, "of another program\n");
    await write(0, [1]);
    expect(text()).toBe(lineOf(1));
  });

  it("begins where no file is yet, in a folder that is not yet", async () => {
    path = join(folder, "a", "b.jsonl");
    await write(7, [8]);
    expect(text()).toBe(lineOf(8));
  });

  it("goes on after a last line that was cut short", async () => {
    writeFileSync(path, `${lineOf(1)}${lineOf(2).slice(0, 20)}`);
    await write(5, [6]);
    expect(text()).toBe(lineOf(1) + lineOf(6));
  });

  it("keeps a last line that lacks nothing but its line break", async () => {
    writeFileSync(path, lineOf(1) + lineOf(2).trimEnd());
    await write(5, [6]);
    expect(text()).toBe(lineOf(1) + lineOf(2) + lineOf(6));
  });

  it("goes on only after lines that it understands", async () => {
    writeFileSync(path, `${lineOf(1)}nonsense\n${lineOf(2)}`);
    const started = write(5, []);
    await expect(started).rejects.toThrow(TrainingError);
    await expect(started).rejects.toMatchObject({
      code: "damaged",
      message: `${path}:2: expected a JSON object with a whole number \`step\`, got "nonsense"`,
    });
    expect(text()).toBe(`${lineOf(1)}nonsense\n${lineOf(2)}`);
  });

  it("writes numbers that JSON lacks as strings, and reads them back", async () => {
    const log = jsonLinesLog(path);
    await log.onStart?.({ steps: 1000, fromStep: 0 });
    const metrics = { a: Number.NaN, b: Number.POSITIVE_INFINITY, c: Number.NEGATIVE_INFINITY, d: -0.5 };
    await log.onStep?.(stepReport(1, { metrics }));
    await log.onEvaluate?.({ step: 1, metrics });
    await log.onEnd?.(end);
    const [step, evaluation] = text().trimEnd().split("\n");
    expect(JSON.parse(step!)).toMatchObject({ a: "NaN", b: "Infinity", c: "-Infinity", d: -0.5 });
    expect(JSON.parse(evaluation!).evaluation).toEqual({ a: "NaN", b: "Infinity", c: "-Infinity", d: -0.5 });
    const read = await readJsonLinesLog(path);
    expect(read.steps[0]!.metrics).toEqual(metrics);
    expect(read.evaluations[0]!.metrics).toEqual(metrics);
    await write(1, []);
    expect((await readJsonLinesLog(path)).steps[0]!.metrics).toEqual(metrics);
  });

  it("writes every step unless told otherwise, and the last one always", async () => {
    const log = jsonLinesLog(path, { everySteps: 2 });
    await log.onStart?.({ steps: 5, fromStep: 0 });
    for (let step = 1; step <= 5; step++) await log.onStep?.(stepReport(step, { steps: 5 }));
    await log.onEnd?.(end);
    expect(text()).toBe(lineOf(2) + lineOf(4) + lineOf(5));
    await write(0, [1, 2, 3]);
    expect(text()).toBe(lineOf(1) + lineOf(2) + lineOf(3));
  });

  it("holds lines back, and writes them for a checkpoint, an evaluation and the end", async () => {
    const log = jsonLinesLog(path, { flushEverySeconds: 1e6 });
    await log.onStart?.({ steps: 1000, fromStep: 0 });
    await log.onStep?.(stepReport(1));
    expect(text()).toBe("");
    expect(log.save?.()).toBe(undefined);
    expect(text()).toBe(lineOf(1));
    await log.onStep?.(stepReport(2));
    expect(text()).toBe(lineOf(1));
    await log.onEvaluate?.({ step: 2, metrics: {} });
    expect(text()).toBe(`${lineOf(1)}${lineOf(2)}{"step":2,"evaluation":{}}\n`);
    await log.onStep?.(stepReport(3));
    await log.onEnd?.(undefined);
    expect((await readJsonLinesLog(path)).steps.map(({ step }) => step)).toEqual([1, 2, 3]);
  });

  it("holds lines back unless told otherwise, and none with 0 seconds", async () => {
    const log = jsonLinesLog(path);
    await log.onStart?.({ steps: 1000, fromStep: 0 });
    await log.onStep?.(stepReport(1));
    expect(text()).toBe("");
    const eager = jsonLinesLog(path, { flushEverySeconds: 0 });
    await eager.onStep?.(stepReport(1));
    expect(text()).toBe(lineOf(1));
  });

  it("ends the run where it cannot write, and loses nothing if it can later", async () => {
    path = join(folder, "a", "b.jsonl");
    const log = jsonLinesLog(path, { flushEverySeconds: 1e6 });
    await log.onStart?.({ steps: 1000, fromStep: 0 });
    await log.onStep?.(stepReport(1));
    rmSync(join(folder, "a"), { recursive: true });
    expect(() => log.save?.()).toThrow(expect.objectContaining({ code: "ENOENT" }));
    mkdirSync(join(folder, "a"));
    await log.onEnd?.(undefined);
    expect(text()).toBe(lineOf(1));
  });

  it("refuses options out of their range, and metrics that would hide a field", () => {
    expect(() => jsonLinesLog(path, { everySteps: 1.5 })).toThrow(
      new RangeError("jsonLinesLog: expected `everySteps` to be a whole number of at least 1, got 1.5"),
    );
    expect(() => jsonLinesLog(path, { flushEverySeconds: Number.NaN })).toThrow(
      new RangeError(
        "jsonLinesLog: expected `flushEverySeconds` to be a finite number of at least 0, got NaN",
      ),
    );
    for (const name of ["seconds", "evaluation"]) {
      expect(() => jsonLinesLog(path).onStep?.(stepReport(3, { metrics: { [name]: 1 } }))).toThrow(
        new RangeError(
          `jsonLinesLog: expected the metrics of step 3 to have other names than step, loss, learningRate, images, seconds and evaluation, got ${name}`,
        ),
      );
    }
  });
});

describe("readJsonLinesLog", () => {
  it("reads a run that goes on, passing over a line that is being written", async () => {
    await write(0, [1]);
    appendFileSync(path, lineOf(2).slice(0, 9));
    expect((await readJsonLinesLog(path)).steps.map(({ step }) => step)).toEqual([1]);
  });

  it("reads an empty file", async () => {
    writeFileSync(path, "");
    expect(await readJsonLinesLog(path)).toEqual({ steps: [], evaluations: [] });
  });

  const long = `[${"1,".repeat(40)}1]`;
  it.each([
    ["", 'expected a JSON object with a whole number `step`, got ""'],
    ["[1]", 'expected a JSON object with a whole number `step`, got "[1]"'],
    [long, `expected a JSON object with a whole number \`step\`, got "${long.slice(0, 60)}…"`],
    ['{"step":1.5}', 'expected a JSON object with a whole number `step`, got "{\\"step\\":1.5}"'],
    ['{"step":1,"loss":2}', "expected `learningRate` to be a number, got undefined"],
    [lineOf(1).trimEnd().replace("12.5", "null"), "expected `loss` to be a number, got null"],
    [lineOf(1).trimEnd().replace("}", ',"a":"b"}'), 'expected `a` to be a number, got "b"'],
    ['{"step":1,"evaluation":3}', "expected `evaluation` to be an object of numbers, got 3"],
    ['{"step":1,"evaluation":{"mAP":true}}', "expected `mAP` to be a number, got true"],
  ])("refuses the line %s", async (line, message) => {
    writeFileSync(path, `${lineOf(1)}${line}\n${lineOf(2)}`);
    await expect(readJsonLinesLog(path)).rejects.toMatchObject({
      name: "TrainingError",
      code: "damaged",
      message: `${path}:2: ${message}`,
    });
  });

  it("rejects where no file is", async () => {
    await expect(readJsonLinesLog(path)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
