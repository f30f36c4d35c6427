import { exactSearch, type Matrix, type Metric } from "@lmk/index";
import { describe, expect, it } from "vitest";
import { matrixFrom, randomMatrix, slice } from "./fixtures.ts";

const metrics: readonly Metric[] = ["dot", "cosine", "l2"];

describe("exactSearch", () => {
  const square = matrixFrom([
    [1, 0],
    [1, 2],
    [1, 3],
    [1, 1],
  ]);

  it("finds squared distances, negated, in the example of its documentation", () => {
    const found = exactSearch(matrixFrom([[1, 0]]), square, { k: 4, metric: "l2" });
    expect(found).toEqual({
      ids: Int32Array.of(0, 3, 1, 2),
      scores: Float32Array.of(0, -1, -4, -9),
      rows: 1,
      k: 4,
    });
  });

  it("finds inner products, cosines and distances worked out by hand", () => {
    const database = matrixFrom([
      [1, 2, 3],
      [2, 3, 4],
      [3, 4, 5],
    ]);
    const query = matrixFrom([[1, 2, 5]]);
    const dot = exactSearch(query, database, { k: 2 });
    expect([...dot.ids, ...dot.scores]).toEqual([2, 1, 36, 28]);
    const l2 = exactSearch(query, database, { k: 2, metric: "l2" });
    expect([...l2.ids, ...l2.scores]).toEqual([1, 0, -3, -4]);
    const wide = matrixFrom([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    const cosine = exactSearch(matrixFrom([[1, 2, 2]]), wide, { k: 3, metric: "cosine" });
    expect([...cosine.ids]).toEqual([1, 2, 0]);
    expect(cosine.scores[0]).toBeCloseTo(1 - 0.012341678, 6);
    expect(cosine.scores[1]).toBeCloseTo(1 - 0.018790483, 6);
  });

  it("fills up with -1 and -Infinity where the database has fewer rows", () => {
    const found = exactSearch(
      matrixFrom([
        [1, 0],
        [0, 1],
      ]),
      slice(square, 0, 2),
      { k: 3 },
    );
    expect([...found.ids]).toEqual([0, 1, -1, 1, 0, -1]);
    expect([...found.scores]).toEqual([1, 1, -Infinity, 2, 0, -Infinity]);
    const none = exactSearch(matrixFrom([[1, 0]]), slice(square, 0, 0), { k: 2 });
    expect([...none.ids, ...none.scores]).toEqual([-1, -1, -Infinity, -Infinity]);
  });

  it("takes no queries, and every small number of queries and rows", () => {
    expect(exactSearch(slice(square, 0, 0), square, { k: 2 }).ids).toHaveLength(0);
    const queries = randomMatrix(1, 9, 5);
    const database = randomMatrix(2, 9, 5);
    for (let q = 1; q <= 9; q++) {
      for (let n = 1; n <= 9; n++) expectOracle(slice(queries, 0, q), slice(database, 0, n), 4, "dot");
    }
  });

  it("gives equal scores to the smaller id first, whatever the order they come in", () => {
    const tied = matrixFrom(Array.from({ length: 50 }, (_, row) => [row % 2, 1]));
    const found = exactSearch(
      matrixFrom([
        [1, 1],
        [0, 1],
      ]),
      tied,
      { k: 30 },
    );
    expect([...found.ids.subarray(0, 30)]).toEqual([
      ...Array.from({ length: 25 }, (_, i) => 2 * i + 1),
      ...Array.from({ length: 5 }, (_, i) => 2 * i),
    ]);
    expect([...found.ids.subarray(30)]).toEqual(Array.from({ length: 30 }, (_, i) => i));
  });

  it("breaks ties by what is returned: scores that are equal as float32", () => {
    const close = matrixFrom([
      [1, 0],
      [1, 2 ** -20],
    ]);
    const found = exactSearch(matrixFrom([[1, 2 ** -20]]), close, { k: 2 });
    expect([...found.ids, ...found.scores]).toEqual([0, 1, 1, 1]);
  });

  it.each(metrics)("equals sorting all scores of the formula (%s)", (metric) => {
    expectOracle(randomMatrix(3, 23, 37), randomMatrix(4, 311, 37), 20, metric);
    expectOracle(randomMatrix(5, 5, 1), randomMatrix(6, 40, 1), 7, metric);
  });

  it("equals the formula also when queries fill more than one block", () => {
    const found = exactSearch(randomMatrix(7, 70, 4096), randomMatrix(8, 10, 4096), { k: 3 });
    const single = exactSearch(slice(randomMatrix(7, 70, 4096), 69, 70), randomMatrix(8, 10, 4096), { k: 3 });
    expect(found.ids.subarray(207)).toEqual(single.ids);
    expectOracle(randomMatrix(7, 70, 4096), randomMatrix(8, 10, 4096), 3, "dot");
  });

  it.each(metrics)(
    "gives the same bits in any batch of queries and any part of the database (%s)",
    (metric) => {
      const queries = randomMatrix(9, 11, 33);
      const database = randomMatrix(10, 100, 33);
      const whole = exactSearch(queries, database, { k: 100, metric });
      for (let row = 0; row < queries.rows; row++) {
        const alone = exactSearch(slice(queries, row, row + 1), database, { k: 100, metric });
        expect(alone.ids).toEqual(whole.ids.subarray(row * 100, (row + 1) * 100));
        expect(alone.scores).toEqual(whole.scores.subarray(row * 100, (row + 1) * 100));
      }
      const tail = exactSearch(queries, slice(database, 41, 100), { k: 59, metric });
      for (let row = 0; row < queries.rows; row++) {
        const scores = new Map<number, number>();
        for (let i = 0; i < 100; i++) scores.set(whole.ids[row * 100 + i]!, whole.scores[row * 100 + i]!);
        for (let i = 0; i < 59; i++) {
          expect(tail.scores[row * 59 + i]).toBe(scores.get(tail.ids[row * 59 + i]! + 41));
        }
      }
    },
  );

  it("finds a row at distance exactly 0 from itself, and never at a positive score", () => {
    const rows = randomMatrix(11, 40, 64);
    const { ids, scores } = exactSearch(rows, rows, { k: 1, metric: "l2" });
    expect([...ids]).toEqual(Array.from({ length: 40 }, (_, row) => row));
    expect([...scores].every((score) => Object.is(score, 0))).toBe(true);

    // One last bit apart in one column: rounding alone would put row 11 at a negative squared distance.
    const near = { ...rows, data: rows.data.slice() };
    const bits = new Int32Array(near.data.buffer);
    for (let row = 0; row < 40; row++) bits[row * 64]! += 1;
    const nearest = exactSearch(near, rows, { k: 1, metric: "l2" });
    expect([...nearest.ids]).toEqual([...ids]);
    expect([...nearest.scores].every((score) => score <= 0)).toBe(true);
  });

  it("does not change with the lengths of rows under the cosine", () => {
    const queries = randomMatrix(12, 6, 16);
    const database = randomMatrix(13, 30, 16);
    const found = exactSearch(queries, database, { k: 30, metric: "cosine" });
    const scaled = {
      ...database,
      data: database.data.map((value, i) => value * 2 ** (Math.floor(i / 16) % 9)),
    };
    expect(exactSearch(queries, scaled, { k: 30, metric: "cosine" })).toEqual(found);
  });

  it("leaves out one row per query", () => {
    const database = randomMatrix(14, 20, 8);
    const all = exactSearch(database, database, { k: 20, metric: "l2" });
    const others = exactSearch(database, database, { k: 19, metric: "l2", exclude: "self" });
    for (let row = 0; row < 20; row++) {
      expect(all.ids[row * 20]).toBe(row);
      expect(others.ids.subarray(row * 19, row * 19 + 19)).toEqual(
        all.ids.subarray(row * 20 + 1, row * 20 + 20),
      );
    }
    const chosen = exactSearch(slice(database, 0, 2), database, { k: 20, exclude: Int32Array.of(-1, 7) });
    expect(chosen.ids.subarray(0, 20).includes(7)).toBe(true);
    expect(chosen.ids.subarray(20).includes(7)).toBe(false);
    expect(chosen.ids[39]).toBe(-1);
  });

  it("scores by inner product unless told otherwise, and writes to none of its arguments", () => {
    const queries = randomMatrix(15, 3, 4);
    const database = randomMatrix(16, 9, 4);
    const copies = structuredClone([queries, database]);
    const found = exactSearch(queries, database, { k: 9 });
    expect(found).toEqual(exactSearch(queries, database, { k: 9, metric: "dot" }));
    expect(found).not.toEqual(exactSearch(queries, database, { k: 9, metric: "cosine" }));
    expect([queries, database]).toEqual(copies);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`exactSearch: ${message}`);
    const query = matrixFrom([[1, 0]]);
    expect(() => exactSearch(query, square, { k: 0 })).toThrow(
      refusal("expected `k` to be a positive integer, got 0"),
    );
    expect(() => exactSearch(query, matrixFrom([[1]]), { k: 1 })).toThrow(
      refusal("expected `database` to have 2 columns like `queries`, got 1"),
    );
    expect(() => exactSearch(query, square, { k: 1, metric: "hamming" as Metric })).toThrow(
      refusal('expected `metric` to be "dot", "cosine" or "l2", got "hamming"'),
    );
    expect(() => exactSearch({ ...query, rows: 2 }, square, { k: 1 })).toThrow(
      refusal("expected `queries.data` to hold 2 x 2 = 4 numbers, got 2"),
    );
    expect(() => exactSearch(query, { ...square, columns: 0 }, { k: 1 })).toThrow(
      refusal("expected `database.columns` to be a positive integer, got 0"),
    );
    expect(() => exactSearch({ ...query, rows: Number.NaN }, square, { k: 1 })).toThrow(
      refusal("expected `queries.rows` to be a count, got NaN"),
    );
    expect(() => exactSearch({ data: [1, 0] as never, rows: 1, columns: 2 }, square, { k: 1 })).toThrow(
      new TypeError(
        "exactSearch: expected `queries.data` to be a Float32Array, Uint16Array or Int8Array, got object",
      ),
    );
    expect(() => exactSearch(query, square, { k: 1, exclude: "self" })).toThrow(
      refusal('expected `queries` to have 4 rows like `database` when `exclude` is "self", got 1'),
    );
    expect(() => exactSearch(query, square, { k: 1, exclude: Int32Array.of(1, 2) })).toThrow(
      refusal(
        'expected `exclude` to be "self" or an Int32Array with one row number for each of 1 queries, got 2 of them',
      ),
    );
    expect(() => exactSearch(query, square, { k: 1, exclude: true as never })).toThrow(
      refusal(
        'expected `exclude` to be "self" or an Int32Array with one row number for each of 1 queries, got true',
      ),
    );
  });

  it("refuses rows without meaning by their number", () => {
    const bad = (row: number, value: number): Matrix => {
      const data = new Float32Array(14).fill(1);
      data[row * 2 + 1] = value;
      return { data, rows: 7, columns: 2 };
    };
    const query = matrixFrom([[1, 0]]);
    for (const row of [0, 3, 6]) {
      expect(() => exactSearch(query, bad(row, Number.NaN), { k: 1 })).toThrow(
        new RangeError(
          `exactSearch: expected row ${row} of \`database\` to hold finite numbers, got NaN in column 1`,
        ),
      );
      expect(() => exactSearch(bad(row, -Infinity), query, { k: 1 })).toThrow(
        new RangeError(
          `exactSearch: expected row ${row} of \`queries\` to hold finite numbers, got -Infinity in column 1`,
        ),
      );
    }
    const zeros = matrixFrom([
      [1, 1],
      [0, 0],
    ]);
    expect(() => exactSearch(query, zeros, { k: 1, metric: "cosine" })).toThrow(
      new RangeError("exactSearch: expected row 1 of `database` to have a direction, got a row of zeros"),
    );
    expect([...exactSearch(query, zeros, { k: 2 }).ids]).toEqual([0, 1]);
  });
});

/** Compares with every score of the formula, computed one by one and sorted. */
function expectOracle(queries: Matrix, database: Matrix, k: number, metric: Metric): void {
  const found = exactSearch(queries, database, { k, metric });
  for (let row = 0; row < queries.rows; row++) {
    const query = queries.data.subarray(row * queries.columns, (row + 1) * queries.columns);
    const ranked = Array.from({ length: database.rows }, (_, id) => {
      const item = database.data.subarray(id * database.columns, (id + 1) * database.columns);
      return { id, score: Math.fround(literalScore(query, item, metric)) };
    }).sort((a, b) => b.score - a.score || a.id - b.id);
    for (let i = 0; i < k; i++) {
      const score = found.scores[row * k + i]!;
      if (i >= ranked.length) expect(score).toBe(-Infinity);
      else expect(Math.abs(score - ranked[i]!.score)).toBeLessThan(1e-6);
      if (metric === "dot") expect(found.ids[row * k + i]).toBe(ranked[i]?.id ?? -1);
    }
  }
}

function literalScore(query: Float32Array, item: Float32Array, metric: Metric): number {
  let dot = 0;
  let querySquare = 0;
  let itemSquare = 0;
  let distance = 0;
  for (const [i, q] of query.entries()) {
    const x = item[i]!;
    dot += q * x;
    querySquare += q * q;
    itemSquare += x * x;
    distance += (q - x) ** 2;
  }
  if (metric === "dot") return dot;
  return metric === "l2" ? -distance : dot / Math.sqrt(querySquare * itemSquare);
}
