import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inflateSync } from "node:zlib";
import { type Embeddings, joinSources, matrixSource, toFloat32, toHalf, toInt8 } from "@lmk/index";
import {
  createEmbeddingWriter,
  type EmbeddingDtype,
  type EmbeddingFile,
  openEmbeddings,
  type Progress,
  writeEmbeddings,
} from "@lmk/index/embedding-files";
import { openNpy, writeNpy } from "@lmk/index/npy";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { matrixFrom, randomMatrix, slice } from "./fixtures.ts";
import { copyRows, expectSameEmbeddings } from "./same-embeddings.ts";

interface Golden {
  readonly cases: readonly {
    readonly name: string;
    readonly rows: number;
    readonly columns: number;
    readonly dtype: EmbeddingDtype;
    readonly ids: readonly string[] | null;
    readonly numbers?: readonly number[];
    readonly scales: readonly number[] | null;
    readonly floats?: readonly number[];
    readonly file: string;
  }[];
}

const golden = JSON.parse(
  readFileSync(new URL("golden/embedding-files-v1.json", import.meta.url), "utf8"),
) as Golden;

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-embedding-files-"));
  path = join(folder, "gallery.embeddings");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What a promise is rejected with. */
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.fail("expected a rejection"),
    (reason: unknown) => reason,
  );

async function withFile<T>(use: (file: EmbeddingFile) => Promise<T>): Promise<T> {
  const file = await openEmbeddings(path);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

const all = (file: EmbeddingFile): Promise<Embeddings> => file.read({ first: 0, end: file.rows });

const convert = { float32: toFloat32, float16: toHalf, int8: toInt8 };

/** Sixteen digits as of Google Landmarks. */
const landmarkIds = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => ((i * 2654435761) % 2 ** 32).toString(16).padStart(16, "0"));

/** Ids of 1 to 4 characters of 1 to 4 bytes each. */
const textIds = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `${"aß東🗼"[i % 2]}${i.toString(36)}`.slice(i % 3 === 0 ? 1 : 0));

describe("version 1 of the format", () => {
  it.each(golden.cases)(
    "loads a file that another program wrote: $name",
    async ({ rows, columns, dtype, ids, floats, scales, file }) => {
      writeFileSync(path, inflateSync(Buffer.from(file, "base64")));
      await withFile(async (opened) => {
        expect([opened.rows, opened.columns, opened.dtype]).toEqual([rows, columns, dtype]);
        const embeddings = await all(opened);
        const expected = floats ?? Array.from({ length: rows * columns }, (_, i) => (i % 251) - 125);
        expect([...toFloat32(embeddings).data]).toEqual(expected);
        if ("scales" in embeddings) expect([...embeddings.scales]).toEqual(scales);
        expect(opened.hasIds).toBe(ids !== null);
        if (ids !== null) expect(await opened.readIds({ first: 0, end: rows })).toEqual(ids);
        await opened.verify();
      });
    },
  );

  it.each(golden.cases)(
    "is written as the other program does, byte for byte: $name",
    async ({ rows, columns, dtype, ids, numbers, scales, floats, file }) => {
      const data = Float32Array.from(
        floats ?? Array.from({ length: rows * columns }, (_, i) => (i % 251) - 125),
      );
      const matrix = { data, rows, columns };
      const embeddings: Embeddings =
        dtype === "int8"
          ? { data: Int8Array.from(numbers!), rows, columns, scales: Float32Array.from(scales!) }
          : convert[dtype](matrix);
      await writeEmbeddings(path, embeddings, ids === null ? {} : { ids });
      expect(readFileSync(path).equals(inflateSync(Buffer.from(file, "base64")))).toBe(true);
    },
  );
});

describe("writeEmbeddings and openEmbeddings", () => {
  it("keep the numbers, whatever the precision, shape and ids", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rows: fc.integer({ min: 0, max: 40 }),
          columns: fc.integer({ min: 1, max: 9 }),
          seed: fc.integer(),
          dtype: fc.constantFrom<EmbeddingDtype>("float32", "float16", "int8"),
          ids: fc.constantFrom("none", "digits", "text"),
          blockRows: fc.integer({ min: 1, max: 50 }),
        }),
        async ({ rows, columns, seed, dtype, ids, blockRows }) => {
          const matrix = randomMatrix(seed, rows, columns);
          const expected = convert[dtype](matrix);
          const names = ids === "none" ? undefined : ids === "digits" ? landmarkIds(rows) : textIds(rows);
          await writeEmbeddings(path, matrix, { dtype, ...(names && { ids: names }) });
          await withFile(async (file) => {
            expect(await all(file)).toEqual(expected);
            const numbers: number[] = [];
            for await (const block of file.blocks({ first: 0, end: rows, blockRows })) {
              expect(block.firstRow * columns).toBe(numbers.length);
              numbers.push(...toFloat32(block.embeddings).data);
            }
            expect(numbers).toEqual([...toFloat32(expected).data]);
            if (names) expect(await file.readIds({ first: 0, end: rows })).toEqual(names);
          });
        },
      ),
      { numRuns: 60, seed: 7 },
    );
  });

  it.each(["float32", "float16", "int8"] as const)(
    "reads %s rows from any chunk, also where rows lie across chunks",
    async (dtype) => {
      // 1,300,000 numbers: 5 to 20 chunks, and no row ends with a chunk.
      const [rows, columns] = [1000, 1300];
      const matrix = randomMatrix(1, rows, columns);
      const expected = convert[dtype](matrix);
      await writeEmbeddings(path, matrix, { dtype, ids: textIds(rows) });
      await withFile(async (file) => {
        expectSameEmbeddings(await all(file), expected);
        for (const [first, end] of [
          [0, 1],
          [49, 52],
          [201, 999],
          [999, 1000],
          [1000, 1000],
        ] as const) {
          expectSameEmbeddings(await file.read({ first, end }), copyRows(expected, first, end));
        }
      });
    },
  );

  it("keeps the precision of what it is given, and float32 of a source", async () => {
    const matrix = randomMatrix(2, 3, 4);
    for (const embeddings of [matrix, toHalf(matrix), toInt8(matrix)]) {
      await writeEmbeddings(path, embeddings);
      expect(await withFile(all)).toEqual(embeddings);
    }
    await writeEmbeddings(path, matrixSource(toHalf(matrix)));
    expect(await withFile(all)).toEqual(toFloat32(toHalf(matrix)));
  });

  it("copies a NumPy file without reading it whole, and joins files", async () => {
    const matrix = randomMatrix(3, 7, 2);
    await writeNpy(join(folder, "gallery.npy"), matrix);
    const npy = await openNpy(join(folder, "gallery.npy"));
    await writeEmbeddings(path, npy, { ids: landmarkIds(7) });
    await npy.close();
    const joined = join(folder, "joined.embeddings");
    await withFile((file) => writeEmbeddings(joined, joinSources([file, matrixSource(matrix), file])));
    const twin = await openEmbeddings(joined);
    expect(twin.rows).toBe(21);
    expect(await twin.read({ first: 14, end: 21 })).toEqual(matrix);
    expect(twin.hasIds).toBe(false);
    await twin.close();
  });

  it("reads into shared memory", async () => {
    const matrix = randomMatrix(4, 3, 4);
    await writeEmbeddings(path, matrix, { dtype: "int8" });
    const shared = await withFile((file) => file.read({ first: 0, end: 3 }, { shared: true }));
    expect(shared.data.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect("scales" in shared && shared.scales.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect([...shared.data]).toEqual([...toInt8(matrix).data]);
    expect([...("scales" in shared ? shared.scales : [])]).toEqual([...toInt8(matrix).scales]);
  });

  it("tell how far they are", async () => {
    const told: Progress[] = [];
    const onProgress = (progress: Progress): number => told.push(progress);
    await writeEmbeddings(path, randomMatrix(5, 6, 2), { onProgress, ids: textIds(6) });
    await withFile(async (file) => {
      await file.read({ first: 2, end: 6 }, { onProgress });
      await file.rowsOf(["x"], { onProgress });
      await file.verify({ onProgress });
    });
    // 48 bytes of numbers, ends of ids and ids, each padded to a multiple of 64.
    expect(told.map(({ done }) => done)).toEqual([6, 4, 6, 192]);
    expect(told.map(({ total }) => total)).toEqual([6, 4, 6, 192]);
  });

  it("end early", async () => {
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    const matrix = randomMatrix(5, 6, 2);
    expect(await rejection(writeEmbeddings(path, matrix, { signal }))).toBe(reason);
    await writeEmbeddings(path, matrix, { ids: textIds(6) });
    await withFile(async (file) => {
      expect(await rejection(file.read({ first: 0, end: 6 }, { signal }))).toBe(reason);
      expect(await rejection(file.rowsOf(["x"], { signal }))).toBe(reason);
      expect(await rejection(file.verify({ signal }))).toBe(reason);
    });
    const controller = new AbortController();
    const source = {
      rows: 6,
      columns: 2,
      async *blocks() {
        yield { firstRow: 0, embeddings: slice(matrix, 0, 3) };
        controller.abort();
        yield { firstRow: 3, embeddings: slice(matrix, 3, 6) };
      },
    };
    const writing = writeEmbeddings(join(folder, "other"), source, {
      signal: controller.signal,
      ids: textIds(6),
      dtype: "int8",
    });
    expect(await rejection(writing)).toBe(controller.signal.reason);
    expect(readdirSync(folder)).toEqual(["gallery.embeddings"]);
  });

  it("end early while they read", async () => {
    const rows = 64 * 1024;
    await writeEmbeddings(path, { data: new Float32Array(rows * 256), rows, columns: 256 });
    await withFile(async (file) => {
      for (const start of [
        (signal: AbortSignal) => file.read({ first: 0, end: rows }, { signal }),
        (signal: AbortSignal) => file.verify({ signal }),
      ]) {
        const controller = new AbortController();
        const reading = start(controller.signal);
        setImmediate(() => controller.abort());
        expect(await rejection(reading)).toBe(controller.signal.reason);
      }
    });
  });
});

describe("ids", () => {
  it("take half their digits where all are hexadecimal and equally long", async () => {
    const matrix = randomMatrix(1, 64, 1);
    const sizeWith = async (ids: string[]): Promise<number> => {
      await writeEmbeddings(path, matrix, { ids });
      expect(await withFile((file) => file.readIds({ first: 0, end: 64 }))).toEqual(ids);
      return readFileSync(path).length;
    };
    const ids = landmarkIds(64);
    const without = 4096 + 64 * 4 + 16;
    expect(await sizeWith(ids)).toBe(without + 64 * 8);
    const asText = without + 64 * 8 + 64 * 16;
    expect(await sizeWith(ids.with(63, "00000000000000AF"))).toBe(asText);
    expect(await sizeWith(ids.with(0, "00000000000000ag"))).toBe(asText);
    expect(await sizeWith(ids.with(5, "000000000000"))).toBe(asText);
    expect(await sizeWith(ids.map((id) => id.slice(1)))).toBe(asText - 64);
  });

  it("are found by row and by id, in files of many chunks", async () => {
    const rows = 100_000;
    const ids = Array.from({ length: rows }, (_, i) => `image-${i}`).with(70_000, "image-5");
    await writeEmbeddings(path, randomMatrix(1, rows, 1), { ids });
    await withFile(async (file) => {
      expect(await file.readIds({ first: 69_999, end: 70_002 })).toEqual([
        "image-69999",
        "image-5",
        "image-70001",
      ]);
      expect(await file.readIds({ first: 7, end: 7 })).toEqual([]);
      const wanted = Int32Array.of(99_999, -1, 0, 99_999, 40_000, 16_384, 16_383);
      expect(await file.idsOf(wanted)).toEqual([
        "image-99999",
        "",
        "image-0",
        "image-99999",
        "image-40000",
        "image-16384",
        "image-16383",
      ]);
      const found = await file.rowsOf(["image-99999", "image-5", "image-70000", "image-5"]);
      expect([...found]).toEqual([99_999, 5, -1, 5]);
      expect(await file.rowsOf([])).toEqual(new Int32Array());
    });
  });

  it("are refused where a file could not give them back", async () => {
    const matrix = matrixFrom([[1], [2]]);
    const write = (ids: unknown[]): Promise<unknown> =>
      rejection(writeEmbeddings(path, matrix, { ids: ids as string[] }));
    expect(await write(["a"])).toEqual(
      new RangeError("writeEmbeddings: expected `ids` to hold one id for each of 2 rows, got 1"),
    );
    expect(await write(["a", ""])).toEqual(
      new RangeError(
        'writeEmbeddings: expected the id of row 1 to be one or more characters of Unicode, got ""',
      ),
    );
    expect(await write(["a\ud83d", "b"])).toEqual(
      new RangeError(
        'writeEmbeddings: expected the id of row 0 to be one or more characters of Unicode, got "a\\ud83d"',
      ),
    );
    expect(await write(["a", 7])).toEqual(
      new TypeError("writeEmbeddings: expected the id of row 1 to be a string, got number"),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it("are not read from a file without, nor of rows that are not there", async () => {
    await writeEmbeddings(path, matrixFrom([[1], [2]]));
    await withFile(async (file) => {
      for (const [name, call] of [
        ["readIds", () => file.readIds({ first: 0, end: 1 })],
        ["idsOf", () => file.idsOf([0])],
        ["rowsOf", () => file.rowsOf(["a"])],
      ] as const) {
        expect(await rejection(call())).toEqual(
          new RangeError(`${name}: expected ${path} to have ids, got a file without`),
        );
      }
    });
    await writeEmbeddings(path, matrixFrom([[1], [2]]), { ids: ["a", "b"] });
    await withFile(async (file) => {
      expect(await rejection(file.idsOf([0, 2]))).toEqual(
        new RangeError("idsOf: expected `rows[1]` to be a row of 2 or -1, got 2"),
      );
      expect(await rejection(file.idsOf([-2]))).toEqual(
        new RangeError("idsOf: expected `rows[0]` to be a row of 2 or -1, got -2"),
      );
      expect(await rejection(file.readIds({ first: 1, end: 3 }))).toEqual(
        new RangeError(
          "readIds: expected `first` and `end` to be whole numbers with 0 <= first <= end <= 2, got 1 and 3",
        ),
      );
    });
  });
});

describe("createEmbeddingWriter", () => {
  it.each(["float32", "float16", "int8"] as const)(
    "writes the same %s file as writeEmbeddings",
    async (dtype) => {
      const matrix = randomMatrix(1, 500, 200);
      for (const ids of [undefined, landmarkIds(500), textIds(500)]) {
        const writer = await createEmbeddingWriter(path, { columns: 200, dtype });
        const append = (first: number, end: number): Promise<void> =>
          writer.append(slice(matrix, first, end), ids?.slice(first, end));
        await append(0, 100);
        await append(100, 100);
        await Promise.all([append(100, 101), append(101, 500)]);
        expect(writer.rows).toBe(500);
        await writer.close();
        const twin = join(folder, "twin");
        await writeEmbeddings(twin, matrix, { dtype, ...(ids && { ids }) });
        expect(readFileSync(path).equals(readFileSync(twin))).toBe(true);
        expect(readdirSync(folder)).toEqual(["gallery.embeddings", "twin"]);
      }
    },
  );

  it("writes float32 by default", async () => {
    const writer = await createEmbeddingWriter(path, { columns: 3 });
    await writer.close();
    await withFile(async (file) => {
      expect([file.rows, file.columns, file.dtype, file.hasIds]).toEqual([0, 3, "float32", false]);
    });
  });

  it("goes on after rows that it refuses", async () => {
    const writer = await createEmbeddingWriter(path, { columns: 2, dtype: "float16" });
    const refuses = async (
      embeddings: Embeddings,
      ids: string[] | undefined,
      message: string,
    ): Promise<void> => {
      expect(await rejection(writer.append(embeddings, ids))).toEqual(new RangeError(`append: ${message}`));
    };
    await refuses(
      matrixFrom([
        [1, 2],
        [3, Number.NaN],
      ]),
      undefined,
      "expected row 1 of `embeddings` to hold finite numbers, got NaN in column 1",
    );
    await writer.append(matrixFrom([[1, 2]]), ["a"]);
    await refuses(matrixFrom([[1]]), ["b"], "expected `embeddings` to have 2 columns as the file, got 1");
    await refuses(
      matrixFrom([[1, 2]]),
      undefined,
      "expected `ids` to be given as with earlier rows, got none",
    );
    await refuses(matrixFrom([[1, 2]]), [], "expected `ids` to hold one id for each of 1 rows, got 0");
    await refuses(
      matrixFrom([[1, -Infinity]]),
      ["b"],
      "expected row 0 of `embeddings` to hold finite numbers, got -Infinity in column 1",
    );
    await refuses(
      { data: Uint16Array.of(0, 0x7c00), rows: 1, columns: 2 },
      ["b"],
      "expected row 0 of `embeddings` to hold finite numbers, got Infinity in column 1",
    );
    await refuses(
      matrixFrom([[70000, 0]]),
      ["b"],
      "expected row 0 of `embeddings` to hold numbers from -65504 to 65504 for float16, got 70000 in column 0",
    );
    await writer.close();
    await withFile(async (file) => {
      expect(await all(file)).toEqual(toHalf(matrixFrom([[1, 2]])));
      expect(await file.readIds({ first: 0, end: 1 })).toEqual(["a"]);
    });
  });

  it("refuses ids after rows without", async () => {
    const writer = await createEmbeddingWriter(path, { columns: 1 });
    await writer.append(matrixFrom([[1]]));
    expect(await rejection(writer.append(matrixFrom([[1]]), ["a"]))).toEqual(
      new RangeError("append: expected no `ids` as with earlier rows, got 1"),
    );
    await writer.abort();
  });

  it("leaves nothing when aborted or not closed", async () => {
    const writer = await createEmbeddingWriter(path, { columns: 1, dtype: "int8" });
    await writer.append(matrixFrom([[1]]), ["a"]);
    expect(readdirSync(folder)).toHaveLength(4);
    await writer.abort();
    expect(readdirSync(folder)).toEqual([]);
    const other = await createEmbeddingWriter(path, { columns: 1 });
    await other[Symbol.asyncDispose]();
    expect(readdirSync(folder)).toEqual([]);
    const message = "expected a writer that is open, got one that is closed or aborted";
    expect(await rejection(writer.append(matrixFrom([[1]])))).toEqual(new RangeError(`append: ${message}`));
    expect(await rejection(writer.close())).toEqual(new RangeError(`close: ${message}`));
  });

  it("leaves nothing behind when the file cannot get its name", async () => {
    const taken = join(folder, "taken");
    mkdirSync(taken);
    const writer = await createEmbeddingWriter(taken, { columns: 1, dtype: "int8" });
    await writer.append(matrixFrom([[1]]), ["a"]);
    expect(await rejection(writer.close())).toMatchObject({ syscall: "rename" });
    expect(readdirSync(folder)).toEqual(["taken"]);
    const nowhere = join(folder, "no", "where");
    expect(await rejection(createEmbeddingWriter(nowhere, { columns: 1 }))).toMatchObject({ code: "ENOENT" });
  });

  it("refuses options out of range", async () => {
    expect(await rejection(createEmbeddingWriter(path, { columns: 1.5 }))).toEqual(
      new RangeError("createEmbeddingWriter: expected `columns` to be a positive integer, got 1.5"),
    );
    const dtype = "float64" as "float32";
    const message = 'expected `dtype` to be "float32", "float16" or "int8", got "float64"';
    expect(await rejection(createEmbeddingWriter(path, { columns: 1, dtype }))).toEqual(
      new RangeError(`createEmbeddingWriter: ${message}`),
    );
    expect(await rejection(writeEmbeddings(path, matrixFrom([[1]]), { dtype }))).toEqual(
      new RangeError(`writeEmbeddings: ${message}`),
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("writeEmbeddings", () => {
  it("refuses a row that is not finite by its number in the whole", async () => {
    const columns = 2 ** 19;
    const matrix = { data: new Float32Array(5 * columns), rows: 5, columns };
    matrix.data[3 * columns + 2] = Number.NaN;
    expect(await rejection(writeEmbeddings(path, matrix))).toEqual(
      new RangeError(
        "writeEmbeddings: expected row 3 of `embeddings` to hold finite numbers, got NaN in column 2",
      ),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it("refuses a shape that does not fit", async () => {
    expect(
      await rejection(writeEmbeddings(path, { data: new Float32Array(3), rows: 2, columns: 2 })),
    ).toEqual(new RangeError("writeEmbeddings: expected `embeddings.data` to hold 2 x 2 = 4 numbers, got 3"));
  });

  it("refuses more rows than can be numbered, before it writes", async () => {
    const source = { ...matrixSource(matrixFrom([[1]])), rows: 2 ** 31 };
    expect(await rejection(writeEmbeddings(path, source))).toEqual(
      new RangeError("writeEmbeddings: expected `embeddings.rows` to be a count below 2^31, got 2147483648"),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it("leaves its input as it is", async () => {
    const matrix = randomMatrix(1, 4, 4);
    const copy = matrix.data.slice();
    await writeEmbeddings(path, matrix, { dtype: "int8" });
    expect(matrix.data).toEqual(copy);
  });
});
