import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  chooseGldv2x,
  foldsOfRows,
  holdOutFold,
  readClassLandmarksPickle,
  readFoldsCsv,
  readTrainCsv,
  stratifiedFolds,
  writeClassLandmarksPickle,
  writeFoldsCsv,
} from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder } from "../temporary-folder.ts";

const folder = createTemporaryFolder();
const golden = fileURLToPath(new URL("golden/", import.meta.url));
const train = await readTrainCsv(`${golden}gldv2/train/train.csv`);
const clean = await readTrainCsv(`${golden}third-2020/train.csv`);
const folds = stratifiedFolds(clean.landmarkIds);
const chosen = chooseGldv2x(train, clean);
const published = JSON.parse(readFileSync(`${golden}third-2020/rows.json`, "utf8")) as {
  ids: string[];
  classIds: number[];
  folds: number[];
  classes: number;
  trainIds: string[];
  validationIds: string[];
};

function idsOf(rows: Int32Array): string[] {
  return Array.from(rows, (row) => train.ids.at(row));
}

describe("the lists of the 2020 recognition challenge's third place, as its own code makes them", () => {
  it("train_0.csv: the folds of the cleaned images", async () => {
    const table = await readFoldsCsv(`${golden}third-2020/train_0.csv`);
    expect(folds).toEqual(table.folds);
    expect(new Set(folds).size).toBe(5);
  });

  it("train_0.csv, byte for byte", async () => {
    const file = join(folder.path, "train_0.csv");
    await writeFoldsCsv(file, { ...clean, folds });
    expect(readFileSync(file, "utf8")).toBe(readFileSync(`${golden}third-2020/train_0.csv`, "utf8"));
  });

  it("idx2landmark_id.pkl: the landmark of each class", async () => {
    expect(chosen.landmarkIds).toEqual(
      await readClassLandmarksPickle(`${golden}third-2020/idx2landmark_id.pkl`),
    );
  });

  it("idx2landmark_id.pkl with plain numbers instead of NumPy's", async () => {
    const file = join(folder.path, "idx2landmark_id.pkl");
    await writeClassLandmarksPickle(file, chosen.landmarkIds);
    expect(await readClassLandmarksPickle(file)).toEqual(
      await readClassLandmarksPickle(`${golden}third-2020/idx2landmark_id.pkl`),
    );
  });

  it("GLDv2x: rows, classes and folds", () => {
    expect(idsOf(chosen.rows)).toEqual(published.ids);
    expect([...chosen.classIds]).toEqual(published.classIds);
    expect([...foldsOfRows(chosen.rows, { train, clean, folds })]).toEqual(published.folds);
    expect(chosen.landmarkIds.length).toBe(published.classes);
  });

  it("what a model with fold 2 is trained and validated on", () => {
    const { train: fit, validation } = holdOutFold(foldsOfRows(chosen.rows, { train, clean, folds }), {
      fold: 2,
    });
    expect(idsOf(fit.map((i) => chosen.rows[i]))).toEqual(published.trainIds);
    expect(idsOf(validation.map((i) => chosen.rows[i]))).toEqual(published.validationIds);
  });
});
