import { evaluateRecognition } from "@lmk/eval";
import { readRecognitionSolution, readRetrievalSolution } from "@lmk/eval/files";
import { describe, expect, it } from "vitest";
import { expectFailure, failureOf } from "./failure.ts";

// The rows of DELF's own test of its reader.
const recognition =
  "id,landmarks,Usage\n01,0 12,Public\n02,,Public\n03,100,Ignored\n04,1,Private\n05,,Ignored\n";
const retrieval =
  "id,images,Usage\n01,None,Ignored\n02,f10 f00,Public\n03,f00,Private\n04,f20,Private\n05,None,Ignored\n";

describe("readRecognitionSolution", () => {
  it("reads DELF's example, ignored rows without their landmarks", async () => {
    expect(await readRecognitionSolution(recognition)).toEqual([
      { id: "01", landmarks: [0, 12], usage: "Public" },
      { id: "02", landmarks: [], usage: "Public" },
      { id: "03", landmarks: [], usage: "Ignored" },
      { id: "04", landmarks: [1], usage: "Private" },
      { id: "05", landmarks: [], usage: "Ignored" },
    ]);
  });

  it("does not look at the landmarks of ignored rows", async () => {
    const rows = await readRecognitionSolution("id,landmarks,Usage\na,1 x 2.5,Ignored\n");
    expect(rows).toEqual([{ id: "a", landmarks: [], usage: "Ignored" }]);
  });

  it("gives what evaluateRecognition takes", async () => {
    const rows = await readRecognitionSolution(recognition);
    const predictions = [
      { id: "01", label: 12, score: 2 },
      { id: "04", label: 0, score: 1 },
    ];
    expect(evaluateRecognition(predictions, rows).globalAveragePrecision).toBe(0.5);
  });

  it("takes a usage for files without the column, and refuses them otherwise", async () => {
    const text = "id,landmarks\na,7\n";
    expect(await readRecognitionSolution(text, { usage: "Private" })).toEqual([
      { id: "a", landmarks: [7], usage: "Private" },
    ]);
    await expectFailure(
      readRecognitionSolution(text),
      {
        code: "bad-header",
        file: "",
        line: 1,
        field: "",
        expected: "a header with the columns id,landmarks,Usage",
        got: '"id,landmarks"',
      },
      'line 1: expected a header with the columns id,landmarks,Usage, got "id,landmarks"',
    );
  });

  it("prefers the Usage column of a file to the usage given", async () => {
    const rows = await readRecognitionSolution(recognition, { usage: "Private" });
    expect(rows[0]!.usage).toBe("Public");
  });

  it.each(["1.0", "a", "1e3", "9007199254740993", "0x10", "1  2", " 1"])(
    "refuses %j as landmarks",
    async (text) => {
      const error = await failureOf(
        readRecognitionSolution(`id,landmarks,Usage\na,,Public\nb,${text},Public\n`),
      );
      expect([error.code, error.line, error.field]).toEqual(["bad-label", 3, "landmarks"]);
    },
  );
});

describe("readRetrievalSolution", () => {
  it("reads DELF's example", async () => {
    expect(await readRetrievalSolution(retrieval)).toEqual([
      { id: "01", images: [], usage: "Ignored" },
      { id: "02", images: ["f10", "f00"], usage: "Public" },
      { id: "03", images: ["f00"], usage: "Private" },
      { id: "04", images: ["f20"], usage: "Private" },
      { id: "05", images: [], usage: "Ignored" },
    ]);
  });

  it.each([
    ["CRLF", retrieval.replaceAll("\n", "\r\n")],
    ["a byte order mark", `\ufeff${retrieval}`],
    ["quoted fields", retrieval.replace(/[^,\n]+/g, '"$&"')],
    ["no line break at the end", retrieval.trimEnd()],
    ["blank lines", retrieval.replaceAll("\n", "\n\n")],
    ["a blank at the end of a list", retrieval.replace("f00,Public", "f00 ,Public")],
    ["other letter case in the header", retrieval.replace("id,images,Usage", "Id,Images,usage")],
    [
      "another order of columns",
      retrieval
        .split("\n")
        .map((line) => line.split(",").reverse().join(","))
        .join("\n"),
    ],
  ])("reads the same with %s", async (_name, text) => {
    expect(await readRetrievalSolution(text)).toEqual(await readRetrievalSolution(retrieval));
  });

  it("counts lines through quoted line breaks", async () => {
    const text = 'id,images,Usage\n\n"a\nb",x,Ignored\nc,y,Foo\n';
    expect((await failureOf(readRetrievalSolution(text))).line).toBe(3);
    const ignoredLists = 'id,images,Usage\na,"x\ny\nz",Ignored\nc,y,Foo\n';
    expect((await failureOf(readRetrievalSolution(ignoredLists))).line).toBe(5);
  });

  it("keeps a scored query without images", async () => {
    const [row] = await readRetrievalSolution("id,images,Usage\na,,Public\n");
    expect(row).toEqual({ id: "a", images: [], usage: "Public" });
  });

  it.each([
    ["an unknown usage", "a,x,Foo", "bad-usage", "Usage", "Public, Private or Ignored", '"Foo"'],
    [
      "None in a scored row",
      "a,None,Public",
      "bad-id",
      "images",
      "image ids in a row that is scored",
      '"None"',
    ],
    ["an empty id", ",x,Public", "bad-id", "id", "an id without blanks", '""'],
    ["an id with a blank", "a b,x,Public", "bad-id", "id", "an id without blanks", '"a b"'],
    ["two blanks in a list", "a,x  y,Public", "bad-id", "images", "ids separated by single spaces", '"x  y"'],
    ["a tab in a list", "a,x\ty,Public", "bad-id", "images", "ids separated by single spaces", '"x\\ty"'],
    ["an image twice", "a,x y x,Public", "repeated-id", "images", "each image once", '"x"'],
    ["a query twice", "q,x,Public", "repeated-id", "id", "there once", '"q" again after line 2'],
  ] as const)("refuses %s", async (_name, line, code, field, expected, got) => {
    await expectFailure(
      readRetrievalSolution(`id,images,Usage\nq,x,Public\n${line}\n`, { file: "solution.csv" }),
      { code, file: "solution.csv", line: 3, field, expected, got },
      `solution.csv:3: expected \`${field}\` to be ${expected}, got ${got}`,
    );
  });

  it.each([
    ["too few fields", "a,x", '2: "a,x"'],
    ["too many fields", "a,x,Public,1", '4: "a,x,Public,1"'],
  ])("refuses %s", async (_name, line, got) => {
    await expectFailure(
      readRetrievalSolution(`id,images,Usage\n${line}\n`),
      { code: "bad-row", file: "", line: 2, field: "", expected: "3 fields as in the header", got },
      `line 2: expected 3 fields as in the header, got ${got}`,
    );
  });

  it.each([
    ["an empty file", "", 0, "an empty file"],
    ["a file of blank lines", "\n\r\n", 0, "an empty file"],
    ["no header", "q1,a b,Public\n", 1, '"q1,a b,Public"'],
    ["the header of another file", "\nid,landmarks,Usage\n", 2, '"id,landmarks,Usage"'],
    ["a column of pandas' index", ",id,images,Usage\n", 1, '",id,images,Usage"'],
  ])("refuses %s", async (_name, text, line, got) => {
    const error = await failureOf(readRetrievalSolution(text));
    expect([error.code, error.line, error.got]).toEqual(["bad-header", line, got]);
  });

  it.each([
    ['a,"x,Public\nb,y,Public\n', 3],
    ['a,x"y",Public\n', 3],
    ['a,"x"y,Public\n', 3],
  ])("refuses the stray quote of %j", async (rows, line) => {
    const error = await failureOf(readRetrievalSolution(`id,images,Usage\nq,x,Public\n${rows}`));
    expect([error.code, error.line]).toEqual(["bad-quote", line]);
  });

  it("cuts long fields in messages", async () => {
    const long = "x".repeat(500);
    const error = await failureOf(readRetrievalSolution(`id,images,Usage\na,x,${long}\n`));
    expect(error.got).toBe(`"${"x".repeat(60)}"… (500 characters)`);
  });
});
