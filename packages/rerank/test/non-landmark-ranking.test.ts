import { readFileSync } from "node:fs";
import type { Matrix, Neighbors } from "@lmk/rerank";
import {
  applyQuantileTransform,
  learnQuantileTransform,
  meanTopScores,
  recognizeBySummedScores,
  rerankByNonLandmarks,
  subtractPenalties,
} from "@lmk/rerank/recognition";
import { describe, expect, it } from "vitest";
import { neighborsFrom, product, randomUnitRows, rowOf, search } from "./fixtures.ts";
import { columnsOf, scaledRows, sideBySide, spread } from "./formula-data.ts";
import { createRandom } from "./random.ts";

interface Golden {
  readonly ids: readonly (readonly (readonly number[])[])[];
  readonly values: readonly (readonly (readonly number[])[])[];
  readonly labels: readonly number[];
  readonly sums: readonly number[];
  readonly final: readonly number[];
  readonly meanWithoutFirst: readonly number[];
}

const { ranking: golden } = JSON.parse(
  readFileSync(new URL("golden/recognition.json", import.meta.url), "utf8"),
) as { readonly ranking: Golden };

const models = 2;
const width = 12;

/** The embeddings of golden/make-recognition.py: a center per label and some noise, both models side by side. */
function embeddings(seed: number, labels: Int32Array): Matrix {
  return sideBySide(
    Array.from({ length: models }, (_, model) => {
      const centers = spread(100 + model, 40, width);
      const noise = spread(seed + 10 * model, labels.length, width);
      const data = noise.data.map(
        (value, at) => centers.data[labels[Math.floor(at / width)]! * width + (at % width)]! + 0.8 * value,
      );
      return scaledRows({ ...noise, data });
    }),
  );
}

function cosineSearch(queries: Matrix, database: Matrix, k: number): Neighbors {
  return search(scaledRows(queries), scaledRows(database), k);
}

// Vectors are rounded to float32 after the transform and after scaling, the golden numbers never.
const tolerance = 2e-6;

function expectClose(values: ArrayLike<number>, expected: readonly number[]): void {
  expect(values).toHaveLength(expected.length);
  for (const [i, value] of expected.entries()) {
    expect(Math.abs(values[i]! - value)).toBeLessThan(tolerance);
  }
}

describe("the ranking of the 2020 recognition winners", () => {
  const galleryLabels = Int32Array.from({ length: 90 }, (_, i) => (i * 7) % 18);
  const raw = [
    embeddings(
      3,
      Int32Array.from({ length: 40 }, (_, i) => i % 25),
    ),
    embeddings(4, galleryLabels),
    embeddings(
      5,
      Int32Array.from({ length: 35 }, (_, i) => 16 + (i % 9)),
    ),
  ];
  const transform = learnQuantileTransform(raw[0]!);
  const [queries, gallery, strays] = raw.map((matrix) => applyQuantileTransform(transform, matrix)) as [
    Matrix,
    Matrix,
    Matrix,
  ];

  it("gives what their notebook's steps give in double precision", () => {
    const lists = golden.ids.map((ids, model) => {
      const part = (matrix: Matrix) => columnsOf(matrix, model * width, (model + 1) * width);
      const near = meanTopScores(cosineSearch(part(gallery), part(strays), 5), { count: 5 });
      const list = rerankByNonLandmarks(cosineSearch(part(queries), part(gallery), 90), near);
      expect([...list.ids]).toEqual(ids.flat());
      expectClose(list.scores, golden.values[model]!.flat());
      expect([...list.exact]).toEqual(new Array(40).fill(1));
      return list;
    });
    const predictions = recognizeBySummedScores(lists, galleryLabels);
    expect([...predictions.labels]).toEqual(golden.labels);
    expectClose(predictions.scores, golden.sums);
    const penalties = meanTopScores(cosineSearch(queries, strays, 10), { count: 10 });
    const final = subtractPenalties(predictions, penalties);
    expect(final.labels).toEqual(predictions.labels);
    expectClose(final.scores, golden.final);
  });

  it("leaves out the image itself where images without a landmark are searched for themselves", () => {
    const means = meanTopScores(cosineSearch(strays, strays, 11), { count: 10, skip: 1 });
    expectClose(means, golden.meanWithoutFirst);
  });
});

describe("the ranking of the 2021 recognition winners", () => {
  it("is the same with one list and without the transform, by the formula taken literally", () => {
    const [queries, gallery, strays] = [7, 8, 9].map((seed, i) =>
      randomUnitRows(seed, [30, 60, 40][i]!, 5),
    ) as [Matrix, Matrix, Matrix];
    const labels = Int32Array.from({ length: 60 }, (_, i) => i % 13);
    const near = meanTopScores(search(gallery, strays, 5), { count: 5 });
    const list = rerankByNonLandmarks(search(queries, gallery, 60), near);
    const penalties = meanTopScores(search(queries, strays, 10), { count: 10 });
    const result = subtractPenalties(recognizeBySummedScores([list], labels), penalties, { weight: 0.75 });

    const cosine = (a: Matrix, i: number, b: Matrix, j: number) => product(rowOf(a, i), rowOf(b, j));
    const rowsOf = ({ rows }: Matrix) => Array.from({ length: rows }, (_, row) => row);
    const meanOfBest = (matrix: Matrix, row: number, count: number) =>
      rowsOf(strays)
        .map((stray) => cosine(matrix, row, strays, stray))
        .sort((a, b) => b - a)
        .slice(0, count)
        .reduce((sum, value) => sum + value / count, 0);
    for (const query of rowsOf(queries)) {
      const best = rowsOf(gallery)
        .map((id) => {
          const clamped = Math.min(1, Math.max(0, cosine(queries, query, gallery, id)));
          return { label: labels[id]!, score: clamped - meanOfBest(gallery, id, 5) };
        })
        .sort((a, b) => b.score - a.score)
        .slice(0, 3);
      const sums = best.map(({ label }) =>
        best.filter((other) => other.label === label).reduce((sum, { score }) => sum + score, 0),
      );
      const highest = Math.max(...sums);
      expect(result.labels[query]).toBe(best[sums.indexOf(highest)]!.label);
      // Cosines and differences are stored as float32 numbers.
      expect(result.scores[query]).toBeCloseTo(highest - 0.75 * meanOfBest(queries, query, 10), 6);
    }
  });
});

describe("meanTopScores", () => {
  it("averages what exists, nothing to 0", () => {
    const lists = {
      ids: Int32Array.of(4, 0, 2, 4, -1, -1, -1, -1, -1),
      scores: Float32Array.of(1, 0.75, 0.25, 0.5, ...new Array(5).fill(-Infinity)),
      rows: 3,
      k: 3,
    };
    expect([...meanTopScores(lists, { count: 2 })]).toEqual([0.875, 0.5, 0]);
    expect([...meanTopScores(lists, { count: 2, skip: 1 })]).toEqual([0.5, 0, 0]);
    expect([...meanTopScores(lists, { count: 2, skip: 0 })]).toEqual([0.875, 0.5, 0]);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`meanTopScores: ${message}`);
    const lists = neighborsFrom([[0, 1, 2]]);
    expect(() => meanTopScores(lists, { count: 0 })).toThrow(
      refusal("expected `count` to be a positive integer, got 0"),
    );
    expect(() => meanTopScores(lists, { count: 3, skip: 1 })).toThrow(
      refusal("expected `skip` to be a count of at most `neighbors.k` - `count` = 0, got 1"),
    );
    expect(() => meanTopScores(lists, { count: 4 })).toThrow(
      refusal("expected `skip` to be a count of at most `neighbors.k` - `count` = -1, got 0"),
    );
    expect(() => meanTopScores(neighborsFrom([[-2]]), { count: 1 })).toThrow(
      refusal("expected `neighbors.ids` to be -1 or a row number below 2147483648, got -2 for query 0"),
    );
    expect(() => meanTopScores({ ...lists, scores: Float32Array.of(Infinity, 1, 1) }, { count: 1 })).toThrow(
      refusal("expected `neighbors.scores` to be finite, got Infinity in row 0"),
    );
  });
});

describe("rerankByNonLandmarks", () => {
  it("clamps cosines to 0 and 1 before it subtracts, and orders equal ones by id", () => {
    const neighbors = {
      ids: Int32Array.of(3, 0, 2, 1),
      scores: Float32Array.of(1.5, 0.5, -0.25, -0.5),
      rows: 1,
      k: 4,
    };
    const near = Float64Array.of(0.25, -0.25, -0.25, 0.75);
    const { ids, scores, k } = rerankByNonLandmarks(neighbors, near, { neighborCount: 5 });
    expect(k).toBe(5);
    expect([...ids]).toEqual([0, 1, 2, 3, -1]);
    expect([...scores]).toEqual([0.25, 0.25, 0.25, 0.25, -Infinity]);
  });

  it("gives 3 images unless told otherwise, and writes to nothing", () => {
    const neighbors = neighborsFrom([[3, 2, 1, 0]]);
    const near = new Float64Array(4);
    const copies = structuredClone([neighbors, near]);
    const result = rerankByNonLandmarks(neighbors, near);
    expect(result).toEqual(rerankByNonLandmarks(neighbors, near, { neighborCount: 3 }));
    expect([...result.ids]).toEqual([3, 2, 1]);
    expect([neighbors, near]).toEqual(copies);
  });

  it("proves a list only if it is that of the whole gallery", () => {
    const gallery = randomUnitRows(1, 200, 6);
    const queries = randomUnitRows(2, 80, 6);
    const random = createRandom(3);
    const near = Float64Array.from({ length: 200 }, () => random() * 0.4);
    const whole = rerankByNonLandmarks(search(queries, gallery, 200), near);
    expect([...whole.exact]).toEqual(new Array(80).fill(1));
    const { ids, exact } = rerankByNonLandmarks(search(queries, gallery, 8), near);
    const proven = [...exact.keys()].filter((row) => exact[row] === 1);
    expect(proven.length).toBeGreaterThan(5);
    expect(proven.length).toBeLessThan(75);
    for (const row of proven) {
      expect(ids.subarray(row * 3, row * 3 + 3)).toEqual(whole.ids.subarray(row * 3, row * 3 + 3));
    }
    const differing = [...exact.keys()].filter((row) =>
      [0, 1, 2].some((i) => ids[row * 3 + i] !== whole.ids[row * 3 + i]),
    );
    expect(differing.length).toBeGreaterThan(0);
  });

  it("proves a list that has places left over, and none whose last image ties with what may follow", () => {
    const short = rerankByNonLandmarks(neighborsFrom([[1, -1]]), Float64Array.of(0, 0.5, 0.5));
    expect([...short.exact]).toEqual([1]);
    expect([...short.ids]).toEqual([1, -1, -1]);
    const tied = { ids: Int32Array.of(2, 1), scores: Float32Array.of(0.5, 0.5), rows: 1, k: 2 };
    const options = { neighborCount: 1 };
    expect([...rerankByNonLandmarks(tied, new Float64Array(3), options).exact]).toEqual([0]);
    const two = { ...tied, ids: Int32Array.of(1, 0) };
    expect([...rerankByNonLandmarks(two, new Float64Array(2), options).exact]).toEqual([1]);
    const apart = { ...tied, scores: Float32Array.of(0.75, 0.5) };
    expect([...rerankByNonLandmarks(apart, new Float64Array(3), options).exact]).toEqual([1]);
    expect([...rerankByNonLandmarks(apart, Float64Array.of(-0.25, 0, 0), options).exact]).toEqual([0]);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`rerankByNonLandmarks: ${message}`);
    const neighbors = neighborsFrom([[0, 1]]);
    expect(() => rerankByNonLandmarks(neighbors, new Float64Array(1))).toThrow(
      refusal("expected `neighbors.ids` to be -1 or a row number below 1, got 1 for query 0"),
    );
    expect(() => rerankByNonLandmarks(neighbors, Float64Array.of(0, Number.NaN))).toThrow(
      refusal("expected `nonLandmarkScores` to be finite, got NaN in row 1"),
    );
    expect(() => rerankByNonLandmarks(neighbors, new Float64Array(2), { neighborCount: 0 })).toThrow(
      refusal("expected `neighborCount` to be a positive integer, got 0"),
    );
    const infinite = { ...neighbors, scores: Float32Array.of(1, -Infinity) };
    expect(() => rerankByNonLandmarks(infinite, new Float64Array(2))).toThrow(
      refusal("expected `neighbors.scores` to be finite, got -Infinity in row 0"),
    );
  });
});

describe("recognizeBySummedScores", () => {
  const first = { ids: Int32Array.of(0, 1), scores: Float32Array.of(0.5, 0.375), rows: 1, k: 2 };

  it("sums over all models, a tie to the label met first, none to -1", () => {
    const labels = Int32Array.of(7, 4, 4);
    const second = {
      ids: Int32Array.of(2, 1, -1),
      scores: Float32Array.of(0.5, 0.25, -Infinity),
      rows: 1,
      k: 3,
    };
    expect(recognizeBySummedScores([first, second], labels)).toEqual({
      labels: Int32Array.of(4),
      scores: Float64Array.of(1.125),
    });
    expect(recognizeBySummedScores([first], labels).labels[0]).toBe(7);
    const even = { ids: Int32Array.of(2), scores: Float32Array.of(0.125), rows: 1, k: 1 };
    expect(recognizeBySummedScores([first, even], labels).labels[0]).toBe(7);
    expect(recognizeBySummedScores([even, first, first, even], Int32Array.of(7, 5, 4)).labels[0]).toBe(7);
    expect(recognizeBySummedScores([neighborsFrom([[-1]])], labels)).toEqual({
      labels: Int32Array.of(-1),
      scores: Float64Array.of(-Infinity),
    });
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`recognizeBySummedScores: ${message}`);
    const labels = Int32Array.of(7, 4);
    expect(() => recognizeBySummedScores([], labels)).toThrow(
      refusal("expected `lists.length` to be a positive integer, got 0"),
    );
    expect(() => recognizeBySummedScores([first, neighborsFrom([[0], [1]])], labels)).toThrow(
      refusal("expected `lists[1]` to have 1 rows, got 2"),
    );
    expect(() => recognizeBySummedScores([first, neighborsFrom([[2]])], labels)).toThrow(
      refusal("expected `lists[1].ids` to be -1 or a row number below 2, got 2 for query 0"),
    );
    expect(() =>
      recognizeBySummedScores([{ ...first, scores: Float32Array.of(Infinity, 1) }], labels),
    ).toThrow(refusal("expected `lists[0].scores` to be finite, got Infinity in row 0"));
    expect(() => recognizeBySummedScores([first], Int32Array.of(7, -4))).toThrow(
      refusal("expected `labels` to be 0 or more, got -4 for row 1"),
    );
  });
});

describe("subtractPenalties", () => {
  const predictions = { labels: Int32Array.of(5, -1), scores: Float64Array.of(2.5, -Infinity) };

  it("takes penalties once unless told otherwise, and changes no image without a label", () => {
    const penalties = Float64Array.of(0.25, 1);
    expect([...subtractPenalties(predictions, penalties).scores]).toEqual([2.25, -Infinity]);
    expect([...subtractPenalties(predictions, penalties, { weight: 2 }).scores]).toEqual([2, -Infinity]);
    expect(predictions.scores[0]).toBe(2.5);
    const unsure = { labels: Int32Array.of(-1), scores: Float64Array.of(1) };
    expect(subtractPenalties(unsure, Float64Array.of(1))).toEqual(unsure);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`subtractPenalties: ${message}`);
    expect(() => subtractPenalties(predictions, new Float64Array(1))).toThrow(
      refusal("expected `penalties` to have 2 rows, got 1"),
    );
    expect(() => subtractPenalties(predictions, Float64Array.of(0, Infinity))).toThrow(
      refusal("expected `penalties` to be finite, got Infinity in row 1"),
    );
    expect(() => subtractPenalties(predictions, new Float64Array(2), { weight: Number.NaN })).toThrow(
      refusal("expected `weight` to be finite, got NaN"),
    );
  });
});
