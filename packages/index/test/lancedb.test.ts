import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@lancedb/lancedb";
import { exactSearch, type Matrix, type Metric, normalizeRows } from "@lmk/index";
import {
  createLanceTable,
  type EmbeddingSource,
  type LanceIndexOptions,
  type LanceTable,
  openLanceTable,
} from "@lmk/index/lancedb";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { clusteredMatrix, matrixFrom, randomMatrix, slice } from "./fixtures.ts";

let folder = "";
const open: LanceTable[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "lmk-lancedb-"));
});
afterEach(() => {
  for (const table of open.splice(0)) table.close();
  rmSync(folder, { recursive: true, force: true });
});

async function create(
  ...args: Parameters<typeof createLanceTable> extends [string, string, ...infer Rest] ? Rest : never
): Promise<LanceTable> {
  const table = await createLanceTable(folder, "t", ...args);
  open.push(table);
  return table;
}

/** A source of blocks of 1, 2, 3 … rows. */
function unevenSource(matrix: Matrix): EmbeddingSource {
  return {
    rows: matrix.rows,
    columns: matrix.columns,
    async *blocks({ first, end }) {
      for (let row = first, step = 1; row < end; row += step++) {
        yield { firstRow: row, embeddings: slice(matrix, row, Math.min(row + step, end)) };
      }
    },
  };
}

/** The part of the exact neighbors that was found. */
function recall(found: Int32Array, exact: Int32Array, k: number): number {
  let hits = 0;
  for (let start = 0; start < exact.length; start += k) {
    const wanted = new Set(exact.subarray(start, start + k));
    for (const id of found.subarray(start, start + k)) if (wanted.has(id)) hits += 1;
  }
  return hits / exact.length;
}

const metrics = ["dot", "cosine", "l2"] as const;

describe("search without an index", () => {
  it("gives the worked example by hand, for each metric", async () => {
    const rows = matrixFrom([
      [1, 0, 0],
      [0, 2, 0],
      [0, 0, 3],
      [1, 1, 1],
    ]);
    const query = matrixFrom([[1, 2, 0.5]]);
    const expected: Record<Metric, readonly [number, number][]> = {
      dot: [
        [1, 4],
        [3, 3.5],
        [2, 1.5],
        [0, 1],
      ],
      cosine: [
        [3, 3.5 / Math.sqrt(15.75)],
        [1, 2 / Math.sqrt(5.25)],
        [0, 1 / Math.sqrt(5.25)],
        [2, 0.5 / Math.sqrt(5.25)],
      ],
      l2: [
        [1, -1.25],
        [3, -1.25],
        [0, -4.25],
        [2, -11.25],
      ],
    };
    for (const metric of metrics) {
      const table = await create(rows, { metric, overwrite: true });
      const { ids, scores, ...shape } = await table.search(query, { k: 5 });
      expect(shape).toEqual({ rows: 1, k: 5 });
      expect([...ids]).toEqual([...expected[metric].map(([id]) => id), -1]);
      for (const [place, [, score]] of expected[metric].entries())
        expect(scores[place]).toBeCloseTo(score, 6);
      expect(scores[4]).toBe(Number.NEGATIVE_INFINITY);
    }
  });

  it.each(metrics)("finds what exactSearch finds, by %s", async (metric) => {
    const rows = randomMatrix(1, 500, 24);
    const queries = randomMatrix(2, 20, 24);
    const table = await create(unevenSource(rows), { metric });
    const expected = exactSearch(queries, rows, { k: 10, metric });
    const found = await table.search(queries, { k: 10, exact: true, concurrency: 3 });
    expect(found.ids).toEqual(expected.ids);
    // Scores are up to 8 here; LanceDB sums in float32 and gives 1 - score.
    for (const [i, score] of found.scores.entries()) {
      expect(Math.abs(score - expected.scores[i]!)).toBeLessThan(4e-6);
    }
  });

  it("orders equal rows by number, and gives all rows if k is larger", async () => {
    const table = await create(matrixFrom([[2], [1], [2], [2]]));
    const { ids, scores } = await table.search(matrixFrom([[3], [-1]]), { k: 6 });
    expect([...ids]).toEqual([0, 2, 3, 1, -1, -1, 1, 0, 2, 3, -1, -1]);
    expect([...scores.subarray(6, 10)]).toEqual([-1, -2, -2, -2]);
  });

  it("takes float16 and int8 rows and queries, and no queries", async () => {
    const table = await create({ data: Uint16Array.of(0x3c00, 0xc000), rows: 2, columns: 1 });
    const queries = { data: Int8Array.of(4), rows: 1, columns: 1, scales: Float32Array.of(0.5) };
    const { ids, scores } = await table.search(queries, { k: 2 });
    expect([...ids, ...scores]).toEqual([0, 1, 2, -4]);
    expect(await table.search({ data: new Float32Array(), rows: 0, columns: 1 }, { k: 3 })).toEqual({
      ids: new Int32Array(),
      scores: new Float32Array(),
      rows: 0,
      k: 3,
    });
  });

  it("uses the inner product unless told otherwise", async () => {
    expect((await create(matrixFrom([[1]]))).metric).toBe("dot");
  });
});

describe("filter", () => {
  it("applies before the search, over ids, row numbers and other columns", async () => {
    const table = await create(matrixFrom([[1], [2], [3], [4], [5]]), {
      ids: ["a", "b", "c", "d", "e"],
      metadata: {
        year: [1990, 1991.5, 1992, 1993, 1994],
        big: [2n ** 60n, 1n, 2n, 3n, 4n],
        landmark: [true, false, true, false, true],
        "two words": ["x", "it's", "x", "x", "x"],
      },
    });
    const found = async (filter: string) =>
      [...(await table.search(matrixFrom([[1]]), { k: 2, filter })).ids].filter((id) => id >= 0);
    expect(await found("id IN ('a', 'b', 'c')")).toEqual([2, 1]);
    expect(await found("row < 1")).toEqual([0]);
    expect(await found("year > 1990 AND NOT landmark")).toEqual([3, 1]);
    expect(await found(`big = ${2n ** 60n}`)).toEqual([0]);
    expect(await found("`two words` = 'it''s'")).toEqual([1]);
    expect(await found("year > 2000")).toEqual([]);
    await expect(found("nowhere = 1")).rejects.toThrow("nowhere");
  });

  it("keeps whole numbers as ids exact", async () => {
    const table = await create(matrixFrom([[1], [2]]), { ids: [2 ** 53 - 1, 7] });
    const { ids } = await table.search(matrixFrom([[1]]), { k: 1, filter: `id = ${2 ** 53 - 1}` });
    expect([...ids]).toEqual([0]);
  });
});

describe("createIndex", () => {
  const rows = normalizeRows(clusteredMatrix(1, 3000, 32, 30));
  const queries = normalizeRows(clusteredMatrix(2, 30, 32, 30));
  const exact = exactSearch(queries, rows, { k: 10, metric: "cosine" });
  it.each([
    [{ kind: "ivf-flat", numPartitions: 16, sampleRate: 64, maxIterations: 20 }, 0.99, 0.99],
    [{ kind: "ivf-pq", numPartitions: 8, numSubVectors: 8, numBits: 8 }, 0.5, 0.99],
    [{ kind: "ivf-hnsw-pq", numPartitions: 1, numSubVectors: 8, m: 16, efConstruction: 150 }, 0.5, 0.95],
    [{ kind: "ivf-hnsw-sq", numPartitions: 1, m: 16, efConstruction: 150 }, 0.85, 0.95],
  ] satisfies [LanceIndexOptions, number, number][])(
    "builds %j, whose recall@10 is enough, and more when refined",
    async (options, plain, refined) => {
      const table = await create(rows, { metric: "cosine" });
      await table.createIndex(options);
      const search = { k: 10, nprobes: 16, ef: 100 };
      const first = await table.search(queries, search);
      expect(recall(first.ids, exact.ids, 10)).toBeGreaterThanOrEqual(plain);
      const second = await table.search(queries, { ...search, refineFactor: 10 });
      expect(recall(second.ids, exact.ids, 10)).toBeGreaterThanOrEqual(refined);
      for (const [i, id] of second.ids.entries()) {
        const place = exact.ids.subarray(i - (i % 10), i - (i % 10) + 10).indexOf(id);
        if (place >= 0) expect(second.scores[i]).toBeCloseTo(exact.scores[i - (i % 10) + place]!, 6);
      }
      const all = await table.search(queries, { k: 10, exact: true });
      expect(recall(all.ids, exact.ids, 10)).toBe(1);
    },
  );

  it("survives closing and opening, takes new rows, and can be replaced", async () => {
    const created = await create(slice(rows, 0, 2000), { metric: "cosine" });
    await created.createIndex({ kind: "ivf-pq", numPartitions: 4, numSubVectors: 8 });
    created.close();
    const table = await openLanceTable(folder, "t");
    open.push(table);
    expect([table.rows, table.columns, table.metric]).toEqual([2000, 32, "cosine"]);
    expect(await table.add(slice(rows, 2000, 3000))).toBe(2000);
    const search = { k: 10, nprobes: 4, refineFactor: 10 };
    expect(recall((await table.search(queries, search)).ids, exact.ids, 10)).toBeGreaterThan(0.98);
    await table.optimize();
    expect(recall((await table.search(queries, search)).ids, exact.ids, 10)).toBeGreaterThan(0.98);
    await table.createIndex({ kind: "ivf-flat", numPartitions: 4 });
    expect((await table.search(queries, { k: 10, nprobes: 4 })).ids).toEqual(exact.ids);
  });

  it("refuses what is out of range", async () => {
    const table = await create(slice(rows, 0, 10));
    const build = (options: object) => table.createIndex(options as LanceIndexOptions);
    await expect(build({ kind: "tree" })).rejects.toThrow(
      new RangeError(
        'createIndex: expected `kind` to be "ivf-pq", "ivf-flat", "ivf-hnsw-pq" or "ivf-hnsw-sq", got "tree"',
      ),
    );
    await expect(build({ kind: "ivf-flat", numPartitions: 0 })).rejects.toThrow(
      new RangeError("createIndex: expected `numPartitions` to be a positive integer, got 0"),
    );
    await expect(build({ kind: "ivf-pq", numSubVectors: 7 })).rejects.toThrow(
      new RangeError("createIndex: expected `numSubVectors` to divide 32, the number of columns, got 7"),
    );
    await expect(build({ kind: "ivf-pq", numBits: 5 })).rejects.toThrow(
      new RangeError("createIndex: expected `numBits` to be 4 or 8, got 5"),
    );
    await expect(build({ kind: "ivf-pq", numPartitions: 1 })).rejects.toThrow("256 rows");
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(build({ kind: "ivf-flat", signal })).rejects.toThrow("enough");
  });
});

describe("add and remove", () => {
  it("numbers new rows on, and leaves the numbers of others", async () => {
    const table = await create(matrixFrom([[1], [2], [3]]), { ids: ["a", "b", "c"] });
    expect(await table.remove([1, 99, 1])).toBe(1);
    expect(table.rows).toBe(2);
    expect(await table.add(unevenSource(matrixFrom([[4], [5]])), { ids: ["d", "e"] })).toBe(3);
    const { ids } = await table.search(matrixFrom([[1]]), { k: 5 });
    expect([...ids]).toEqual([4, 3, 2, 0, -1]);
    expect(await table.remove(Array.from({ length: 2500 }, (_, row) => row))).toBe(4);
    expect([...(await table.search(matrixFrom([[1]]), { k: 1 })).ids]).toEqual([-1]);
    expect(await table.add(matrixFrom([[1]]), { ids: ["f"] })).toBe(0);
  });

  it("is as it was when adding fails", async () => {
    const table = await create(matrixFrom([[1], [2]]));
    const controller = new AbortController();
    const source: EmbeddingSource = {
      rows: 2 ** 24,
      columns: 1,
      async *blocks({ blockRows }) {
        yield {
          firstRow: 0,
          embeddings: { data: new Float32Array(blockRows).fill(9), rows: blockRows, columns: 1 },
        };
        controller.abort(new Error("enough"));
        yield { firstRow: blockRows, embeddings: matrixFrom([[9]]) };
      },
    };
    await expect(table.add(source, { signal: controller.signal })).rejects.toThrow("enough");
    expect(table.rows).toBe(2);
    expect([...(await table.search(matrixFrom([[1]]), { k: 3 })).ids]).toEqual([1, 0, -1]);
    expect(await table.add(matrixFrom([[3]]))).toBe(2);
  });

  it("refuses what does not fit", async () => {
    const table = await create(matrixFrom([[1], [2]]), { ids: ["a", "b"], metadata: { year: [1, 2] } });
    await expect(table.add(matrixFrom([[1, 2]]))).rejects.toThrow(
      new RangeError("add: expected `embeddings` to have 1 columns like the table, got 2"),
    );
    await expect(table.add(matrixFrom([[1]]), { ids: ["c"] })).rejects.toThrow(
      new RangeError('add: expected `ids` and `metadata` to give the columns "id", "year", got "id"'),
    );
    const other = await createLanceTable(folder, "other", matrixFrom([[1], [2]]));
    open.push(other);
    const source = { ...unevenSource(matrixFrom([[1]])), rows: 2 ** 31 - 1 };
    await expect(other.add(source)).rejects.toThrow(
      new RangeError("add: expected row numbers up to 2147483647, got 2147483648"),
    );
    await expect(table.remove([0.5])).rejects.toThrow(
      new RangeError("remove: expected `rows` to hold row numbers, got 0.5"),
    );
  });
});

describe("createLanceTable", () => {
  it("refuses a name that is taken, and replaces a table only when told to", async () => {
    await create(matrixFrom([[1]]));
    await expect(create(matrixFrom([[2]]))).rejects.toThrow("already exists");
    const table = await create(matrixFrom([[2, 3]]), { overwrite: true, metric: "l2" });
    expect([table.rows, table.columns, table.metric]).toEqual([1, 2, "l2"]);
  });

  it("numbers rows on from one block to the next", async () => {
    // A block is 32 MiB: 2048 of these rows.
    const rows = randomMatrix(1, 2050, 4096);
    const table = await create(rows, { ids: Array.from({ length: 2050 }, (_, row) => `photo ${row}`) });
    const search = { k: 2, filter: "id IN ('photo 2', 'photo 2047', 'photo 2048', 'photo 2049')" };
    const { ids } = await table.search(slice(rows, 2047, 2050), search);
    expect([ids[0], ids[2], ids[4]]).toEqual([2047, 2048, 2049]);
  });

  it("leaves nothing of a table that fails, or what was there before", async () => {
    const wrong = matrixFrom([[1], [Number.NaN]]);
    const error = new RangeError(
      "createLanceTable: expected row 1 of `embeddings` to hold finite numbers, got NaN in column 0",
    );
    await expect(create(wrong)).rejects.toThrow(error);
    expect(existsSync(join(folder, "t.lance"))).toBe(false);
    await create(matrixFrom([[5, 6]]), { metric: "l2" });
    await expect(create(wrong, { overwrite: true })).rejects.toThrow(error);
    const table = await openLanceTable(folder, "t");
    open.push(table);
    expect([table.rows, table.columns, table.metric]).toEqual([1, 2, "l2"]);
    expect([...(await table.search(matrixFrom([[5, 6]]), { k: 1 })).scores]).toEqual([0]);
  });

  it("tells how far it is, and starts nothing once aborted", async () => {
    const told: number[] = [];
    await create(matrixFrom([[1], [2]]), { onProgress: ({ done, total }) => told.push(done / total) });
    expect(told.at(-1)).toBe(1);
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(createLanceTable(folder, "u", matrixFrom([[1]]), { signal })).rejects.toThrow("enough");
    expect(readdirSync(folder)).toEqual(["t.lance"]);
  });

  it("refuses rows, columns and metrics that do not fit", async () => {
    const one = matrixFrom([[1]]);
    const two = matrixFrom([[1], [0]]);
    await expect(create({ data: new Float32Array(), rows: 0, columns: 1 })).rejects.toThrow(
      new RangeError("createLanceTable: expected `embeddings.rows` to be a positive integer, got 0"),
    );
    await expect(create(one, { metric: "cos" as Metric })).rejects.toThrow(
      new RangeError('createLanceTable: expected `metric` to be "dot", "cosine" or "l2", got "cos"'),
    );
    await expect(create(two, { metric: "cosine" })).rejects.toThrow(
      new RangeError(
        "createLanceTable: expected row 1 of `embeddings` to have a direction, got a row of zeros",
      ),
    );
    await expect(create(one, { ids: [] })).rejects.toThrow(
      new RangeError("createLanceTable: expected `ids` to hold 1 ids, one per row, got 0"),
    );
    for (const name of ["row", "vector", "_x", ""]) {
      await expect(create(one, { metadata: { [name]: [1] } })).rejects.toThrow(
        new RangeError(
          `createLanceTable: expected \`metadata\` to have other names than "row", "vector" and those with _ in front, got ${JSON.stringify(name)}`,
        ),
      );
    }
    await expect(create(one, { metadata: { year: [1, 2] } })).rejects.toThrow(
      new RangeError("createLanceTable: expected `metadata.year` to hold 1 values, one per row, got 2"),
    );
    const mixed = ["a", 2] as unknown as readonly string[];
    await expect(create(two, { metadata: { year: mixed } })).rejects.toThrow(
      new TypeError("createLanceTable: expected `metadata.year` to hold values of one kind, got 2 in row 1"),
    );
    await expect(create(one, { ids: ["a"], metadata: { id: ["b"] } })).rejects.toThrow(
      new RangeError("createLanceTable: expected `ids` or `metadata.id`, got both"),
    );
    await expect(
      create({
        rows: 2 ** 31 + 1,
        columns: 1,
        blocks: () => unevenSource(one).blocks({ first: 0, end: 1, blockRows: 1 }),
      }),
    ).rejects.toThrow(
      new RangeError("createLanceTable: expected `embeddings.rows` to be a count below 2^31, got 2147483649"),
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("openLanceTable", () => {
  it("refuses tables that are not there, and those of other programs", async () => {
    await expect(openLanceTable(folder, "t")).rejects.toThrow("not found");
    const connection = await connect(folder);
    await connection.createTable("other", [{ vector: [1, 2], name: "a" }]);
    connection.close();
    await expect(openLanceTable(folder, "other")).rejects.toThrow(
      new RangeError(
        'openLanceTable: expected `name` to be a table that createLanceTable wrote, got "other"',
      ),
    );
  });
});

describe("search", () => {
  it("refuses options and queries that are out of range", async () => {
    const table = await create(matrixFrom([[1, 2]]), { metric: "cosine" });
    const query = matrixFrom([[1, 2]]);
    for (const name of ["k", "nprobes", "refineFactor", "ef", "concurrency"]) {
      await expect(table.search(query, { k: 1, [name]: 0 })).rejects.toThrow(
        new RangeError(`search: expected \`${name}\` to be a positive integer, got 0`),
      );
    }
    await expect(table.search(query, { k: 1, filter: " " })).rejects.toThrow(
      new RangeError('search: expected `filter` to be a condition, got ""'),
    );
    await expect(table.search(matrixFrom([[1]]), { k: 1 })).rejects.toThrow(
      new RangeError("search: expected `queries` to have 2 columns like the table, got 1"),
    );
    await expect(table.search(matrixFrom([[1, Number.NaN]]), { k: 1 })).rejects.toThrow(
      new RangeError("search: expected row 0 of `queries` to hold finite numbers, got NaN in column 1"),
    );
    await expect(
      table.search(
        matrixFrom([
          [1, 2],
          [0, 0],
        ]),
        { k: 1 },
      ),
    ).rejects.toThrow(
      new RangeError("search: expected row 1 of `queries` to have a direction, got a row of zeros"),
    );
  });

  it("ends early", async () => {
    const table = await create(randomMatrix(1, 2000, 16));
    const controller = new AbortController();
    const search = table.search(randomMatrix(2, 5000, 16), { k: 5, signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 20);
    await expect(search).rejects.toThrow("enough");
    await expect(table.search(randomMatrix(2, 1, 16), { k: 5, signal: controller.signal })).rejects.toThrow(
      "enough",
    );
    expect((await table.search(randomMatrix(2, 1, 16), { k: 5 })).rows).toBe(1);
  });

  it("passes a failing query on", async () => {
    const table = await create(matrixFrom([[1]]));
    table.close();
    table.close();
    await expect(table.search(matrixFrom([[1]]), { k: 1 })).rejects.toThrow("closed");
  });
});

describe("storage", () => {
  it("hands the options of object storage to LanceDB", async () => {
    const storageOptions = {
      aws_access_key_id: "a",
      aws_secret_access_key: "b",
      region: "us-east-1",
      endpoint: "http://127.0.0.1:9",
      allow_http: "true",
      client_max_retries: "0",
      retry_timeout: "1s",
    };
    await expect(openLanceTable("s3://bucket/tables", "t", { storageOptions })).rejects.toThrow(
      "127.0.0.1:9",
    );
  });
});
