import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type EmbeddingSource,
  type HalfMatrix,
  joinSources,
  matrixSource,
  toFloat32,
  toHalf,
} from "@lmk/index";
import { createNpyWriter, IndexFileError, openNpy, type Progress, readNpy, writeNpy } from "@lmk/index/npy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { matrixFrom, randomMatrix, slice } from "./fixtures.ts";

interface Golden {
  readonly cases: readonly {
    readonly name: string;
    readonly rows: number;
    readonly columns: number;
    readonly dtype: string;
    readonly floatBits: readonly number[];
    readonly halfBits: readonly number[] | null;
    readonly file: string;
  }[];
  readonly refused: Readonly<Record<string, string>>;
}

const golden = JSON.parse(readFileSync(new URL("golden/npy.json", import.meta.url), "utf8")) as Golden;

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-npy-files-"));
  path = join(folder, "embeddings.npy");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bitsOf = (data: Float32Array): number[] => [...new Uint32Array(data.slice().buffer)];

/** What a promise is rejected with. */
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail("expected a rejection"),
    (reason: unknown) => reason,
  );

describe("files of numpy", () => {
  it.each(golden.cases)("are read: $name", async ({ rows, columns, dtype, floatBits, halfBits, file }) => {
    writeFileSync(path, Buffer.from(file, "base64"));
    const matrix = await readNpy(path);
    expect([matrix.rows, matrix.columns]).toEqual([rows, columns]);
    expect(bitsOf(matrix.data)).toEqual(floatBits);

    const npy = await openNpy(path);
    expect([npy.rows, npy.columns, npy.dtype]).toEqual([rows, columns, dtype]);
    const { data } = await npy.read({ first: 0, end: rows });
    await npy.close();
    if (data instanceof Uint16Array) expect([...data]).toEqual(halfBits);
    else expect(bitsOf(data)).toEqual(floatBits);
  });

  it.each(golden.cases.filter(({ name, dtype }) => dtype !== "float64" && !name.startsWith("version")))(
    "are written, byte for byte: $name",
    async ({ rows, columns, floatBits, halfBits, file }) => {
      const floats = new Float32Array(Uint32Array.from(floatBits).buffer);
      await writeNpy(
        path,
        halfBits === null
          ? { data: floats, rows, columns }
          : { data: Uint16Array.from(halfBits), rows, columns },
      );
      expect(readFileSync(path).toString("base64")).toBe(file);
    },
  );

  it.each([
    ["columns first", "unsupported-content", "to be in C order, got Fortran order"],
    ["big-endian", "unsupported-content", "to hold '<f2', '<f4' or '<f8' numbers, got '>f4'"],
    ["int64", "unsupported-content", "to hold '<f2', '<f4' or '<f8' numbers, got '<i8'"],
    ["int8", "unsupported-content", "to hold '<f2', '<f4' or '<f8' numbers, got '|i1'"],
    ["truth values", "unsupported-content", "to hold '<f2', '<f4' or '<f8' numbers, got '|b1'"],
    ["one dimension", "unsupported-content", "to have a shape of rows and 1 or more columns, got (6,)"],
    ["no dimension", "unsupported-content", "to have a shape of rows and 1 or more columns, got ()"],
    [
      "records",
      "unsupported-content",
      "to hold '<f2', '<f4' or '<f8' numbers, got [('x', '<f4'), ('y', '<f4')]",
    ],
    [
      "beyond float32",
      "unsupported-content",
      "to hold numbers of float32's range, got 1e+39 in row 1, column 1",
    ],
  ] as const)("are refused: %s", async (name, code, message) => {
    writeFileSync(path, Buffer.from(golden.refused[name]!, "base64"));
    expect(await rejection(readNpy(path))).toEqual(
      new IndexFileError(`readNpy: expected ${path} ${message}`, code, path),
    );
  });
});

describe("readNpy", () => {
  it("reads into shared memory", async () => {
    const matrix = randomMatrix(1, 5, 3);
    await writeNpy(path, matrix);
    const shared = await readNpy(path, { shared: true });
    expect(shared.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...shared.data]).toEqual([...matrix.data]);
    expect((await readNpy(path)).data.buffer).toBeInstanceOf(ArrayBuffer);
  });

  it("tells how far it is, and ends early", async () => {
    await writeNpy(path, randomMatrix(1, 5, 3));
    const told: Progress[] = [];
    await readNpy(path, { onProgress: (progress) => told.push(progress) });
    expect(told).toEqual([{ done: 5, total: 5 }]);
    const reason = new Error("enough");
    expect(await rejection(readNpy(path, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  it("ends early between two pieces", async () => {
    await writeNpy(path, { data: new Float32Array(64 * 2 ** 18), rows: 64, columns: 2 ** 18 });
    const controller = new AbortController();
    const reading = readNpy(path, { signal: controller.signal });
    setImmediate(() => controller.abort());
    expect(await rejection(reading)).toBe(controller.signal.reason);
  });
});

describe("openNpy", () => {
  it("reads any rows, as often as wanted", async () => {
    const matrix = randomMatrix(2, 10, 3);
    await writeNpy(path, matrix);
    const npy = await openNpy(path);
    for (const [first, end] of [
      [0, 10],
      [9, 10],
      [3, 5],
      [4, 4],
      [10, 10],
    ] as const) {
      expect(await npy.read({ first, end })).toEqual({
        ...slice(matrix, first, end),
        data: matrix.data.slice(first * 3, end * 3),
      });
    }
    await npy.close();
  });

  it.each(["float32", "float16"] as const)("gives %s blocks, in order", async (dtype) => {
    const matrix = randomMatrix(3, 10, 3);
    await writeNpy(path, matrix, { dtype });
    const npy = await openNpy(path);
    const numbers: number[] = [];
    const starts: number[] = [];
    for await (const { firstRow, embeddings } of npy.blocks({ first: 1, end: 10, blockRows: 4 })) {
      starts.push(firstRow);
      numbers.push(...toFloat32(embeddings).data);
      expect(embeddings.data).toBeInstanceOf(dtype === "float16" ? Uint16Array : Float32Array);
    }
    await npy.close();
    expect(starts).toEqual([1, 5, 9]);
    const expected = dtype === "float16" ? toFloat32(toHalf(matrix)) : matrix;
    expect(numbers).toEqual([...expected.data.subarray(3)]);
  });

  it("copies to another file with another precision, and joins files", async () => {
    const matrix = randomMatrix(4, 6, 2);
    await writeNpy(path, matrix);
    const npy = await openNpy(path);
    const joined = join(folder, "joined.npy");
    await writeNpy(joined, joinSources([npy, matrixSource(matrix), npy]), { dtype: "float16" });
    await npy.close();
    const twin = await openNpy(joined);
    expect([twin.rows, twin.dtype]).toEqual([18, "float16"]);
    expect(await twin.read({ first: 6, end: 12 })).toEqual(toHalf(matrix));
    await twin.close();
  });

  it("refuses rows that are not there, and use after close", async () => {
    await writeNpy(path, randomMatrix(5, 3, 2));
    const npy = await openNpy(path);
    const range = "expected `first` and `end` to be whole numbers with 0 <= first <= end <= 3";
    for (const [first, end] of [
      [-1, 2],
      [2, 1],
      [0, 4],
      [0.5, 1],
    ] as const) {
      expect(await rejection(npy.read({ first, end }))).toEqual(
        new RangeError(`read: ${range}, got ${first} and ${end}`),
      );
      expect(() => npy.blocks({ first, end, blockRows: 1 })).toThrow(
        new RangeError(`blocks: ${range}, got ${first} and ${end}`),
      );
    }
    expect(() => npy.blocks({ first: 0, end: 1, blockRows: 0 })).toThrow(
      new RangeError("blocks: expected `blockRows` to be a positive integer, got 0"),
    );
    await npy[Symbol.asyncDispose]();
    await npy.close();
    expect(await rejection(npy.read({ first: 0, end: 1 }))).toEqual(
      new RangeError(`read: expected a file that is open, got ${path} after close`),
    );
    expect(() => npy.blocks({ first: 0, end: 1, blockRows: 1 })).toThrow(
      new RangeError(`blocks: expected a file that is open, got ${path} after close`),
    );
  });

  it("tells of a file that has become shorter", async () => {
    await writeNpy(path, randomMatrix(5, 3, 2));
    const npy = await openNpy(path);
    truncateSync(path, 140);
    expect(await rejection(npy.read({ first: 0, end: 3 }))).toEqual(
      new IndexFileError(`read: expected ${path} to go on at byte 140, got its end`, "wrong-size", path),
    );
    await npy.close();
  });

  it("names itself in errors", async () => {
    writeFileSync(path, "no array");
    expect(await rejection(openNpy(path))).toEqual(
      new IndexFileError(
        `openNpy: expected ${path} to start with 0x93 NUMPY, got other bytes`,
        "not-this-format",
        path,
      ),
    );
  });
});

describe("writeNpy", () => {
  const half: HalfMatrix = { data: Uint16Array.of(0x3c00, 0xc100), rows: 1, columns: 2 };
  const int8 = { data: Int8Array.of(127, -64), rows: 1, columns: 2, scales: Float32Array.of(0.5) };

  it.each([
    ["float16 as float16", half, undefined, "float16", [1, -2.5]],
    ["float16 as float32", half, "float32", "float32", [1, -2.5]],
    ["int8 as float32", int8, undefined, "float32", [63.5, -32]],
    ["int8 as float16", int8, "float16", "float16", [63.5, -32]],
    ["float32 as float32", matrixFrom([[1.5, 2]]), undefined, "float32", [1.5, 2]],
    ["a source as float32", matrixSource(half), undefined, "float32", [1, -2.5]],
  ] as const)("writes %s", async (_, embeddings, dtype, written, numbers) => {
    await writeNpy(path, embeddings, dtype === undefined ? {} : { dtype });
    const npy = await openNpy(path);
    expect(npy.dtype).toBe(written);
    await npy.close();
    expect([...(await readNpy(path)).data]).toEqual(numbers);
  });

  it("refuses by row what float16 cannot hold, and leaves nothing behind", async () => {
    const wide = 2 ** 19;
    const large = { data: new Float32Array(3 * wide), rows: 3, columns: wide };
    large.data[2 * wide + 1] = 65520;
    expect(await rejection(writeNpy(path, large, { dtype: "float16" }))).toEqual(
      new RangeError(
        "writeNpy: expected row 2 of `embeddings` to hold numbers from -65504 to 65504 for float16, got 65520 in column 1",
      ),
    );
    expect(await rejection(writeNpy(path, matrixFrom([[0], [Number.NaN]]), { dtype: "float16" }))).toEqual(
      new RangeError("writeNpy: expected row 1 of `embeddings` to hold finite numbers, got NaN in column 0"),
    );
    expect(readdirSync(folder)).toEqual([]);
    await writeNpy(path, matrixFrom([[65519, -65519]]), { dtype: "float16" });
    expect([...(await readNpy(path)).data]).toEqual([65504, -65504]);
  });

  it("refuses an unknown dtype", async () => {
    expect(await rejection(writeNpy(path, half, { dtype: "int8" as "float16" }))).toEqual(
      new RangeError('writeNpy: expected `dtype` to be "float16" or "float32", got "int8"'),
    );
  });

  it("refuses a source that does not give what it says", async () => {
    const lying = (rows: number, firstRow: number, columns: number): EmbeddingSource => ({
      rows,
      columns: 2,
      async *blocks() {
        yield { firstRow, embeddings: { data: new Float32Array(columns), rows: 1, columns } };
      },
    });
    expect(await rejection(writeNpy(path, lying(2, 0, 2)))).toEqual(
      new RangeError("writeNpy: expected `embeddings` to give rows 1 to 1 next, got its end"),
    );
    expect(await rejection(writeNpy(path, lying(1, 1, 2)))).toEqual(
      new RangeError(
        "writeNpy: expected `embeddings` to give rows 0 to 0 with 2 columns next, got 1 from row 1 with 2",
      ),
    );
    expect(await rejection(writeNpy(path, lying(1, 0, 3)))).toEqual(
      new RangeError(
        "writeNpy: expected `embeddings` to give rows 0 to 0 with 2 columns next, got 1 from row 0 with 3",
      ),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it("tells how far it is, and leaves nothing behind when it is ended early", async () => {
    const told: Progress[] = [];
    const matrix = randomMatrix(6, 4, 2);
    await writeNpy(path, matrix, { onProgress: (progress) => told.push(progress) });
    expect(told).toEqual([{ done: 4, total: 4 }]);
    rmSync(path);

    const controller = new AbortController();
    const source: EmbeddingSource = {
      rows: 4,
      columns: 2,
      async *blocks() {
        yield { firstRow: 0, embeddings: slice(matrix, 0, 2) };
        controller.abort();
        yield { firstRow: 2, embeddings: slice(matrix, 2, 4) };
      },
    };
    expect(await rejection(writeNpy(path, source, { signal: controller.signal }))).toBe(
      controller.signal.reason,
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("createNpyWriter", () => {
  it("writes the same file as writeNpy, from pieces", async () => {
    const matrix = randomMatrix(7, 11, 3);
    for (const dtype of ["float32", "float16"] as const) {
      const writer = await createNpyWriter(path, { columns: 3, dtype });
      await writer.append(slice(matrix, 0, 4));
      await writer.append(slice(matrix, 4, 4));
      // Not awaited one by one.
      const rest = [writer.append(slice(matrix, 4, 5)), writer.append(slice(matrix, 5, 11))];
      await Promise.all(rest);
      expect(writer.rows).toBe(11);
      expect(existsSync(path)).toBe(false);
      await writer.close();
      const twin = join(folder, "twin.npy");
      await writeNpy(twin, matrix, { dtype });
      expect(readFileSync(path).equals(readFileSync(twin))).toBe(true);
      rmSync(path);
    }
  });

  it("writes float32 by default, and a file without rows", async () => {
    const writer = await createNpyWriter(path, { columns: 3 });
    await writer.close();
    const npy = await openNpy(path);
    expect([npy.rows, npy.columns, npy.dtype]).toEqual([0, 3, "float32"]);
    await npy.close();
  });

  it("goes on after rows that it refuses", async () => {
    const writer = await createNpyWriter(path, { columns: 2, dtype: "float16" });
    await writer.append(matrixFrom([[1, 2]]));
    expect(await rejection(writer.append(matrixFrom([[1]])))).toEqual(
      new RangeError("append: expected `embeddings` to have 2 columns as the file, got 1"),
    );
    expect(await rejection(writer.append(matrixFrom([[1, 1e6]])))).toEqual(
      new RangeError(
        "append: expected row 0 of `embeddings` to hold numbers from -65504 to 65504 for float16, got 1000000 in column 1",
      ),
    );
    await writer.close();
    expect(await readNpy(path)).toEqual(matrixFrom([[1, 2]]));
  });

  it("leaves nothing when aborted or not closed", async () => {
    const writer = await createNpyWriter(path, { columns: 1 });
    const adding = writer.append(matrixFrom([[1]]));
    await writer.abort();
    await adding;
    expect(readdirSync(folder)).toEqual([]);
    const other = await createNpyWriter(path, { columns: 1 });
    await other[Symbol.asyncDispose]();
    expect(readdirSync(folder)).toEqual([]);
    const message = "expected a writer that is open, got one that is closed or aborted";
    expect(await rejection(writer.append(matrixFrom([[1]])))).toEqual(new RangeError(`append: ${message}`));
    expect(await rejection(writer.close())).toEqual(new RangeError(`close: ${message}`));
  });

  it("keeps the file when it is disposed of after close", async () => {
    const writer = await createNpyWriter(path, { columns: 1 });
    await writer.append(matrixFrom([[1]]));
    await writer.close();
    await writer[Symbol.asyncDispose]();
    expect(readdirSync(folder)).toEqual(["embeddings.npy"]);
  });

  it("refuses options out of range", async () => {
    expect(await rejection(createNpyWriter(path, { columns: 0 }))).toEqual(
      new RangeError("createNpyWriter: expected `columns` to be a positive integer, got 0"),
    );
    expect(await rejection(createNpyWriter(path, { columns: 1, dtype: "<f4" as "float32" }))).toEqual(
      new RangeError('createNpyWriter: expected `dtype` to be "float16" or "float32", got "<f4"'),
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
