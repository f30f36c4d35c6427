import { exactSearch, type Matrix, toHalf, toInt8 } from "@lmk/index";
import {
  decodePq,
  encodePq,
  encodePqAsync,
  learnKMeans,
  learnKMeansAsync,
  learnProductQuantizer,
  learnProductQuantizerAsync,
  type ProductQuantizer,
} from "@lmk/index/quantization";
import { describe, expect, it } from "vitest";
import { clusteredMatrix, matrixFrom, randomMatrix, slice } from "./fixtures.ts";

function meanSquaredError(a: Matrix, b: Matrix): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i]! - b.data[i]!) ** 2;
  return sum / a.rows;
}

/** Two subspaces of one column, each with the centroids 0 to 15. */
const grid: ProductQuantizer = {
  kind: "product",
  columns: 2,
  subspaces: 2,
  bits: 4,
  codebooks: Float32Array.from({ length: 32 }, (_, i) => i % 16),
};

describe("learnKMeans", () => {
  it("finds the means of two groups", () => {
    const { centroids, error } = learnKMeans(matrixFrom([[0], [2], [10], [12]]), { clusters: 2 });
    expect([...centroids.data].sort((a, b) => a - b)).toEqual([1, 11]);
    expect(error).toBe(1);
  });

  it("gives the mean with one cluster, and every row with as many clusters as rows", () => {
    const rows = matrixFrom([
      [1, 2],
      [3, 5],
      [5, -1],
    ]);
    expect([...learnKMeans(rows, { clusters: 1 }).centroids.data]).toEqual([3, 2]);
    expect(learnKMeans(rows, { clusters: 3 }).error).toBe(0);
  });

  it("has centroids that are the means of their rows, and an error that exact search finds too", () => {
    const sample = clusteredMatrix(3, 500, 7, 9);
    const { centroids, error } = learnKMeans(sample, { clusters: 9, iterations: 100 });
    const nearest = exactSearch(sample, centroids, { k: 1, metric: "l2" });
    const sums = new Float64Array(9 * 7);
    const sizes = new Float64Array(9);
    let expected = 0;
    for (const [row, cluster] of nearest.ids.entries()) {
      expected -= nearest.scores[row]! / 500;
      sizes[cluster]! += 1;
      for (let i = 0; i < 7; i++) sums[cluster * 7 + i]! += sample.data[row * 7 + i]!;
    }
    expect(error).toBeCloseTo(expected, 6);
    for (const [i, sum] of sums.entries()) {
      expect(centroids.data[i]).toBeCloseTo(sum / sizes[Math.floor(i / 7)]!, 6);
    }
  });

  it("takes part of the largest cluster where a centroid has no rows, so that none is wasted", () => {
    // 16 rows per centroid are looked at first: every sixth row, which is always one of the same two points.
    const points = [0, 1, 2, 3, 4, 5].flatMap((offset) => [offset, offset === 0 ? 100 : 50 + 10 * offset]);
    const values = Array.from({ length: 6 * 192 }, (_, i) => points[i % 12]!);
    const rows = { data: Float32Array.from(values), rows: values.length, columns: 1 };
    const { centroids } = learnKMeans(rows, { clusters: 12, iterations: 60 });
    const used = new Set(exactSearch(rows, centroids, { k: 1, metric: "l2" }).ids);
    expect(used.size).toBeGreaterThanOrEqual(10);
  });

  it("keeps what it can where there are fewer different rows than clusters", () => {
    const rows = {
      data: Float32Array.from({ length: 40 }, (_, i) => (i % 4 < 2 ? 1 : 3)),
      rows: 20,
      columns: 2,
    };
    const { centroids, error } = learnKMeans(rows, { clusters: 5 });
    expect(error).toBe(0);
    expect(new Set(centroids.data)).toEqual(new Set([1, 3]));
  });

  it("gives the same for the same seed, and something else for another", () => {
    const sample = randomMatrix(5, 300, 4);
    const options = { clusters: 10, iterations: 2 };
    expect(learnKMeans(sample, options)).toEqual(learnKMeans(sample, { ...options, seed: 0 }));
    expect(learnKMeans(sample, options)).not.toEqual(learnKMeans(sample, { ...options, seed: 2 }));
  });

  it("iterates 25 times and uses 256 rows per centroid unless told otherwise", () => {
    const sample = randomMatrix(6, 4000, 10);
    const options = { clusters: 12 };
    expect(learnKMeans(sample, options)).toEqual(
      learnKMeans(sample, { ...options, iterations: 25, pointsPerCentroid: 256 }),
    );
    expect(learnKMeans(sample, options)).not.toEqual(learnKMeans(sample, { ...options, iterations: 24 }));
    expect(learnKMeans(sample, options)).not.toEqual(
      learnKMeans(sample, { ...options, pointsPerCentroid: 255 }),
    );
  });

  it("refuses what it cannot learn from", () => {
    const rows = randomMatrix(1, 3, 2);
    const refuse = (sample: Matrix, options: Parameters<typeof learnKMeans>[1], message: string) =>
      expect(() => learnKMeans(sample, options)).toThrow(new RangeError(`learnKMeans: expected ${message}`));
    refuse(rows, { clusters: 0 }, "`clusters` to be a positive integer, got 0");
    refuse(rows, { clusters: 4 }, "`sample` to have at least 4 rows for as many clusters, got 3");
    refuse(rows, { clusters: 2, iterations: 0.5 }, "`iterations` to be a positive integer, got 0.5");
    refuse(
      rows,
      { clusters: 2, pointsPerCentroid: -1 },
      "`pointsPerCentroid` to be a positive integer, got -1",
    );
    refuse(rows, { clusters: 2, seed: 0.1 }, "`seed` to be a whole number, got 0.1");
    const broken = matrixFrom([[0], [Number.NaN]]);
    refuse(broken, { clusters: 1 }, "row 1 of `sample` to hold finite numbers, got NaN in column 0");
    expect(() =>
      learnKMeans({ data: [1] as unknown as Float32Array, rows: 1, columns: 1 }, { clusters: 1 }),
    ).toThrow(
      new TypeError(
        "learnKMeans: expected `sample.data` to be a Float32Array, Uint16Array or Int8Array, got object",
      ),
    );
  });
});

describe("learnProductQuantizer", () => {
  it("learns codebooks of the documented shape, one for each part", () => {
    const sample = clusteredMatrix(1, 300, 12, 20);
    const quantizer = learnProductQuantizer(sample, { subspaces: 3, bits: 5 });
    expect(quantizer).toMatchObject({ kind: "product", columns: 12, subspaces: 3, bits: 5 });
    expect(quantizer.codebooks.length).toBe(3 * 32 * 4);
    expect(quantizer).not.toHaveProperty("rotation");
  });

  it("loses nothing where each part takes no more than 2^bits values", () => {
    const data = Float32Array.from({ length: 400 }, (_, i) => ((i * 7) % 16) + (i % 4));
    const sample = { data, rows: 100, columns: 4 };
    const quantizer = learnProductQuantizer(sample, { subspaces: 4, bits: 8 - 2 });
    expect(decodePq(quantizer, encodePq(quantizer, sample))).toEqual(sample);
  });

  it("learns from what decoding of float16 and int8 rows gives", () => {
    const half = toHalf(clusteredMatrix(1, 100, 4, 8));
    const int8 = toInt8(clusteredMatrix(1, 100, 4, 8));
    for (const embeddings of [half, int8]) {
      const quantizer = learnProductQuantizer(embeddings, { subspaces: 2, bits: 4 });
      const codes = encodePq(quantizer, embeddings);
      expect(encodePq(quantizer, decodePq(quantizer, codes))).toEqual(codes);
    }
  });

  it("learns an orthogonal rotation that loses less, on columns of unequal variance", () => {
    const sample = clusteredMatrix(4, 1500, 8, 40);
    for (let i = 0; i < sample.data.length; i++) sample.data[i]! *= 0.5 ** (i % 8);
    const options = { subspaces: 4, bits: 4 };
    const plain = learnProductQuantizer(sample, options);
    const turned = learnProductQuantizer(sample, { ...options, rotation: "learned" });
    const { data } = turned.rotation!;
    for (let i = 0; i < 8; i++) {
      for (let j = 0; j < 8; j++) {
        let product = 0;
        for (let column = 0; column < 8; column++) product += data[8 * i + column]! * data[8 * j + column]!;
        expect(product).toBeCloseTo(i === j ? 1 : 0, 5);
      }
    }
    const [plainError, turnedError] = [plain, turned].map((quantizer) =>
      meanSquaredError(sample, decodePq(quantizer, encodePq(quantizer, sample))),
    );
    expect(turnedError).toBeLessThan(0.75 * plainError!);
  });

  it("learns a rotation where columns repeat one another or are zero", () => {
    const narrow = randomMatrix(2, 64, 2);
    const data = new Float32Array(64 * 6);
    for (let row = 0; row < 64; row++) {
      for (let i = 0; i < 4; i++) data[6 * row + i] = narrow.data[2 * row + (i % 2)]!;
    }
    const sample = { data, rows: 64, columns: 6 };
    const options = { subspaces: 3, bits: 6, rotation: "learned", rotationRounds: 3 } as const;
    const quantizer = learnProductQuantizer(sample, options);
    // Two directions hold everything, and each part has one centroid per row.
    expect(meanSquaredError(sample, decodePq(quantizer, encodePq(quantizer, sample)))).toBeLessThan(1e-12);
  });

  it("uses 8 bits, no rotation, 25 iterations and seed 0 unless told otherwise, and 20 rounds of rotation", () => {
    const sample = randomMatrix(8, 900, 6);
    expect(learnProductQuantizer(sample, { subspaces: 2 })).toEqual(
      learnProductQuantizer(sample, { subspaces: 2, bits: 8, rotation: "none", iterations: 25, seed: 0 }),
    );
    const turned = { subspaces: 2, bits: 4, iterations: 1, rotation: "learned" } as const;
    expect(learnProductQuantizer(sample, turned)).toEqual(
      learnProductQuantizer(sample, { ...turned, rotationRounds: 20 }),
    );
    expect(learnProductQuantizer(sample, turned)).not.toEqual(
      learnProductQuantizer(sample, { ...turned, rotationRounds: 19 }),
    );
  });

  it("refuses what it cannot learn from", () => {
    const rows = randomMatrix(1, 20, 6);
    const refuse = (sample: Matrix, options: Parameters<typeof learnProductQuantizer>[1], message: string) =>
      expect(() => learnProductQuantizer(sample, options)).toThrow(
        new RangeError(`learnProductQuantizer: expected ${message}`),
      );
    refuse(rows, { subspaces: 4 }, "`subspaces` to divide the 6 columns of `sample`, got 4");
    refuse(rows, { subspaces: 0 }, "`subspaces` to be a positive integer, got 0");
    refuse(rows, { subspaces: 2, bits: 9 }, "`bits` to be a whole number from 4 to 8, got 9");
    refuse(rows, { subspaces: 2, bits: 3 }, "`bits` to be a whole number from 4 to 8, got 3");
    refuse(rows, { subspaces: 2 }, "`sample` to have at least 256 rows for 8 bits, got 20");
    refuse(rows, { subspaces: 2, bits: 4, seed: Number.NaN }, "`seed` to be a whole number, got NaN");
    const rotation = "random" as "none";
    refuse(rows, { subspaces: 2, bits: 4, rotation }, '`rotation` to be "none" or "learned", got "random"');
    const turned = { subspaces: 2, bits: 4, rotation: "learned", rotationRounds: 0 } as const;
    refuse(rows, turned, "`rotationRounds` to be a positive integer, got 0");
    const broken = randomMatrix(1, 20, 6);
    broken.data[17] = Infinity;
    const message = "row 2 of `sample` to hold finite numbers, got Infinity in column 5";
    refuse(broken, { subspaces: 2, bits: 4 }, message);
  });
});

describe("encodePq and decodePq", () => {
  it("write the nearest centroids, the first part in the low bits, and read them back", () => {
    const codes = encodePq(
      grid,
      matrixFrom([
        [1.2, 14.9],
        [7, 99],
        [-5, 0.4],
      ]),
    );
    expect(codes).toEqual({ data: Uint8Array.of(0xf1, 0xf7, 0x00), rows: 3, rowBytes: 1 });
    expect([...decodePq(grid, codes).data]).toEqual([1, 15, 7, 15, 0, 0]);
  });

  it("take the first of equally near centroids, wherever a row stands", () => {
    const row = [2.5, 1.5];
    const codes = encodePq(grid, matrixFrom([row, row, row, row, row]));
    expect([...codes.data]).toEqual(new Array(5).fill(0x12));
  });

  it("give codes and rows that agree with exact search, for all numbers of bits", () => {
    const sample = clusteredMatrix(9, 301, 10, 12);
    for (const bits of [4, 5, 6, 7, 8]) {
      const quantizer = learnProductQuantizer(sample, { subspaces: 5, bits, iterations: 3 });
      const decoded = decodePq(quantizer, encodePq(quantizer, sample));
      for (let part = 0; part < 5; part++) {
        const length = 2 ** bits * 2;
        const data = quantizer.codebooks.subarray(part * length, (part + 1) * length);
        const cut = (matrix: Matrix) => ({
          data: Float32Array.from(
            { length: 602 },
            (_, i) => matrix.data[10 * (i >> 1) + 2 * part + (i & 1)]!,
          ),
          rows: 301,
          columns: 2,
        });
        const book = { data, rows: 2 ** bits, columns: 2 };
        const nearest = exactSearch(cut(sample), book, { k: 1, metric: "l2" });
        const expected = Array.from(nearest.ids, (id) => [...data.subarray(2 * id, 2 * id + 2)]).flat();
        expect([...cut(decoded).data]).toEqual(expected);
      }
    }
  });

  it("take no rows", () => {
    const none = { data: new Float32Array(0), rows: 0, columns: 2 };
    const codes = encodePq(grid, none);
    expect(codes).toEqual({ data: new Uint8Array(0), rows: 0, rowBytes: 1 });
    expect(decodePq(grid, codes)).toEqual(none);
  });

  it("leave their arguments as they are", () => {
    const sample = randomMatrix(1, 40, 4);
    const copy = sample.data.slice();
    const quantizer = learnProductQuantizer(sample, { subspaces: 2, bits: 4, rotation: "learned" });
    const books = quantizer.codebooks.slice();
    decodePq(quantizer, encodePq(quantizer, sample));
    expect(sample.data).toEqual(copy);
    expect(quantizer.codebooks).toEqual(books);
  });

  it("refuse other widths, broken rows and foreign codes", () => {
    expect(() => encodePq(grid, randomMatrix(1, 2, 3))).toThrow(
      new RangeError("encodePq: expected `embeddings` to have 2 columns like `quantizer`, got 3"),
    );
    expect(() =>
      encodePq(
        grid,
        matrixFrom([
          [0, 0],
          [1, Number.NaN],
        ]),
      ),
    ).toThrow(
      new RangeError("encodePq: expected row 1 of `embeddings` to hold finite numbers, got NaN in column 1"),
    );
    const half = { data: Uint16Array.of(0, 0, 0xfc00, 0), rows: 2, columns: 2 };
    expect(() => encodePq(grid, half)).toThrow(
      new RangeError(
        "encodePq: expected row 1 of `embeddings` to hold finite numbers, got -Infinity in column 0",
      ),
    );
    expect(() => decodePq(grid, { data: new Uint8Array(4), rows: 2, rowBytes: 2 })).toThrow(
      new RangeError("decodePq: expected `codes` to have 1 bytes per row like `quantizer`, got 2"),
    );
    expect(() => decodePq(grid, { data: new Uint8Array(4), rows: 2, rowBytes: 1 })).toThrow(
      new RangeError("decodePq: expected `codes.data` to hold 2 x 1 = 2 bytes, got 4"),
    );
    const short = { ...grid, codebooks: new Float32Array(31) };
    expect(() => encodePq(short, randomMatrix(1, 2, 2))).toThrow(
      new RangeError("encodePq: expected `quantizer.codebooks` to hold 2 x 16 x 1 numbers, got 31"),
    );
    const rotation = { data: new Float32Array(3), rows: 1, columns: 3 };
    expect(() => encodePq({ ...grid, rotation }, randomMatrix(1, 2, 2))).toThrow(
      new RangeError("encodePq: expected `quantizer.rotation` to hold 2 x 2 numbers, got 3"),
    );
    const other = { ...grid, kind: "scalar" } as unknown as ProductQuantizer;
    expect(() => encodePq(other, randomMatrix(1, 2, 2))).toThrow(
      new TypeError('encodePq: expected `quantizer.kind` to be "product", got "scalar"'),
    );
  });
});

describe("the asynchronous twins", () => {
  const sample = clusteredMatrix(2, 600, 8, 20);

  it("give the same, and tell how far they are", async () => {
    const told: unknown[] = [];
    const onProgress = (progress: unknown) => told.push(progress);
    const means = { clusters: 20 };
    expect(await learnKMeansAsync(sample, { ...means, onProgress })).toEqual(learnKMeans(sample, means));
    expect(told.at(-1)).toEqual({ done: 25, total: 25 });
    const options = { subspaces: 2, bits: 4, rotation: "learned", rotationRounds: 2, iterations: 3 } as const;
    const quantizer = await learnProductQuantizerAsync(sample, { ...options, onProgress });
    expect(quantizer).toEqual(learnProductQuantizer(sample, options));
    expect(told.at(-1)).toEqual({ done: 10, total: 10 });
    expect(await encodePqAsync(quantizer, sample, { onProgress })).toEqual(encodePq(quantizer, sample));
    expect(told.at(-1)).toEqual({ done: 600, total: 600 });
  });

  it("never count more than there is", async () => {
    const large = randomMatrix(3, 6000, 16);
    const options = {
      subspaces: 4,
      bits: 6,
      rotation: "learned",
      rotationRounds: 3,
      iterations: 20,
    } as const;
    const counts: number[] = [];
    await learnProductQuantizerAsync(large, { ...options, onProgress: ({ done }) => counts.push(done) });
    expect(counts.length).toBeGreaterThan(1);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(counts.at(-1)).toBe(4 * 23);
  });

  it("end within 100 ms of an abort, with the signal's reason", async () => {
    const large = randomMatrix(3, 20_000, 64);
    const reason = new Error("enough");
    for (const rotation of ["none", "learned"] as const) {
      const controller = new AbortController();
      const options = { subspaces: 8, rotation, signal: controller.signal };
      const learning = learnProductQuantizerAsync(large, options);
      let aborted = 0;
      setTimeout(() => {
        aborted = performance.now();
        controller.abort(reason);
      }, 150);
      await expect(learning).rejects.toBe(reason);
      expect(performance.now() - aborted).toBeLessThan(100);
    }
    const signal = AbortSignal.abort(reason);
    await expect(learnKMeansAsync(large, { clusters: 2, signal })).rejects.toBe(reason);
    await expect(encodePqAsync(grid, slice(large, 0, 1), { signal })).rejects.toBe(reason);
  });

  it("refuse in their own name", async () => {
    await expect(learnKMeansAsync(sample, { clusters: 0 })).rejects.toThrow(
      new RangeError("learnKMeansAsync: expected `clusters` to be a positive integer, got 0"),
    );
    await expect(learnProductQuantizerAsync(sample, { subspaces: 3 })).rejects.toThrow(
      new RangeError(
        "learnProductQuantizerAsync: expected `subspaces` to divide the 8 columns of `sample`, got 3",
      ),
    );
    await expect(encodePqAsync(grid, sample)).rejects.toThrow(
      new RangeError("encodePqAsync: expected `embeddings` to have 2 columns like `quantizer`, got 8"),
    );
  });
});
