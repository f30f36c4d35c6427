import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  exactSearch,
  joinSources,
  type Matrix,
  type Metric,
  matrixSource,
  toFloat32,
  toHalf,
  toInt8,
} from "@lmk/index";
import { type Embeddings, mergeShards, type Progress, searchShard, shardRange } from "@lmk/index/shards";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { matrixFrom, randomMatrix, slice } from "./fixtures.ts";
import { recordedSource } from "./shard-data.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-shards-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function searchAll(
  queries: Embeddings,
  database: Parameters<typeof searchShard>[1],
  count: number,
  options: Omit<Parameters<typeof searchShard>[2], "folder" | "shard">,
): Promise<boolean[]> {
  const skipped: boolean[] = [];
  for (let index = 0; index < count; index++) {
    const shard = { index, count };
    skipped.push((await searchShard(queries, database, { folder, shard, ...options })).skipped);
  }
  return skipped;
}

describe("shardRange", () => {
  it("covers all rows in order, in shares that differ by at most one row", () => {
    for (const [rows, count] of [
      [0, 1],
      [0, 3],
      [3, 5],
      [10, 4],
      [761_757, 8],
      [2 ** 31 - 1, 1_000_003],
    ] as const) {
      let end = 0;
      const least = Math.floor(rows / count);
      // All of them where they are few, else the first and the last ones.
      for (let index = 0; index < count; index++) {
        const range = shardRange(rows, { index, count });
        if (range.first !== end) expect(range.first).toBe(end);
        const size = range.end - range.first;
        if (size !== least && size !== least + 1) expect(size).toBe(least);
        end = range.end;
      }
      expect(end).toBe(rows);
    }
    expect(shardRange(10, { index: 3, count: 4 })).toEqual({ first: 7, end: 10 });
  });

  it.each([
    [-1, { index: 0, count: 1 }, "`rows` to be a count, got -1"],
    [1.5, { index: 0, count: 1 }, "`rows` to be a count, got 1.5"],
    [1, { index: 0, count: 0 }, "`shard.count` to be a positive integer, got 0"],
    [1, { index: 8, count: 8 }, "`shard.index` to be an integer from 0 to 7, got 8"],
    [1, { index: -1, count: 8 }, "`shard.index` to be an integer from 0 to 7, got -1"],
    [1, { index: Number.NaN, count: 8 }, "`shard.index` to be an integer from 0 to 7, got NaN"],
  ] as const)("refuses %s rows as %j", (rows, shard, message) => {
    expect(() => shardRange(rows, shard)).toThrow(new RangeError(`shardRange: expected ${message}`));
  });
});

describe("searchShard and mergeShards", () => {
  const queries = randomMatrix(3, 5, 6);
  const database = randomMatrix(4, 57, 6);

  it("write two files a shard, and together find what one search finds", async () => {
    const plane = matrixFrom([
      [1, 0],
      [0, 1],
      [2, 0],
    ]);
    const query = matrixFrom([[1, 0]]);
    const shard = { index: 1, count: 2 };
    const done = await searchShard(query, plane, { folder, shard, k: 2, metric: "l2" });
    const path = join(folder, "shard-0001-of-0002.json");
    expect(done).toEqual({ range: { first: 1, end: 3 }, path, skipped: false });
    const bytes = readFileSync(join(folder, "shard-0001-of-0002.neighbors"));
    expect(bytes.toString("hex")).toBe(["02000000", "01000000", "000080bf", "000000c0"].join(""));

    await searchShard(query, plane, { folder, shard: { index: 0, count: 2 }, k: 2, metric: "l2" });
    expect(readdirSync(folder)).toHaveLength(4);
    expect(await mergeShards(folder)).toEqual({
      ids: Int32Array.of(0, 2),
      scores: Float32Array.of(0, -1),
      rows: 1,
      k: 2,
    });
  });

  it.each(["dot", "cosine", "l2"] satisfies Metric[])("give the bits of one search by %s", async (metric) => {
    await searchAll(queries, database, 8, { k: 9, metric });
    expect(await mergeShards(folder)).toEqual(exactSearch(queries, database, { k: 9, metric }));
  });

  it("may be searched by different engines", async () => {
    const expected = exactSearch(queries, database, { k: 9, metric: "cosine" });
    for (const [index, engine] of (["javascript", "wasm"] as const).entries()) {
      const shard = { index, count: 2 };
      await searchShard(queries, database, { folder, shard, k: 9, metric: "cosine", engine, threads: 1 });
    }
    expect(await mergeShards(folder)).toEqual(expected);
  });

  it("search by inner product by default", async () => {
    await searchAll(queries, database, 2, { k: 3 });
    expect(await mergeShards(folder)).toEqual(exactSearch(queries, database, { k: 3 }));
  });

  it.each([
    ["float16", toHalf],
    ["int8", toInt8],
  ] as const)("search %s rows", async (_, convert) => {
    const [small, large] = [convert(queries), convert(database)];
    await searchAll(small, large, 3, { k: 9, metric: "l2" });
    const expected = exactSearch(toFloat32(small), toFloat32(large), { k: 9, metric: "l2" });
    expect(await mergeShards(folder)).toEqual(expected);
  });

  it("search an embedding set of several files, whose seams are not those of the shards", async () => {
    const cuts = [0, 10, 11, 40, 57];
    const files = cuts.slice(1).map((end, i) => matrixSource(slice(database, cuts[i]!, end)));
    await searchAll(queries, joinSources(files), 4, { k: 9 });
    expect(await mergeShards(folder)).toEqual(exactSearch(queries, database, { k: 9 }));
    // The same rows however they are given.
    expect(await searchAll(queries, database, 4, { k: 9 })).toEqual([true, true, true, true]);
  });

  it("read only the rows of the shard", async () => {
    const asked: [number, number][] = [];
    const source = recordedSource(database, (first, end) => void asked.push([first, end]));
    const { range } = await searchShard(queries, source, { folder, shard: { index: 2, count: 5 }, k: 1 });
    expect(range).toEqual({ first: 22, end: 34 });
    expect(Math.min(...asked.map(([first]) => first))).toBe(22);
    expect(Math.max(...asked.map(([, end]) => end))).toBe(34);
  });

  it("allow more shards than rows, more neighbors than rows, and no queries", async () => {
    const few = slice(database, 0, 3);
    await searchAll(queries, few, 5, { k: 4 });
    expect(await mergeShards(folder)).toEqual(exactSearch(queries, few, { k: 4 }));
    rmSync(folder, { recursive: true });
    const none = slice(queries, 0, 0);
    await searchAll(none, database, 2, { k: 4 });
    expect(await mergeShards(folder)).toEqual(exactSearch(none, database, { k: 4 }));
  });

  it("leave out the rows that queries must not find", async () => {
    await searchAll(database, database, 4, { k: 5, exclude: "self" });
    expect(await mergeShards(folder)).toEqual(exactSearch(database, database, { k: 5, exclude: "self" }));
    rmSync(folder, { recursive: true });
    const exclude = Int32Array.of(-1, 56, 0, 13, 14);
    await searchAll(queries, database, 4, { k: 57, exclude });
    expect(await mergeShards(folder)).toEqual(exactSearch(queries, database, { k: 57, exclude }));
  });

  it("skip what is complete, and search again what is damaged or gone", async () => {
    const shard = { index: 1, count: 3 };
    const options = { folder, shard, k: 4 };
    await searchShard(queries, database, options);
    const payload = join(folder, "shard-0001-of-0003.neighbors");
    const bytes = readFileSync(payload);
    const { ino } = statSync(payload);
    expect((await searchShard(queries, database, options)).skipped).toBe(true);
    expect(statSync(payload).ino).toBe(ino);

    const flipped = Buffer.from(bytes);
    flipped[17]! ^= 4;
    for (const damaged of [flipped, bytes.subarray(1), Buffer.concat([bytes, bytes]), undefined]) {
      if (damaged === undefined) rmSync(payload);
      else writeFileSync(payload, damaged);
      expect((await searchShard(queries, database, options)).skipped).toBe(false);
      expect(readFileSync(payload).equals(bytes)).toBe(true);
    }
    rmSync(join(folder, "shard-0001-of-0003.json"));
    expect((await searchShard(queries, database, options)).skipped).toBe(false);
    expect((await searchShard(queries, database, options)).skipped).toBe(true);
  });

  it("clean up what a killed process left of the same shard, and of no other", async () => {
    const left = [
      "shard-0001-of-0003.json.a.partial",
      "shard-0001-of-0003.neighbors.b.partial",
      "shard-0002-of-0003.json.c.partial",
      "shard-0001-of-00030.json.d.partial",
      "notes.partial",
    ];
    for (const name of left) writeFileSync(join(folder, name), "half");
    await searchShard(queries, database, { folder, shard: { index: 1, count: 3 }, k: 4 });
    expect(
      readdirSync(folder)
        .filter((name) => name.endsWith(".partial"))
        .toSorted(),
    ).toEqual(left.slice(2).toSorted());
  });

  it("leave other files of the folder alone when merging", async () => {
    await searchAll(queries, database, 1, { k: 4 });
    for (const name of ["shard-0001-of-0002.json.a.partial", "notes.json", "shard-1-of-2.txt"]) {
      writeFileSync(join(folder, name), "{}");
    }
    expect((await mergeShards(folder)).rows).toBe(queries.rows);
  });

  it("tell how far they are, also when there is nothing to do", async () => {
    const told: Progress[] = [];
    const options = {
      folder,
      shard: { index: 0, count: 1 },
      k: 2,
      onProgress: (p: Progress) => told.push(p),
    };
    await searchShard(queries, database, options);
    expect(told.at(-1)).toEqual({ done: 57, total: 57 });
    told.length = 0;
    await searchShard(queries, database, options);
    expect(told).toEqual([{ done: 57, total: 57 }]);
    told.length = 0;
    await mergeShards(folder, { onProgress: (p) => told.push(p) });
    expect(told).toEqual([{ done: 5, total: 5 }]);
  });

  it("end with the signal's reason, and leave no shard", async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const source = recordedSource(database, () => controller.abort(reason));
    const options = { folder, shard: { index: 0, count: 1 }, k: 2, signal: controller.signal };
    await expect(searchShard(queries, source, options)).rejects.toBe(reason);
    expect(readdirSync(folder)).toEqual([]);
    await expect(searchShard(queries, database, options)).rejects.toBe(reason);
    await expect(mergeShards(folder, { signal: controller.signal })).rejects.toBe(reason);
  });

  it("leave their arguments as they are", async () => {
    const before = structuredClone([queries, database]);
    await searchAll(queries, database, 2, { k: 3, metric: "cosine" });
    expect([queries, database]).toEqual(before);
  });

  it("refuse a row by its number in the whole database, and leave no shard", async () => {
    const options = { folder, shard: { index: 1, count: 2 }, k: 2 };
    const bad = { ...database, data: database.data.map((x, i) => (i === 6 * 30 + 2 ? Number.NaN : x)) };
    await expect(searchShard(queries, bad, options)).rejects.toThrow(
      new RangeError(
        "searchShard: expected row 30 of `database` to hold finite numbers, got NaN in column 2",
      ),
    );
    const zero = { ...database, data: database.data.map((x, i) => (Math.floor(i / 6) === 56 ? 0 : x)) };
    await expect(searchShard(queries, zero, { ...options, metric: "cosine" })).rejects.toThrow(
      new RangeError("searchShard: expected row 56 of `database` to have a direction, got a row of zeros"),
    );
    await expect(searchShard(bad, database, options)).rejects.toThrow(
      new RangeError("searchShard: expected row 30 of `queries` to hold finite numbers, got NaN in column 2"),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ["skips rows", 6, 28, "rows 5 to 27 with 6 columns next, got 22 from row 6 with 6"],
    ["goes on for too long", 5, 30, "rows 5 to 27 with 6 columns next, got 25 from row 5 with 6"],
    ["ends early", 5, 20, "rows 20 to 27 next, got its end"],
  ] as const)("refuse a source that %s", async (_, first, end, message) => {
    const source = {
      rows: 57,
      columns: 6,
      async *blocks() {
        yield { firstRow: 0, embeddings: slice(database, 0, 5) };
        yield { firstRow: first, embeddings: slice(database, first, end) };
      },
    };
    const options = { folder, shard: { index: 0, count: 2 }, k: 2 };
    await expect(searchShard(queries, source, options)).rejects.toThrow(
      new RangeError(`searchShard: expected \`database\` to give ${message}`),
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  const narrow: Matrix = randomMatrix(1, 4, 5);
  const noRows = { ...matrixSource(database), rows: 2 ** 31 };
  it.each([
    [queries, narrow, {}, "`database` to have 6 columns like `queries`, got 5"],
    [queries, noRows, {}, "`database.rows` to be a count below 2^31, got 2147483648"],
    [queries, { ...noRows, columns: 0 }, {}, "`database.columns` to be a positive integer, got 0"],
    [{ ...queries, rows: 4 }, database, {}, "`queries.data` to hold 4 x 6 = 24 numbers, got 30"],
    [queries, { ...database, rows: 4 }, {}, "`database.data` to hold 4 x 6 = 24 numbers, got 342"],
    [queries, database, { k: 0 }, "`k` to be a positive integer, got 0"],
    [queries, database, { threads: 0 }, "`threads` to be a positive integer, got 0"],
    [
      queries,
      database,
      { engine: "gpu" as "wasm" },
      '`engine` to be "onnxruntime", "wasm" or "javascript", got "gpu"',
    ],
    [queries, database, { metric: "L2" as "l2" }, '`metric` to be "dot", "cosine" or "l2", got "L2"'],
    [
      queries,
      database,
      { shard: { index: 1, count: 1 } },
      "`shard.index` to be an integer from 0 to 0, got 1",
    ],
    [
      queries,
      database,
      { exclude: "self" },
      '`queries` to have 57 rows like `database` when `exclude` is "self", got 5',
    ],
    [
      queries,
      database,
      { exclude: new Int32Array(4) },
      '`exclude` to be "self" or an Int32Array with one row number for each of 5 queries, got 4 of them',
    ],
  ] as const)("refuse what does not fit %#", async (given, rows, options, message) => {
    const all = { folder, shard: { index: 0, count: 1 }, k: 2, ...options };
    await expect(searchShard(given, rows, all)).rejects.toThrow(
      new RangeError(`searchShard: expected ${message}`),
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
