import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type EmbeddingSource,
  IndexFileError,
  type Matrix,
  openParquet,
  readParquet,
  writeParquet,
} from "@lmk/index/parquet";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { matrixFrom, randomMatrix, slice } from "./fixtures.ts";

interface Goldens {
  readonly rows: readonly (readonly number[])[];
  readonly names: readonly string[];
  readonly files: Readonly<Record<string, string>>;
}

const goldens = JSON.parse(readFileSync(new URL("golden/parquet.json", import.meta.url), "utf8")) as Goldens;
const expected = matrixFrom(goldens.rows);

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-parquet-"));
  path = join(folder, "embeddings.parquet");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function put(name: string): void {
  writeFileSync(path, Buffer.from(goldens.files[name]!, "base64"));
}

/** A source of blocks of uneven lengths. */
function unevenSource(matrix: Matrix, asked: number[] = []): EmbeddingSource {
  return {
    rows: matrix.rows,
    columns: matrix.columns,
    async *blocks({ first, end, blockRows }) {
      asked.push(blockRows);
      for (let row = first, step = 1; row < end; row += step++) {
        yield { firstRow: row, embeddings: slice(matrix, row, Math.min(row + step, end)) };
      }
    },
  };
}

describe("files of other programs", () => {
  it.each([
    "float32",
    "float64",
    "float16",
    "fixed-size",
    "large-list",
    "groups-of-two",
    "plain-v2",
    "small-pages",
    "pandas",
  ])("reads %s lists with texts as ids", async (name) => {
    put(name);
    expect(await readParquet(path, { idColumn: "id" })).toEqual({ embeddings: expected, ids: goldens.names });
  });

  it.each(["byte-stream-split", "gzip", "brotli", "uncompressed"])("reads %s", async (name) => {
    put(name);
    expect(await readParquet(path)).toEqual({ embeddings: expected });
  });

  it.each([
    ["int32-ids", [5, 4, -3, 2, 1]],
    ["int64-ids", [5, 4, -3, 2, 1]],
    ["wide-ids", [2n ** 60n + 1n, 4n, -3n, 2n, 1n]],
    ["uint64-ids", [2n ** 64n - 1n, 4n, 3n, 2n, 1n]],
    ["dictionary-ids", ["x", "y", "x", "y", "x"]],
  ])("reads %s", async (name, ids) => {
    put(name);
    expect((await readParquet(path, { idColumn: "id" })).ids).toEqual(ids);
  });

  it("gives numbers that are not finite as they are", async () => {
    put("not-finite");
    const { data } = (await readParquet(path)).embeddings;
    expect(data).toEqual(Float32Array.of(Number.NaN, Infinity, -0, 1e-45));
  });

  it("takes a way to decompress what it does not know", async () => {
    put("lz4");
    const decompressors = {
      LZ4_RAW: () => {
        throw new Error("asked");
      },
    };
    await expect(readParquet(path, { decompressors })).rejects.toThrow(
      new IndexFileError(
        `readParquet: expected ${path} to have a readable column "embedding" from row 0, got "asked"`,
        "unsupported-content",
        path,
      ),
    );
  });
});

describe("openParquet", () => {
  it("gives any range of rows in blocks of any length, in any order of calls", async () => {
    put("groups-of-two");
    const table = await openParquet(path);
    expect([table.rows, table.columns, table.hasIds]).toEqual([5, 4, false]);
    for (const [first, end, blockRows] of [
      [0, 5, 10],
      [1, 4, 1],
      [3, 5, 2],
      [0, 2, 2],
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

  it("refuses rows that are not there, and blocks of no rows", async () => {
    put("float32");
    const table = await openParquet(path);
    expect(() => table.blocks({ first: 0, end: 6, blockRows: 1 })).toThrow(
      new RangeError(
        "blocks: expected `first` and `end` to be whole numbers with 0 <= first <= end <= 5, got 0 and 6",
      ),
    );
    expect(() => table.blocks({ first: 0, end: 5, blockRows: 0 })).toThrow(
      new RangeError("blocks: expected `blockRows` to be a positive integer, got 0"),
    );
    await table.close();
  });
});

describe("files that are refused", () => {
  it.each([
    ["null-row", "row 3 of FILE to hold 4 numbers, got null"],
    ["null-number", "row 3 of FILE to hold numbers, got null in column 2"],
    ["short-row", "row 3 of FILE to hold 4 numbers like the first row, got 2"],
    ["empty-first", "row 0 of FILE to hold numbers, got an empty list"],
    ["null-first", "row 0 of FILE to hold numbers, got null"],
    ["null-id", "row 2 of FILE to have an id, got null"],
    ["huge", "row 1 of FILE to hold numbers of float32, got 1e+300 in column 0"],
    ["no-rows", "FILE to have at least one row, got none"],
    ["integers", 'FILE to have lists of floats in the column "embedding", got lists of INT32'],
    ["nested", 'FILE to have lists of floats in the column "embedding", got lists of lists of FLOAT'],
    ["scalars", 'FILE to have lists of floats in the column "embedding", got FLOAT'],
    ["lz4", "FILE to be compressed in a known way; see `decompressors`, got LZ4_RAW"],
  ])("refuses %s", async (name, message) => {
    put(name);
    const idColumn = name === "null-id" ? { idColumn: "id" } : {};
    const text = `readParquet: expected ${message.replace("FILE", path)}`;
    await expect(readParquet(path, idColumn)).rejects.toThrow(
      new IndexFileError(text, "unsupported-content", path),
    );
    await expect(readParquet(path, idColumn)).rejects.toMatchObject({ code: "unsupported-content", path });
  });

  it("refuses columns that are not there, and ids of another type", async () => {
    put("float32");
    await expect(openParquet(path, { column: "vector" })).rejects.toThrow(
      new IndexFileError(
        `openParquet: expected ${path} to have a column "vector", got "embedding", "id"`,
        "unsupported-content",
        path,
      ),
    );
    const idError = (name: string, kind: string) =>
      new IndexFileError(
        `openParquet: expected ${path} to have texts or whole numbers in the column "${name}", got ${kind}`,
        "unsupported-content",
        path,
      );
    await expect(openParquet(path, { idColumn: "embedding" })).rejects.toThrow(
      idError("embedding", "lists of FLOAT"),
    );
    put("number-ids");
    await expect(openParquet(path, { idColumn: "id" })).rejects.toThrow(idError("id", "DOUBLE"));
    put("time-ids");
    await expect(openParquet(path, { idColumn: "id" })).rejects.toThrow(idError("id", "TIMESTAMP"));
  });

  it.each([
    [
      "an empty file",
      (bytes: Buffer) => bytes.subarray(0, 0),
      "not-this-format",
      "to start with PAR1, got other bytes",
    ],
    [
      "another format",
      () => Buffer.from("PK not a table at all"),
      "not-this-format",
      "to start with PAR1, got other bytes",
    ],
    [
      "a file cut off",
      (bytes: Buffer) => bytes.subarray(0, -9),
      "wrong-size",
      "to end with PAR1, got other bytes",
    ],
  ] as const)("refuses %s", async (_, change, code, message) => {
    writeFileSync(path, change(Buffer.from(goldens.files.float32!, "base64")));
    await expect(openParquet(path)).rejects.toThrow(
      new IndexFileError(`openParquet: expected ${path} ${message}`, code, path),
    );
    await expect(openParquet(path)).rejects.toMatchObject({ code });
  });

  it("refuses metadata and pages that were changed", async () => {
    const bytes = Buffer.from(goldens.files["plain-v2"]!, "base64");
    const metadata = Buffer.from(bytes);
    metadata.writeUInt32LE(0xffffff, bytes.length - 8);
    writeFileSync(path, metadata);
    await expect(openParquet(path)).rejects.toMatchObject({ code: "bad-header", path });
    writeFileSync(path, Buffer.from(bytes).fill(0xff, 4, 60));
    await expect(openParquet(path)).rejects.toMatchObject({ code: "unsupported-content", path });
  });

  it("reads a file with a changed byte, or says that the file is wrong", async () => {
    const bytes = Buffer.from(goldens.files["groups-of-two"]!, "base64");
    let refused = 0;
    for (let place = 0; place < bytes.length; place += 5) {
      const changed = Buffer.from(bytes);
      changed[place]! ^= 0x80;
      writeFileSync(path, changed);
      const error = await readParquet(path, { idColumn: "id" }).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      if (error === undefined) continue;
      expect(IndexFileError.isInstance(error), `byte ${place}: ${String(error)}`).toBe(true);
      refused += 1;
    }
    expect(refused).toBeGreaterThan(50);
  });

  it("leaves a missing file to the file system", async () => {
    await expect(readParquet(path)).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("writeParquet", () => {
  it("writes what it reads, whatever the group's length, the ids and the source", async () => {
    const matrix = randomMatrix(1, 57, 5);
    const texts = Array.from({ length: 57 }, (_, row) => `photo ${row}`);
    const numbers = Array.from({ length: 57 }, (_, row) => 1000 - row);
    for (const rowGroupRows of [1, 10, 57, 1000]) {
      await writeParquet(path, matrix, { rowGroupRows, ids: texts });
      expect(await readParquet(path, { idColumn: "id" })).toEqual({ embeddings: matrix, ids: texts });
      await writeParquet(path, unevenSource(matrix), {
        rowGroupRows,
        ids: numbers,
        column: "v",
        idColumn: "n",
      });
      expect(await readParquet(path, { column: "v", idColumn: "n" })).toEqual({
        embeddings: matrix,
        ids: numbers,
      });
    }
    await writeParquet(path, matrixFrom([[1], [2]]), { ids: [2n ** 63n - 1n, -(2n ** 63n)] });
    expect((await readParquet(path, { idColumn: "id" })).ids).toEqual([2n ** 63n - 1n, -(2n ** 63n)]);
  });

  it("writes the same bytes from a source of uneven blocks as from memory", async () => {
    const matrix = randomMatrix(2, 30, 3);
    await writeParquet(path, matrix, { rowGroupRows: 7 });
    const whole = readFileSync(path);
    await writeParquet(path, unevenSource(matrix), { rowGroupRows: 7 });
    expect(readFileSync(path).equals(whole)).toBe(true);
  });

  it("writes 10,000 rows a group unless told otherwise", async () => {
    const asked: number[] = [];
    await writeParquet(path, unevenSource(matrixFrom([[1]]), asked));
    expect(asked).toEqual([10_000]);
  });

  it("writes float16, to the nearest, and refuses what is beyond it", async () => {
    await writeParquet(path, matrixFrom([[0.1, 65519, -0]]), { dtype: "float16" });
    expect((await readParquet(path)).embeddings.data).toEqual(Float32Array.of(0.0999755859375, 65504, -0));
    await expect(
      writeParquet(path, matrixFrom([[1], [65520]]), { dtype: "float16", rowGroupRows: 1 }),
    ).rejects.toThrow(
      new RangeError(
        "writeParquet: expected row 1 of `embeddings` to hold numbers from -65504 to 65504 for float16, got 65520 in column 0",
      ),
    );
  });

  it("takes float16 and int8 rows", async () => {
    await writeParquet(path, { data: Uint16Array.of(0x3c00, 0xc000), rows: 1, columns: 2 });
    expect([...(await readParquet(path)).embeddings.data]).toEqual([1, -2]);
    const scales = Float32Array.of(0.5, 2);
    await writeParquet(
      path,
      { data: Int8Array.of(1, -2, 3, 4), rows: 2, columns: 2, scales },
      { rowGroupRows: 1 },
    );
    expect([...(await readParquet(path)).embeddings.data]).toEqual([0.5, -1, 6, 8]);
  });

  it("tells how far it is, and ends early leaving the old file", async () => {
    const matrix = randomMatrix(3, 10, 2);
    const told: number[] = [];
    await writeParquet(path, matrix, {
      rowGroupRows: 5,
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
    await expect(writeParquet(path, source, { rowGroupRows: 1, signal: controller.signal })).rejects.toThrow(
      "enough",
    );
    await expect(readParquet(path, { signal: controller.signal })).rejects.toThrow("enough");
    expect(readFileSync(path).equals(whole)).toBe(true);
    expect(readdirSync(folder)).toEqual(["embeddings.parquet"]);
    mkdirSync(join(folder, "taken"));
    await expect(writeParquet(join(folder, "taken"), matrix)).rejects.toMatchObject({ syscall: "rename" });
  });

  it("refuses no rows, a wrong shape, wrong ids, names that meet and sources that skip", async () => {
    const one = matrixFrom([[1, 2]]);
    const write = (matrix: Matrix | EmbeddingSource, options: object = {}) =>
      writeParquet(path, matrix, options);
    await expect(write({ data: new Float32Array(), rows: 0, columns: 2 })).rejects.toThrow(
      new RangeError("writeParquet: expected `embeddings.rows` to be a positive integer, got 0"),
    );
    await expect(write({ ...one, rows: 2 })).rejects.toThrow(
      new RangeError("writeParquet: expected `embeddings.data` to hold 2 x 2 = 4 numbers, got 2"),
    );
    await expect(write(one, { rowGroupRows: 0.5 })).rejects.toThrow(
      new RangeError("writeParquet: expected `rowGroupRows` to be a positive integer, got 0.5"),
    );
    await expect(write(one, { ids: ["a", "b"] })).rejects.toThrow(
      new RangeError("writeParquet: expected `ids` to hold 1 ids, one per row, got 2"),
    );
    const two = matrixFrom([[1], [2]]);
    for (const [ids, shown] of [
      [["a", 1], "1"],
      [[1, 0.5], "0.5"],
      [[1n, 2n ** 63n], "9223372036854775808"],
    ] as const) {
      await expect(write(two, { ids })).rejects.toThrow(
        new TypeError(
          `writeParquet: expected \`ids\` to hold texts only, or whole numbers only, got ${shown} in row 1`,
        ),
      );
    }
    await expect(write(one, { ids: ["a"], column: "x", idColumn: "x" })).rejects.toThrow(
      new RangeError('writeParquet: expected `idColumn` to differ from `column`, got "x" twice'),
    );
    const skipping = (firstRow: number): EmbeddingSource => ({
      rows: 2,
      columns: 2,
      async *blocks() {
        yield { firstRow, embeddings: one };
      },
    });
    await expect(write(skipping(1))).rejects.toThrow(
      new RangeError(
        "writeParquet: expected `embeddings` to give rows 0 to 1 with 2 columns next, got 1 from row 1 with 2",
      ),
    );
    await expect(write(skipping(0))).rejects.toThrow(
      new RangeError("writeParquet: expected `embeddings` to give rows 1 to 1 next, got its end"),
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
