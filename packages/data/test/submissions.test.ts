import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeRecognitionSubmission, writeRetrievalSubmission } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "./temporary-folder.ts";

const folder = createTemporaryFolder();
const out = join(folder.path, "out");
mkdirSync(out);

describe("writeRetrievalSubmission", () => {
  it("writes images separated by spaces", async () => {
    const file = join(out, "retrieval.csv");
    const rows = [
      { id: "a1", images: ["b2", "b1"] },
      { id: "tower/1%20.jpg", images: [] },
    ];
    expect(await writeRetrievalSubmission(file, rows)).toBe(2);
    expect(readFileSync(file, "utf8")).toBe("id,images\na1,b2 b1\ntower/1%20.jpg,\n");
  });

  it("writes a header when there are no rows", async () => {
    const file = join(out, "retrieval.csv");
    expect(await writeRetrievalSubmission(file, [])).toBe(0);
    expect(readFileSync(file, "utf8")).toBe("id,images\n");
  });

  it("streams rows that are made while it writes", async () => {
    async function* rows(): AsyncGenerator<{ id: string; images: string[] }> {
      for (let i = 0; i < 3000; i++) yield { id: `q${i}`, images: [`x${i}`, "y"] };
    }
    const file = join(out, "retrieval.csv");
    expect(await writeRetrievalSubmission(file, rows())).toBe(3000);
    expect(readFileSync(file, "utf8").split("\n")[3000]).toBe("q2999,x2999 y");
  });

  it("leaves the file as it was, and nothing beside it, when a row is wrong", async () => {
    const file = folder.write("out/kept.csv", "before");
    const names = readdirSync(out);
    const twice = [
      { id: "a", images: ["b"] },
      { id: "a", images: ["b"] },
    ];
    expect(await rejectionOf(writeRetrievalSubmission(file, twice))).toEqual(
      new RangeError('writeRetrievalSubmission: expected each `id` once, got "a" again'),
    );
    expect(await rejectionOf(writeRetrievalSubmission(file, [{ id: "a", images: ["b c"] }]))).toEqual(
      new RangeError(
        'writeRetrievalSubmission: expected `images` to be ids without blanks, commas and quotes, got "b c"',
      ),
    );
    expect(await rejectionOf(writeRetrievalSubmission(file, [{ id: "", images: [] }]))).toEqual(
      new RangeError(
        'writeRetrievalSubmission: expected `id` to be ids without blanks, commas and quotes, got ""',
      ),
    );
    expect(readFileSync(file, "utf8")).toBe("before");
    expect(readdirSync(out)).toEqual(names);
  });

  it("passes the errors of the file system", async () => {
    expect(await rejectionOf(writeRetrievalSubmission(join(out, "gone/x.csv"), []))).toMatchObject({
      code: "ENOENT",
    });
    mkdirSync(join(out, "folder.csv"));
    const names = readdirSync(out);
    expect(await rejectionOf(writeRetrievalSubmission(join(out, "folder.csv"), []))).toMatchObject({
      code: "EISDIR",
    });
    expect(readdirSync(out)).toEqual(names);
  });
});

describe("writeRecognitionSubmission", () => {
  it("writes the landmark and the score, or nothing", async () => {
    const file = join(out, "recognition.csv");
    const scores = [0.1 + 0.2, -3, 1e-86];
    const rows = scores.map((score, i) => ({ id: `q${i}`, prediction: { landmarkId: i, score } }));
    expect(await writeRecognitionSubmission(file, [...rows, { id: "q3", prediction: undefined }])).toBe(4);
    expect(readFileSync(file, "utf8")).toBe(
      "id,landmarks\nq0,0 0.30000000000000004\nq1,1 -3\nq2,2 1e-86\nq3,\n",
    );
  });

  it("refuses scores and landmarks that are no numbers", async () => {
    const file = join(out, "recognition.csv");
    const write = (landmarkId: number, score: number): Promise<unknown> =>
      rejectionOf(writeRecognitionSubmission(file, [{ id: "a", prediction: { landmarkId, score } }]));
    expect(await write(1, Number.NaN)).toEqual(
      new RangeError("writeRecognitionSubmission: expected `score` to be finite, got NaN"),
    );
    expect(await write(-1, 0)).toEqual(
      new RangeError("writeRecognitionSubmission: expected `landmarkId` to be an integer >= 0, got -1"),
    );
  });
});
