import {
  type EmbeddingSource,
  type ExactEngine,
  exactSearch,
  exactSearchAsync,
  joinSources,
  knnGraphAsync,
  type Matrix,
  matrixSource,
  type Progress,
} from "@lmk/index";
import { describe, expect, it } from "vitest";
import { clusteredMatrix, matrixFrom, randomMatrix, slice } from "./fixtures.ts";

const refusal = (message: string) => new RangeError(`exactSearchAsync: ${message}`);

/** Rows that come in blocks of a length of their own, each overwritten by the next, as a reader's may be. */
function unevenSource(matrix: Matrix, blockRows: number): EmbeddingSource {
  return {
    rows: matrix.rows,
    columns: matrix.columns,
    async *blocks({ first, end, blockRows: most }) {
      const rows = Math.min(blockRows, most);
      const buffer = new Float32Array(rows * matrix.columns);
      for (let row = first; row < end; row += rows) {
        const block = slice(matrix, row, Math.min(row + rows, end));
        buffer.set(block.data);
        yield { firstRow: row, embeddings: { ...block, data: buffer.subarray(0, block.data.length) } };
      }
    },
  };
}

describe("exactSearchAsync", () => {
  const database = clusteredMatrix(1, 4000, 24, 50);
  const queries = clusteredMatrix(2, 30, 24, 50);
  const expected = exactSearch(queries, database, { k: 9 });

  it("searches blocks of any length, also where each overwrites the last", async () => {
    for (const blockRows of [1, 333, 4000]) {
      const source = unevenSource(slice(database, 0, 1000), blockRows);
      const found = await exactSearchAsync(queries, source, { k: 9, threads: 2, engine: "wasm" });
      expect(found).toEqual(exactSearch(queries, slice(database, 0, 1000), { k: 9 }));
    }
  });

  it("reads shared memory in place, and leaves all arguments as they are", async () => {
    const shared = new Float32Array(new SharedArrayBuffer(4 * database.data.length));
    shared.set(database.data);
    const exclude = new Int32Array(30).fill(-1);
    const copies = structuredClone([queries, database]);
    expect(await exactSearchAsync(queries, { ...database, data: shared }, { k: 9, exclude })).toEqual(
      expected,
    );
    expect(await exactSearchAsync(queries, database, { k: 9 })).toEqual(expected);
    expect([queries, database]).toEqual(copies);
  });

  it("takes no queries and no rows", async () => {
    expect((await exactSearchAsync(slice(queries, 0, 0), database, { k: 2 })).ids).toHaveLength(0);
    const none = await exactSearchAsync(slice(queries, 0, 1), slice(database, 0, 0), { k: 2 });
    expect([...none.ids, ...none.scores]).toEqual([-1, -1, -Infinity, -Infinity]);
  });

  it("tells how far it is, at its end too", async () => {
    const told: Progress[] = [];
    await exactSearchAsync(queries, database, { k: 3, onProgress: (progress) => told.push(progress) });
    expect(told.at(-1)).toEqual({ done: 4000, total: 4000 });
    expect(told.every(({ done }, i) => i === 0 || done >= told[i - 1]!.done)).toBe(true);
  });

  it.each(["wasm", "onnxruntime"] as ExactEngine[])(
    "ends within 100 ms of the signal (%s)",
    async (engine) => {
      const large = randomMatrix(3, 20_000, 256);
      const many = slice(large, 0, 4000);
      const controller = new AbortController();
      const reason = new Error("no longer wanted");
      let aborted = 0;
      const search = exactSearchAsync(many, large, {
        k: 50,
        engine,
        threads: 1,
        signal: controller.signal,
      });
      setTimeout(() => {
        aborted = performance.now();
        controller.abort(reason);
      }, 150);
      await expect(search).rejects.toBe(reason);
      expect(performance.now() - aborted).toBeLessThan(100);
      await expect(exactSearchAsync(many, large, { k: 1, signal: controller.signal })).rejects.toBe(reason);
    },
  );

  it("leaves the calling thread free", async () => {
    const large = randomMatrix(4, 20_000, 128);
    let turns = 0;
    const timer = setInterval(() => turns++, 10);
    const started = performance.now();
    await exactSearchAsync(slice(large, 0, 2000), large, { k: 10, engine: "wasm", threads: 1 });
    const elapsed = performance.now() - started;
    clearInterval(timer);
    expect(turns).toBeGreaterThan(elapsed / 200);
  });

  it("refuses before it allocates what is over the limit", async () => {
    const search = exactSearchAsync(queries, database, { k: 9, threads: 1, memoryLimit: 1_000_000 });
    await expect(search).rejects.toThrow(
      /^exactSearchAsync: expected `memoryLimit` to be at least \d+ bytes for 30 lists of 9, got 1000000$/,
    );
    await exactSearchAsync(queries, database, { k: 9, threads: 1, memoryLimit: 100_000_000 });
    expect(() => exactSearch(queries, database, { k: 9, memoryLimit: -1 })).toThrow(
      new RangeError("exactSearch: expected `memoryLimit` to be a number of bytes, got -1"),
    );
  });

  it("refuses what does not fit, and rows without meaning by their number", async () => {
    await expect(exactSearchAsync(queries, database, { k: 0 })).rejects.toThrow(
      refusal("expected `k` to be a positive integer, got 0"),
    );
    await expect(exactSearchAsync(queries, database, { k: 1, threads: 0 })).rejects.toThrow(
      refusal("expected `threads` to be a positive integer, got 0"),
    );
    await expect(exactSearchAsync(queries, database, { k: 1, engine: "gpu" as ExactEngine })).rejects.toThrow(
      refusal('expected `engine` to be "onnxruntime", "wasm" or "javascript", got "gpu"'),
    );
    await expect(exactSearchAsync(queries, matrixFrom([[1]]), { k: 1 })).rejects.toThrow(
      refusal("expected `database` to have 24 columns like `queries`, got 1"),
    );
    const data = database.data.slice();
    data[3210 * 24 + 5] = Number.NaN;
    for (const engine of ["javascript", "wasm", "onnxruntime"] as const) {
      await expect(exactSearchAsync(queries, { ...database, data }, { k: 1, engine })).rejects.toThrow(
        refusal("expected row 3210 of `database` to hold finite numbers, got NaN in column 5"),
      );
      const search = exactSearchAsync({ ...database, data }, database, { k: 1, engine, metric: "cosine" });
      await expect(search).rejects.toThrow(
        refusal("expected row 3210 of `queries` to hold finite numbers, got NaN in column 5"),
      );
    }
  });

  it("passes on what a source fails with, and refuses a source that does not keep its word", async () => {
    const failing: EmbeddingSource = {
      ...matrixSource(database),
      // biome-ignore lint/correctness/useYield: it fails before it has any
      async *blocks() {
        throw new Error("the disk is gone");
      },
    };
    await expect(exactSearchAsync(queries, failing, { k: 1 })).rejects.toThrow(new Error("the disk is gone"));
    const short = { ...matrixSource(slice(database, 0, 100)), rows: 4000 };
    const lying: EmbeddingSource = {
      ...short,
      blocks: () => matrixSource(slice(database, 0, 100)).blocks({ first: 0, end: 100, blockRows: 100 }),
    };
    await expect(exactSearchAsync(queries, lying, { k: 1 })).rejects.toThrow(
      refusal("expected `database` to give 4000 rows, got 100"),
    );
    const cut: EmbeddingSource = {
      ...matrixSource(database),
      async *blocks() {
        yield { firstRow: 0, embeddings: { ...database, data: database.data.subarray(1) } };
      },
    };
    await expect(exactSearchAsync(queries, cut, { k: 1 })).rejects.toThrow(
      refusal("expected `database.data` to hold 4000 x 24 = 96000 numbers, got 95999"),
    );
    const skipping: EmbeddingSource = {
      ...short,
      blocks: () => matrixSource(database).blocks({ first: 7, end: 4000, blockRows: 4000 }),
    };
    await expect(exactSearchAsync(queries, skipping, { k: 1 })).rejects.toThrow(
      refusal("expected `database` to give rows from 0 with 24 columns, got rows 7 to 4000 with 24"),
    );
  });
});

describe("knnGraphAsync", () => {
  it("works from a source, and counts pairs of blocks", async () => {
    const rows = clusteredMatrix(5, 900, 16, 30);
    const told: Progress[] = [];
    const graph = await knnGraphAsync(matrixSource(rows), { k: 4, onProgress: (done) => told.push(done) });
    expect(graph).toEqual(exactSearch(rows, rows, { k: 4, exclude: "self" }));
    expect(told.at(-1)).toEqual({ done: 1, total: 1 });
  });

  it("takes a source whose blocks are smaller than asked for", async () => {
    const rows = clusteredMatrix(8, 300, 16, 30);
    const source = joinSources([
      matrixSource(slice(rows, 0, 1)),
      matrixSource(slice(rows, 1, 299)),
      matrixSource(slice(rows, 299, 300)),
    ]);
    expect(await knnGraphAsync(source, { k: 4 })).toEqual(exactSearch(rows, rows, { k: 4, exclude: "self" }));
    const short = {
      ...source,
      rows: 301,
      blocks: () => source.blocks({ first: 0, end: 300, blockRows: 300 }),
    };
    await expect(knnGraphAsync(short, { k: 4 })).rejects.toThrow(
      new RangeError("knnGraphAsync: expected `embeddings` to give rows 0 to 301, got 300 of them"),
    );
  });

  it("compares blocks with one another where rows fill several", async () => {
    const rows = randomMatrix(6, 5000, 1200);
    const graph = await knnGraphAsync(rows, { k: 3, metric: "l2", threads: 2 });
    const some = exactSearch(slice(rows, 4990, 5000), rows, {
      k: 3,
      metric: "l2",
      exclude: Int32Array.from({ length: 10 }, (_, i) => 4990 + i),
    });
    expect(graph.ids.subarray(3 * 4990)).toEqual(some.ids);
    expect(graph.scores.subarray(3 * 4990)).toEqual(some.scores);
  });

  it("refuses rows without meaning by their number, and ends when told to", async () => {
    const rows = randomMatrix(7, 60, 8);
    rows.data.fill(0, 41 * 8, 42 * 8);
    await expect(knnGraphAsync(rows, { k: 3, metric: "cosine" })).rejects.toThrow(
      new RangeError(
        "knnGraphAsync: expected row 41 of `embeddings` to have a direction, got a row of zeros",
      ),
    );
    await expect(knnGraphAsync(rows, { k: 3, signal: AbortSignal.abort(new Error("late")) })).rejects.toThrow(
      new Error("late"),
    );
  });
});
