import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openGldv2 } from "@lmk/data";
import { generateLandmarks } from "@lmk/data/landmarks";
import { readNpy } from "@lmk/index/npy";
import { afterAll, beforeAll, expect, it } from "vitest";
import { exampleRunner } from "../../kit/test/example-runner.ts";

const runExample = exampleRunner("gld2019-recognition");

let folder = "";
let args: readonly string[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lmk-recognition-"));
  const options = { landmarks: 3, trainImages: 36, indexImages: 3, testImages: 31, longSide: 64 };
  await generateLandmarks(join(folder, "photos"), { ...options, seed: 5, unseenRate: 0, workers: 0 });
  const data = ["--data", join(folder, "photos"), "--run", join(folder, "run")];
  args = ["--preset", "demo", ...data, "--max-steps", "1", "--batch-size", "8", "--threads", "2"];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const inRun = (...names: string[]): string => join(folder, "run", ...names);

function submission(): { id: string; landmark: number; score: number }[] {
  const [header, ...lines] = readFileSync(inRun("recognition", "submit", "submission.csv"), "utf8")
    .trim()
    .split("\n");
  expect(header).toBe("id,landmarks");
  return lines.map((line) => {
    const [id, landmark, score] = line.split(/[, ]/);
    return { id: id!, landmark: Number(landmark), score: Number(score) };
  });
}

/** The votes of the three nearest train images, counted from the embeddings that the run wrote. */
async function countVotes(): Promise<{ id: string; landmark: number; score: number }[]> {
  const { train, test } = await openGldv2(join(folder, "photos"));
  const unit = async (split: string): Promise<number[][]> => {
    const { data, rows, columns } = await readNpy(inRun("predict", "v2clean", split, "embeddings.npy"));
    return Array.from({ length: rows }, (_, row) => {
      const values = [...data.subarray(row * columns, (row + 1) * columns)];
      const length = Math.hypot(...values);
      return values.map((value) => value / length);
    });
  };
  const database = await unit("train");
  return (await unit("test")).map((query, row) => {
    const distances = database.map((image, i) => ({
      label: train.landmarkIds[i]!,
      distance: image.reduce((sum, value, j) => sum + (value - query[j]!) ** 2, 0),
    }));
    const sums = new Map<number, number>();
    for (const { label, distance } of distances.sort((a, b) => a.distance - b.distance).slice(0, 3)) {
      sums.set(label, (sums.get(label) ?? 0) + 1 - distance);
    }
    const [landmark, score] = [...sums].sort((a, b) => b[1] - a[1])[0]!;
    return { id: test.ids.at(row), landmark, score };
  });
}

it("recognizes every test image, bans, scores every method and shows what it did", {
  timeout: 120_000,
}, async () => {
  const handedIn = await runExample(["submit", ...args]);
  expect(handedIn.stderr).not.toContain("gld2019-recognition:");
  expect(handedIn.code).toBe(0);
  // What is handed in needs no other method.
  expect(existsSync(inRun("ablate"))).toBe(false);

  const rows = submission();
  const counted = new Map((await countVotes()).map((row) => [row.id, row]));
  expect(rows.map(({ id }) => id).sort()).toEqual([...counted.keys()].sort());
  const predicted = (landmark: number): number => rows.filter((row) => row.landmark === landmark).length;
  for (const { id, landmark, score } of rows) {
    expect(landmark).toBe(counted.get(id)!.landmark);
    const votes = counted.get(id)!.score;
    expect(score).toBeCloseTo(predicted(landmark) > 10 ? -predicted(landmark) : votes, 4);
  }
  // Of 31 images of 3 landmarks more than 10 are said to show the same one.
  expect(rows.filter(({ score }) => score <= -11).length).toBeGreaterThan(10);
  const before = rows.map(({ id }) => counted.get(id)!.score);
  for (const [i, score] of before.slice(1).entries()) expect(score).toBeLessThanOrEqual(before[i]! + 1e-5);

  const whole = await runExample(["all", ...args]);
  expect(whole.code).toBe(0);
  expect(whole.stdout).toContain("recognize/submitted: complete\n");
  expect(whole.stdout).toMatch(/one network, soft voting +│ +20\.79 │ +\d/);
  expect(whole.stdout).toMatch(/supervised DBA, weights by rank +│ +– │ +\d/);
  const scores = JSON.parse(readFileSync(inRun("recognition", "evaluate", "scores.json"), "utf8"));
  expect(Object.keys(scores)).toHaveLength(15);
  expect(scores.submitted.gap.all).toBeGreaterThan(0);
  const page = readFileSync(inRun("recognition", "report", "report.html"), "utf8");
  for (const title of [
    "Results",
    "Confidence",
    "GAP of the surest predictions",
    "Best answers",
    "Most confident mistakes",
    "Distractors accepted",
  ]) {
    expect(page).toContain(title);
  }

  const tuned = await runExample([
    "tuning",
    ...args,
    "--set",
    "mostPredictions=0,3",
    "banNeighbors=true,false",
  ]);
  expect(tuned.code).toBe(0);
  // Images near those of banned landmarks are only banned if any landmark is.
  expect(tuned.stdout).toContain("done  banNeighbors-true_mostPredictions-3\n");
  expect(tuned.stdout.match(/^ablate\/banned$/gm)).toHaveLength(1);
});
