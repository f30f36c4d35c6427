import {
  type Embeddings,
  type ExactEngine,
  exactSearch,
  exactSearchAsync,
  halfToFloat,
  knnGraph,
  knnGraphAsync,
  type Matrix,
  type Metric,
  type Neighbors,
  toHalf,
  toInt8,
} from "@lmk/index";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusteredMatrix, matrixFrom, randomMatrix, slice } from "./fixtures.ts";

const metrics: readonly Metric[] = ["dot", "cosine", "l2"];
const engines: readonly ExactEngine[] = ["javascript", "wasm", "onnxruntime"];

describe.each(engines)("the engine %s", (engine) => {
  it.each(metrics)("finds what one thread finds, bit for bit (%s)", async (metric) => {
    const database = clusteredMatrix(1, 3000, 37, 40);
    const queries = clusteredMatrix(2, 50, 37, 40);
    const expected = exactSearch(queries, database, { k: 12, metric });
    for (const threads of [1, 3]) {
      expect(await exactSearchAsync(queries, database, { k: 12, metric, engine, threads })).toEqual(expected);
    }
    expect(await knnGraphAsync(database, { k: 5, metric, engine, threads: 2 })).toEqual(
      exactSearch(database, database, { k: 5, metric, exclude: "self" }),
    );
  });

  it.each(["float16", "int8"])("computes with the float32 numbers that %s rows stand for", async (kind) => {
    const store = kind === "float16" ? toHalf : toInt8;
    const database = store(randomMatrix(3, 700, 21));
    const queries = store(randomMatrix(4, 9, 21));
    const expected = exactSearch(decoded(queries), decoded(database), { k: 20, metric: "l2" });
    expect(exactSearch(queries, database, { k: 20, metric: "l2" })).toEqual(expected);
    expect(await exactSearchAsync(queries, database, { k: 20, metric: "l2", engine })).toEqual(expected);
    expect(knnGraph(database, { k: 3 })).toEqual(knnGraph(decoded(database), { k: 3 }));
  });
});

describe("scores that float32 cannot tell apart", () => {
  it("are ranked by their double-precision sums", () => {
    // In float32 each of these products is 2^24 or 2^24 + 2, whatever is added at the end; the sums differ by less.
    const columns = 9;
    const rows = Array.from({ length: 40 }, (_, i) => [2 ** 12, ...Array(7).fill(0), (i * 17) % 40]);
    const found = exactSearch(
      matrixFrom([[2 ** 12, ...Array(7).fill(0), 1 / 64]]),
      matrixFrom(rows.map((row) => row.map((value, i) => (i < columns ? value : 0)))),
      { k: 40, metric: "l2" },
    );
    const nearest = rows.map((row, id) => ({ id, distance: ((row.at(-1) as number) - 1 / 64) ** 2 }));
    nearest.sort((a, b) => a.distance - b.distance || a.id - b.id);
    expect([...found.ids]).toEqual(nearest.map(({ id }) => id));
  });

  it("are in order of id where they are the same, however many there are", async () => {
    const same = { data: new Float32Array(5000 * 8).fill(0.1), rows: 5000, columns: 8 };
    const queries = slice(same, 0, 5);
    for (const engine of engines) {
      const found = await exactSearchAsync(queries, same, { k: 7, engine, threads: 2 });
      expect([...found.ids]).toEqual(Array.from({ length: 35 }, (_, i) => i % 7));
    }
    const graph = knnGraph(slice(same, 0, 100), { k: 3 });
    expect([...graph.ids.subarray(0, 9)]).toEqual([1, 2, 3, 0, 2, 3, 0, 1, 3]);
    expect([...graph.ids.subarray(297)]).toEqual([0, 1, 2]);
  });
});

describe("the bound on errors of float32", () => {
  it("holds for rows so short that one over their length is no float32", () => {
    const database = matrixFrom([
      [1, -0.5],
      [1e-40, 1e-40],
    ]);
    const found = exactSearch(matrixFrom([[-1, 0.5]]), database, { k: 1, metric: "cosine" });
    expect([...found.ids]).toEqual([1]);
  });

  const shape = fc.record({
    rows: fc.integer({ min: 1, max: 60 }),
    queries: fc.integer({ min: 1, max: 14 }),
    columns: fc.integer({ min: 1, max: 40 }),
    k: fc.integer({ min: 1, max: 20 }),
    metric: fc.constantFrom(...metrics),
    seed: fc.integer({ min: 0, max: 2 ** 31 }),
    scales: fc.constantFrom(
      [1],
      [1e-30],
      [1e-20],
      [1e15],
      [1e19],
      [3e37],
      [1, 1e-39, 1e-20, 1e10],
      [1e-41, 1],
    ),
    levels: fc.constantFrom(2, 5, 1e6),
  });

  it("never costs a neighbor, for numbers of any size and lists full of near ties", () => {
    fc.assert(
      fc.property(shape, ({ rows, queries, columns, k, metric, seed, scales, levels }) => {
        const database = coarse(randomMatrix(seed, rows, columns), levels, scales);
        const searched = coarse(randomMatrix(seed + 1, queries, columns), levels, scales);
        const found = exactSearch(searched, database, { k, metric });
        expectSame(found, bruteForce(searched, database, k, metric));
      }),
      { seed: 7, numRuns: 600 },
    );
  });
});

/** Values on a few levels, so that scores tie, rows of several sizes; no value is 0 before it is scaled. */
function coarse(matrix: Matrix, levels: number, scales: readonly number[]): Matrix {
  const data = matrix.data.map((value, i) => {
    const level = Math.floor((value + 0.5) * levels) + 0.5 - levels / 2 || 1;
    return level * (scales[Math.floor(i / matrix.columns) % scales.length]! / levels);
  });
  return { ...matrix, data };
}

function decoded({ data, rows, columns, ...rest }: Embeddings): Matrix {
  const scales = "scales" in rest ? (rest.scales as Float32Array) : undefined;
  const values = Float32Array.from(data, (value, i) =>
    scales === undefined ? halfToFloat(value) : value * scales[Math.floor(i / columns)]!,
  );
  return { data: values, rows, columns };
}

/** Every score in the documented order of summation, sorted. */
function bruteForce(queries: Matrix, database: Matrix, k: number, metric: Metric): Neighbors {
  const ids = new Int32Array(queries.rows * k).fill(-1);
  const scores = new Float32Array(queries.rows * k).fill(-Infinity);
  for (let query = 0; query < queries.rows; query++) {
    const q = queries.data.subarray(query * queries.columns, (query + 1) * queries.columns);
    const ranked = Array.from({ length: database.rows }, (_, id) => {
      const x = database.data.subarray(id * queries.columns, (id + 1) * queries.columns);
      return { id, score: Math.fround(scoreOf(q, x, metric)) };
    }).sort((a, b) => (a.score === b.score ? a.id - b.id : b.score - a.score));
    for (const [i, { id, score }] of ranked.slice(0, k).entries()) {
      ids[query * k + i] = id;
      scores[query * k + i] = score;
    }
  }
  return { ids, scores, rows: queries.rows, k };
}

function scoreOf(q: Float32Array, x: Float32Array, metric: Metric): number {
  const dot = eightSums(q, x);
  if (metric === "dot") return dot;
  const [qq, xx] = [eightSums(q, q), eightSums(x, x)];
  return metric === "cosine" ? dot / (Math.sqrt(qq) * Math.sqrt(xx)) : 0 - Math.max(0, qq + xx - 2 * dot);
}

function eightSums(a: Float32Array, b: Float32Array): number {
  const s = Array.from({ length: 8 }, () => 0);
  for (const [i, value] of a.entries()) s[i % 8]! += value * b[i]!;
  return s[0]! + s[4]! + (s[2]! + s[6]!) + (s[1]! + s[5]! + (s[3]! + s[7]!));
}

function expectSame(found: Neighbors, expected: Neighbors): void {
  expect([...found.ids]).toEqual([...expected.ids]);
  expect([...found.scores]).toEqual([...expected.scores]);
}
