import { readFileSync } from "node:fs";
import {
  applyTransform,
  type EmbeddingSource,
  learnPairWhitening,
  learnPairWhiteningAsync,
  learnPca,
  learnPcaAsync,
  learnPcaWhitening,
  learnPcaWhiteningAsync,
  type Matrix,
} from "@lmk/index/transforms";
import { describe, expect, it } from "vitest";
import { clusteredMatrix, matrixFrom, randomMatrix, slice } from "./fixtures.ts";

interface ReferencePca {
  readonly mean: readonly number[];
  readonly components: readonly (readonly number[])[];
  readonly variances: readonly number[];
  readonly shares: readonly number[];
  readonly transformed: readonly (readonly number[])[];
}

interface ReferenceWhitening {
  readonly mean: readonly number[];
  readonly projection: readonly (readonly number[])[];
  readonly applied: readonly (readonly number[])[];
}

/** Made by golden/make-transform-goldens.py with scikit-learn, faiss and cirtorch. */
const goldens = JSON.parse(readFileSync(new URL("./golden/transforms.json", import.meta.url), "utf8")) as {
  readonly rows: readonly (readonly number[])[];
  readonly queries: readonly number[];
  readonly positives: readonly number[];
  readonly sklearnPca: ReferencePca;
  readonly sklearnWhitening: ReferencePca;
  readonly faissPca: { readonly transformed: readonly (readonly number[])[] };
  readonly faissWhitening: { readonly transformed: readonly (readonly number[])[] };
  readonly faissQuarter: { readonly transformed: readonly (readonly number[])[] };
  readonly cirtorchPcaWhitening: ReferenceWhitening;
  readonly cirtorchLearnedWhitening: ReferenceWhitening;
};
const rows = matrixFrom(goldens.rows);
const pairs = { queries: Int32Array.from(goldens.queries), positives: Int32Array.from(goldens.positives) };

describe("learnPca", () => {
  it("finds mean, directions and variances of scikit-learn, to 1e-12 of the largest", () => {
    const { transform, mean, variances, totalVariance, rows: count } = learnPca(rows, { components: 4 });
    const reference = goldens.sklearnPca;
    expect(count).toBe(60);
    expectNear([...mean], reference.mean, 1e-12);
    // scikit-learn has the same rule for signs.
    expectNear([...transform.matrix], reference.components.flat(), 1e-12);
    expectNear([...variances], reference.variances, 1e-12 * reference.variances[0]!);
    expectNear(
      [...variances].map((value) => value / totalVariance),
      reference.shares,
      1e-12,
    );
  });

  it("transforms as scikit-learn and, but for signs, as faiss do, to float32", () => {
    const { transform } = learnPca(rows, { components: 4 });
    const transformed = applyTransform(transform, rows);
    expectNear([...transformed.data], goldens.sklearnPca.transformed.flat(), 4e-6);
    // faiss computes in float32, some 40 numbers long.
    expectNear(...upToSigns(transformed, goldens.faissPca.transformed), 2e-4);
  });

  it("works out three points on a line, the example of its documentation", () => {
    const sample = matrixFrom([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    const { transform, mean, variances, totalVariance } = learnPca(sample);
    expect([...mean]).toEqual([2, 2]);
    expectNear([...variances], [2, 0], 1e-15);
    expect(totalVariance).toBe(2);
    expectNear([...transform.matrix.subarray(0, 2)], [Math.SQRT1_2, Math.SQRT1_2], 1e-15);
    expectNear([...applyTransform(transform, sample).data], [-Math.SQRT2, 0, 0, 0, Math.SQRT2, 0], 1e-7);
  });

  it("keeps distances where all components are kept", () => {
    const sample = clusteredMatrix(3, 200, 33, 5);
    const transformed = applyTransform(learnPca(sample).transform, sample);
    expect(transformed.columns).toBe(33);
    for (let i = 0; i < 199; i++) {
      expect(distance(transformed, i, i + 1)).toBeCloseTo(distance(sample, i, i + 1), 5);
    }
  });

  it("learns the same whatever the order of rows, and moves with the sample", () => {
    const sample = clusteredMatrix(4, 300, 10, 6);
    const { transform, variances } = learnPca(sample, { components: 5 });
    const reversed = matrixFrom(
      Array.from({ length: 300 }, (_, i) => [...slice(sample, 299 - i, 300 - i).data]),
    );
    expectNear([...learnPca(reversed, { components: 5 }).transform.matrix], [...transform.matrix], 1e-11);
    const far = { ...sample, data: sample.data.map((value) => Math.fround(value * 4) / 4 + 64) };
    const near = { ...sample, data: far.data.map((value) => value - 64) };
    expectNear([...learnPca(far).variances], [...learnPca(near).variances], 1e-9);
    expect(variances.every((value, i) => i === 0 || value <= variances[i - 1]!)).toBe(true);
  });

  it("finds directions orthogonal to 1e-13 also where variances are equal or zero", () => {
    // Rows ±e_i twice over have variance 0.4 / … in five directions and none in the sixth.
    const sample = matrixFrom(
      [0, 1, 2, 3, 4].flatMap((i) =>
        [1, -1].map((sign) => [0, 1, 2, 3, 4, 5].map((j) => (i === j ? sign : 0))),
      ),
    );
    const { transform, variances } = learnPca(sample);
    expectNear([...variances], [2 / 9, 2 / 9, 2 / 9, 2 / 9, 2 / 9, 0], 1e-15);
    const { matrix } = transform;
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < 6; j++) {
        let inner = 0;
        for (let k = 0; k < 6; k++) inner += matrix[i * 6 + k]! * matrix[j * 6 + k]!;
        expect(Math.abs(inner - (i === j ? 1 : 0))).toBeLessThan(1e-13);
      }
    }
  });

  it("learns from as many rows as asked for, the same for the same seed", () => {
    const sample = clusteredMatrix(5, 2000, 8, 20);
    const some = learnPca(sample, { sampleRows: 500, seed: 1 });
    expect(some.rows).toBe(500);
    expect(learnPca(sample, { sampleRows: 500, seed: 1 })).toEqual(some);
    expect(learnPca(sample, { sampleRows: 500, seed: 2 }).mean).not.toEqual(some.mean);
    expect(learnPca(sample, { sampleRows: 2000, seed: 2 })).toEqual(learnPca(sample));
    expect(learnPca(sample, { sampleRows: 500 })).toEqual(learnPca(sample, { sampleRows: 500, seed: 0 }));
    expectNear([...some.mean], [...learnPca(sample).mean], 0.1);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`learnPca: ${message}`);
    const sample = randomMatrix(6, 5, 4);
    expect(() => learnPca(sample, { components: 5 })).toThrow(
      refusal("expected `components` to be at most the sample's 4 columns, got 5"),
    );
    expect(() => learnPca(sample, { components: 0 })).toThrow(
      refusal("expected `components` to be a positive integer, got 0"),
    );
    expect(() => learnPca(slice(sample, 0, 4))).toThrow(
      refusal("expected the rows learned from to be more than the 4 components, got 4"),
    );
    expect(() => learnPca(sample, { sampleRows: 3, components: 3 })).toThrow(
      refusal("expected the rows learned from to be more than the 3 components, got 3"),
    );
    expect(() => learnPca(sample, { sampleRows: 0 })).toThrow(
      refusal("expected `sampleRows` to be a positive integer, got 0"),
    );
    expect(() => learnPca(sample, { seed: 0.5 })).toThrow(
      refusal("expected `seed` to be a whole number, got 0.5"),
    );
    const broken = randomMatrix(6, 300, 4);
    broken.data[4 * 290 + 3] = Number.NaN;
    expect(() => learnPca(broken)).toThrow(
      refusal("expected row 290 of `sample` to hold finite numbers, got NaN in column 3"),
    );
  });
});

describe("learnPcaWhitening", () => {
  it("transforms as scikit-learn does, and as cirtorch and faiss but for signs and their scales", () => {
    const transformed = applyTransform(learnPcaWhitening(rows, { components: 4 }).transform, rows);
    expectNear([...transformed.data], goldens.sklearnWhitening.transformed.flat(), 1e-6);
    // faiss divides by the root of the sum of squares instead of their mean, in float32.
    const fromFaiss = goldens.faissWhitening.transformed.map((row) =>
      row.map((value) => value * Math.sqrt(59)),
    );
    expectNear(...upToSigns(transformed, fromFaiss), 1e-4);
    // cirtorch's variances have the divisor `rows`; after scaling to length 1 (it adds 1e-6) that is all one.
    const unit = applyTransform({ kind: "normalize" }, transformed);
    expectNear(...upToSigns(unit, goldens.cirtorchPcaWhitening.applied), 3e-6);
  });

  it("divides by the variance to the given power, as faiss' eigen_power", () => {
    const { transform } = learnPcaWhitening(rows, { components: 4, power: 0.25 });
    const scaled = goldens.faissQuarter.transformed.map((row) => row.map((value) => value * 59 ** 0.25));
    expectNear(...upToSigns(applyTransform(transform, rows), scaled), 1e-4);
    expect(learnPcaWhitening(rows, { power: 0 })).toEqual(learnPca(rows));
    expect(learnPcaWhitening(rows, { power: 0.5, shrinkage: 0 })).toEqual(learnPcaWhitening(rows));
  });

  it("makes the sample's covariance the identity", () => {
    const sample = clusteredMatrix(7, 500, 21, 9);
    const white = applyTransform(learnPcaWhitening(sample, { components: 20 }).transform, sample);
    const { matrix, offset } = learnPca(white).transform;
    expectNear([...learnPca(white).variances], new Array<number>(20).fill(1), 1e-6);
    expect(matrix.length).toBe(400);
    expectNear([...offset], new Array<number>(20).fill(0), 1e-6);
  });

  it("draws variances to their mean by the formula of its documentation", () => {
    const { variances, totalVariance } = learnPca(rows);
    const { matrix } = learnPca(rows).transform;
    const shrunk = learnPcaWhitening(rows, { shrinkage: 0.3, components: 7 });
    expect(shrunk.variances).toEqual(variances);
    const expected = matrix.map((value, i) => {
      const variance = 0.7 * variances[Math.floor(i / 7)]! + 0.3 * (totalVariance / 7);
      return value / Math.sqrt(variance);
    });
    expectNear([...shrunk.transform.matrix], [...expected], 1e-12);
    // The mean is of all variances, also where few components are kept.
    const few = learnPcaWhitening(rows, { shrinkage: 0.3, components: 2 });
    expectNear([...few.transform.matrix], [...expected.subarray(0, 14)], 1e-12);
    const all = learnPcaWhitening(rows, { shrinkage: 1 }).transform.matrix;
    expectNear([...all], [...matrix.map((value) => value / Math.sqrt(totalVariance / 7))], 1e-12);
  });

  it("whitens the four corners of its documentation", () => {
    const corners = matrixFrom([
      [0, 0],
      [0, 2],
      [8, 0],
      [8, 2],
    ]);
    const { data } = applyTransform(learnPcaWhitening(corners).transform, corners);
    const side = Math.sqrt(3) / 2;
    expectNear([...data], [-side, -side, -side, side, side, -side, side, side], 1e-7);
  });

  it("refuses a sample that does not vary enough, unless it is shrunk", () => {
    const flat = matrixFrom([
      [1, 2, 5],
      [2, 1, 5],
      [4, 4, 5],
      [3, 9, 5],
    ]);
    expect(() => learnPcaWhitening(flat)).toThrow(
      new RangeError(
        "learnPcaWhitening: expected `sample` to vary in 3 directions, got 2; ask for fewer `components` or set `shrinkage`",
      ),
    );
    expect(learnPcaWhitening(flat, { components: 2 }).transform.outputColumns).toBe(2);
    expect(learnPcaWhitening(flat, { shrinkage: 0.1 }).transform.matrix.every(Number.isFinite)).toBe(true);
    const same = matrixFrom([[1], [1], [1]]);
    expect(() => learnPcaWhitening(same, { shrinkage: 0.5 })).toThrow(
      new RangeError(
        "learnPcaWhitening: expected `sample` to vary in 1 directions, got 0; ask for fewer `components` or set `shrinkage`",
      ),
    );
    expect(() => learnPcaWhitening(flat, { shrinkage: 1.5 })).toThrow(
      new RangeError("learnPcaWhitening: expected `shrinkage` to be from 0 to 1, got 1.5"),
    );
    expect(() => learnPcaWhitening(flat, { power: -0.5 })).toThrow(
      new RangeError("learnPcaWhitening: expected `power` to be from 0 to 1, got -0.5"),
    );
  });
});

describe("learnPcaAsync and learnPcaWhiteningAsync", () => {
  const sample = clusteredMatrix(8, 3000, 12, 10);

  it("learn the same bits as the calls that block, from memory and from blocks of any size", async () => {
    const options = { components: 6, sampleRows: 1500, seed: 3 };
    expect(await learnPcaAsync(sample, options)).toEqual(learnPca(sample, options));
    expect(await learnPcaAsync(inBlocks(sample, 77), options)).toEqual(learnPca(sample, options));
    expect(await learnPcaWhiteningAsync(inBlocks(sample, 1), { shrinkage: 0.2 })).toEqual(
      learnPcaWhitening(sample, { shrinkage: 0.2 }),
    );
  });

  it("tell progress to its end, and let the event loop turn", async () => {
    const told: number[] = [];
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 1);
    const wide = randomMatrix(9, 1500, 256);
    await learnPcaAsync(wide, { onProgress: ({ done, total }) => told.push(done / total) });
    clearInterval(timer);
    expect(told.at(-1)).toBe(1);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.length).toBeGreaterThan(1);
    // Slices are of 25 ms; this is generous for a busy machine.
    expect(longest).toBeLessThan(500);
  });

  it("end with the signal's reason, before and during the work", async () => {
    const reason = new Error("enough");
    await expect(learnPcaAsync(sample, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const wide = randomMatrix(9, 2000, 384);
    const running = learnPcaWhiteningAsync(wide, { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 30);
    await expect(running).rejects.toBe(reason);
  });

  it("refuse under their own names, with rows' numbers in the whole", async () => {
    const broken = { ...sample, data: sample.data.slice() };
    broken.data[12 * 2500] = Infinity;
    await expect(learnPcaAsync(inBlocks(broken, 100))).rejects.toThrow(
      new RangeError(
        "learnPcaAsync: expected row 2500 of `sample` to hold finite numbers, got Infinity in column 0",
      ),
    );
    await expect(learnPcaWhiteningAsync(sample, { components: 13 })).rejects.toThrow(
      new RangeError(
        "learnPcaWhiteningAsync: expected `components` to be at most the sample's 12 columns, got 13",
      ),
    );
  });
});

describe("learnPairWhitening", () => {
  it("transforms as cirtorch's whitenlearn but for signs, to 1e-9 before and 3e-6 after scaling", () => {
    const transform = learnPairWhitening(rows, pairs);
    const reference = goldens.cirtorchLearnedWhitening;
    for (let row = 0; row < 7; row++) {
      const ours = [...transform.matrix.subarray(row * 7, row * 7 + 7)];
      const theirs = reference.projection[row]!;
      const sign = Math.sign(ours.reduce((sum, value, i) => sum + value * theirs[i]!, 0));
      expectNear(
        ours,
        theirs.map((value) => value * sign),
        1e-9,
      );
    }
    const kept = learnPairWhitening(rows, pairs, { components: 4 });
    const unit = applyTransform({ kind: "normalize" }, applyTransform(kept, rows));
    expectNear(...upToSigns(unit, reference.applied), 3e-6);
  });

  it("makes the differences of pairs white, and orders directions by the variance of all rows", () => {
    const transform = learnPairWhitening(rows, pairs);
    const transformed = applyTransform(transform, rows);
    const count = pairs.queries.length;
    for (let i = 0; i < 7; i++) {
      for (let j = 0; j < 7; j++) {
        let sum = 0;
        for (let pair = 0; pair < count; pair++) {
          const q = pairs.queries[pair]! * 7;
          const p = pairs.positives[pair]! * 7;
          const { data } = transformed;
          sum += (data[q + i]! - data[p + i]!) * (data[q + j]! - data[p + j]!);
        }
        expect(sum / count).toBeCloseTo(i === j ? 1 : 0, 5);
      }
    }
    const spread = (column: number) => {
      let sum = 0;
      for (let row = 0; row < rows.rows; row++) sum += transformed.data[row * 7 + column]! ** 2;
      return sum;
    };
    for (let i = 1; i < 7; i++) expect(spread(i)).toBeLessThan(spread(i - 1));
  });

  it("has the factor of two in the length of the example of its documentation", () => {
    // Differences (2, 0) and (0, 2): S = 2 I, so L^-1 = I / sqrt(2).
    const four = matrixFrom([
      [0, 0],
      [2, 0],
      [9, 1],
      [9, 3],
    ]);
    const two = { queries: Int32Array.of(0, 2), positives: Int32Array.of(1, 3) };
    const { matrix } = learnPairWhitening(four, two, { components: 1 });
    expect(Math.hypot(...matrix)).toBeCloseTo(Math.SQRT1_2, 12);
  });

  it("refuses too few pairs unless shrunk, where it draws S to the identity", async () => {
    const few = { queries: pairs.queries.slice(0, 3), positives: pairs.positives.slice(0, 3) };
    expect(() => learnPairWhitening(rows, few)).toThrow(
      new RangeError(
        "learnPairWhitening: expected the differences of `pairs` to vary in all 7 directions, got 3 from 3 pairs; give more pairs or set `shrinkage`",
      ),
    );
    expect(learnPairWhitening(rows, few, { shrinkage: 0.01 }).matrix.every(Number.isFinite)).toBe(true);
    // At 1, S is a multiple of the identity, and what is left is the directions of all rows about the queries' mean.
    const drawn = learnPairWhitening(rows, pairs, { shrinkage: 1 });
    for (let i = 1; i < 7; i++) {
      let inner = 0;
      for (let k = 0; k < 7; k++) inner += drawn.matrix[k]! * drawn.matrix[i * 7 + k]!;
      expect(inner).toBeCloseTo(0, 10);
    }
    expect(await learnPairWhiteningAsync(rows, pairs, { components: 3 })).toEqual(
      learnPairWhitening(rows, pairs, { components: 3 }),
    );
  });

  it("shrinks by the formula of its documentation, so that what it whitens is S'", () => {
    const { matrix } = learnPairWhitening(rows, pairs, { shrinkage: 0.3 });
    const count = pairs.queries.length;
    const product = new Float64Array(49);
    let trace = 0;
    for (let pair = 0; pair < count; pair++) {
      const q = goldens.rows[pairs.queries[pair]!]!;
      const p = goldens.rows[pairs.positives[pair]!]!;
      for (let i = 0; i < 7; i++) {
        trace += (q[i]! - p[i]!) ** 2 / count;
        for (let j = 0; j < 7; j++) product[i * 7 + j]! += (0.7 * (q[i]! - p[i]!) * (q[j]! - p[j]!)) / count;
      }
    }
    for (let i = 0; i < 7; i++) product[i * 8]! += (0.3 * trace) / 7;
    for (let i = 0; i < 7; i++) {
      for (let j = 0; j < 7; j++) {
        let sum = 0;
        for (let a = 0; a < 7; a++) {
          for (let b = 0; b < 7; b++) sum += matrix[i * 7 + a]! * product[a * 7 + b]! * matrix[j * 7 + b]!;
        }
        expect(sum).toBeCloseTo(i === j ? 1 : 0, 10);
      }
    }
  });

  it("refuses pairs that do not fit", async () => {
    const refusal = (message: string) => new RangeError(`learnPairWhitening: ${message}`);
    const none = new Int32Array();
    expect(() => learnPairWhitening(rows, { queries: none, positives: none })).toThrow(
      refusal("expected `pairs.queries` to hold at least one row number, got none"),
    );
    expect(() => learnPairWhitening(rows, { queries: pairs.queries, positives: none })).toThrow(
      refusal("expected `pairs.positives` to hold 30 row numbers like `pairs.queries`, got 0"),
    );
    expect(() =>
      learnPairWhitening(rows, { queries: Int32Array.of(0, 1), positives: Int32Array.of(2, 60) }),
    ).toThrow(refusal("expected `pairs.positives[1]` to be a row number below 60, got 60"));
    expect(() => learnPairWhitening(rows, pairs, { components: 8 })).toThrow(
      refusal("expected `components` to be at most the 7 columns, got 8"),
    );
    await expect(learnPairWhiteningAsync(rows, pairs, { shrinkage: -1 })).rejects.toThrow(
      new RangeError("learnPairWhiteningAsync: expected `shrinkage` to be from 0 to 1, got -1"),
    );
  });
});

function expectNear(got: readonly number[], expected: readonly number[], tolerance: number): void {
  expect(got.length).toBe(expected.length);
  const errors = got.map((value, i) => Math.abs(value - expected[i]!));
  expect(Math.max(...errors)).toBeLessThanOrEqual(tolerance);
}

/** The reference's columns with the signs of ours. */
function upToSigns(
  ours: Matrix,
  reference: readonly (readonly number[])[],
): [got: number[], expected: number[]] {
  const signs = Array.from({ length: ours.columns }, (_, column) =>
    Math.sign(
      reference.reduce((sum, row, i) => sum + row[column]! * ours.data[i * ours.columns + column]!, 0),
    ),
  );
  return [[...ours.data], reference.flatMap((row) => row.map((value, column) => value * signs[column]!))];
}

function distance({ data, columns }: Matrix, i: number, j: number): number {
  let square = 0;
  for (let k = 0; k < columns; k++) square += (data[i * columns + k]! - data[j * columns + k]!) ** 2;
  return Math.sqrt(square);
}

function inBlocks(matrix: Matrix, size: number): EmbeddingSource {
  return {
    rows: matrix.rows,
    columns: matrix.columns,
    async *blocks({ first, end, blockRows }) {
      const step = Math.min(size, blockRows);
      for (let row = first; row < end; row += step) {
        yield { firstRow: row, embeddings: slice(matrix, row, Math.min(row + step, end)) };
      }
    },
  };
}
