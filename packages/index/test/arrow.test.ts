import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type EmbeddingSource,
  IndexFileError,
  type Matrix,
  openArrow,
  readArrow,
  writeArrow,
} from "@lmk/index/arrow";
import { RecordBatchReader, tableFromIPC } from "apache-arrow";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { matrixFrom, randomMatrix, slice } from "./fixtures.ts";

interface Goldens {
  readonly rows: readonly (readonly number[])[];
  readonly names: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

const goldens = JSON.parse(readFileSync(new URL("golden/arrow.json", import.meta.url), "utf8")) as Goldens;
const expected = matrixFrom(goldens.rows);

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-arrow-"));
  path = join(folder, "embeddings.arrow");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytesOf = (name: string): Buffer => Buffer.from(goldens.files[name]!, "base64");

function put(name: string): void {
  writeFileSync(path, bytesOf(name));
}

/** A source of blocks of 1, 2, 3 … rows. */
function unevenSource(matrix: Matrix): EmbeddingSource {
  return {
    rows: matrix.rows,
    columns: matrix.columns,
    async *blocks({ first, end }) {
      for (let row = first, step = 1; row < end; row += step++) {
        yield { firstRow: row, embeddings: slice(matrix, row, Math.min(row + step, end)) };
      }
    },
  };
}

describe("files and streams of other programs", () => {
  it.each([
    "fixed-float32",
    "fixed-float64",
    "fixed-float16",
    "list-float32",
    "list-float64",
    "batches-of-two",
    "lists-in-batches",
    "sliced",
    "stream",
    "legacy-stream",
    "large-texts",
    "dictionary",
    "dictionary-stream",
    "feather",
  ])("reads %s with texts as ids", async (name) => {
    put(name);
    expect(await readArrow(path, { idColumn: "id" })).toEqual({ embeddings: expected, ids: goldens.names });
    expect(await readArrow(path)).toEqual({ embeddings: expected });
  });

  it.each([
    ["int32-ids", [5, 4, -3, 2, 1]],
    ["int64-ids", [5, 4, -3, 2, 1]],
    ["wide-ids", [2n ** 60n + 1n, 4n, -3n, 2n, 1n]],
  ])("reads %s", async (name, ids) => {
    put(name);
    expect((await readArrow(path, { idColumn: "id" })).ids).toEqual(ids);
  });

  it("gives numbers that are not finite as they are", async () => {
    put("not-finite");
    const { data } = (await readArrow(path)).embeddings;
    expect(data).toEqual(Float32Array.of(Number.NaN, Infinity, -0, 1e-45));
  });
});

describe("openArrow", () => {
  it.each(["batches-of-two", "lists-in-batches", "stream"])("gives any range of rows of %s", async (name) => {
    put(name);
    const table = await openArrow(path);
    expect([table.rows, table.columns, table.hasIds]).toEqual([5, 4, false]);
    for (const [first, end, blockRows] of [
      [0, 5, 10],
      [1, 4, 1],
      [3, 5, 2],
      [2, 2, 1],
    ] as const) {
      let row = first as number;
      for await (const { firstRow, embeddings } of table.blocks({ first, end, blockRows })) {
        expect(firstRow).toBe(row);
        expect(embeddings.rows).toBeLessThanOrEqual(blockRows);
        expect(embeddings).toEqual(slice(expected, row, row + embeddings.rows));
        row += embeddings.rows;
      }
      expect(row).toBe(end);
    }
    await table.close();
    await table.close();
  });
});

describe("files that are refused", () => {
  const fixed = "embedding";
  it.each([
    ["null-row", "row 3 of FILE to hold 4 numbers, got null"],
    ["fixed-null-row", "row 3 of FILE to hold 4 numbers, got null"],
    ["null-number", "row 3 of FILE to hold numbers, got null in column 2"],
    ["short-row", "row 3 of FILE to hold 4 numbers like the first row, got 2"],
    ["empty-first", "row 0 of FILE to hold numbers, got an empty list"],
    ["null-first", "row 0 of FILE to hold numbers, got null"],
    ["null-id", "row 2 of FILE to have an id, got null"],
    ["huge", "row 1 of FILE to hold numbers of float32, got 1e+300 in column 0"],
    ["no-rows", "FILE to have at least one row, got none"],
    ["integers", `FILE to have lists of floats in the column "${fixed}", got List<Int32>`],
    ["nested", `FILE to have lists of floats in the column "${fixed}", got List<List<Float32>>`],
    ["number-ids", 'FILE to have texts or whole numbers in the column "id", got Float64'],
    [
      "compressed",
      'FILE to have record batches without compression, got "Record batch compression not implemented"',
    ],
    ["large-list", 'FILE to have columns of known types, got "Unrecognized type: \\"LargeList\\" (21)"'],
  ])("refuses %s", async (name, message) => {
    put(name);
    const options = name.endsWith("-id") || name.endsWith("-ids") ? { idColumn: "id" } : {};
    const text = `readArrow: expected ${message.replace("FILE", path)}`;
    const error = await readArrow(path, options).catch((reason: unknown) => reason);
    expect(error).toEqual(new IndexFileError(text, "unsupported-content", path));
    expect(error).toMatchObject({ code: "unsupported-content", path });
  });

  it("refuses a column that is not there", async () => {
    put("fixed-float32");
    await expect(openArrow(path, { column: "vector" })).rejects.toThrow(
      new IndexFileError(
        `openArrow: expected ${path} to have a column "vector", got "embedding", "id"`,
        "unsupported-content",
        path,
      ),
    );
  });

  it.each([
    ["an empty file", () => Buffer.alloc(0), "not-this-format"],
    ["another format", () => Buffer.from("PAR1 not an arrow at all"), "not-this-format"],
    ["bytes of another meaning", () => Buffer.alloc(64, 1), "not-this-format"],
    ["a file cut off at its end", () => bytesOf("fixed-float32").subarray(0, -3), "wrong-size"],
    ["a file cut off in its batches", () => bytesOf("batches-of-two").subarray(0, 900), "wrong-size"],
    ["a stream cut off in a batch", () => bytesOf("stream").subarray(0, 800), "wrong-size"],
    ["a stream of nothing", () => Buffer.from("ffffffff00000000", "hex"), "not-this-format"],
  ] as const)("refuses %s", async (_, bytes, code) => {
    writeFileSync(path, bytes());
    const error = await openArrow(path).catch((reason: unknown) => reason);
    expect(IndexFileError.isInstance(error)).toBe(true);
    expect(error).toMatchObject({ code, path });
    expect((error as Error).message).toMatch(/^openArrow: expected .+, got .+$/);
  });

  it("leaves a missing file to the file system", async () => {
    await expect(readArrow(path)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("writeArrow", () => {
  it.each(["file", "stream"] as const)(
    "writes a %s that it reads, whatever the batches and ids",
    async (format) => {
      const matrix = randomMatrix(1, 57, 5);
      const texts = Array.from({ length: 57 }, (_, row) => `photo ${row}`);
      const numbers = Array.from({ length: 57 }, (_, row) => 1000 - row);
      for (const batchRows of [1, 10, 57, 1000]) {
        await writeArrow(path, matrix, { batchRows, ids: texts, format });
        expect(await readArrow(path, { idColumn: "id" })).toEqual({ embeddings: matrix, ids: texts });
        const names = { column: "v", idColumn: "n" };
        await writeArrow(path, unevenSource(matrix), { batchRows, ids: numbers, format, ...names });
        expect(await readArrow(path, names)).toEqual({ embeddings: matrix, ids: numbers });
      }
    },
  );

  it("writes what the library itself reads, in batches of 10,000 rows unless told otherwise", async () => {
    const matrix = randomMatrix(2, 10_001, 2);
    await writeArrow(path, matrix);
    const table = tableFromIPC(readFileSync(path));
    expect(table.batches.map(({ numRows }) => numRows)).toEqual([10_000, 1]);
    expect(String(table.schema.fields[0]!.type)).toBe("FixedSizeList[2]<Float32>");
    expect([...table.getChild("embedding")!.get(10_000)!]).toEqual([...matrix.data.subarray(20_000)]);
    expect(readFileSync(path).toString("latin1", 0, 6)).toBe("ARROW1");
    await writeArrow(path, matrix, {
      format: "stream",
      ids: Array.from({ length: 10_001 }, (_, row) => row),
    });
    expect([...RecordBatchReader.from(readFileSync(path))].length).toBe(2);
  });

  it("writes float16, to the nearest, and refuses what is beyond it", async () => {
    await writeArrow(path, matrixFrom([[0.1, 65519, -0]]), { dtype: "float16" });
    expect((await readArrow(path)).embeddings.data).toEqual(Float32Array.of(0.0999755859375, 65504, -0));
    await expect(
      writeArrow(path, matrixFrom([[1], [65520]]), { dtype: "float16", batchRows: 1 }),
    ).rejects.toThrow(
      new RangeError(
        "writeArrow: expected row 1 of `embeddings` to hold numbers from -65504 to 65504 for float16, got 65520 in column 0",
      ),
    );
  });

  it("takes float16 and int8 rows", async () => {
    await writeArrow(path, { data: Uint16Array.of(0x3c00, 0xc000), rows: 1, columns: 2 });
    expect([...(await readArrow(path)).embeddings.data]).toEqual([1, -2]);
    const scales = Float32Array.of(0.5, 2);
    await writeArrow(
      path,
      { data: Int8Array.of(1, -2, 3, 4), rows: 2, columns: 2, scales },
      { batchRows: 1 },
    );
    expect([...(await readArrow(path)).embeddings.data]).toEqual([0.5, -1, 6, 8]);
  });

  it("tells how far it is, and ends early leaving the old file", async () => {
    const matrix = randomMatrix(3, 10, 2);
    const told: number[] = [];
    await writeArrow(path, matrix, {
      batchRows: 5,
      onProgress: ({ done, total }) => told.push(done / total),
    });
    expect(told.at(-1)).toBe(1);
    const whole = readFileSync(path);
    const controller = new AbortController();
    const source: EmbeddingSource = {
      ...unevenSource(matrix),
      async *blocks() {
        yield { firstRow: 0, embeddings: slice(matrix, 0, 1) };
        controller.abort(new Error("enough"));
        yield { firstRow: 1, embeddings: slice(matrix, 1, 2) };
      },
    };
    await expect(writeArrow(path, source, { batchRows: 1, signal: controller.signal })).rejects.toThrow(
      "enough",
    );
    await expect(readArrow(path, { signal: controller.signal })).rejects.toThrow("enough");
    expect(readFileSync(path).equals(whole)).toBe(true);
    expect(readdirSync(folder)).toEqual(["embeddings.arrow"]);
    mkdirSync(join(folder, "taken"));
    await expect(writeArrow(join(folder, "taken"), matrix)).rejects.toMatchObject({ syscall: "rename" });
  });

  it("refuses no rows, wrong batches, wrong ids and names that meet", async () => {
    const one = matrixFrom([[1, 2]]);
    const write = (matrix: Matrix, options: object = {}) => writeArrow(path, matrix, options);
    await expect(write({ data: new Float32Array(), rows: 0, columns: 2 })).rejects.toThrow(
      new RangeError("writeArrow: expected `embeddings.rows` to be a positive integer, got 0"),
    );
    await expect(write(one, { batchRows: 0 })).rejects.toThrow(
      new RangeError("writeArrow: expected `batchRows` to be a positive integer, got 0"),
    );
    await expect(write(one, { ids: [] })).rejects.toThrow(
      new RangeError("writeArrow: expected `ids` to hold 1 ids, one per row, got 0"),
    );
    await expect(write(one, { ids: ["a"], column: "x", idColumn: "x" })).rejects.toThrow(
      new RangeError('writeArrow: expected `idColumn` to differ from `column`, got "x" twice'),
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
