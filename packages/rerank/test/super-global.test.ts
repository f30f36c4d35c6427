import { type Matrix, type Neighbors, rerankBySuperGlobal, rerankBySuperGlobalAsync } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { matrixFrom, neighborsFrom, product, randomUnitRows, rowOf, search, unitRows } from "./fixtures.ts";
import originals from "./golden/originals.json" with { type: "json" };
import golden from "./golden/superglobal.json" with { type: "json" };

interface Settings {
  readonly depth: number;
  readonly neighborCount: number;
  readonly beta: number;
}

/** Both stages on whole refined rows, in double precision: the scores of the shortlist, in its order. */
function reference(
  query: readonly number[],
  rows: readonly (readonly number[])[],
  { neighborCount, beta }: Settings,
): { stage1: number[]; scores: number[] } {
  const refined = rows.map((row) => {
    const nearest = rows
      .map((other, place) => ({ place, similarity: product(row, other) }))
      .sort((a, b) => b.similarity - a.similarity || a.place - b.place)
      .slice(0, neighborCount + 1);
    const weights = nearest.map(({ similarity }, i) => (i === 0 ? 1 : beta * similarity));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return row.map(
      (_, column) =>
        nearest.reduce((total, { place }, i) => total + weights[i]! * rows[place]![column]!, 0) / sum,
    );
  });
  const stage1 = refined.map((row) => product(query, row));
  const best = stage1
    .map((score, place) => ({ score, place }))
    .sort((a, b) => b.score - a.score)
    .slice(0, neighborCount + 1)
    .map(({ place }) => refined[place]!);
  const largest = query.map((_, column) => Math.max(...best.map((row) => row[column]!)));
  return { stage1, scores: refined.map((row, i) => (stage1[i]! + product(largest, row)) / 2) };
}

function listOf({ ids, k }: Neighbors, row: number): number[] {
  return [...ids.subarray(row * k, (row + 1) * k)];
}

function rowsOf(database: Matrix, ids: readonly number[]): number[][] {
  return ids.map((id) => rowOf(database, id));
}

describe("rerankBySuperGlobal", () => {
  const query = matrixFrom([[1, 0]]);
  const candidates = matrixFrom([
    [0.8, 0.6],
    [0.7, -0.71],
    [0.6, 0.8],
  ]);
  const found = { ...neighborsFrom([[0, 1, 2]]), scores: Float32Array.of(0.8, 0.7, 0.6) };

  it("prefers rows that are like the best one, in the example of its documentation", () => {
    const reranked = rerankBySuperGlobal(query, candidates, found, { neighborCount: 1 });
    expect(listOf(reranked, 0)).toEqual([0, 2, 1]);
    // By hand: refined rows (0.7748, 0.6252), (0.7020, -0.6842), (0.6252, 0.7748); largest entries (0.7748, 0.6252).
    expect(reranked.scores[0]).toBeCloseTo((0.7748 + 0.7748 ** 2 + 0.6252 ** 2) / 2, 3);
    expect(reranked.scores[1]).toBeCloseTo((0.6252 + 2 * 0.7748 * 0.6252) / 2, 3);
    expect(reranked.scores[2]).toBeCloseTo((0.702 + 0.7748 * 0.702 - 0.6252 * 0.6842) / 2, 3);
  });

  it("reranks 400 rows by 9 neighbors of factor 0.15 unless told otherwise", () => {
    const queries = randomUnitRows(1, 1, 3);
    const database = randomUnitRows(2, 410, 3);
    const list = search(queries, database, 410);
    const reranked = rerankBySuperGlobal(queries, database, list);
    const defaults = { depth: 400, neighborCount: 9, beta: 0.15 };
    expect(reranked).toEqual(rerankBySuperGlobal(queries, database, list, defaults));
    for (const other of [{ depth: 399 }, { neighborCount: 8 }, { beta: 0.16 }]) {
      expect(reranked).not.toEqual(rerankBySuperGlobal(queries, database, list, { ...defaults, ...other }));
    }
  });

  it.each([
    ["M=8,K=3,beta=0.15", { depth: 8, neighborCount: 3, beta: 0.15 }],
    ["M=6,K=4,beta=1.0", { depth: 6, neighborCount: 4, beta: 1 }],
  ] as const)("equals the published code on the toy with %s", (key, settings) => {
    const queries = unitRows(originals.input.queriesRaw);
    const database = unitRows(originals.input.galleryRaw);
    const list = search(queries, database, 12);
    const reranked = rerankBySuperGlobal(queries, database, list, settings);
    const { ranks, stage1Scores } = originals.superGlobal[key];
    for (let row = 0; row < queries.rows; row++) {
      expect(listOf(reranked, row)).toEqual(ranks[row]);
      const shortlist = listOf(list, row).slice(0, settings.depth);
      const expected = reference(rowOf(queries, row), rowsOf(database, shortlist), settings);
      // The code gives out the scores of its first stage only: the reference is held to them in float32.
      for (const [i, score] of expected.stage1.entries()) {
        expect(Math.abs(score - stage1Scores[row]![i]!)).toBeLessThan(1e-6);
      }
    }
  });

  it.each(golden.cases)(
    "equals the published code with M=$depth, K=$neighborCount, beta=$beta",
    (settings) => {
      const queries = randomUnitRows(11, 6, 24);
      const database = randomUnitRows(12, 160, 24);
      const reranked = rerankBySuperGlobal(queries, database, search(queries, database, 160), settings);
      for (const [row, ranks] of settings.ranks.entries()) expect(listOf(reranked, row)).toEqual(ranks);
    },
  );

  it("scores as both stages do on whole refined rows", () => {
    const queries = randomUnitRows(3, 4, 10);
    const database = randomUnitRows(4, 300, 10);
    const list = search(queries, database, 280);
    for (const settings of [
      { depth: 270, neighborCount: 9, beta: 0.15 },
      { depth: 60, neighborCount: 1, beta: -0.2 },
    ]) {
      const reranked = rerankBySuperGlobal(queries, database, list, settings);
      for (let row = 0; row < queries.rows; row++) {
        const shortlist = listOf(list, row).slice(0, settings.depth);
        const { scores } = reference(rowOf(queries, row), rowsOf(database, shortlist), settings);
        for (let i = 0; i < settings.depth; i++) {
          const place = shortlist.indexOf(reranked.ids[row * 280 + i]!);
          // Similarities among rows are float32 sums of 10 terms, as are the scores that come back.
          expect(Math.abs(reranked.scores[row * 280 + i]! - scores[place]!)).toBeLessThan(3e-7);
        }
      }
    }
  });

  it("keeps the order behind the shortlist, with scores that do not rise", () => {
    const reranked = rerankBySuperGlobal(query, candidates, found, { depth: 1 });
    expect(listOf(reranked, 0)).toEqual([0, 1, 2]);
    // The first row alone: (0.8 + 0.8² + 0.6²) / 2.
    expect(reranked.scores[0]).toBeCloseTo(0.9, 6);
    expect([...reranked.scores.subarray(1)]).toEqual([...found.scores.subarray(1)]);
    const high = { ...found, scores: Float32Array.of(3, 2, 0.5) };
    const [first, second, third] = rerankBySuperGlobal(query, candidates, high, { depth: 1 }).scores;
    expect([second, third]).toEqual([first, 0.5]);
  });

  it("passes over missing entries and takes shortlists smaller than the neighbor count", () => {
    const holes = neighborsFrom([[-1, 0, -1, 2]]);
    const reranked = rerankBySuperGlobal(query, candidates, holes);
    expect(listOf(reranked, 0)).toEqual([0, 2, -1, -1]);
    expect([...reranked.scores.subarray(2)]).toEqual([-Infinity, -Infinity]);
    const none = neighborsFrom([[-1, -1]]);
    expect(rerankBySuperGlobal(query, candidates, none)).toEqual(none);
    const empty = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 3 };
    const noQueries = { data: new Float32Array(0), rows: 0, columns: 2 };
    expect(rerankBySuperGlobal(noQueries, candidates, empty)).toEqual(empty);
    expect(rerankBySuperGlobal(query, { ...noQueries }, none)).toEqual(none);
  });

  it("orders duplicates by id", () => {
    const same = matrixFrom([
      [0.6, 0.8],
      [0, 1],
      [0.6, 0.8],
    ]);
    const list = neighborsFrom([[2, 1, 0]]);
    const reranked = rerankBySuperGlobal(query, same, list, { neighborCount: 1 });
    expect(listOf(reranked, 0)).toEqual([0, 2, 1]);
    expect(reranked.scores[0]).toBe(reranked.scores[1]);
  });

  it("leaves a row as it was where weights cancel each other out", () => {
    const opposite = matrixFrom([
      [1, 0],
      [-1, 0],
    ]);
    const list = neighborsFrom([[0, 1]]);
    const reranked = rerankBySuperGlobal(query, opposite, list, { neighborCount: 1, beta: 1 });
    expect([...reranked.ids]).toEqual([0, 1]);
    // The largest entries of (1, 0) and (-1, 0) are (1, 0).
    expect([...reranked.scores]).toEqual([1, -1]);
  });

  it("depends on the rows of the shortlist only, wherever they are", () => {
    const queries = randomUnitRows(5, 3, 8);
    const database = randomUnitRows(6, 90, 8);
    const list = search(queries, database, 40);
    const reranked = rerankBySuperGlobal(queries, database, list, { depth: 30 });
    const data = new Float32Array(3 * 40 * 8);
    for (const [i, id] of list.ids.entries()) data.set(rowOf(database, id), i * 8);
    const apart = { ...list, ids: Int32Array.from(list.ids, (_, i) => i) };
    const again = rerankBySuperGlobal(queries, { data, rows: 120, columns: 8 }, apart, { depth: 30 });
    expect(again.scores).toEqual(reranked.scores);
    expect(again.ids.map((i) => list.ids[i]!)).toEqual(reranked.ids);
  });

  it("leaves its arguments as they were", () => {
    const copies = structuredClone([query, candidates, found]);
    rerankBySuperGlobal(query, candidates, found);
    expect([query, candidates, found]).toEqual(copies);
  });

  it("refuses arguments that do not fit", () => {
    const refused = (options: object, message: string): void => {
      expect(() => rerankBySuperGlobal(query, candidates, found, options)).toThrow(
        new RangeError(`rerankBySuperGlobal: ${message}`),
      );
    };
    refused({ depth: 0 }, "expected `depth` to be a positive integer, got 0");
    refused({ neighborCount: 1.5 }, "expected `neighborCount` to be a positive integer, got 1.5");
    refused({ beta: Number.NaN }, "expected `beta` to be a finite number, got NaN");
    refused({ memoryLimit: 9 }, "expected to need at most `memoryLimit` = 9 bytes, got 1836");
    expect(() => rerankBySuperGlobal(matrixFrom([[1, 0, 0]]), candidates, found)).toThrow(
      new RangeError("rerankBySuperGlobal: expected `database` to have 3 columns like `queries`, got 2"),
    );
    expect(() => rerankBySuperGlobal(query, candidates, neighborsFrom([[0], [1]]))).toThrow(
      new RangeError("rerankBySuperGlobal: expected `neighbors` to have 1 rows, got 2"),
    );
    expect(() => rerankBySuperGlobal(matrixFrom([[Number.NaN, 0]]), candidates, found)).toThrow(
      new RangeError("rerankBySuperGlobal: expected `queries` to be finite, got NaN in row 0"),
    );
    const broken = matrixFrom([
      [1, 0],
      [0, Infinity],
    ]);
    expect(() => rerankBySuperGlobal(query, broken, neighborsFrom([[0, 1]]))).toThrow(
      new RangeError("rerankBySuperGlobal: expected `database` to be finite, got Infinity in row 1"),
    );
    expect(rerankBySuperGlobal(query, broken, neighborsFrom([[0]])).ids).toEqual(Int32Array.of(0));
  });
});

describe("rerankBySuperGlobalAsync", () => {
  const queries = randomUnitRows(7, 40, 32);
  const database = randomUnitRows(8, 400, 32);
  const list = search(queries, database, 150);

  it.each([0, 1, 2])("gives the same bits with %i threads", async (threads) => {
    expect(await rerankBySuperGlobalAsync(queries, database, list, { threads })).toEqual(
      rerankBySuperGlobal(queries, database, list),
    );
  });

  it("rejects where the other throws, and with the reason of its signal", async () => {
    await expect(rerankBySuperGlobalAsync(queries, database, list, { depth: 0 })).rejects.toThrow(
      new RangeError("rerankBySuperGlobalAsync: expected `depth` to be a positive integer, got 0"),
    );
    const reason = new Error("enough");
    await expect(
      rerankBySuperGlobalAsync(queries, database, list, { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });
});
