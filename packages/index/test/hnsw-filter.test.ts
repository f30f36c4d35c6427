import { exactSearch, type Matrix, type Neighbors } from "@lmk/index";
import { createHnswIndex, type HnswFilter } from "@lmk/index/hnsw";
import { beforeAll, expect, it, vi } from "vitest";
import { clusteredMatrix, matrixFrom, slice } from "./fixtures.ts";
import { describeLibraries, describeLibrary } from "./hnsw-libraries.ts";

const database = clusteredMatrix(1, 2000, 16, 40);
const queries = clusteredMatrix(2, 30, 16, 40);

/** The ids that a search over only some rows finds. */
function exactAmong(ids: readonly number[], k: number): number[][] {
  const data = new Float32Array(ids.length * 16);
  for (const [row, id] of ids.entries()) data.set(database.data.subarray(id * 16, id * 16 + 16), row * 16);
  const found = exactSearch(queries, { data, rows: ids.length, columns: 16 }, { k, metric: "cosine" });
  return Array.from({ length: 30 }, (_, row) =>
    [...found.ids.subarray(row * k, row * k + k)].map((at) => ids[at] ?? -1),
  );
}

describeLibraries("filter", (library) => {
  let index: Awaited<ReturnType<typeof createHnswIndex>>;
  beforeAll(async () => {
    index = await createHnswIndex({ dimension: 16, library });
    await index.add(database);
    return () => index.dispose();
  });
  const search = async (matrix: Matrix, k: number, filter: HnswFilter, ef = 40) => {
    const found = await index.search(matrix, { k, ef, filter });
    return Array.from({ length: matrix.rows }, (_, row) => [...found.ids.subarray(row * k, row * k + k)]);
  };

  it.each([2, 10, 100])("finds k of every %i-th row", async (step) => {
    const ids = Array.from({ length: 2000 / step }, (_, i) => i * step);
    const found = await search(queries, 10, (id) => id % step === 0);
    const truth = exactAmong(ids, 10);
    let shared = 0;
    for (const [row, list] of found.entries()) {
      expect(list.every((id) => id >= 0 && id % step === 0)).toBe(true);
      expect(new Set(list).size).toBe(10);
      shared += list.filter((id) => truth[row]!.includes(id)).length;
    }
    expect(shared / 300).toBeGreaterThanOrEqual(0.95);
  });

  it("finds all of a few allowed rows, in order, and nothing where none is allowed", async () => {
    const few = [3, 500, 1999];
    expect(await search(queries, 5, (id) => few.includes(id))).toEqual(
      exactAmong(few, 3).map((list) => [...list, -1, -1]),
    );
    expect(await search(queries, 2, () => false)).toEqual(Array.from({ length: 30 }, () => [-1, -1]));
  });

  it("takes a bitmap for the same, whatever its bytes but 0", async () => {
    const bitmap = Uint8Array.from({ length: 2100 }, (_, id) => (id % 7 === 0 ? 1 + (id % 5) : 0));
    const copy = bitmap.slice();
    expect(await search(queries, 10, bitmap)).toEqual(await search(queries, 10, (id) => id % 7 === 0));
    expect(bitmap).toEqual(copy);
  });

  it("gives allowed rows only while others are added, and none beyond a bitmap's bytes", async () => {
    const growing = await createHnswIndex({ dimension: 16, library });
    await growing.add(slice(database, 0, 100));
    const bitmaps: { readonly length: number; readonly found: Neighbors }[] = [];
    const functions: Neighbors[] = [];
    let isAdding = true;
    const adding = growing.add(slice(database, 100, 2000)).finally(() => {
      isAdding = false;
    });
    // A clock that goes on by 100 ms each time it is looked at: searches let others have their turn wherever they can.
    let now = 0;
    const clock = vi.spyOn(performance, "now").mockImplementation(() => {
      now += 100;
      return now;
    });
    while (isAdding) {
      await new Promise((resolve) => setImmediate(resolve));
      const length = growing.rows;
      const even = new Uint8Array(length).map((_, id) => (id % 2 === 0 ? 1 : 0));
      const byBitmap = growing.search(queries, { k: 10, filter: even });
      const byFunction = growing.search(queries, { k: 10, filter: (id) => id % 2 === 0 });
      // Meanwhile the thread adds rows, of which this one hears before the searches go on.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
      bitmaps.push({ length, found: await byBitmap });
      functions.push(await byFunction);
    }
    clock.mockRestore();
    await adding;
    for (const { length, found } of bitmaps) {
      expect(found.ids.every((id) => id >= 0 && id < length && id % 2 === 0)).toBe(true);
    }
    for (const { ids } of functions) expect(ids.every((id) => id >= 0 && id % 2 === 0)).toBe(true);
    const found = await search(queries, 10, (id) => id >= 1000);
    expect(found.flat().every((id) => id >= 1000)).toBe(true);
    await growing.dispose();
  });

  it("asks for the ids in the index only, and passes errors on", async () => {
    const small = await createHnswIndex({ dimension: 1, metric: "l2", library });
    await small.add(matrixFrom([[0], [1], [2]]), { ids: Int32Array.of(4, 0, 9) });
    await small.remove(Int32Array.of(0));
    const asked: number[] = [];
    await small.search(matrixFrom([[0]]), { k: 1, filter: (id) => asked.push(id) > 0 });
    expect(asked).toEqual([4, 9]);
    const failing = () => {
      throw new RangeError("no");
    };
    await expect(small.search(matrixFrom([[0]]), { k: 1, filter: failing })).rejects.toThrow(
      new RangeError("no"),
    );
    await small.dispose();
  });
});

const duplicates = matrixFrom(Array.from({ length: 1500 }, (_, row) => [1, row < 1490 ? 1 : 2]));

describeLibrary("hnswlib", "rows that links do not lead to", () => {
  it("are found all the same", async () => {
    const index = await createHnswIndex({ dimension: 2, library: "hnswlib", m: 4, efConstruction: 10 });
    await index.add(duplicates);
    await index.remove(Int32Array.from({ length: 1000 }, (_, id) => id));
    const { ids } = await index.search(matrixFrom([[1, 1]]), { k: 500 });
    expect([...ids]).toEqual(Array.from({ length: 500 }, (_, i) => 1000 + i));
  });
});

describeLibrary("usearch", "rows that links do not lead to", () => {
  it("are found where their vectors are given", async () => {
    const index = await createHnswIndex({ dimension: 2, library: "usearch", m: 4, efConstruction: 10 });
    await index.add(duplicates);
    const one = matrixFrom([[1, 1]]);
    const all = await index.search(one, { k: 1500 });
    expect(new Set(all.ids.filter((id) => id !== -1)).size).toBe(all.ids.filter((id) => id !== -1).length);
    const rescored = await index.search(one, { k: 1500, rescore: { vectors: duplicates } });
    expect([...rescored.ids]).toEqual(Array.from({ length: 1500 }, (_, id) => id));
    const some = await index.search(one, {
      k: 20,
      filter: (id) => id >= 1485,
      rescore: { vectors: duplicates },
    });
    expect([...some.ids]).toEqual([
      ...Array.from({ length: 15 }, (_, i) => 1485 + i),
      ...Array.from({ length: 5 }, () => -1),
    ]);
  });
});
