import { DataFormatError, readImageIdsCsv, readTrainCleanCsv, readTrainCsv } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";

const folder = createTemporaryFolder();
const a = "6e158a47eb2ca3f6";
const b = "202cd79556f30760";
const c = "f00000000000000f";

async function readIds(content: string): Promise<string[]> {
  const ids = await readImageIdsCsv(folder.write("ids.csv", content));
  return Array.from({ length: ids.length }, (_, row) => ids.at(row));
}

async function refusalOf(content: string, reader: (file: string) => Promise<unknown>): Promise<string> {
  const file = folder.write("bad.csv", content);
  const error = await rejectionOf(reader(file));
  if (!DataFormatError.isInstance(error)) throw error;
  expect(error).toBeInstanceOf(DataFormatError);
  expect(error.file).toBe(file);
  expect(error.message).not.toContain("\n");
  const place = error.line > 0 ? `${file}:${error.line}: ` : `${file}: `;
  expect(error.message.startsWith(place)).toBe(true);
  return `${error.code} ${error.line} ${error.message.slice(place.length)}`;
}

describe("readTrainCsv", () => {
  it("reads ids and landmarks in the order of the file", async () => {
    const file = folder.write("train.csv", `id,url,landmark_id\n${a},https://e.org/a.jpg,142820\n${b},,0\n`);
    const labels = await readTrainCsv(file);
    expect([labels.ids.at(0), labels.ids.at(1)]).toEqual([a, b]);
    expect(labels.landmarkIds).toEqual(Int32Array.of(142820, 0));
    expect([labels.ids.length, labels.ids.rowOf(b), labels.ids.rowOf(c), labels.ids.rowOf("x")]).toEqual([
      2, 1, -1, -1,
    ]);
  });

  it("reads the two-column form of the later contests, in any column order", async () => {
    const labels = await readTrainCsv(folder.write("train.csv", `landmark_id,id\n7,${a}\n`));
    expect([labels.ids.at(0), labels.landmarkIds[0]]).toEqual([a, 7]);
  });

  it("takes commas and line breaks inside quotes as part of a field", async () => {
    const labels = await readTrainCsv(folder.write("train.csv", `id,url,landmark_id\n${a},"x,\ny",7\n`));
    expect(labels.landmarkIds).toEqual(Int32Array.of(7));
  });

  it("counts lines past quoted line breaks and blank lines", async () => {
    const content = `id,url,landmark_id\n${a},"x\ny",7\n\n${b},,seven\n`;
    expect(await refusalOf(content, readTrainCsv)).toBe(
      'bad-landmark-id 5 expected a landmark id from 0 to 2147483647, got "seven"',
    );
  });

  it.each([
    ["1.5", '"1.5"'],
    ["-1", '"-1"'],
    ["", '""'],
    ["2147483648", '"2147483648"'],
    ["1e3", '"1e3"'],
  ])("refuses the landmark id %s", async (landmarkId, shown) => {
    expect(await refusalOf(`id,landmark_id\n${a},${landmarkId}\n`, readTrainCsv)).toBe(
      `bad-landmark-id 2 expected a landmark id from 0 to 2147483647, got ${shown}`,
    );
  });

  it("refuses rows that are not as wide as the header", async () => {
    expect(await refusalOf(`id,url,landmark_id\n${a},7\n`, readTrainCsv)).toBe(
      "missing-column 2 expected 3 columns (id,url,landmark_id), got 2",
    );
    expect(await refusalOf(`id,landmark_id\n${b},3\n${a},7,8\n`, readTrainCsv)).toBe(
      "extra-column 3 expected 2 columns (id,landmark_id), got 3",
    );
  });

  it("refuses a header without its columns, and data without a header", async () => {
    expect(await refusalOf(`id,url\n${a},x\n`, readTrainCsv)).toBe(
      'bad-header 1 expected a header with id,landmark_id, got "id,url"',
    );
    expect(await refusalOf(`${a},x,1\n`, readTrainCsv)).toBe(
      `bad-header 1 expected a header with id,landmark_id, got "${a},x,1"`,
    );
  });

  it("refuses quotes that do not match", async () => {
    const detail = "expected balanced double quotes around fields only";
    expect(await refusalOf(`id,url,landmark_id\n${b},x,1\n${a},"x,7\n`, readTrainCsv)).toBe(
      `bad-quote 3 ${detail}`,
    );
    expect(await refusalOf(`id,url,landmark_id\n${a},x"y,7\n`, readTrainCsv)).toBe(`bad-quote 2 ${detail}`);
  });
});

describe("readImageIdsCsv", () => {
  it("reads Windows line ends, a byte order mark, blanks around ids and a last line without end", async () => {
    expect(await readIds(`\ufeffid\r\n${a}\r\n ${b} \r\n\r\n${c}`)).toEqual([a, b, c]);
  });

  it("ignores further columns", async () => {
    expect(await readIds(`id,url\n${a},x\n`)).toEqual([a]);
  });

  it("keeps ids apart and findable through the growth of its table", async () => {
    const names = Array.from({ length: 5000 }, (_, i) => Math.imul(i + 1, 0x9e3779b1 | 0) >>> 0).map((n) =>
      n.toString(16).padStart(16, "0"),
    );
    const ids = await readImageIdsCsv(folder.write("many.csv", `id\n${names.join("\n")}\n`));
    expect(names.every((name, row) => ids.rowOf(name) === row && ids.at(row) === name)).toBe(true);
  });

  it("refuses rows that do not exist", async () => {
    const ids = await readImageIdsCsv(folder.write("ids.csv", `id\n${a}\n`));
    expect(() => ids.at(1)).toThrow(new RangeError("at: expected `row` to be an integer from 0 to 0, got 1"));
  });

  it("refuses missing, empty and unreadable files", async () => {
    const gone = `${folder.path}/gone.csv`;
    expect(await rejectionOf(readImageIdsCsv(gone))).toMatchObject({
      code: "missing-file",
      line: 0,
      message: `${gone}: expected a file, got none`,
    });
    expect(await rejectionOf(readImageIdsCsv(folder.path))).toMatchObject({
      code: "unreadable-file",
      message: `${folder.path}: expected a readable file, got EISDIR`,
    });
    expect(await refusalOf("", readImageIdsCsv)).toBe(
      "empty-file 1 expected a header with id, got an empty file",
    );
    expect(await refusalOf("\n\n", readImageIdsCsv)).toBe(
      "empty-file 1 expected a header with id, got an empty file",
    );
    expect(await refusalOf("id\n", readImageIdsCsv)).toBe(
      "empty-file 2 expected rows after the header, got none",
    );
  });

  it.each([
    ["6E158A47EB2CA3F6", '"6E158A47EB2CA3F6"'],
    ["6e158a47eb2ca3f", '"6e158a47eb2ca3f"'],
    ["6e158a47eb2ca3fg", '"6e158a47eb2ca3fg"'],
    [`${"long".repeat(20)}`, `"${"long".repeat(10)}…"`],
  ])("refuses the id %s", async (id, shown) => {
    expect(await refusalOf(`id\n${a}\n${id}\n`, readImageIdsCsv)).toBe(
      `bad-id 3 expected an image id of 16 hexadecimal digits (0-9, a-f), got ${shown}`,
    );
  });

  it("refuses an id that comes twice", async () => {
    expect(await refusalOf(`id\n${a}\n${b}\n${a}\n`, readImageIdsCsv)).toBe(
      `duplicate-id 4 expected each image id once, got "${a}" again`,
    );
  });
});

describe("readTrainCleanCsv", () => {
  it("gives one row per image, in the order of the file", async () => {
    const labels = await readTrainCleanCsv(
      folder.write("clean.csv", `landmark_id,images\n9,${c} ${a}\n1,${b}\n`),
    );
    expect([0, 1, 2].map((row) => labels.ids.at(row))).toEqual([c, a, b]);
    expect(labels.landmarkIds).toEqual(Int32Array.of(9, 9, 1));
  });

  it("refuses a landmark that comes twice or has no image", async () => {
    expect(await refusalOf(`landmark_id,images\n9,${c}\n9,${a}\n`, readTrainCleanCsv)).toBe(
      "duplicate-landmark-id 3 expected each landmark id once, got 9 again",
    );
    expect(await refusalOf("landmark_id,images\n9, \n", readTrainCleanCsv)).toBe(
      "bad-id 2 expected image ids separated by spaces, got none",
    );
  });

  it("refuses images that the train list does not hold, or holds as another landmark", async () => {
    const train = await readTrainCsv(folder.write("train.csv", `id,landmark_id\n${a},9\n${b},1\n`));
    const read = (file: string): Promise<unknown> => readTrainCleanCsv(file, { train });
    expect(await refusalOf(`landmark_id,images\n9,${a} ${c}\n`, read)).toBe(
      `unknown-image 2 expected an image id in train.csv, got "${c}"`,
    );
    expect(await refusalOf(`landmark_id,images\n9,${a} ${b}\n`, read)).toBe(
      `conflicting-label 2 expected image ${b} to show landmark 1 as in train.csv, got 9`,
    );
  });
});
