import { readFileSync } from "node:fs";
import type { Matrix } from "@lmk/rerank";
import {
  applyQuantileTransform,
  applyQuantileTransformAsync,
  learnQuantileTransform,
  learnQuantileTransformAsync,
} from "@lmk/rerank/recognition";
import { describe, expect, it } from "vitest";
import { matrixFrom, rowOf } from "./fixtures.ts";
import { columnsOf, spread } from "./formula-data.ts";

interface Golden {
  readonly seen: readonly (readonly number[])[];
  readonly unseen: readonly (readonly number[])[];
  readonly quantilesOfColumn3: readonly number[];
  readonly sevenQuantiles: readonly (readonly number[])[];
  readonly unseenBySeven: readonly (readonly number[])[];
}

const { quantiles: golden } = JSON.parse(
  readFileSync(new URL("golden/recognition.json", import.meta.url), "utf8"),
) as { readonly quantiles: Golden };

/** The columns of golden/make-recognition.py: even, many equal values, one value, skewed, two values. */
function columnKinds(): Matrix {
  const { data, rows, columns } = spread(1, 3000, 5);
  for (let at = 0; at < data.length; at += columns) {
    data[at + 1] = Math.floor(data[at + 1]! * 8) / 8;
    data[at + 2] = 0.25;
    data[at + 3] = Math.fround(data[at + 3]! * data[at + 3]!) * data[at + 3]!;
    data[at + 4] = data[at + 4]! > 0 ? 1 : -1;
  }
  return { data, rows, columns };
}

function unseen(): Matrix {
  const { data, rows, columns } = spread(2, 60, 5);
  return { data: data.map((value) => value * 1.25), rows, columns };
}

/** float32 numbers up to 5.2 are rounded by at most 2.4e-7. */
function expectRows(matrix: Matrix, expected: readonly (readonly number[])[]): void {
  for (const [row, values] of expected.entries()) {
    for (const [column, value] of rowOf(matrix, row).entries()) {
      expect(Math.abs(value - values[column]!)).toBeLessThan(3e-7);
    }
  }
}

const kinds = columnKinds();

describe("learnQuantileTransform and applyQuantileTransform", () => {
  it("map five numbers as in the documentation", () => {
    const matrix = matrixFrom([[1], [2], [4], [8], [90]]);
    const transform = learnQuantileTransform(matrix);
    expect(transform).toEqual({ columns: 1, quantileCount: 5, quantiles: Float64Array.of(1, 2, 4, 8, 90) });
    const mapped = applyQuantileTransform(transform, matrix).data;
    // The normal distribution has a quarter below -0.67449.
    const expected = [-5.199337582605575, -0.6744897501960817, 0, 0.6744897501960817, 5.19933758270342];
    expect([...mapped]).toEqual(expected.map(Math.fround));
  });

  it("give what scikit-learn gives, for rows learned from and others", () => {
    const transform = learnQuantileTransform(kinds);
    expect(transform.quantileCount).toBe(1000);
    expectRows(applyQuantileTransform(transform, columnsOf(kinds, 0, 5)), golden.seen);
    expectRows(applyQuantileTransform(transform, unseen()), golden.unseen);
    const third = transform.quantiles.subarray(3000, 4000).filter((_, i) => i % 50 === 0);
    // The same arithmetic in double precision.
    expect([...third]).toEqual(golden.quantilesOfColumn3);
  });

  it("interpolate between few quantiles as scikit-learn does", () => {
    const transform = learnQuantileTransform(columnsOf(kinds, 0, 4), { quantileCount: 7 });
    expect([...transform.quantiles]).toEqual(golden.sevenQuantiles.flat());
    expectRows(applyQuantileTransform(transform, columnsOf(unseen(), 0, 4)), golden.unseenBySeven);
  });

  it("bound what lies outside or within 1e-7 of the ends, and a column of one value from below", () => {
    const transform = { columns: 1, quantileCount: 3, quantiles: Float64Array.of(0, 0.5, 1) };
    const [low, high] = [Math.fround(-5.199337582605575), Math.fround(5.19933758270342)];
    const mapped = applyQuantileTransform(transform, matrixFrom([[-9], [0], [5e-8], [0.5], [1], [9]]));
    expect([...mapped.data]).toEqual([low, low, low, 0, high, high]);
    expect(applyQuantileTransform(transform, matrixFrom([[2e-7]])).data[0]).toBeCloseTo(-5.0689577, 4);
    const single = learnQuantileTransform(matrixFrom([[3]]));
    expect(single).toEqual({ columns: 1, quantileCount: 1, quantiles: Float64Array.of(3) });
    expect([...applyQuantileTransform(single, matrixFrom([[2], [3], [4]])).data]).toEqual([low, low, high]);
  });

  it("give equal quantiles the middle of their probabilities", () => {
    const transform = { columns: 1, quantileCount: 5, quantiles: Float64Array.of(0, 2, 2, 2, 3) };
    expect(applyQuantileTransform(transform, matrixFrom([[2]])).data[0]).toBe(0);
  });

  it("do not depend on the order of rows, and map columns each for itself", () => {
    const reversed = kinds.data.slice().reverse();
    const transform = learnQuantileTransform({ ...kinds, data: reversed });
    const { quantiles } = learnQuantileTransform(kinds);
    for (let column = 0; column < 5; column++) {
      expect(transform.quantiles.subarray(column * 1000, column * 1000 + 1000)).toEqual(
        quantiles.subarray((4 - column) * 1000, (5 - column) * 1000),
      );
    }
  });

  it("use 1000 quantiles of at most 100,000 rows and seed 0 unless told otherwise", () => {
    const many = spread(5, 100_001, 1);
    const transform = learnQuantileTransform(many);
    const explicit = { quantileCount: 1000, sampleRows: 100_000, seed: 0 };
    expect(transform).toEqual(learnQuantileTransform(many, explicit));
    expect(transform).not.toEqual(learnQuantileTransform(many, { ...explicit, sampleRows: 100_001 }));
    expect(transform).not.toEqual(learnQuantileTransform(many, { ...explicit, seed: 1 }));
  });

  it("learn from rows drawn without repetition", () => {
    const few = matrixFrom(Array.from({ length: 50 }, (_, i) => [i]));
    for (const seed of [1, 2, 3]) {
      const { quantiles } = learnQuantileTransform(few, { quantileCount: 20, sampleRows: 20, seed });
      const drawn = [...quantiles].map(Math.round);
      expect(new Set(drawn).size).toBe(20);
      for (const [i, value] of drawn.entries()) expect(quantiles[i]).toBeCloseTo(value, 9);
      expect(Math.max(...drawn)).toBeLessThan(50);
    }
    const all = learnQuantileTransform(few, { quantileCount: 20 });
    expect(learnQuantileTransform(few, { quantileCount: 20, sampleRows: 50, seed: 9 })).toEqual(all);
  });

  it("map no rows to none, and write to nothing", () => {
    const transform = learnQuantileTransform(kinds);
    const copies = structuredClone([transform, kinds]);
    applyQuantileTransform(transform, kinds);
    expect([transform, kinds]).toEqual(copies);
    const none = applyQuantileTransform(transform, { data: new Float32Array(0), rows: 0, columns: 5 });
    expect(none).toEqual({ data: new Float32Array(0), rows: 0, columns: 5 });
  });

  it("give the same bits in threads and slices", async () => {
    const transform = learnQuantileTransform(kinds);
    const mapped = applyQuantileTransform(transform, kinds);
    for (const threads of [0, 1, 2]) {
      expect(await learnQuantileTransformAsync(kinds, { threads })).toEqual(transform);
      expect(await applyQuantileTransformAsync(transform, kinds, { threads })).toEqual(mapped);
    }
  });

  it("reject with the reason of an abort", async () => {
    const reason = new Error("enough");
    const transform = learnQuantileTransform(kinds);
    for (const threads of [0, 2]) {
      const controller = new AbortController();
      const running = { signal: controller.signal, threads };
      const learned = learnQuantileTransformAsync(kinds, running);
      const mapped = applyQuantileTransformAsync(transform, kinds, running);
      controller.abort(reason);
      const ended = await Promise.allSettled([learned, mapped]);
      expect(ended).toEqual([
        { status: "rejected", reason },
        { status: "rejected", reason },
      ]);
      await expect(learnQuantileTransformAsync(kinds, running)).rejects.toBe(reason);
      await expect(applyQuantileTransformAsync(transform, kinds, running)).rejects.toBe(reason);
    }
  });

  it("refuse what does not fit", async () => {
    const learning = (message: string) => new RangeError(`learnQuantileTransform: ${message}`);
    const none = { data: new Float32Array(0), rows: 0, columns: 2 };
    expect(() => learnQuantileTransform(none)).toThrow(
      learning("expected `matrix.rows` to be a positive integer, got 0"),
    );
    expect(() => learnQuantileTransform(matrixFrom([[1], [Number.NaN]]))).toThrow(
      learning("expected `matrix` to be finite, got NaN in row 1"),
    );
    expect(() => learnQuantileTransform(kinds, { quantileCount: 0 })).toThrow(
      learning("expected `quantileCount` to be a positive integer, got 0"),
    );
    expect(() => learnQuantileTransform(kinds, { sampleRows: 999 })).toThrow(
      learning("expected `sampleRows` to be a whole number of at least `quantileCount` = 1000, got 999"),
    );
    const applying = (message: string) => new RangeError(`applyQuantileTransform: ${message}`);
    const transform = { columns: 2, quantileCount: 2, quantiles: Float64Array.of(0, 1, 0, 1) };
    const apply =
      (changes: object, matrix = matrixFrom([[0, 1]])) =>
      () =>
        applyQuantileTransform({ ...transform, ...changes }, matrix);
    expect(apply({}, matrixFrom([[1]]))).toThrow(
      applying("expected `matrix` to have `transform.columns` = 2 columns, got 1"),
    );
    expect(apply({}, matrixFrom([[0, Infinity]]))).toThrow(
      applying("expected `matrix` to be finite, got Infinity in row 0"),
    );
    expect(apply({ columns: 0 })).toThrow(
      applying("expected `transform.columns` to be a positive integer, got 0"),
    );
    expect(apply({ quantileCount: 0 })).toThrow(
      applying("expected `transform.quantileCount` to be a positive integer, got 0"),
    );
    expect(apply({ quantileCount: 3 })).toThrow(
      applying("expected `transform.quantiles` to hold 2 x 3 = 6 numbers, got 4"),
    );
    expect(apply({ quantiles: Float64Array.of(0, 1, 1, 0) })).toThrow(
      applying("expected `transform.quantiles` to be finite and to ascend, got 0 in column 1"),
    );
    expect(apply({ quantiles: Float64Array.of(0, Number.NaN, 0, 1) })).toThrow(
      applying("expected `transform.quantiles` to be finite and to ascend, got NaN in column 0"),
    );
    await expect(learnQuantileTransformAsync(none)).rejects.toThrow(
      new RangeError("learnQuantileTransformAsync: expected `matrix.rows` to be a positive integer, got 0"),
    );
    await expect(applyQuantileTransformAsync(transform, matrixFrom([[1]]))).rejects.toThrow(
      new RangeError(
        "applyQuantileTransformAsync: expected `matrix` to have `transform.columns` = 2 columns, got 1",
      ),
    );
  });
});
