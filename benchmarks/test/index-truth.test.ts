import { describe, expect, it } from "vitest";
import { createTruth, recallOf, sameBits } from "../src/index/truth.ts";

const matrix = (rows: readonly (readonly number[])[]) => {
  return { data: Float32Array.from(rows.flat()), rows: rows.length, columns: rows[0]!.length };
};

describe("createTruth", () => {
  const queries = matrix([
    [1, 0],
    [0, 1],
    [1, 1],
    [-1, 0],
    [0, -1],
  ]);
  const database = matrix([
    [1, 0],
    [0, 2],
    [3, 1],
    [1, 0],
  ]);

  it("finds the best rows, the smaller id first where scores are the same", () => {
    const truth = createTruth(queries, 3);
    truth.add(database);
    expect([...truth.ids()]).toEqual([2, 0, 3, 1, 2, 0, 2, 1, 0, 1, 0, 3, 0, 3, 2]);
  });

  it("finds the same in blocks", () => {
    const truth = createTruth(queries, 2);
    truth.add(
      matrix([
        [1, 0],
        [0, 2],
      ]),
    );
    truth.add(matrix([[3, 1]]));
    truth.add(matrix([[1, 0]]));
    expect([...truth.ids()]).toEqual([2, 0, 1, 2, 2, 1, 1, 0, 0, 3]);
  });

  it("leaves a row itself out", () => {
    const truth = createTruth(database, 2, [0, 1, 2, 3]);
    truth.add(database);
    expect([...truth.ids()]).toEqual([2, 3, 2, 0, 0, 3, 2, 0]);
  });

  it("has -1 where there are fewer", () => {
    const truth = createTruth(matrix([[1, 0]]), 3);
    truth.add(matrix([[1, 0]]));
    expect([...truth.ids()]).toEqual([0, -1, -1]);
  });
});

describe("recallOf", () => {
  it("counts each true neighbor once, in any order, within its query", () => {
    expect(recallOf([2, 1, 4, 4], Int32Array.of(1, 2, 3, 4), 2)).toBe(0.75);
  });

  it("looks at the queries alone that the truth has", () => {
    expect(recallOf([1, 2, 9, 9], Int32Array.of(1, 3), 2)).toBe(0.5);
  });
});

describe("sameBits", () => {
  const neighbors = (ids: number[], scores: number[]) => {
    return { ids: Int32Array.from(ids), scores: Float32Array.from(scores), rows: 1, k: ids.length };
  };

  it("tells ids, scores and the sign of zero apart", () => {
    expect(sameBits(neighbors([1], [0.5]), neighbors([1], [0.5]))).toBe(true);
    expect(sameBits(neighbors([1], [0.5]), neighbors([2], [0.5]))).toBe(false);
    expect(sameBits(neighbors([1], [0.5]), neighbors([1], [0.5 + 2 ** -24]))).toBe(false);
    expect(sameBits(neighbors([1], [0]), neighbors([1], [-0]))).toBe(false);
  });
});
