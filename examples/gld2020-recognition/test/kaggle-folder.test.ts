import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createImageIds } from "@lmk/data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commitRunOf } from "../src/commit-run.ts";
import { readKaggleFolder } from "../src/kaggle-folder.ts";
import { submissionRows } from "../src/submission-rows.ts";

const hexId = (n: number): string => n.toString(16).padStart(16, "0");

let folder = "";

/** A competition's folder: train image n shows landmark n % 1000, the first test image is number 1,000,000. */
function writeTables(name: string, trainImages: number, testImages: number): string {
  const path = join(folder, name);
  mkdirSync(path);
  const train = Array.from({ length: trainImages }, (_, n) => `${hexId(n)},${n % 1000}\n`);
  const test = Array.from({ length: testImages }, (_, n) => `${hexId(1_000_000 + n)},137790 0.1\n`);
  writeFileSync(join(path, "train.csv"), `id,landmark_id\n${train.join("")}`);
  writeFileSync(join(path, "sample_submission.csv"), `id,landmarks\n${test.join("")}`);
  return path;
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-kaggle-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("commitRunOf", () => {
  it("takes all of a table with 100,001 rows", () => {
    expect(commitRunOf(100_001)).toBeUndefined();
  });

  it("takes 500 train and 101 test images of a longer one", () => {
    const { trainRows, testImages } = commitRunOf(100_002)!;
    expect([trainRows.length, trainRows[0], trainRows[1], trainRows[499]]).toEqual([500, 5000, 5010, 9990]);
    expect(testImages).toBe(101);
  });
});

describe("readKaggleFolder", () => {
  it("reads all of a hidden set", async () => {
    const path = writeTables("hidden", 3, 2);
    const { data, submission, commitRun } = await readKaggleFolder(path);
    expect(commitRun).toBeUndefined();
    expect([...data.train.landmarkIds]).toEqual([0, 1, 2]);
    expect(data.train.paths.at(2)).toBe(join(path, "train/0/0/0", `${hexId(2)}.jpg`));
    expect([data.test.ids.length, data.index.ids.length, submission.length]).toEqual([2, 0, 2]);
    expect(data.test.paths.at(0)).toBe(join(path, "test/0/0/0", `${hexId(1_000_000)}.jpg`));
    expect(data.recognition).toBeUndefined();
  });

  it("takes a part of the public set, and hands every row in", async () => {
    const path = writeTables("public", 100_002, 103);
    const { data, submission, commitRun } = await readKaggleFolder(path);
    expect(commitRun?.testImages).toBe(101);
    expect(data.train.ids.length).toBe(500);
    expect([data.train.ids.at(1), data.train.landmarkIds[1]]).toEqual([hexId(5010), 10]);
    expect([data.test.ids.length, submission.length]).toEqual([101, 103]);

    const all = await readKaggleFolder(path, { commitRun: "never" });
    expect([all.data.train.ids.length, all.data.test.ids.length]).toEqual([100_002, 103]);
  });

  it("puts photos without landmarks behind the test images, however they are sorted", async () => {
    const path = writeTables("with-photos", 3, 2);
    const photos = join(folder, "photos");
    mkdirSync(join(photos, "a", "b c"), { recursive: true });
    for (const name of ["a/b c/2.JPG", "1.png", "notes.txt"]) writeFileSync(join(photos, name), "");
    const { data, submission } = await readKaggleFolder(path, { nonLandmarks: photos });
    expect([2, 3].map((row) => data.test.ids.at(row))).toEqual([
      "non-landmarks/1.png",
      "non-landmarks/a/b%20c/2.JPG",
    ]);
    expect(data.test.paths.at(3)).toBe(join(photos, "a/b c/2.JPG"));
    expect([...data.recognition!.queries]).toEqual([2, 3]);
    expect(data.recognition!.landmarkIds.map(({ length }) => length)).toEqual([0, 0]);
    expect(submission.length).toBe(2);
  });

  it("says which table is missing, and where there are no photos", async () => {
    await expect(readKaggleFolder(join(folder, "none"))).rejects.toThrow(
      /train\.csv: expected a file, got none/,
    );
    const path = writeTables("without-photos", 1, 1);
    const empty = join(folder, "empty");
    mkdirSync(empty);
    await expect(readKaggleFolder(path, { nonLandmarks: empty })).rejects.toThrow(
      /expected photos .*, got none/,
    );
  });
});

describe("submissionRows", () => {
  it("gives every row of the sample in its order, empty where nothing was looked at", () => {
    const submission = createImageIds(["b", "a", "c"]);
    const predictions = [
      { id: "a", label: 952, score: 2.9004050555000624e-11 },
      { id: "non-landmarks/1.png", label: 3, score: 1 },
      { id: "b", label: 0, score: 0 },
    ];
    expect([...submissionRows({ submission }, predictions)]).toEqual([
      { id: "b", prediction: { landmarkId: 0, score: 0 } },
      { id: "a", prediction: { landmarkId: 952, score: 2.9004050555000624e-11 } },
      { id: "c", prediction: undefined },
    ]);
  });
});
