import { concatenateEmbeddings, exactSearch, toFloat32, toHalf, toInt8 } from "@lmk/index";
import { describe, expect, it } from "vitest";
import { matrixFrom, randomMatrix } from "./fixtures.ts";

describe("concatenateEmbeddings", () => {
  it("scales, weighs, joins and scales again, in the example of its documentation", () => {
    const joined = concatenateEmbeddings([
      { matrix: matrixFrom([[5, 0]]), weight: 0.75 },
      { matrix: matrixFrom([[2]]) },
    ]);
    expect(joined).toEqual(matrixFrom([[0.6, 0, 0.8]]));
  });

  it("makes similarity the mean of cosines weighted by squared weights", () => {
    const weights = [0.5, 0.5, 1, 1, 1, 1];
    const parts = weights.map((weight, i) => ({ matrix: randomMatrix(i, 5, 4 + i), weight }));
    const joined = concatenateEmbeddings(parts);
    expect(joined.columns).toBe(4 + 5 + 6 + 7 + 8 + 9);
    const whole = similarities(joined);
    const each = parts.map(({ matrix }) => similarities(matrix));
    // The 2019 winners' six models: 1/18 for the two of half weight, 2/9 for the others.
    const shares = weights.map((weight) => (weight === 0.5 ? 1 / 18 : 2 / 9));
    for (const [i, value] of whole.entries()) {
      expect(value).toBeCloseTo(
        shares.reduce((sum, share, m) => sum + share * each[m]![i]!, 0),
        5,
      );
    }
  });

  it("takes parts in float16 and int8", () => {
    const half = { data: Uint16Array.of(0x4200, 0x4400), rows: 1, columns: 2 };
    const int8 = { data: Int8Array.of(-8), rows: 1, columns: 1, scales: Float32Array.of(0.25) };
    const wide = concatenateEmbeddings([{ matrix: matrixFrom([[3, 4]]) }, { matrix: matrixFrom([[-2]]) }]);
    expect(concatenateEmbeddings([{ matrix: half }, { matrix: int8 }])).toEqual(wide);
  });

  it("weighs with 1 unless told otherwise, and gives rows of length 1", () => {
    const matrix = randomMatrix(1, 3, 4);
    const other = randomMatrix(2, 3, 2);
    const joined = concatenateEmbeddings([{ matrix }, { matrix: other }]);
    expect(joined).toEqual(
      concatenateEmbeddings([
        { matrix, weight: 1 },
        { matrix: other, weight: 1 },
      ]),
    );
    for (let row = 0; row < 3; row++) {
      expect(Math.hypot(...joined.data.subarray(row * 6, row * 6 + 6))).toBeCloseTo(1, 6);
    }
  });

  it("takes weights as large and as small as doubles are", () => {
    const parts = [matrixFrom([[5, 0]]), matrixFrom([[2]])];
    const joined = (a: number, b: number) =>
      concatenateEmbeddings([
        { matrix: parts[0]!, weight: a },
        { matrix: parts[1]!, weight: b },
      ]);
    for (const scale of [1e200, 1e-200, 5e-324, 1.7e308 / 4]) {
      expect(joined(3 * scale, 4 * scale)).toEqual(matrixFrom([[0.6, 0, 0.8]]));
    }
    expect(joined(1e200, 1e-200)).toEqual(matrixFrom([[1, 0, 0]]));
    expect(joined(Number.MAX_VALUE, Number.MIN_VALUE)).toEqual(matrixFrom([[1, 0, 0]]));
  });

  it("joins more rows than it reads at a time, and names a broken one among them", () => {
    const left = randomMatrix(3, 1500, 3);
    const right = randomMatrix(4, 1500, 2);
    const joined = concatenateEmbeddings([{ matrix: toHalf(left) }, { matrix: toInt8(right) }]);
    const wide = [toFloat32(toHalf(left)), toFloat32(toInt8(right))] as const;
    for (const row of [0, 1023, 1024, 1499]) {
      const a = wide[0].data.subarray(row * 3, row * 3 + 3);
      const b = wide[1].data.subarray(row * 2, row * 2 + 2);
      const expected = [a, b].flatMap((part) =>
        Array.from(part, (value) => value / Math.hypot(...part) / Math.SQRT2),
      );
      const found = joined.data.subarray(row * 5, row * 5 + 5);
      for (const [i, value] of found.entries()) expect(value).toBeCloseTo(expected[i]!, 6);
    }
    right.data[1200 * 2] = Number.NaN;
    expect(() => concatenateEmbeddings([{ matrix: left }, { matrix: right }])).toThrow(
      new RangeError(
        "concatenateEmbeddings: expected row 1200 of `parts[1].matrix` to hold finite numbers, got NaN in column 0",
      ),
    );
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`concatenateEmbeddings: ${message}`);
    const matrix = matrixFrom([[1, 2]]);
    expect(() => concatenateEmbeddings([])).toThrow(
      refusal("expected `parts` to hold at least one part, got none"),
    );
    expect(() => concatenateEmbeddings([{ matrix }, { matrix: matrixFrom([[1], [2]]) }])).toThrow(
      refusal("expected `parts[1].matrix` to have 1 rows like `parts[0].matrix`, got 2"),
    );
    expect(() => concatenateEmbeddings([{ matrix, weight: 0 }])).toThrow(
      refusal("expected `parts[0].weight` to be a finite number above 0, got 0"),
    );
    expect(() => concatenateEmbeddings([{ matrix }, { matrix: matrixFrom([[0]]) }])).toThrow(
      refusal("expected row 0 of `parts[1].matrix` to have a direction, got a row of zeros"),
    );
  });
});

function similarities(matrix: Parameters<typeof exactSearch>[0]): number[] {
  const { ids, scores, rows } = exactSearch(matrix, matrix, { k: matrix.rows, metric: "cosine" });
  const table = new Array<number>(rows * rows);
  for (let i = 0; i < ids.length; i++) table[Math.floor(i / rows) * rows + ids[i]!] = scores[i]!;
  return table;
}
