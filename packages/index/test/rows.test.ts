import { normalizeRows, stackRows } from "@lmk/index";
import { describe, expect, it } from "vitest";
import { matrixFrom, randomMatrix } from "./fixtures.ts";

describe("normalizeRows", () => {
  it("scales each row to length 1 and leaves its argument as it is", () => {
    const matrix = matrixFrom([
      [3, 4],
      [0, 2],
    ]);
    expect(normalizeRows(matrix)).toEqual(
      matrixFrom([
        [0.6, 0.8],
        [0, 1],
      ]),
    );
    expect([...matrix.data]).toEqual([3, 4, 0, 2]);
  });

  it("holds at every scale, and once more changes next to nothing", () => {
    const tiny = { data: Float32Array.of(1e-30, 1e-30, 1e30, -1e30), rows: 2, columns: 2 };
    for (const value of normalizeRows(tiny).data) expect(Math.abs(value)).toBeCloseTo(Math.SQRT1_2, 6);
    const once = normalizeRows(randomMatrix(1, 10, 33));
    for (const [i, value] of normalizeRows(once).data.entries()) expect(value).toBeCloseTo(once.data[i]!, 6);
  });

  it("refuses a row of zeros and one with NaN", () => {
    expect(() =>
      normalizeRows(
        matrixFrom([
          [1, 0],
          [0, 0],
        ]),
      ),
    ).toThrow(
      new RangeError("normalizeRows: expected row 1 of `matrix` to have a direction, got a row of zeros"),
    );
    expect(() => normalizeRows(matrixFrom([[Number.NaN, 0]]))).toThrow(
      new RangeError("normalizeRows: expected row 0 of `matrix` to hold finite numbers, got NaN in column 0"),
    );
  });
});

describe("stackRows", () => {
  it("puts matrices under one another, also empty ones", () => {
    const empty = { data: new Float32Array(), rows: 0, columns: 2 };
    expect(
      stackRows([
        matrixFrom([[1, 2]]),
        empty,
        matrixFrom([
          [3, 4],
          [5, 6],
        ]),
      ]),
    ).toEqual(
      matrixFrom([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
    );
  });

  it("gives a copy", () => {
    const only = matrixFrom([[1, 2]]);
    expect(stackRows([only]).data).not.toBe(only.data);
  });

  it("refuses no matrices and matrices of different widths", () => {
    expect(() => stackRows([])).toThrow(
      new RangeError("stackRows: expected `matrices` to hold at least one matrix, got none"),
    );
    expect(() => stackRows([matrixFrom([[1, 2]]), matrixFrom([[1]])])).toThrow(
      new RangeError("stackRows: expected `matrices[1]` to have 2 columns like `matrices[0]`, got 1"),
    );
  });
});
