import { readFileSync } from "node:fs";
import { type Matrix, matchDescriptors } from "@lmk/data";
import { describe, expect, it } from "vitest";

interface Golden {
  readonly columns: number;
  readonly a: readonly number[];
  readonly b: readonly number[];
  readonly matchesOfA: readonly number[];
  readonly matchesOfB: readonly number[];
}

const goldens: { readonly matching: readonly Golden[] } = JSON.parse(
  readFileSync(new URL("../golden/cleaning.json", import.meta.url), "utf8"),
);

function matrix(values: readonly number[], columns: number): Matrix {
  return { data: Float32Array.from(values), rows: values.length / columns, columns };
}

describe("matchDescriptors", () => {
  it("finds the nearest row of a for each of b that is near enough", () => {
    const a = matrix([0, 0, 1, 0, 0, 2], 2);
    const b = matrix([0.4, 0, 0.6, 0, 5, 5, 0.1, 0.1, 1, 0], 2);
    expect(matchDescriptors(a, b)).toEqual({
      a: Int32Array.of(0, 1, 0, 1),
      b: Int32Array.of(0, 1, 3, 4),
    });
  });

  it("wants a distance below maxDistance, 0.8 unless told otherwise", () => {
    const a = matrix([0, 0], 1);
    const count = (distance: number, options?: { maxDistance: number }) =>
      matchDescriptors(a, matrix([distance], 1), options).a.length;
    expect([count(0.79), count(0.81)]).toEqual([1, 0]);
    expect([count(0.5, { maxDistance: 0.5 }), count(0.499, { maxDistance: 0.5 })]).toEqual([0, 1]);
    expect(count(1e6, { maxDistance: Number.POSITIVE_INFINITY })).toBe(1);
  });

  it("takes the first of equally near rows", () => {
    expect(matchDescriptors(matrix([1, -1, -1, 1], 1), matrix([0], 1), { maxDistance: 2 }).a).toEqual(
      Int32Array.of(0),
    );
  });

  it.each(goldens.matching)("agrees with SciPy's k-d tree: $columns columns", (golden) => {
    const { columns, matchesOfA, matchesOfB } = golden;
    expect(matchDescriptors(matrix(golden.a, columns), matrix(golden.b, columns))).toEqual({
      a: Int32Array.from(matchesOfA),
      b: Int32Array.from(matchesOfB),
    });
  });

  it("agrees with all distances for any numbers of rows", () => {
    const values = (length: number, step: number) =>
      Array.from({ length }, (_, i) => Math.sin(i * step) * 0.7);
    for (const rowsOfA of [1, 2, 3, 5]) {
      for (const rowsOfB of [1, 3, 4, 6, 9]) {
        const a = matrix(values(rowsOfA * 3, 1.7), 3);
        const b = matrix(values(rowsOfB * 3, 2.9), 3);
        const expected: [number, number][] = [];
        for (let row = 0; row < rowsOfB; row++) {
          const distances = Array.from({ length: rowsOfA }, (_, i) =>
            Math.hypot(...[0, 1, 2].map((c) => a.data[3 * i + c] - b.data[3 * row + c])),
          );
          const least = Math.min(...distances);
          if (least < 0.8) expected.push([distances.indexOf(least), row]);
        }
        const matches = matchDescriptors(a, b);
        expect(Array.from(matches.a, (match, i) => [match, matches.b[i]])).toEqual(expected);
      }
    }
  });

  it("matches nothing with NaN, and nothing with nothing", () => {
    const a = matrix([Number.NaN, 0, 0, 0], 2);
    expect(matchDescriptors(a, matrix([0, 0, 0, Number.NaN], 2))).toEqual({
      a: Int32Array.of(1),
      b: Int32Array.of(0),
    });
    const none = { data: new Float32Array(0), rows: 0, columns: 2 };
    expect(matchDescriptors(a, none).a).toHaveLength(0);
    expect(matchDescriptors(none, a).a).toHaveLength(0);
  });

  it("refuses what cannot be", () => {
    const a = matrix([0, 0], 2);
    const refusal = (message: string) => new RangeError(`matchDescriptors: expected ${message}`);
    expect(() => matchDescriptors(a, matrix([0, 0, 0], 3))).toThrow(refusal("`b` to have 2 columns, got 3"));
    expect(() => matchDescriptors({ ...a, rows: 2 }, a)).toThrow(
      refusal("`a.data` to have 4 elements, got 2"),
    );
    expect(() => matchDescriptors(a, { ...a, rows: 3 })).toThrow(
      refusal("`b.data` to have 6 elements, got 2"),
    );
    for (const maxDistance of [0, Number.NaN]) {
      expect(() => matchDescriptors(a, a, { maxDistance })).toThrow(
        refusal(`\`maxDistance\` to be above 0, got ${maxDistance}`),
      );
    }
  });
});
