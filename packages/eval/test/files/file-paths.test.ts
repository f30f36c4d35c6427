import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFile, saveFile } from "@lmk/eval/file-paths";
import { readRetrievalPredictions, writeRetrievalPredictions } from "@lmk/eval/files";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectFailure, failureOf } from "./failure.ts";

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-eval-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const predictions = new Map([["q1", ["x", "a"]]]);

describe("files on disk", () => {
  it.each(["submit.csv", "submit.csv.gz"])("saves and reads %s", async (name) => {
    const path = join(folder, name);
    await saveFile(path, writeRetrievalPredictions(predictions));
    expect(await readRetrievalPredictions(openFile(path))).toEqual(predictions);
    const isZipped = readFileSync(path)[0] === 0x1f;
    expect(isZipped).toBe(name.endsWith(".gz"));
  });

  it("can be read twice, and saved from a text", async () => {
    const path = join(folder, "text.csv");
    await saveFile(path, "id,images\nq1,x a\n");
    const file = openFile(path);
    expect(await readRetrievalPredictions(file)).toEqual(await readRetrievalPredictions(file));
  });

  it("names the path of a malformed file", async () => {
    const path = join(folder, "bad.csv");
    writeFileSync(path, "id,images\nq1\n");
    expect((await failureOf(readRetrievalPredictions(openFile(path)))).message).toBe(
      `${path}:2: expected 2 fields as in the header, got 1: "q1"`,
    );
  });

  it("says that a file is missing, or is no file", async () => {
    const path = join(folder, "nowhere.csv");
    await expectFailure(
      readRetrievalPredictions(openFile(path)),
      { code: "missing-file", file: path, line: 0, field: "", expected: "a file", got: "none" },
      `${path}: expected a file, got none`,
    );
    await expectFailure(
      readRetrievalPredictions(openFile(folder)),
      {
        code: "unreadable-file",
        file: folder,
        line: 0,
        field: "",
        expected: "a readable file",
        got: "EISDIR",
      },
      `${folder}: expected a readable file, got EISDIR`,
    );
  });

  it("holds one of two texts that are saved at the same time, not parts of both", async () => {
    const path = join(folder, "twice.csv");
    async function* slowly(text: string) {
      for (let i = 0; i < 20; i++) yield text;
    }
    await Promise.all([saveFile(path, slowly("a")), saveFile(path, slowly("bbb"))]);
    expect(["a".repeat(20), "bbb".repeat(20)]).toContain(readFileSync(path, "utf8"));
    expect(readdirSync(folder).filter((name) => name.endsWith(".partial"))).toEqual([]);
  });

  it("leaves the old file alone, and no other, when the rows fail", async () => {
    const path = join(folder, "kept.csv");
    writeFileSync(path, "old");
    const before = readdirSync(folder);
    await expect(saveFile(path, writeRetrievalPredictions([{ id: "", images: ["x"] }]))).rejects.toThrow(
      RangeError,
    );
    expect(readFileSync(path, "utf8")).toBe("old");
    expect(readdirSync(folder)).toEqual(before);
  });
});
