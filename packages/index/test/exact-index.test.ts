import {
  createExactIndex,
  exactSearch,
  joinSources,
  knnGraph,
  matrixSource,
  stackRows,
  toFloat32,
  toHalf,
  toInt8,
} from "@lmk/index";
import { describe, expect, it } from "vitest";
import { clusteredMatrix, matrixFrom, randomMatrix, slice } from "./fixtures.ts";

describe("createExactIndex", () => {
  const database = clusteredMatrix(1, 6000, 40, 60);
  const queries = clusteredMatrix(2, 25, 40, 60);

  it.each(["javascript", "wasm", "onnxruntime"] as const)(
    "answers many searches as exactSearch does, bit for bit (%s)",
    async (engine) => {
      for (const metric of ["dot", "cosine", "l2"] as const) {
        const index = await createExactIndex(database, { metric, engine, threads: 2 });
        expect([index.rows, index.columns, index.metric]).toEqual([6000, 40, metric]);
        const batches = [queries, slice(queries, 3, 4), slice(queries, 0, 6), slice(queries, 0, 0)];
        const found = await Promise.all(batches.map((batch) => index.search(batch, { k: 8 })));
        expect(found).toEqual(batches.map((batch) => exactSearch(batch, database, { k: 8, metric })));
        index.dispose();
      }
    },
  );

  it("keeps rows in their precision", async () => {
    for (const rows of [toHalf(database), toInt8(database)]) {
      using index = await createExactIndex(rows, { engine: "wasm" });
      expect(await index.search(queries, { k: 5 })).toEqual(exactSearch(queries, rows, { k: 5 }));
      expect(await index.search(slice(queries, 0, 1), { k: 5 })).toEqual(
        exactSearch(slice(queries, 0, 1), rows, { k: 5 }),
      );
    }
  });

  it("keeps all rows of a source whose blocks are smaller than asked for", async () => {
    const shards = [slice(database, 0, 1), slice(database, 1, 700), toHalf(slice(database, 700, 710))];
    const rows = stackRows(shards.map((shard) => toFloat32(shard)));
    using index = await createExactIndex(joinSources(shards.map((shard) => matrixSource(shard))));
    expect(await index.search(queries, { k: 5 })).toEqual(exactSearch(queries, rows, { k: 5 }));
  });

  it("leaves out rows, and its own row of each", async () => {
    const rows = slice(database, 0, 300);
    using index = await createExactIndex(rows);
    expect(await index.search(rows, { k: 4, exclude: "self" })).toEqual(knnGraph(rows, { k: 4 }));
  });

  it("stays usable after a search that was refused or aborted", async () => {
    using index = await createExactIndex(database, { metric: "cosine" });
    const zeros = matrixFrom([Array(40).fill(0)]);
    await expect(index.search(zeros, { k: 1 })).rejects.toThrow(
      new RangeError(
        "ExactIndex.search: expected row 0 of `queries` to have a direction, got a row of zeros",
      ),
    );
    await expect(index.search(matrixFrom([[1]]), { k: 1 })).rejects.toThrow(
      new RangeError("ExactIndex.search: expected `queries` to have 40 columns like `database`, got 1"),
    );
    const controller = new AbortController();
    const aborted = index.search(randomMatrix(3, 4000, 40), { k: 3, signal: controller.signal });
    controller.abort(new Error("no longer wanted"));
    await expect(aborted).rejects.toThrow(new Error("no longer wanted"));
    expect(await index.search(queries, { k: 3 })).toEqual(
      exactSearch(queries, database, { k: 3, metric: "cosine" }),
    );
  });

  it("searches with the queries as they were when it was called, and with no more of their buffer", async () => {
    using index = await createExactIndex(database);
    const view = slice(queries, 5, 7);
    const expected = exactSearch(view, database, { k: 3 });
    const reused = { ...view, data: Float32Array.from([...view.data, ...view.data]).subarray(2 * 40) };
    const found = [index.search(queries, { k: 3 }), index.search(reused, { k: 3 })];
    reused.data.fill(0);
    expect(await found[1]).toEqual(expected);
  });

  it("refuses rows without meaning, too little memory, and to be used after it was disposed of", async () => {
    const data = database.data.slice();
    data[5999 * 40] = Infinity;
    await expect(createExactIndex({ ...database, data })).rejects.toThrow(
      new RangeError(
        "createExactIndex: expected row 5999 of `database` to hold finite numbers, got Infinity in column 0",
      ),
    );
    await expect(createExactIndex(database, { memoryLimit: 1000, threads: 1 })).rejects.toThrow(
      /^createExactIndex: expected `memoryLimit` to be at least \d+ bytes/,
    );
    using small = await createExactIndex(database, { memoryLimit: 200_000_000, threads: 1 });
    await expect(small.search(queries, { k: 1_000_000 })).rejects.toThrow(
      /^ExactIndex.search: expected `memoryLimit` to be at least \d+ bytes for 25 lists of 1000000, got 200000000$/,
    );
    await expect(createExactIndex(database, { memoryLimit: Number.NaN })).rejects.toThrow(
      new RangeError("createExactIndex: expected `memoryLimit` to be a number of bytes, got NaN"),
    );
    const index = await createExactIndex(database);
    index.dispose();
    await expect(index.search(queries, { k: 1 })).rejects.toThrow(
      new RangeError("ExactIndex.search: expected the index to be open, got one that was disposed of"),
    );
  });
});
