import { createImageIds, readRecognitionSolutionCsv, readRetrievalSolutionCsv } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";

const folder = createTemporaryFolder();
const query = (i: number): string => `0123456789abcde${i}`;
const image = (i: number): string => `fedcba987654320${i}`;
const test = createImageIds([5, 4, 3, 2, 1].map(query));
const index = createImageIds([0, 1, 2].map(image));

function solution(content: string): string {
  return folder.write("solution.csv", content);
}

describe("readRetrievalSolutionCsv", () => {
  it("reads public, private and ignored queries", async () => {
    const file = solution(
      `id,images,Usage\n${query(1)},None,Ignored\n${query(2)},${image(1)} ${image(0)},Public\n${query(3)},${image(0)},Private\n${query(4)},${image(2)} ,Private\n${query(5)},None,Ignored\n`,
    );
    expect(await readRetrievalSolutionCsv(file, { test, index })).toEqual({
      queries: Int32Array.of(4, 3, 2, 1, 0),
      usages: ["Ignored", "Public", "Private", "Private", "Ignored"],
      relevant: [[], [1, 0], [0], [2], []].map((rows) => Int32Array.from(rows)),
    });
  });

  it("refuses a file without the column Usage, whose ignored rows would count", async () => {
    const file = solution(`id,images\n${query(1)},None\n`);
    expect(await rejectionOf(readRetrievalSolutionCsv(file, { test, index }))).toMatchObject({
      code: "bad-header",
      message: `${file}:1: expected a header with id,images,Usage, got "id,images"`,
    });
  });

  it("takes a blank list as a query without relevant images", async () => {
    const { relevant } = await readRetrievalSolutionCsv(solution(`id,images,Usage\n${query(1)}, ,Public\n`), {
      test,
      index,
    });
    expect(relevant).toEqual([Int32Array.of()]);
  });

  it.each([
    [
      `${query(1)},${image(9)},Public`,
      `unknown-image`,
      `expected an image id in the index list, got "${image(9)}"`,
    ],
    [
      `${query(1)},None,Public`,
      `bad-id`,
      'expected an image id of 16 hexadecimal digits (0-9, a-f), got "None"',
    ],
    [
      `${query(1)},${image(1)} ${image(1)},Public`,
      "duplicate-id",
      `expected each relevant image once, got "${image(1)}" again`,
    ],
    [`${query(9)},None,Ignored`, "unknown-image", `expected an image id in the test list, got "${query(9)}"`],
    [
      `${query(1)},${image(1)},public`,
      "bad-usage",
      'expected a Usage of Public, Private or Ignored, got "public"',
    ],
    [`${query(2)},None,Ignored`, "duplicate-id", `expected each query once, got "${query(2)}" again`],
    [`${query(1)},None`, "missing-column", "expected 3 columns (id,images,Usage), got 2"],
  ])("refuses %s", async (row, code, detail) => {
    const file = solution(`id,images,Usage\n${query(2)},${image(0)},Public\n${row}\n`);
    expect(await rejectionOf(readRetrievalSolutionCsv(file, { test, index }))).toMatchObject({
      code,
      message: `${file}:3: ${detail}`,
    });
  });
});

describe("readRecognitionSolutionCsv", () => {
  it("reads several landmarks, none, and ignored rows", async () => {
    const file = solution(
      `id,landmarks,Usage\n${query(1)},0 12,Public\n${query(2)},,Public\n${query(3)},100,Ignored\n${query(4)},1 ,Private\n${query(5)},,Ignored\n`,
    );
    expect(await readRecognitionSolutionCsv(file, { test })).toEqual({
      queries: Int32Array.of(4, 3, 2, 1, 0),
      usages: ["Public", "Public", "Ignored", "Private", "Ignored"],
      landmarkIds: [[0, 12], [], [], [1], []].map((ids) => Int32Array.from(ids)),
    });
  });

  it("refuses labels that are not landmark ids, and the header of the other solution", async () => {
    const file = solution(`id,landmarks,Usage\n${query(1)},0 None,Public\n`);
    expect(await rejectionOf(readRecognitionSolutionCsv(file, { test }))).toMatchObject({
      code: "bad-landmark-id",
      message: `${file}:2: expected a landmark id from 0 to 2147483647, got "None"`,
    });
    solution(`id,images,Usage\n${query(1)},None,Ignored\n`);
    expect(await rejectionOf(readRecognitionSolutionCsv(file, { test }))).toMatchObject({
      code: "bad-header",
      message: `${file}:1: expected a header with id,landmarks, got "id,images,Usage"`,
    });
    solution("");
    expect(await rejectionOf(readRecognitionSolutionCsv(file, { test }))).toMatchObject({
      code: "empty-file",
      message: `${file}:1: expected a header with id,landmarks, got an empty file`,
    });
  });

  it("counts every row of a file without the column Usage, and asks for it where the header names it", async () => {
    const file = solution(`landmarks,id\n0 12,${query(1)}\n,${query(2)}\n`);
    expect(await readRecognitionSolutionCsv(file, { test })).toEqual({
      queries: Int32Array.of(4, 3),
      usages: ["Private", "Private"],
      landmarkIds: [Int32Array.of(0, 12), Int32Array.of()],
    });
    solution(`id,landmarks,Usage\n${query(1)},0,\n`);
    expect(await rejectionOf(readRecognitionSolutionCsv(file, { test }))).toMatchObject({
      code: "bad-usage",
      message: `${file}:2: expected a Usage of Public, Private or Ignored, got ""`,
    });
    solution(`id,landmarks,Usage\n${query(1)},0\n`);
    expect(await rejectionOf(readRecognitionSolutionCsv(file, { test }))).toMatchObject({
      code: "missing-column",
      message: `${file}:2: expected 3 columns (id,landmarks,Usage), got 2`,
    });
  });
});
