import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { createNames, type ImageList, readImageListPickle, writeImageListPickle } from "@lmk/data";
import { describe, expect, it } from "vitest";
import { createTemporaryFolder, rejectionOf } from "../temporary-folder.ts";

const folder = createTemporaryFolder();
const lists = fileURLToPath(new URL("../sets/golden/lists/", import.meta.url));

function listOf(
  rows: readonly (readonly [string, number, number, number])[],
  tags: string[] = [],
): ImageList {
  const names = createNames(rows.length, (row) => rows[row][0]);
  return {
    length: rows.length,
    ids: names,
    paths: names,
    classIds: Int32Array.from(rows, ([, classId]) => classId),
    noisy: Uint8Array.from(rows, ([, , noisy]) => noisy),
    tags: { values: tags, codes: Int32Array.from(rows, ([, , , tag]) => tag) },
  };
}

function rowsOf(list: ImageList): unknown[][] {
  return Array.from({ length: list.length }, (_, row) => [
    list.paths.at(row),
    list.ids.at(row),
    list.classIds[row],
    list.noisy[row],
    list.tags.values[list.tags.codes[row]] ?? -1,
  ]);
}

describe("writeImageListPickle", () => {
  it("writes a list of tuples, in protocol 2, each tag once", async () => {
    const file = folder.write("written/list.pkl", "before");
    const rows = [["a", 0, 0, -1] as const, ["é", 203093, 1, 0] as const, ["b", -1, 0, 0] as const];
    await writeImageListPickle(file, listOf(rows, ["Asia"]));
    // Byte by byte as Python documents them.
    expect(readFileSync(file).toString("hex")).toBe(
      [
        ...["8002", "5d", "28"], // PROTO 2, EMPTY_LIST, MARK
        // MARK, BINUNICODE, BININT1, BININT1, BININT, TUPLE
        ...["28", "580100000061", "4b00", "4b00", "4affffffff", "74"],
        // MARK, BINUNICODE, BININT, BININT1, BINUNICODE, LONG_BINPUT, TUPLE
        ...["28", "5802000000c3a9", "4a55190300", "4b01", "580400000041736961", "7200000000", "74"],
        // MARK, BINUNICODE, BININT, BININT1, LONG_BINGET, TUPLE
        ...["28", "580100000062", "4affffffff", "4b00", "6a00000000", "74"],
        ...["65", "2e"], // APPENDS, STOP
      ].join(""),
    );
    expect(readdirSync(dirname(file))).toEqual(["list.pkl"]);
  });

  it.each(["clean", "c2f", "full", "index_train", "all"])("is read back: the published %s", async (name) => {
    const list = await readImageListPickle(`${lists}cache_${name}_list.pkl`);
    const file = folder.write(`${name}.pkl`, "");
    await writeImageListPickle(file, list);
    const back = await readImageListPickle(file);
    expect(rowsOf(back)).toEqual(rowsOf(list));
    expect(back.tags.values).toEqual(list.tags.values);
  });

  it.each([0, 1, 999, 1000, 1001, 30_000])("is read back with %i rows", async (length) => {
    const rows = Array.from(
      { length },
      (_, row) => [`photos/${row}-${"x".repeat(row % 97)}.jpg`, row * 7 - 1, row & 1, (row % 5) - 1] as const,
    );
    const list = listOf(rows, ["Europe", "Asia", "OTHER", "null"]);
    const file = folder.write("rows.pkl", "");
    await writeImageListPickle(file, list);
    expect(rowsOf(await readImageListPickle(file))).toEqual(
      rows.map(([path, classId, noisy, tag]) => [
        path,
        path.slice("photos/".length, -".jpg".length),
        classId,
        noisy,
        list.tags.values[tag] ?? -1,
      ]),
    );
  });

  it("refuses what no list holds, and leaves the file as it was", async () => {
    const file = folder.write("kept/list.pkl", "before");
    const refusalOf = async (list: ImageList): Promise<unknown> =>
      rejectionOf(writeImageListPickle(file, list));
    const list = listOf([["a", 0, 0, -1]]);
    const prefix = "writeImageListPickle: expected `list";
    expect(await refusalOf({ ...list, noisy: Uint8Array.of() })).toEqual(
      new RangeError(`${prefix}.noisy\` to have 1 elements, got 0`),
    );
    expect(await refusalOf({ ...list, paths: createNames(2, String) })).toEqual(
      new RangeError(`${prefix}.paths\` to have 1 elements, got 2`),
    );
    expect(await refusalOf(listOf([["a", -2, 0, -1]]))).toEqual(
      new RangeError(`${prefix}.classIds\` to be an integer >= -1, got -2`),
    );
    expect(await refusalOf(listOf([["a", 0, 2, -1]]))).toEqual(
      new RangeError(`${prefix}.noisy\` to be an integer from 0 to 1, got 2`),
    );
    expect(await refusalOf(listOf([["a", 0, 0, 1]], ["Asia"]))).toEqual(
      new RangeError(`${prefix}.tags.codes\` to be an integer from -1 to 0, got 1`),
    );
    expect(readFileSync(file, "utf8")).toBe("before");
    expect(readdirSync(dirname(file))).toEqual(["list.pkl"]);
  });
});
