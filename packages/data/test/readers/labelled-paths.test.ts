import { dirname, join } from "node:path";
import { readLabelledPathsCsv } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";

const folder = createTemporaryFolder();

describe("readLabelledPathsCsv", () => {
  it("numbers labels by first appearance and finds paths beside the file", async () => {
    const content = 'label,path,size\nTower,b.jpg,1\n"Old, bridge","a/c d,1.jpg",2\nTower,/abs/e.jpg,3\n';
    const file = folder.write("list/photos.csv", content);
    const photos = await readLabelledPathsCsv(file);
    expect(photos.labels).toEqual(["Tower", "Old, bridge"]);
    expect(photos.landmarkIds).toEqual(Int32Array.of(0, 1, 0));
    expect([0, 1, 2].map((row) => photos.ids.at(row))).toEqual(["b.jpg", "a/c%20d%2C1.jpg", "/abs/e.jpg"]);
    expect([0, 1, 2].map((row) => photos.paths.at(row))).toEqual([
      join(dirname(file), "b.jpg"),
      join(dirname(file), "a/c d,1.jpg"),
      "/abs/e.jpg",
    ]);
    expect([photos.ids.length, photos.paths.length, photos.ids.rowOf("b.jpg")]).toEqual([3, 3, 0]);
  });

  it("finds rows by the ids it gives, and by no other way to write them", async () => {
    const paths = ["b.jpg", "a/c d,1.jpg", "50%.jpg", "São/ü.jpg", "x%2Fy.jpg"];
    const rows = paths.map((path) => `"${path}",x\n`).join("");
    const { ids } = await readLabelledPathsCsv(folder.write("ids.csv", `path,label\n${rows}`));
    expect(paths.map((_, row) => ids.rowOf(ids.at(row)))).toEqual([0, 1, 2, 3, 4]);
    expect(ids.at(4)).toBe("x%252Fy.jpg");
    const others = ["a/c d,1.jpg", "%62.jpg", "a%2Fc%20d%2C1.jpg", "50%.jpg", "%", "x%2Fy.jpg", "c.jpg", ""];
    expect(others.map((id) => ids.rowOf(id))).toEqual(others.map(() => -1));
    expect(() => ids.at(5)).toThrow(new RangeError("at: expected `row` to be an integer from 0 to 4, got 5"));
  });

  it("takes other columns and another root", async () => {
    const file = folder.write("photos.csv", "file,place\na.jpg,1\n");
    const photos = await readLabelledPathsCsv(file, {
      root: "images",
      pathColumn: "file",
      labelColumn: "place",
    });
    expect([photos.paths.at(0), photos.labels]).toEqual([join("images", "a.jpg"), ["1"]]);
  });

  it.each([
    ["a.jpg,x", "duplicate-id", 'expected each path once, got "a.jpg" of line 2 again'],
    [" a.jpg ,y", "duplicate-id", 'expected each path once, got "a.jpg" of line 2 again'],
    [" ,x", "empty-field", "expected a path, got an empty field"],
    ["b.jpg,", "empty-field", "expected a label, got an empty field"],
    ["b.jpg", "missing-column", "expected 2 columns (path,label), got 1"],
  ])("refuses the row %j", async (row, code, detail) => {
    const file = folder.write("photos.csv", `path,label\na.jpg,x\n${row}\n`);
    expect(await rejectionOf(readLabelledPathsCsv(file))).toMatchObject({
      code,
      message: `${file}:3: ${detail}`,
    });
  });

  it("refuses files without the columns", async () => {
    const file = folder.write("photos.csv", "path,place\na.jpg,x\n");
    expect(await rejectionOf(readLabelledPathsCsv(file))).toMatchObject({
      code: "bad-header",
      message: `${file}:1: expected a header with path,label, got "path,place"`,
    });
  });
});
