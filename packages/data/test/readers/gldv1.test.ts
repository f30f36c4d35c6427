import { join } from "node:path";
import { gldv1ImagePath, openGldv1, readBoxesCsv } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";

const folder = createTemporaryFolder();
const [a, b, c, d, e] = ["a", "b", "c", "d", "e"].map((digit) => digit.repeat(16));
const train = `id,url,landmark_id\n${a},https://e.org/a.jpg,5\n${b},None,5\n${c},https://e.org/c.jpg,None\n${d},None,None\n${e},https://e.org/e.jpg,3\n`;

describe("gldv1ImagePath", () => {
  it("names a file in the flat folder of the split", () => {
    expect(gldv1ImagePath("root", "index", a)).toBe(join("root", "index", `${a}.jpg`));
  });

  it("refuses other ids and splits", () => {
    expect(() => gldv1ImagePath("root", "index", "../x")).toThrow(
      new RangeError('gldv1ImagePath: expected `id` to be 16 hexadecimal digits, got "../x"'),
    );
    expect(() => gldv1ImagePath("root", "query" as "test", a)).toThrow(
      new RangeError('gldv1ImagePath: expected `split` to be one of train, index, test, got "query"'),
    );
  });
});

describe("openGldv1", () => {
  it("leaves out images without URL or landmark, and counts them", async () => {
    folder.write("v1/train.csv", train);
    folder.write("v1/index/index.csv", `id,url\n${b},None\n${c},x\n`);
    folder.write("v1/metadata/test.csv", `id,url\n${d},x\n`);
    const root = join(folder.path, "v1");
    const data = await openGldv1(root);
    expect([data.train.ids.length, data.train.ids.at(0), data.train.ids.at(1)]).toEqual([2, a, e]);
    expect(data.train.landmarkIds).toEqual(Int32Array.of(5, 3));
    expect(data.train.paths.at(1)).toBe(gldv1ImagePath(root, "train", e));
    expect(data.dropped).toEqual({ withoutUrl: 2, withoutLandmark: 1 });
    expect([data.index.ids.length, data.index.paths.at(0)]).toEqual([2, gldv1ImagePath(root, "index", b)]);
    expect([data.test.ids.length, data.test.ids.at(0)]).toEqual([1, d]);
    expect([data.clean, data.retrieval, data.recognition, data.landmarkNames.size]).toEqual([
      undefined,
      undefined,
      undefined,
      0,
    ]);
  });

  it("keeps images without URL where it is told to, and does without index and test", async () => {
    folder.write("keep/train/train.csv", train);
    const data = await openGldv1(join(folder.path, "keep"), { withoutUrl: "keep" });
    expect(data.train.landmarkIds).toEqual(Int32Array.of(5, 5, 3));
    expect(data.dropped).toEqual({ withoutUrl: 0, withoutLandmark: 2 });
    expect([data.index.ids.length, data.test.ids.length]).toEqual([0, 0]);
  });

  it("refuses folders without train.csv, bad rows and other options", async () => {
    expect(await rejectionOf(openGldv1(folder.path))).toMatchObject({
      code: "missing-file",
      message: `${folder.path}: expected train.csv in this folder, its train/ or its metadata/, got none`,
    });
    const file = folder.write("bad/train.csv", `id,url,landmark_id\n${a},x,none\n`);
    expect(await rejectionOf(openGldv1(join(folder.path, "bad")))).toMatchObject({
      code: "bad-landmark-id",
      message: `${file}:2: expected a landmark id from 0 to 2147483647, got "none"`,
    });
    expect(await rejectionOf(openGldv1(folder.path, { withoutUrl: "all" as "keep" }))).toEqual(
      new RangeError('openGldv1: expected `withoutUrl` to be one of drop, keep, got "all"'),
    );
  });
});

describe("readBoxesCsv", () => {
  it("reads one box a row", async () => {
    const file = folder.write("boxes.csv", `id,box\n${b},0.0 0.125 1.0 0.875\n${a},.25 0 0.5 5e-1\n`);
    const { ids, boxes } = await readBoxesCsv(file);
    expect([ids.rowOf(a), ids.rowOf(b)]).toEqual([1, 0]);
    expect(boxes).toEqual(Float32Array.of(0, 0.125, 1, 0.875, 0.25, 0, 0.5, 0.5));
  });

  it.each(["0 0 1", "0 0 1 1 1", "0 0 x 1", "0.5 0 0.5 1", "0 0.5 1 0.25", "0 0 Infinity 1", ""])(
    "refuses the box %j",
    async (box) => {
      const file = folder.write("boxes.csv", `id,box\n${a},${box}\n`);
      expect(await rejectionOf(readBoxesCsv(file))).toMatchObject({
        code: "bad-box",
        message: `${file}:2: expected a box of ymin xmin ymax xmax, got ${JSON.stringify(box)}`,
      });
    },
  );
});
