import { exactSearch, type Metric, type Neighbors, toHalf } from "@lmk/index";
import {
  decodePq,
  decodeSq,
  encodePq,
  encodeSq,
  learnProductQuantizer,
  learnScalarQuantizer,
  type ProductQuantizer,
  searchPq,
  searchPqAsync,
  searchSq,
  searchSqAsync,
} from "@lmk/index/quantization";
import { describe, expect, it } from "vitest";
import { clusteredMatrix, matrixFrom, randomMatrix } from "./fixtures.ts";

const metrics: readonly Metric[] = ["dot", "cosine", "l2"];

/** Two subspaces of one column, each with the centroids 0 to 15. */
const grid: ProductQuantizer = {
  kind: "product",
  columns: 2,
  subspaces: 2,
  bits: 4,
  codebooks: Float32Array.from({ length: 32 }, (_, i) => i % 16),
};
const gridCodes = { data: Uint8Array.of(0x11, 0x23, 0xf0, 0x11, 0x00), rows: 5, rowBytes: 1 };

const rows = clusteredMatrix(11, 3000, 24, 200);
const queries = clusteredMatrix(12, 21, 24, 200);
const product = learnProductQuantizer(rows, { subspaces: 6, bits: 5, iterations: 8, seed: 1 });
const productCodes = encodePq(product, rows);
const scalar = learnScalarQuantizer(rows);
const scalarCodes = encodeSq(scalar, rows);

function recall(found: Neighbors, expected: Neighbors): number {
  let hits = 0;
  for (let query = 0; query < found.rows; query++) {
    const ids = new Set(expected.ids.subarray(query * expected.k, (query + 1) * expected.k));
    for (const id of found.ids.subarray(query * found.k, (query + 1) * found.k)) if (ids.has(id)) hits++;
  }
  return hits / expected.ids.length;
}

/** A score of codes is a sum of float32 table entries. */
function expectScores(found: Neighbors, expected: Neighbors): void {
  for (const [i, score] of expected.scores.entries()) expect(found.scores[i]).toBeCloseTo(score, 5);
}

describe("searchPq", () => {
  it("finds the nearest codes of a small example, of equal ones the smaller id first", () => {
    const found = searchPq(matrixFrom([[3, 3]]), gridCodes, grid, { k: 4, metric: "l2" });
    expect([...found.ids]).toEqual([1, 0, 3, 4]);
    expect([...found.scores]).toEqual([-1, -8, -8, -18]);
    const byProduct = searchPq(matrixFrom([[1, 2]]), gridCodes, grid, { k: 2 });
    expect([...byProduct.ids, ...byProduct.scores]).toEqual([2, 1, 30, 7]);
  });

  it("gives the cosine of a code of zeros as 0", () => {
    const found = searchPq(matrixFrom([[-1, -1]]), gridCodes, grid, { k: 5, metric: "cosine" });
    expect([...found.ids].slice(0, 2)).toEqual([4, 2]);
    expect(found.scores[0]).toBe(0);
    expect(found.scores[1]).toBe(Math.fround(-Math.SQRT1_2));
  });

  it.each(metrics)("agrees with an exact search of the decoded rows, %s", (metric) => {
    const decoded = decodePq(product, productCodes);
    const found = searchPq(queries, productCodes, product, { k: 10, metric });
    expectScores(found, exactSearch(queries, decoded, { k: 10, metric }));
  });

  it.each(metrics)("agrees with it where the quantizer rotates, %s", (metric) => {
    const options = { subspaces: 6, bits: 4, iterations: 2, rotation: "learned", rotationRounds: 2 } as const;
    const rotated = learnProductQuantizer(rows, options);
    const codes = encodePq(rotated, rows);
    const expected = exactSearch(queries, decodePq(rotated, codes), { k: 10, metric });
    expectScores(searchPq(queries, codes, rotated, { k: 10, metric }), expected);
  });

  it("fills up with -1 and -Infinity, also where there is nothing", () => {
    const few = searchPq(matrixFrom([[0, 0]]), gridCodes, grid, { k: 7 });
    expect([...few.ids.subarray(5), ...few.scores.subarray(5)]).toEqual([-1, -1, -Infinity, -Infinity]);
    const empty = { data: new Uint8Array(0), rows: 0, rowBytes: 1 };
    const vectors = { data: new Float32Array(0), rows: 0, columns: 2 };
    for (const options of [{ k: 1 }, { k: 1, rescore: { vectors } }]) {
      const none = searchPq(matrixFrom([[0, 0]]), empty, grid, options);
      expect(none).toEqual({
        ids: Int32Array.of(-1),
        scores: Float32Array.of(-Infinity),
        rows: 1,
        k: 1,
      });
    }
  });

  it("leaves out what is excluded", () => {
    const exclude = Int32Array.of(1, -1);
    const found = searchPq(
      matrixFrom([
        [3, 3],
        [3, 3],
      ]),
      gridCodes,
      grid,
      { k: 1, metric: "l2", exclude },
    );
    expect([...found.ids]).toEqual([0, 1]);
    const codes = encodePq(product, queries);
    const self = searchPq(queries, codes, product, { k: 20, exclude: "self", rescore: { vectors: queries } });
    for (let query = 0; query < 21; query++) {
      const ids = self.ids.subarray(query * 20, (query + 1) * 20);
      expect(new Set(ids).size).toBe(20);
      expect(ids).not.toContain(query);
    }
  });

  it("finds most of the true neighbors once candidates are scored again, with their true scores", () => {
    for (const metric of metrics) {
      const truth = exactSearch(queries, rows, { k: 10, metric });
      const plain = recall(searchPq(queries, productCodes, product, { k: 10, metric }), truth);
      const found = searchPq(queries, productCodes, product, { k: 10, metric, rescore: { vectors: rows } });
      expect(recall(found, truth)).toBeGreaterThan(0.97);
      expect(recall(found, truth)).toBeGreaterThan(plain + 0.2);
      const all = { vectors: rows, factor: 300 };
      expect(searchPq(queries, productCodes, product, { k: 10, metric, rescore: all })).toEqual(truth);
    }
  });

  it("looks at 10 candidates per neighbor unless told otherwise", () => {
    const coarse = learnProductQuantizer(rows, { subspaces: 2, bits: 4, iterations: 2 });
    const codes = encodePq(coarse, rows);
    const search = (rescore: { factor?: number }) =>
      searchPq(queries, codes, coarse, { k: 20, rescore: { vectors: rows, ...rescore } });
    expect(search({})).toEqual(search({ factor: 10 }));
    expect(search({})).not.toEqual(search({ factor: 9 }));
  });

  it("scores again with float16 rows", () => {
    const vectors = toHalf(rows);
    const found = searchPq(queries, productCodes, product, { k: 10, rescore: { vectors, factor: 300 } });
    expect(found).toEqual(exactSearch(queries, vectors, { k: 10 }));
  });

  it("gives each query the same whatever is searched with it, and the same asynchronously", async () => {
    const all = searchPq(queries, productCodes, product, { k: 3 });
    for (let query = 0; query < 21; query += 5) {
      const data = queries.data.subarray(query * 24, (query + 1) * 24);
      const one = searchPq({ data, rows: 1, columns: 24 }, productCodes, product, { k: 3 });
      expect(one.ids).toEqual(all.ids.subarray(3 * query, 3 * query + 3));
      expect(one.scores).toEqual(all.scores.subarray(3 * query, 3 * query + 3));
    }
    const told: unknown[] = [];
    const onProgress = (progress: unknown) => told.push(progress);
    expect(await searchPqAsync(queries, productCodes, product, { k: 3, onProgress })).toEqual(all);
    expect(told.at(-1)).toEqual({ done: 21, total: 21 });
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(searchPqAsync(queries, productCodes, product, { k: 3, signal })).rejects.toThrow("enough");
  });

  it("refuses what does not fit", () => {
    const query = matrixFrom([[1, 2]]);
    const vectors = randomMatrix(1, 5, 2);
    const refuse = (options: Parameters<typeof searchPq>[3], message: string) =>
      expect(() => searchPq(query, gridCodes, grid, options)).toThrow(
        new RangeError(`searchPq: expected ${message}`),
      );
    refuse({ k: 0 }, "`k` to be a positive integer, got 0");
    refuse({ k: 1, metric: "hamming" as "l2" }, '`metric` to be "dot", "cosine" or "l2", got "hamming"');
    refuse(
      { k: 1, exclude: "self" },
      '`queries` to have 5 rows like `codes` when `exclude` is "self", got 1',
    );
    const one = '`exclude` to be "self" or an Int32Array with one row number for each of 1 queries, got ';
    refuse({ k: 1, exclude: new Int32Array(2) }, `${one}2 of them`);
    refuse({ k: 1, exclude: [3] as unknown as Int32Array }, `${one}[3]`);
    refuse({ k: 1, rescore: { vectors, factor: 0 } }, "`rescore.factor` to be a positive integer, got 0");
    refuse(
      { k: 1, rescore: { vectors: randomMatrix(1, 4, 2) } },
      "`rescore.vectors` to have 5 rows like `codes`, got 4",
    );
    refuse(
      { k: 1, rescore: { vectors: randomMatrix(1, 5, 3) } },
      "`rescore.vectors` to have 2 columns like `quantizer`, got 3",
    );
    const broken = randomMatrix(1, 5, 2);
    broken.data[5] = Number.NaN;
    refuse(
      { k: 5, rescore: { vectors: broken } },
      "row 2 of `rescore.vectors` to hold finite numbers, got NaN in column 1",
    );
    broken.data.fill(0);
    refuse(
      { k: 5, metric: "cosine", rescore: { vectors: broken } },
      "row 0 of `rescore.vectors` to have a direction, got a row of zeros",
    );
    expect(() => searchPq(randomMatrix(1, 1, 3), gridCodes, grid, { k: 1 })).toThrow(
      new RangeError("searchPq: expected `queries` to have 2 columns like `quantizer`, got 3"),
    );
    expect(() => searchPq(matrixFrom([[0, 0]]), gridCodes, grid, { k: 1, metric: "cosine" })).toThrow(
      new RangeError("searchPq: expected row 0 of `queries` to have a direction, got a row of zeros"),
    );
    expect(() => searchPq(matrixFrom([[0, Infinity]]), gridCodes, grid, { k: 1 })).toThrow(
      new RangeError(
        "searchPq: expected row 0 of `queries` to hold finite numbers, got Infinity in column 1",
      ),
    );
  });
});

describe("searchSq", () => {
  it.each(metrics)("gives what an exact search of the decoded rows gives, %s", (metric) => {
    for (const bits of [4, 8] as const) {
      const quantizer = learnScalarQuantizer(rows, { bits });
      const codes = encodeSq(quantizer, rows);
      const expected = exactSearch(queries, decodeSq(quantizer, codes), { k: 12, metric });
      expect(searchSq(queries, codes, quantizer, { k: 12, metric })).toEqual(expected);
    }
  });

  it.each(metrics)('gives what an exact search of the rows gives with factor "exact", %s', (metric) => {
    for (const bits of [4, 8] as const) {
      // Learned on other rows, and without the outer tenths: many numbers lie outside of their ranges.
      const quantizer = learnScalarQuantizer(queries, { bits, range: { quantile: 0.1 } });
      const codes = encodeSq(quantizer, rows);
      const found = searchSq(queries, codes, quantizer, { k: 10, metric, rescore: { vectors: rows } });
      expect(found).toEqual(exactSearch(queries, rows, { k: 10, metric }));
    }
  });

  it("does so where many scores are equal, and where rows are left out", () => {
    const data = Float32Array.from({ length: 1200 }, (_, i) => ((i * i) % 7) - 3 + (i % 2) * 0.1);
    const vectors = { data, rows: 300, columns: 4 };
    const quantizer = learnScalarQuantizer(vectors, { bits: 4 });
    const codes = encodeSq(quantizer, vectors);
    for (const metric of metrics) {
      const options = { k: 25, metric, exclude: "self" } as const;
      expect(searchSq(vectors, codes, quantizer, { ...options, rescore: { vectors } })).toEqual(
        exactSearch(vectors, vectors, options),
      );
    }
  });

  it("does so where rows come worst first, so that far more than k are candidates for a while", () => {
    const order = exactSearch(queries, rows, { k: 3000 }).ids.subarray(0, 3000).reverse();
    const vectors = { data: new Float32Array(3000 * 24), rows: 3000, columns: 24 };
    for (const [i, row] of order.entries()) {
      vectors.data.set(rows.data.subarray(row * 24, (row + 1) * 24), i * 24);
    }
    const quantizer = learnScalarQuantizer(vectors, { bits: 4 });
    const codes = encodeSq(quantizer, vectors);
    for (const metric of metrics) {
      for (const k of [1, 700]) {
        expect(searchSq(queries, codes, quantizer, { k, metric, rescore: { vectors } })).toEqual(
          exactSearch(queries, vectors, { k, metric }),
        );
      }
    }
  });

  it("looks at only a part of the rows for it", () => {
    // Rows that are far from the best cannot matter, so that one that is broken is not noticed.
    const truth = exactSearch(queries, rows, { k: 3000, metric: "l2" });
    const vectors = { ...rows, data: rows.data.slice() };
    const last = Array.from({ length: 21 }, (_, query) =>
      truth.ids.subarray(query * 3000, query * 3000 + 1500),
    );
    const needless = rows.data.findIndex(
      (_, i) => i % 24 === 0 && last.every((ids) => !ids.includes(i / 24)),
    );
    expect(needless).toBeGreaterThanOrEqual(0);
    vectors.data[needless] = Number.NaN;
    const found = searchSq(queries, scalarCodes, scalar, { k: 10, metric: "l2", rescore: { vectors } });
    expect(found).toEqual(exactSearch(queries, rows, { k: 10, metric: "l2" }));
  });

  it("scores a number of candidates again", () => {
    const { codes, quantizer } = fourBits();
    const truth = exactSearch(queries, rows, { k: 10 });
    const plain = recall(searchSq(queries, codes, quantizer, { k: 10 }), truth);
    const rescore = { vectors: rows, factor: 4 };
    expect(recall(searchSq(queries, codes, quantizer, { k: 10, rescore }), truth)).toBe(1);
    expect(plain).toBeLessThan(1);
  });

  it("gives the same asynchronously", async () => {
    const rescore = { vectors: rows };
    for (const options of [{ k: 3 }, { k: 3, rescore }, { k: 3, rescore: { ...rescore, factor: 2 } }]) {
      expect(await searchSqAsync(queries, scalarCodes, scalar, options)).toEqual(
        searchSq(queries, scalarCodes, scalar, options),
      );
    }
  });

  it("fills up with -1 and -Infinity", () => {
    const vectors = matrixFrom([[1], [2]]);
    const quantizer = learnScalarQuantizer(vectors);
    const codes = encodeSq(quantizer, vectors);
    const found = searchSq(vectors, codes, quantizer, { k: 3, rescore: { vectors }, exclude: "self" });
    expect([...found.ids]).toEqual([1, -1, -1, 0, -1, -1]);
    expect([...found.scores]).toEqual([2, -Infinity, -Infinity, 2, -Infinity, -Infinity]);
  });

  it("refuses what does not fit", () => {
    const vectors = rows;
    expect(() => searchSq(randomMatrix(1, 1, 3), scalarCodes, scalar, { k: 1 })).toThrow(
      new RangeError("searchSq: expected `queries` to have 24 columns like `quantizer`, got 3"),
    );
    expect(() => searchSq(queries, scalarCodes, scalar, { k: 1, rescore: { vectors, factor: 1.5 } })).toThrow(
      new RangeError("searchSq: expected `rescore.factor` to be a positive integer, got 1.5"),
    );
    const codes = { ...scalarCodes, errors: new Float32Array(3) };
    expect(() => searchSq(queries, codes, scalar, { k: 1 })).toThrow(
      new RangeError("searchSq: expected `codes.errors` to hold 3000 numbers, got 3"),
    );
  });
});

function fourBits() {
  const quantizer = learnScalarQuantizer(rows, { bits: 4 });
  return { quantizer, codes: encodeSq(quantizer, rows) };
}
