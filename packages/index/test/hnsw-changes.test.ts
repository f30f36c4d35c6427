import { Worker } from "node:worker_threads";
import { createHnswIndex, type HnswIndex } from "@lmk/index/hnsw";
import { expect, it, vi } from "vitest";
import { clusteredMatrix, matrixFrom, randomMatrix, slice } from "./fixtures.ts";
import { describeLibraries, describeLibrary } from "./hnsw-libraries.ts";

const count = (first: number, end: number): Int32Array =>
  Int32Array.from({ length: end - first }, (_, i) => first + i);

/** The share of rows that find themselves first. */
async function foundThemselves(
  index: HnswIndex,
  matrix: { data: Float32Array; rows: number; columns: number },
  ids: Int32Array,
) {
  const found = await index.search(matrix, { k: 1, ef: 100 });
  return found.ids.filter((id, row) => id === ids[row]).length / matrix.rows;
}

describeLibraries("changes", (library) => {
  it("numbers rows over several additions, past the first capacity", async () => {
    const database = randomMatrix(3, 1500, 8);
    const index = await createHnswIndex({ dimension: 8, metric: "l2", library });
    const additions = [slice(database, 0, 700), slice(database, 700, 1100), slice(database, 1100, 1500)];
    await Promise.all(additions.map((part) => index.add(part)));
    expect(index.rows).toBe(1500);
    expect(await foundThemselves(index, database, count(0, 1500))).toBeGreaterThanOrEqual(0.99);
    await index.dispose();
  });

  it("takes ids, and goes on after the largest", async () => {
    const index = await createHnswIndex({ dimension: 1, metric: "l2", library });
    const ids = Int32Array.of(7, 3);
    const adding = index.add(matrixFrom([[1], [2]]), { ids });
    ids[0] = 100;
    await adding;
    await index.add(matrixFrom([[3]]));
    const { ids: found } = await index.search(matrixFrom([[3]]), { k: 4 });
    expect([...found]).toEqual([8, 3, 7, -1]);
    await index.dispose();
  });

  it("never finds a removed row, and finds k of those that are left", async () => {
    const database = clusteredMatrix(1, 1200, 16, 24);
    const index = await createHnswIndex({ dimension: 16, library });
    await index.add(database);
    await index.remove(count(0, 1100));
    expect(index.rows).toBe(100);
    const { ids } = await index.search(slice(database, 0, 60), { k: 100, ef: 100 });
    for (let row = 0; row < 60; row++) {
      const list = ids.subarray(row * 100, row * 100 + 100);
      expect([...list].sort((a, b) => a - b)).toEqual([...count(1100, 1200)]);
    }
    await index.remove(count(1100, 1200));
    expect([...(await index.search(slice(database, 0, 1), { k: 2 })).ids]).toEqual([-1, -1]);
    await index.add(slice(database, 0, 1));
    expect([...(await index.search(slice(database, 0, 1), { k: 2 })).ids]).toEqual([1200, -1]);
    await index.dispose();
  });

  it("takes removed ids again, with other rows, and finds those", async () => {
    const before = randomMatrix(1, 800, 16);
    const after = randomMatrix(2, 400, 16);
    const index = await createHnswIndex({ dimension: 16, metric: "l2", library });
    await index.add(before);
    await index.remove(count(0, 400));
    const ids = count(0, 400).reverse();
    await index.add(after, { ids });
    expect(index.rows).toBe(800);
    expect(await foundThemselves(index, after, ids)).toBeGreaterThanOrEqual(0.98);
    const kept = slice(before, 400, 800);
    expect(await foundThemselves(index, kept, count(400, 800))).toBeGreaterThanOrEqual(0.98);
    const { ids: all } = await index.search(slice(before, 0, 20), { k: 50, ef: 100 });
    for (let row = 0; row < 20; row++) expect(new Set(all.subarray(row * 50, row * 50 + 50)).size).toBe(50);
    await index.dispose();
  });

  it("keeps ids and answers when it is compacted", async () => {
    const database = clusteredMatrix(1, 1000, 16, 20);
    const index = await createHnswIndex({ dimension: 16, library });
    await index.add(database);
    await index.remove(count(100, 700));
    await index.compact({ vectors: database });
    expect(index.rows).toBe(400);
    const kept = slice(database, 700, 1000);
    expect(await foundThemselves(index, kept, count(700, 1000))).toBeGreaterThanOrEqual(0.99);
    await index.add(slice(database, 100, 200), { ids: count(100, 200) });
    await index.add(slice(database, 200, 201));
    expect(index.rows).toBe(501);
    const last = await index.search(slice(database, 200, 201), { k: 1 });
    expect([...last.ids]).toEqual([1000]);
    await index.dispose();
  });

  it("refuses ids that do not fit, and changes nothing then", async () => {
    const index = await createHnswIndex({ dimension: 1, metric: "l2", library });
    const two = matrixFrom([[1], [2]]);
    await index.add(two, { ids: Int32Array.of(5, 6) });
    const add = (...ids: number[]) => index.add(two, { ids: Int32Array.from(ids) });
    const refuse = async (change: Promise<void>, message: string) =>
      expect(change).rejects.toThrow(new RangeError(message));
    await refuse(add(1), "HnswIndex.add: expected `ids` to hold one id for each of 2 rows, got 1");
    await refuse(add(1, -1), "HnswIndex.add: expected `ids[1]` to be from 0 to 2147483646, got -1");
    await refuse(add(4, 4), "HnswIndex.add: expected `ids[1]` to be new, got 4 a second time");
    await refuse(
      add(4, 6),
      "HnswIndex.add: expected `ids[1]` to be new, got 6, which is in the index; remove it first",
    );
    const remove = (...ids: number[]) => index.remove(Int32Array.from(ids));
    await refuse(remove(5, 4), "HnswIndex.remove: expected `ids[1]` to be in the index, got 4");
    await refuse(remove(5, 5), "HnswIndex.remove: expected `ids[1]` to be another id, got 5 a second time");
    await refuse(
      index.compact({ vectors: two }),
      "HnswIndex.compact: expected `vectors` to have a row for each of 7 ids, got 2",
    );
    await expect(index.add(two, { ids: [1, 2] as unknown as Int32Array })).rejects.toThrow(
      new TypeError("HnswIndex.add: expected `ids` to be an Int32Array, got object"),
    );
    expect(index.rows).toBe(2);
    await index.dispose();
  });

  it("takes ids that are far apart, and refuses those given twice", async () => {
    const index = await createHnswIndex({ dimension: 1, metric: "l2", library });
    const far = Int32Array.of(100_000, 5, 99_999);
    await index.add(matrixFrom([[1], [2], [3]]), { ids: far });
    await expect(index.remove(Int32Array.of(100_000, 5, 100_000))).rejects.toThrow(
      new RangeError("HnswIndex.remove: expected `ids[2]` to be another id, got 100000 a second time"),
    );
    await expect(index.add(matrixFrom([[1], [2]]), { ids: Int32Array.of(70_000, 70_000) })).rejects.toThrow(
      new RangeError("HnswIndex.add: expected `ids[1]` to be new, got 70000 a second time"),
    );
    await index.remove(far);
    expect(index.rows).toBe(0);
    await index.dispose();
  });

  it("is compacted with any rows for ids that are not in it, but not for those that are", async () => {
    const database = randomMatrix(1, 600, 4);
    const index = await createHnswIndex({ dimension: 4, library });
    await index.add(database);
    await index.remove(count(10, 300));
    const vectors = { ...database, data: database.data.slice() };
    vectors.data.fill(0, 40, 800);
    vectors.data[801] = Number.NaN;
    await index.compact({ vectors });
    expect(await foundThemselves(index, slice(database, 300, 600), count(300, 600))).toBeGreaterThan(0.98);
    vectors.data.fill(0, 4 * 599);
    await expect(index.compact({ vectors })).rejects.toThrow(
      new RangeError(
        "HnswIndex.compact: expected row 599 of `vectors` to have a direction, got a row of zeros",
      ),
    );
    expect(index.rows).toBe(310);
    await index.dispose();
  });

  it("ends its thread before dispose settles, however often that is called", async () => {
    const terminate = vi.spyOn(Worker.prototype, "terminate");
    const index = await createHnswIndex({ dimension: 1, library });
    const disposals = [index.dispose(), index.dispose(), index[Symbol.asyncDispose]()];
    expect(terminate).toHaveBeenCalledTimes(1);
    let hasEnded = false;
    void (terminate.mock.results[0]!.value as Promise<number>).then(() => {
      hasEnded = true;
    });
    terminate.mockRestore();
    for (const disposal of disposals) {
      await disposal;
      expect(hasEnded).toBe(true);
    }
  });

  it("rejects a call whose answer is on its way when it is disposed of", async () => {
    const index = await createHnswIndex({ dimension: 1, metric: "l2", library });
    await index.add(matrixFrom([[1], [2]]));
    const removing = index.remove(Int32Array.of(0));
    // The request is sent in the turn of this call; the thread answers while this one does not look.
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    const disposing = index.dispose();
    await expect(removing).rejects.toThrow(
      new RangeError("HnswIndex: expected the index to be open, got one that was disposed of"),
    );
    await disposing;
    expect(index.rows).toBe(2);
  });

  it("refuses everything when it is disposed of", async () => {
    const index = await createHnswIndex({ dimension: 1, library });
    const adding = index.add(matrixFrom(Array.from({ length: 5000 }, (_, row) => [row + 1])));
    const rejected = expect(adding).rejects.toThrow(RangeError);
    await index.dispose();
    await rejected;
    await index.dispose();
    const closed = "expected the index to be open, got one that was disposed of";
    const one = matrixFrom([[1]]);
    await expect(index.add(one)).rejects.toThrow(new RangeError(`HnswIndex.add: ${closed}`));
    await expect(index.search(one, { k: 1 })).rejects.toThrow(new RangeError(`HnswIndex.search: ${closed}`));
    await expect(index.remove(Int32Array.of(0))).rejects.toThrow(
      new RangeError(`HnswIndex.remove: ${closed}`),
    );
    await expect(index.compact()).rejects.toThrow(new RangeError(`HnswIndex.compact: ${closed}`));
    await expect(index.save("x")).rejects.toThrow(new RangeError(`HnswIndex.save: ${closed}`));
  });
});

describeLibrary("hnswlib", "compact", () => {
  it("takes the rows from the graph where none are given", async () => {
    const database = clusteredMatrix(1, 600, 8, 12);
    const index = await createHnswIndex({ dimension: 8, library: "hnswlib", metric: "l2" });
    await index.add(database);
    await index.remove(count(0, 300));
    await index.compact();
    const fresh = await createHnswIndex({ dimension: 8, library: "hnswlib", metric: "l2" });
    await fresh.add(slice(database, 300, 600), { ids: count(300, 600) });
    const queries = randomMatrix(3, 40, 8);
    expect(await index.search(queries, { k: 5, ef: 5 })).toEqual(
      await fresh.search(queries, { k: 5, ef: 5 }),
    );
  });
});

describeLibrary("usearch", "compact", () => {
  it("needs the rows", async () => {
    const index = await createHnswIndex({ dimension: 1, library: "usearch" });
    await expect(index.compact()).rejects.toThrow(
      new RangeError(
        "HnswIndex.compact: expected `vectors` with usearch, which does not give rows back, got none",
      ),
    );
  });
});
