// A process of its own (vitest.config.ts says why), as a command of the program keeps what it was given.
// @vitest-environment-options { "alone": "gld2020-recognition preprocess" }
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { DataFormatError, readClassLandmarksPickle, readTrainCsv } from "@lmk/data";
import { afterAll, expect, it } from "vitest";
import { printedBy } from "../../kit/test/printed-by.ts";
import { preprocessCommand } from "../src/commands/preprocess.ts";

/** Made by the authors' own `preprocess.py`. */
const authors = fileURLToPath(
  new URL("../../../packages/data/test/sets/golden/third-2020/", import.meta.url),
);
const folder = mkdtempSync(join(tmpdir(), "lmk-preprocess-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function preprocess(...args: string[]): Promise<string> {
  return (await printedBy(preprocessCommand, ...args)).join("");
}

it("writes the authors' folds and classes, also over what is there", async () => {
  const out = join(folder, "new", "folder");
  const trainCsv = join(authors, "train.csv");
  const { ids, landmarkIds } = await readTrainCsv(trainCsv);
  for (let time = 0; time < 2; time++) {
    expect(await preprocess("--train-csv", trainCsv, "--out", out)).toBe(
      [
        `${ids.length} images of ${new Set(landmarkIds).size} landmarks in 5 folds`,
        join(out, "train_0.csv"),
        `${join(out, "idx2landmark_id.pkl")}\n`,
      ].join("\n"),
    );
    expect(readdirSync(out).sort()).toEqual(["idx2landmark_id.pkl", "train_0.csv"]);
    expect(readFileSync(join(out, "train_0.csv"), "utf8")).toBe(
      readFileSync(join(authors, "train_0.csv"), "utf8"),
    );
    expect(await readClassLandmarksPickle(join(out, "idx2landmark_id.pkl"))).toEqual(
      await readClassLandmarksPickle(join(authors, "idx2landmark_id.pkl")),
    );
  }
});

it("says what it misses, and writes nothing", async () => {
  const out = join(folder, "none");
  const missing = join(folder, "train.csv");
  await expect(preprocess("--train-csv", missing, "--out", out)).rejects.toThrow(
    new DataFormatError("missing-file", missing, 0, "expected a file, got none"),
  );
  expect(readdirSync(folder)).not.toContain("none");
});
