import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  assignClassIds,
  createImageIds,
  readClassLandmarksCsv,
  readFoldsCsv,
  writeFoldsCsv,
} from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";

const folder = createTemporaryFolder();
const [a, b, c] = ["a", "b", "c"].map((digit) => digit.repeat(16));

describe("readFoldsCsv", () => {
  it("reads labels and folds", async () => {
    const file = folder.write("train_0.csv", `id,landmark_id,fold\n${b},7,4\n${a},1,0\n${c},7,255\n`);
    const { ids, landmarkIds, folds } = await readFoldsCsv(file);
    expect([ids.at(0), ids.at(1), ids.at(2)]).toEqual([b, a, c]);
    expect(landmarkIds).toEqual(Int32Array.of(7, 1, 7));
    expect(folds).toEqual(Int32Array.of(4, 0, 255));
  });

  it.each(["-1", "", "1.0", "256"])("refuses the fold %j", async (fold) => {
    const file = folder.write("train_0.csv", `id,landmark_id,fold\n${a},1,${fold}\n`);
    expect(await rejectionOf(readFoldsCsv(file))).toMatchObject({
      code: "bad-fold",
      message: `${file}:2: expected a fold from 0 to 255, got "${fold}"`,
    });
  });
});

describe("writeFoldsCsv", () => {
  it("writes what is read back, in the same order", async () => {
    const file = join(folder.path, "written.csv");
    const labels = {
      ids: createImageIds([b, a, c]),
      landmarkIds: Int32Array.of(7, 0, 0x7fffffff),
      folds: Int32Array.of(4, 0, 255),
    };
    await writeFoldsCsv(file, labels);
    expect(readFileSync(file, "utf8")).toBe(`id,landmark_id,fold\n${b},7,4\n${a},0,0\n${c},2147483647,255\n`);
    const { ids, landmarkIds, folds } = await readFoldsCsv(file);
    expect([ids.at(0), ids.at(1), ids.at(2)]).toEqual([b, a, c]);
    expect({ landmarkIds, folds }).toEqual({ landmarkIds: labels.landmarkIds, folds: labels.folds });
  });

  it("quotes ids that need it, which are names of files", async () => {
    const file = join(folder.path, "quoted.csv");
    const ids = createImageIds(['a, "b"/1.jpg']);
    await writeFoldsCsv(file, { ids, landmarkIds: Int32Array.of(3), folds: Int32Array.of(1) });
    expect(readFileSync(file, "utf8")).toBe('id,landmark_id,fold\n"a, ""b""/1.jpg",3,1\n');
  });

  it("refuses columns of other lengths, folds and landmark ids out of range, and leaves the file as it was", async () => {
    const file = folder.write("kept.csv", "before");
    const refusalOf = (landmarkIds: number[], folds: number[]): Promise<unknown> => {
      const labels = {
        ids: createImageIds([a, b]),
        landmarkIds: Int32Array.from(landmarkIds),
        folds: Int32Array.from(folds),
      };
      return rejectionOf(writeFoldsCsv(file, labels));
    };
    expect(await refusalOf([1], [0, 0])).toEqual(
      new RangeError("writeFoldsCsv: expected `landmarkIds` to have 2 elements, got 1"),
    );
    expect(await refusalOf([1, 1], [0])).toEqual(
      new RangeError("writeFoldsCsv: expected `folds` to have 2 elements, got 1"),
    );
    expect(await refusalOf([1, -1], [0, 0])).toEqual(
      new RangeError("writeFoldsCsv: expected `landmarkIds` to be an integer >= 0, got -1"),
    );
    for (const fold of [-1, 256]) {
      expect(await refusalOf([1, 1], [0, fold])).toEqual(
        new RangeError(`writeFoldsCsv: expected \`folds\` to be an integer from 0 to 255, got ${fold}`),
      );
    }
    expect(readFileSync(file, "utf8")).toBe("before");
  });
});

describe("readClassLandmarksCsv", () => {
  it("gives the landmark of each class, in the form of assignClassIds", async () => {
    const { landmarkIds } = assignClassIds(Int32Array.of(70, 5, 9, 5));
    const rows = [...landmarkIds.entries()].reverse().map(([classId, id]) => `${id},${classId}`);
    const file = folder.write("landmark_id2class.csv", `landmark_id,class_id\n${rows.join("\n")}\n`);
    expect(await readClassLandmarksCsv(file)).toEqual(landmarkIds);
  });

  it.each([
    ["5,1", "duplicate-landmark-id", "expected each landmark id once, got 5 again"],
    ["6,0", "bad-class-id", 'expected each class from 0 once, got "0"'],
    ["6,one", "bad-class-id", 'expected each class from 0 once, got "one"'],
    ["6,2", "bad-class-id", "expected classes from 0 to 1 in 2 rows, got 2"],
  ])("refuses the row %s", async (row, code, detail) => {
    const file = folder.write("landmark_id2class.csv", `landmark_id,class_id\n5,0\n${row}\n`);
    expect(await rejectionOf(readClassLandmarksCsv(file))).toMatchObject({
      code,
      message: `${file}:3: ${detail}`,
    });
  });
});
