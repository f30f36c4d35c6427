import { evaluateRetrieval } from "@lmk/eval";
import {
  readRecognitionPredictions,
  readRetrievalPredictions,
  type SolutionId,
  streamRetrievalPredictions,
} from "@lmk/eval/files";
import { describe, expect, it } from "vitest";
import { expectFailure, failureOf } from "./failure.ts";

// The split of DELF's own tests of its reader.
const solution: readonly SolutionId[] = [
  { id: "01", usage: "Public" },
  { id: "02", usage: "Public" },
  { id: "03", usage: "Ignored" },
  { id: "04", usage: "Private" },
  { id: "05", usage: "Ignored" },
];

describe("readRecognitionPredictions", () => {
  it("reads DELF's example", async () => {
    const text = "id,landmarks\n01,12 0.1 \n04,0 19.0\n02,\n\n05,14 0.01\n";
    expect(await readRecognitionPredictions(text, { solution })).toEqual([
      { id: "01", label: 12, score: 0.1 },
      { id: "04", label: 0, score: 19 },
    ]);
  });

  it("takes every id without a solution", async () => {
    const rows = await readRecognitionPredictions("id,landmarks\n05,14 0.01\nzz,1 2\n");
    expect(rows.map(({ id }) => id)).toEqual(["05", "zz"]);
  });

  it.each([
    ["1e-86", 1e-86],
    ["4.9406564584124654e-324", 5e-324],
    ["0.10000000000000001", 0.1],
    ["2.2250738585072014E-308", 2.2250738585072014e-308],
    ["-3", -3],
    ["+.5", 0.5],
    ["5.", 5],
    ["1e-400", 0],
  ])("reads the score %s", async (text, score) => {
    const [row] = await readRecognitionPredictions(`id,landmarks\na,7 ${text}\n`);
    expect(row).toEqual({ id: "a", label: 7, score });
  });

  it("skips ignored rows unread", async () => {
    expect(await readRecognitionPredictions("id,landmarks\n03,what ever this is\n", { solution })).toEqual(
      [],
    );
  });

  it.each([
    ["three words", "12 0.5 7", "bad-prediction", "one class and one score", '"12 0.5 7"'],
    ["a class alone", "12", "bad-prediction", "one class and one score", '"12"'],
    ["two blanks", "12  0.5", "bad-prediction", "one class and one score", '"12  0.5"'],
    ["two blanks at the end", "12 0.5  ", "bad-prediction", "one class and one score", '"12 0.5  "'],
    ["only a blank", " ", "bad-prediction", "one class and one score", '" "'],
    ["a fraction as class", "1.0 0.5", "bad-label", "whole numbers as classes", '"1.0"'],
    ["a word as class", "x 0.5", "bad-label", "whole numbers as classes", '"x"'],
    ["a word as score", "1 high", "bad-score", "a class and a finite score", '"high"'],
    ["nan as score", "1 nan", "bad-score", "a class and a finite score", '"nan"'],
    ["inf as score", "1 inf", "bad-score", "a class and a finite score", '"inf"'],
    ["a hexadecimal score", "1 0x10", "bad-score", "a class and a finite score", '"0x10"'],
    ["a score that is too large", "1 1e999", "bad-score", "a class and a finite score", '"1e999"'],
  ] as const)("refuses %s", async (_name, field, code, expected, got) => {
    await expectFailure(
      readRecognitionPredictions(`id,landmarks\n01,1 1\n02,${field}\n`, { solution, file: "sub.csv" }),
      { code, file: "sub.csv", line: 3, field: "landmarks", expected, got },
      `sub.csv:3: expected \`landmarks\` to be ${expected}, got ${got}`,
    );
  });
});

describe("readRetrievalPredictions", () => {
  const text = "id,images\n01,f00 f10 \n04,f20\n02,\n\n05,f30\n";

  it("reads rows like those of DELF's example", async () => {
    const predictions = await readRetrievalPredictions(text, { solution });
    expect([...predictions]).toEqual([
      ["01", ["f00", "f10"]],
      ["04", ["f20"]],
    ]);
  });

  it("keeps repeated images, which use up ranks", async () => {
    const predictions = await readRetrievalPredictions("id,images\nq1,i1 i1 i2\n");
    const report = evaluateRetrieval(predictions, [{ id: "q1", images: ["i1", "i2"], usage: "Public" }]);
    expect(report.meanAveragePrecision).toBeCloseTo((1 + 2 / 3) / 2, 12);
  });

  it.each([
    ["an unknown id", "99,f00", "unknown-id", "in the solution", '"99"'],
    ["an unknown id without images", "99,", "unknown-id", "in the solution", '"99"'],
    ["an id again", "01,f00", "repeated-id", "there once", '"01" again after line 2'],
    ["an id again without images", "01,", "repeated-id", "there once", '"01" again after line 2'],
    ["an ignored id again", "05,f00", "repeated-id", "there once", '"05" again after line 3'],
  ] as const)("refuses %s", async (_name, line, code, expected, got) => {
    await expectFailure(
      readRetrievalPredictions(`id,images\n01,f00\n05,f00\n${line}\n`, { solution }),
      { code, file: "", line: 4, field: "id", expected, got },
      `line 4: expected \`id\` to be ${expected}, got ${got}`,
    );
  });

  it("refuses blanks that stand for ids", async () => {
    for (const field of ["a  b", " a", "a  ", " ", "a\tb"]) {
      const error = await failureOf(readRetrievalPredictions(`id,images\n01,${field}\n`));
      expect([error.code, error.line, error.field]).toEqual(["bad-id", 2, "images"]);
    }
  });

  it("streams the same rows", async () => {
    const rows: [string, readonly string[]][] = [];
    for await (const { id, images } of streamRetrievalPredictions(text, { solution }))
      rows.push([id, images]);
    expect(new Map(rows)).toEqual(await readRetrievalPredictions(text, { solution }));
    expect(rows.length).toBe(2);
  });

  it("has streamed the good rows when it reaches a bad one in a later block", async () => {
    const long = "x".repeat(200);
    const good = Array.from({ length: 4_000 }, (_, i) => `q${i},${long}`).join("\n");
    let count = 0;
    const error = await failureOf(
      (async () => {
        for await (const _ of streamRetrievalPredictions(`id,images\n${good}\nq0,a\n`)) count += 1;
      })(),
    );
    expect(error.line).toBe(4_002);
    expect(count).toBeGreaterThan(1_000);
  });
});
