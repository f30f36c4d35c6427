import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateLandmarks } from "@lmk/data/landmarks";
import { afterAll, beforeAll, expect, it } from "vitest";
import { exampleRunner } from "../../kit/test/example-runner.ts";

const runExample = exampleRunner("gld2019-retrieval");

let folder = "";
let data: readonly string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-resume-"));
  const photos = join(folder, "photos");
  await generateLandmarks(photos, {
    seed: 5,
    landmarks: 6,
    trainImages: 90,
    indexImages: 60,
    testImages: 20,
    longSide: 96,
    workers: 0,
  });
  const size = ["--epochs", "4", "--batch-size", "4", "--threads", "2"];
  data = ["all", "--preset", "demo", "--data", photos, ...size];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the example and kills it without warning as soon as `isReached`. */
async function killWhen(isReached: () => boolean, args: readonly string[]): Promise<void> {
  const outcome = await runExample(args, (child) => {
    const timer = setInterval(() => {
      if (isReached()) child.kill("SIGKILL");
    }, 5);
    child.on("close", () => clearInterval(timer));
  });
  expect(outcome.code).toBeNull();
}

/** The scores without the times, which differ between any two runs. */
function scoresOf(run: string): unknown {
  const text = readFileSync(join(run, "evaluate", "scores.json"), "utf8");
  return JSON.parse(text, (key, value) => (key === "seconds" ? undefined : value));
}

it("ends with the same table when killed while training and while embedding", {
  timeout: 300_000,
}, async () => {
  const whole = join(folder, "whole");
  const uninterrupted = await runExample([...data, "--run", whole]);
  expect(uninterrupted.stderr).not.toContain("gld2019-retrieval:");
  expect(uninterrupted.code).toBe(0);

  const cut = join(folder, "cut");
  const checkpoints = join(cut, "train", "v2clean", "checkpoints");
  await killWhen(
    () => existsSync(checkpoints) && readdirSync(checkpoints).includes("step-000000050"),
    [...data, "--run", cut],
  );
  expect(existsSync(join(cut, "train", "v2clean", "done.json"))).toBe(false);

  const embedded = join(cut, "predict", "v2clean");
  const isEmbedding = (): boolean => existsSync(join(embedded, "train", "begun.json"));
  await killWhen(isEmbedding, [...data, "--run", cut]);
  expect(existsSync(join(embedded, "train", "done.json"))).toBe(false);

  const resumed = await runExample([...data, "--run", cut]);
  expect(resumed.code).toBe(0);
  expect(resumed.stdout).toContain("train/v2clean: complete");
  expect(resumed.stdout).toContain("predict/v2clean/train: goes on where it stopped");
  expect(scoresOf(cut)).toEqual(scoresOf(whole));
  const submission = (run: string): string => readFileSync(join(run, "submit", "submission.csv"), "utf8");
  expect(submission(cut)).toBe(submission(whole));

  const again = await runExample([...data, "--run", cut]);
  expect(again.stdout).toContain("report: complete");
  expect(submission(cut).split("\n")[0]).toBe("id,images");
  expect(readFileSync(join(cut, "report", "report.html"), "utf8")).toContain("Best queries");
});
