import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { openArrow, readArrow, writeArrow } from "@lmk/index/arrow";
import { IndexFileError, openParquet, readParquet, writeParquet } from "@lmk/index/parquet";
import { RecordBatchReader } from "apache-arrow";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { matrixFrom, randomMatrix, slice } from "./fixtures.ts";

const matrix = randomMatrix(1, 7, 3);
const ids = Array.from({ length: 7 }, (_, row) => `photo ${row}`);

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-tables-"));
  path = join(folder, "embeddings");
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

const formats = {
  Parquet: {
    write: () => writeParquet(path, matrix, { ids, rowGroupRows: 3 }),
    open: openParquet,
    read: readParquet,
  },
  Arrow: { write: () => writeArrow(path, matrix, { ids, batchRows: 3 }), open: openArrow, read: readArrow },
} as const;

describe.each(["Parquet", "Arrow"] as const)("an open %s file", (name) => {
  const { write, open, read } = formats[name];

  it("gives any range of rows and of ids", async () => {
    await write();
    await using table = await open(path, { idColumn: "id" });
    expect(table.hasIds).toBe(true);
    for (const [first, end] of [
      [0, 7],
      [2, 4],
      [3, 6],
      [6, 7],
      [1, 2],
      [5, 5],
    ] as const) {
      expect(await table.read({ first, end })).toEqual(slice(matrix, first, end));
      expect(await table.readIds({ first, end })).toEqual(ids.slice(first, end));
    }
    const shared = await table.read({ first: 1, end: 7 }, { shared: true });
    expect(shared.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...shared.data]).toEqual([...slice(matrix, 1, 7).data]);
  });

  it("refuses rows that are not there, and ids that were not asked for", async () => {
    await write();
    await using table = await open(path);
    expect(table.hasIds).toBe(false);
    await expect(table.read({ first: 0, end: 8 })).rejects.toThrow(
      new RangeError(
        "read: expected `first` and `end` to be whole numbers with 0 <= first <= end <= 7, got 0 and 8",
      ),
    );
    await expect(table.readIds({ first: 0, end: 1 })).rejects.toThrow(
      new RangeError(`readIds: expected ${path} to be opened with \`idColumn\`, got none`),
    );
  });

  it("refuses use after close, also of blocks that have begun", async () => {
    await write();
    const table = await open(path, { idColumn: "id" });
    const blocks = table.blocks({ first: 0, end: 7, blockRows: 7 })[Symbol.asyncIterator]();
    expect((await blocks.next()).value?.firstRow).toBe(0);
    await table.close();
    await table[Symbol.asyncDispose]();
    const closed = `expected a file that is open, got ${path} after close`;
    await expect(blocks.next()).rejects.toThrow(new RangeError(`blocks: ${closed}`));
    expect(() => table.blocks({ first: 0, end: 1, blockRows: 1 })).toThrow(
      new RangeError(`blocks: ${closed}`),
    );
    await expect(table.read({ first: 0, end: 1 })).rejects.toThrow(new RangeError(`read: ${closed}`));
    await expect(table.readIds({ first: 0, end: 1 })).rejects.toThrow(new RangeError(`readIds: ${closed}`));
  });

  it("reads a group again that could not be read", async () => {
    await write();
    const sound = readFileSync(path);
    const table = await open(path);
    writeFileSync(path, sound.subarray(0, 8));
    const range = { first: 3, end: 5 };
    const error: unknown = await table.read(range).catch((reason: unknown) => reason);
    expect(IndexFileError.isInstance(error)).toBe(true);
    writeFileSync(path, sound);
    expect(await table.read(range)).toEqual(slice(matrix, 3, 5));
    await table.close();
  });

  it("says what to do where the rows do not fit into memory", async () => {
    await write();
    const table = await open(path);
    const caller = name === "Arrow" ? "readArrow" : "readParquet";
    const Real = Float32Array;
    vi.stubGlobal("Float32Array", function Fake(length: number) {
      if (length === 21) throw new RangeError("Array buffer allocation failed");
      return new Real(length);
    });
    const message = (who: string) =>
      `${who}: expected ${path} to fit into memory, got 7 x 3 numbers (Array buffer allocation failed); open it and read some rows at a time with \`blocks\``;
    await expect(read(path)).rejects.toThrow(new RangeError(message(caller)));
    await expect(table.read({ first: 0, end: 7 })).rejects.toThrow(new RangeError(message("read")));
    await table.close();
  });

  it("refuses another dtype", async () => {
    const dtype = "int8" as "float16";
    const [caller, call] =
      name === "Arrow"
        ? ["writeArrow", writeArrow(path, matrix, { dtype })]
        : ["writeParquet", writeParquet(path, matrix, { dtype })];
    await expect(call).rejects.toThrow(
      new RangeError(`${caller}: expected \`dtype\` to be "float16" or "float32", got "int8"`),
    );
  });
});

it("reads each batch of an Arrow file once for rows and ids", async () => {
  await formats.Arrow.write();
  const from = vi.spyOn(RecordBatchReader, "from");
  const { embeddings, ids: found } = await readArrow(path, { idColumn: "id" });
  expect([embeddings, found]).toEqual([matrix, ids]);
  // Once for the schema at the file's end, once for each of three batches.
  expect(from).toHaveBeenCalledTimes(4);
});

it("does not decompress a page of Parquet to more than it says it is", async () => {
  const page = (bytes: Uint8Array) => gzipSync(Buffer.concat([bytes, Buffer.alloc(2 ** 20)]));
  const buffer = parquetWriteBuffer({
    codec: "GZIP",
    compressors: { GZIP: page },
    schema: [
      { name: "root", num_children: 1 },
      { name: "embedding", repetition_type: "REQUIRED", num_children: 1, converted_type: "LIST" },
      { name: "list", repetition_type: "REPEATED", num_children: 1 },
      { name: "element", type: "FLOAT", repetition_type: "REQUIRED" },
    ],
    columnData: [{ name: "embedding", data: Array.from({ length: 50 }, (_, i) => [i / 7, i / 3]) }],
  });
  writeFileSync(path, new Uint8Array(buffer));
  await expect(readParquet(path)).rejects.toThrow(
    /^readParquet: expected .+ to have a readable column "embedding" from row 0, got "Cannot create a Buffer larger than \d+ bytes"$/,
  );
  await writeParquet(path, matrixFrom([[1]]));
  expect((await readParquet(path)).embeddings.rows).toBe(1);
});
