import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IndexFileError, readNpy, writeNpy } from "@lmk/index/npy";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { matrixFrom, randomMatrix } from "./fixtures.ts";

let folder = "";
let path = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-npy-"));
  path = join(folder, "embeddings.npy");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A file of any version with any header text. */
function fileOf(version: readonly [number, number], text: string, data: Uint8Array): Uint8Array {
  const wide = version[0] > 1;
  const start = wide ? 12 : 10;
  const length = Math.ceil((start + text.length + 1) / 64) * 64 - start;
  const header = Buffer.from(`${text.padEnd(length - 1)}\n`, "latin1");
  const sizes = Buffer.alloc(wide ? 4 : 2);
  if (wide) sizes.writeUInt32LE(length);
  else sizes.writeUInt16LE(length);
  return Buffer.concat([Buffer.from("\x93NUMPY", "latin1"), Buffer.from(version), sizes, header, data]);
}

const floats = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

describe("writeNpy", () => {
  it("writes what NumPy writes, byte for byte", async () => {
    await writeNpy(path, matrixFrom([[1, -2, 0.5]]));
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3), }".padEnd(117);
    const expected = Buffer.concat([
      Buffer.from("\x93NUMPY\x01\x00v\x00", "latin1"),
      Buffer.from(`${header}\n`),
      Buffer.from("0000803f000000c00000003f", "hex"),
    ]);
    expect(readFileSync(path).equals(expected)).toBe(true);
    expect((expected.length - 12) % 64).toBe(0);
  });

  it("writes a view of a larger array, and an empty matrix", async () => {
    const { data } = randomMatrix(1, 4, 3);
    await writeNpy(path, { data: data.subarray(3, 9), rows: 2, columns: 3 });
    expect([...(await readNpy(path)).data]).toEqual([...data.subarray(3, 9)]);
    await writeNpy(path, { data: new Float32Array(), rows: 0, columns: 5 });
    expect(await readNpy(path)).toEqual({ data: new Float32Array(), rows: 0, columns: 5 });
  });

  it("replaces a file, and leaves nothing else in the folder", async () => {
    await writeNpy(path, randomMatrix(1, 10, 3));
    await writeNpy(path, matrixFrom([[1]]));
    expect([...(await readNpy(path)).data]).toEqual([1]);
    expect(readdirSync(folder)).toEqual(["embeddings.npy"]);
  });

  it("leaves nothing behind when it fails", async () => {
    mkdirSync(join(folder, "taken"));
    await expect(writeNpy(join(folder, "taken"), matrixFrom([[1]]))).rejects.toMatchObject({
      syscall: "rename",
    });
    await expect(writeNpy(join(folder, "no", "where.npy"), matrixFrom([[1]]))).rejects.toThrow("ENOENT");
    expect(readdirSync(folder)).toEqual(["taken"]);
  });

  it("refuses a matrix whose shape does not fit", async () => {
    await expect(writeNpy(path, { data: new Float32Array(3), rows: 2, columns: 2 })).rejects.toThrow(
      new RangeError("writeNpy: expected `embeddings.data` to hold 2 x 2 = 4 numbers, got 3"),
    );
  });
});

describe("readNpy", () => {
  it("reads back every number, whatever its bits", async () => {
    const odd = Float32Array.of(Number.NaN, Infinity, -Infinity, -0, 1e-45, 3.4028234663852886e38);
    await writeNpy(path, { data: odd, rows: 3, columns: 2 });
    expect(await readNpy(path)).toEqual({ data: odd, rows: 3, columns: 2 });
    for (const [rows, columns] of [
      [1, 1],
      [7, 1],
      [1, 513],
      [1000, 64],
    ] as const) {
      const matrix = randomMatrix(rows, rows, columns);
      await writeNpy(path, matrix);
      expect(await readNpy(path)).toEqual(matrix);
    }
  });

  it.each([[[1, 0]], [[2, 0]], [[3, 0]]] as const)(
    "reads version %j, with keys in any order",
    async (version) => {
      const text = "{'shape': (2, 2), 'descr': '<f4', 'fortran_order': False}";
      writeFileSync(path, fileOf(version, text, floats(1, 2, 3, 4)));
      expect(await readNpy(path)).toEqual(
        matrixFrom([
          [1, 2],
          [3, 4],
        ]),
      );
    },
  );

  it("reads counts as Python 2 wrote them", async () => {
    const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (2L, 1L), }";
    writeFileSync(path, fileOf([1, 0], text, floats(1, 2)));
    expect(await readNpy(path)).toEqual(matrixFrom([[1], [2]]));
  });

  it("reads a header longer than version 1 allows", async () => {
    const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }`.padEnd(70_000);
    writeFileSync(path, fileOf([2, 0], text, floats(7)));
    expect(await readNpy(path)).toEqual(matrixFrom([[7]]));
  });

  const good = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2), }";
  it.each([
    ["an empty file", new Uint8Array(), "not-this-format", "to start with 0x93 NUMPY, got other bytes"],
    [
      "another format",
      Buffer.from("PK not an array at all"),
      "not-this-format",
      "to start with 0x93 NUMPY, got other bytes",
    ],
    [
      "a newer version",
      fileOf([4, 0], good, floats(1, 2)),
      "unsupported-version",
      "to be of version 1.0, 2.0 or 3.0, got 4.0",
    ],
    [
      "a header cut off",
      fileOf([1, 0], good, floats()).slice(0, 40),
      "wrong-size",
      "to have a header of 118 bytes, got a file of 40 bytes",
    ],
    [
      "a header without meaning",
      fileOf([1, 0], "{'descr': '<f4'}", floats()),
      "bad-header",
      "to have a header with descr, fortran_order and shape, got \"{'descr': '<f4'}\"",
    ],
    [
      "big-endian numbers",
      fileOf([1, 0], good.replace("<f4", ">f4"), floats(1, 2)),
      "unsupported-content",
      "to hold '<f2', '<f4' or '<f8' numbers, got '>f4'",
    ],
    [
      "records",
      fileOf([1, 0], good.replace("'<f4'", "[('x', '<f4')]"), floats(1, 2)),
      "unsupported-content",
      "to hold '<f2', '<f4' or '<f8' numbers, got [('x', '<f4')]",
    ],
    [
      "a negative shape",
      fileOf([1, 0], good.replace("(1, 2)", "(-1, 2)"), floats(1, 2)),
      "bad-header",
      `to have a header with descr, fortran_order and shape, got ${JSON.stringify(good.replace("(1, 2)", "(-1, 2)"))}`,
    ],
    [
      "a shape that is computed",
      fileOf([1, 0], good.replace("(1, 2)", "(1, 2) * 1"), floats(1, 2)),
      "bad-header",
      `to have a header with descr, fortran_order and shape, got ${JSON.stringify(good.replace("(1, 2)", "(1, 2) * 1"))}`,
    ],
    [
      "a key that is repeated",
      fileOf([1, 0], good.replace("'descr'", "'shape': (1, 3), 'descr'"), floats(1, 2)),
      "bad-header",
      `to have a header with descr, fortran_order and shape, got ${JSON.stringify(good.replace("'descr'", "'shape': (1, 3), 'descr'"))}`,
    ],
    [
      "a key that numpy does not know",
      fileOf([1, 0], good.replace("'descr'", "'scale': '2', 'descr'"), floats(1, 2)),
      "bad-header",
      `to have a header with descr, fortran_order and shape, got ${JSON.stringify(good.replace("'descr'", "'scale': '2', 'descr'"))}`,
    ],
    [
      "keys that are hidden in a text",
      fileOf([1, 0], good.replace("'shape': (1, 2)", `'x': "'shape': (1, 2)"`), floats(1, 2)),
      "bad-header",
      `to have a header with descr, fortran_order and shape, got ${JSON.stringify(good.replace("'shape': (1, 2)", `'x': "'shape': (1, 2)"`))}`,
    ],
    [
      "a header of megabytes",
      fileOf([2, 0], good.padEnd(1024 * 1024 + 1), floats(1, 2)),
      "unsupported-content",
      "to have a header of at most 1048576 bytes, got 1048628",
    ],
    [
      "doubles that are half as many bytes",
      fileOf([1, 0], good.replace("<f4", "<f8"), floats(1, 2)),
      "wrong-size",
      "to have 144 bytes for 1 x 2 float64 numbers, got 136 bytes",
    ],
    [
      "columns first",
      fileOf([1, 0], good.replace("False", "True"), floats(1, 2)),
      "unsupported-content",
      "to be in C order, got Fortran order",
    ],
    [
      "one dimension",
      fileOf([1, 0], good.replace("(1, 2)", "(2,)"), floats(1, 2)),
      "unsupported-content",
      "to have a shape of rows and 1 or more columns, got (2,)",
    ],
    [
      "three dimensions",
      fileOf([1, 0], good.replace("(1, 2)", "(1, 1, 2)"), floats(1, 2)),
      "unsupported-content",
      "to have a shape of rows and 1 or more columns, got (1, 1, 2)",
    ],
    [
      "no columns",
      fileOf([1, 0], good.replace("(1, 2)", "(1, 0)"), floats()),
      "unsupported-content",
      "to have a shape of rows and 1 or more columns, got (1, 0)",
    ],
    [
      "an absurd shape",
      fileOf([1, 0], good.replace("(1, 2)", "(99999999999, 99999999)"), floats()),
      "unsupported-content",
      "to have a shape of rows and 1 or more columns, got (99999999999, 99999999)",
    ],
    [
      "numbers cut off",
      fileOf([1, 0], good, floats(1, 2)).slice(0, -1),
      "wrong-size",
      "to have 136 bytes for 1 x 2 float32 numbers, got 135 bytes",
    ],
    [
      "numbers too many",
      fileOf([1, 0], good, floats(1, 2, 3)),
      "wrong-size",
      "to have 136 bytes for 1 x 2 float32 numbers, got 140 bytes",
    ],
  ] as const)("refuses %s", async (_, bytes, code, message) => {
    writeFileSync(path, bytes);
    const error = await readNpy(path).catch((reason: unknown) => reason);
    expect(error).toEqual(new IndexFileError(`readNpy: expected ${path} ${message}`, code, path));
    expect(IndexFileError.isInstance(error)).toBe(true);
  });

  it("leaves a missing file to the file system", async () => {
    const error = await readNpy(path).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "ENOENT" });
    expect(IndexFileError.isInstance(error)).toBe(false);
  });
});
