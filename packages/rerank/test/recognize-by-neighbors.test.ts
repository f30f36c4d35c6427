import { type LabelPredictions, predictLabels } from "@lmk/rerank";
import { banFrequentLabels, recognizeByNeighbors } from "@lmk/rerank/recognition";
import { describe, expect, it } from "vitest";
import { neighborsFrom } from "./fixtures.ts";
import { createRandom } from "./random.ts";

const [A, B] = [3, 1];
// Squared distances 0.3, 0.4 and 0.5.
const neighbors = { ids: Int32Array.of(0, 1, 2), scores: Float32Array.of(0.85, 0.8, 0.75), rows: 1, k: 3 };
const labels = Int32Array.of(A, B, B);
const inliers = Int32Array.of(20, 0, 100);

function recognized({ labels, scores }: LabelPredictions): [number, number] {
  return [labels[0]!, scores[0]!];
}

describe("recognizeByNeighbors", () => {
  it("gives label B 2.1 in the specification's example, and A 0.985714 alone", () => {
    const [label, score] = recognized(recognizeByNeighbors(neighbors, labels, { inliers }));
    expect(label).toBe(B);
    // Cosines are float32 numbers.
    expect(score).toBeCloseTo(2.1, 7);
    const [, alone] = recognized(recognizeByNeighbors(neighbors, labels, { inliers, neighborCount: 1 }));
    expect(alone).toBeCloseTo(0.985714, 6);
  });

  it("is a vote without division where no pair was checked", () => {
    const options = { weight: "squared-l2", divideByCount: false } as const;
    expect(recognizeByNeighbors(neighbors, labels)).toEqual(predictLabels(neighbors, labels, options));
    expect(recognizeByNeighbors(neighbors, labels, { weight: "cosine" })).toEqual(
      predictLabels(neighbors, labels, { divideByCount: false }),
    );
    expect(recognizeByNeighbors(neighbors, labels, { inliers: new Int32Array(3) })).toEqual(
      recognizeByNeighbors(neighbors, labels),
    );
  });

  it("takes 3 neighbors, squared distances and 70 inliers unless told otherwise", () => {
    const four = { ids: Int32Array.of(0, 1, 2, 0), scores: Float32Array.of(1, 0.5, 0.5, 0.5), rows: 1, k: 4 };
    const counts = Int32Array.of(0, 69, 71, 70);
    expect(recognizeByNeighbors(four, labels, { inliers: counts })).toEqual(
      recognizeByNeighbors(four, labels, {
        neighborCount: 3,
        weight: "squared-l2",
        inliers: counts,
        inlierCap: 70,
      }),
    );
    expect(recognized(recognizeByNeighbors(four, labels, { inliers: counts }))[1]).toBeCloseTo(
      1 + 69 / 70,
      12,
    );
    const lower = { inliers: counts, inlierCap: 10 };
    expect(recognized(recognizeByNeighbors(four, labels, lower))).toEqual([B, 2]);
  });

  it("gives a tie to the label met first, and -1 where there is no neighbor", () => {
    const tied = {
      ids: Int32Array.of(1, 0, -1),
      scores: Float32Array.of(0.5, 0.5, -Infinity),
      rows: 1,
      k: 3,
    };
    expect(recognized(recognizeByNeighbors(tied, labels))).toEqual([B, 0]);
    expect(recognized(recognizeByNeighbors(neighborsFrom([[-1, -1, -1]]), labels))).toEqual([-1, -Infinity]);
    const none = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 3 };
    expect(recognizeByNeighbors(none, new Int32Array(0))).toEqual({
      labels: new Int32Array(0),
      scores: new Float64Array(0),
    });
  });

  it("takes lists that are shorter than asked for like lists that end early", () => {
    const two = {
      ids: Int32Array.of(0, 1, 2, 1),
      scores: Float32Array.of(0.75, 0.5, 0.5, 0.25),
      rows: 2,
      k: 2,
    };
    const padded = {
      ids: Int32Array.of(0, 1, -1, 2, 1, -1),
      scores: Float32Array.of(0.75, 0.5, -Infinity, 0.5, 0.25, -Infinity),
      rows: 2,
      k: 3,
    };
    expect(recognizeByNeighbors(two, labels, { inliers: Int32Array.of(7, 0, 70, 0) })).toEqual(
      recognizeByNeighbors(padded, labels, { inliers: Int32Array.of(7, 0, 0, 70, 0, 0) }),
    );
  });

  it("equals the formula taken literally on random lists, and writes to nothing", () => {
    const random = createRandom(4);
    const rows = 50;
    const k = 6;
    const many = {
      ids: Int32Array.from({ length: rows * k }, () => Math.floor(random() * 30)),
      scores: Float32Array.from({ length: rows * k }, () => random() * 2 - 1),
      rows,
      k,
    };
    const names = Int32Array.from({ length: 30 }, () => Math.floor(random() * 4));
    const counts = Int32Array.from({ length: rows * k }, () => Math.floor(random() * 120));
    const copies = structuredClone([many, names, counts]);
    const result = recognizeByNeighbors(many, names, { inliers: counts, neighborCount: 5 });
    expect([many, names, counts]).toEqual(copies);
    for (let row = 0; row < rows; row++) {
      const sums = [0, 1, 2, 3].map((label) => {
        let sum: number | undefined;
        for (let at = row * k; at < row * k + 5; at++) {
          if (names[many.ids[at]!] !== label) continue;
          sum = (sum ?? 0) + 1 - (2 - 2 * many.scores[at]!) + Math.min(70, counts[at]!) / 70;
        }
        return sum ?? -Infinity;
      });
      const best = Math.max(...sums);
      expect(result.labels[row]).toBe(sums.indexOf(best));
      expect(result.scores[row]).toBeCloseTo(best, 12);
    }
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`recognizeByNeighbors: ${message}`);
    const call = (options: Parameters<typeof recognizeByNeighbors>[2]) => () =>
      recognizeByNeighbors(neighbors, labels, options);
    expect(call({ neighborCount: 0 })).toThrow(
      refusal("expected `neighborCount` to be a positive integer, got 0"),
    );
    expect(call({ weight: "l2" as "cosine" })).toThrow(
      refusal('expected `weight` to be "cosine" or "squared-l2", got "l2"'),
    );
    expect(call({ inlierCap: 0 })).toThrow(refusal("expected `inlierCap` to be a positive integer, got 0"));
    expect(call({ inliers: new Int32Array(2) })).toThrow(
      refusal("expected `inliers` to hold 1 x 3 = 3 counts, got 2"),
    );
    expect(call({ inliers: Int32Array.of(0, -1, 0) })).toThrow(
      refusal("expected `inliers` to be 0 or more, got -1 for query 0"),
    );
    expect(() => recognizeByNeighbors(neighbors, Int32Array.of(0, 0))).toThrow(
      refusal("expected `neighbors.ids` to be -1 or a row number below 2, got 2 for query 0"),
    );
    expect(() => recognizeByNeighbors(neighbors, Int32Array.of(0, -3, 0))).toThrow(
      refusal("expected `labels` to be 0 or more, got -3 for row 1"),
    );
    const infinite = { ...neighbors, scores: Float32Array.of(Infinity, 1, 1) };
    expect(() => recognizeByNeighbors(infinite, labels)).toThrow(
      refusal("expected `neighbors.scores` to be finite, got Infinity for query 0"),
    );
  });
});

describe("banFrequentLabels", () => {
  const repeated = (counts: readonly (readonly [label: number, count: number])[]): LabelPredictions => {
    const labels = counts.flatMap(([label, count]) => Array.from({ length: count }, () => label));
    return { labels: Int32Array.from(labels), scores: Float64Array.from(labels, (_, i) => 1 + i / 1000) };
  };

  it("gives labels of more than 30 images the number of images below 0, unless told otherwise", () => {
    const predictions = repeated([
      [1234, 31],
      [51234, 30],
      [7, 45],
    ]);
    const { labels, scores } = banFrequentLabels(predictions);
    expect(labels).toEqual(predictions.labels);
    expect([...scores.subarray(0, 31)]).toEqual(new Array(31).fill(-31));
    expect(scores.subarray(31, 61)).toEqual(predictions.scores.subarray(31, 61));
    expect([...scores.subarray(61)]).toEqual(new Array(45).fill(-45));
    expect(predictions.scores[0]).toBe(1);
  });

  it("bans no image without a label", () => {
    const predictions = { labels: Int32Array.of(-1, -1, 4), scores: Float64Array.of(-Infinity, 0.5, 0.5) };
    expect(banFrequentLabels(predictions, { maxCount: 1 })).toEqual(predictions);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`banFrequentLabels: ${message}`);
    const predictions = repeated([[1, 2]]);
    expect(() => banFrequentLabels(predictions, { maxCount: 0 })).toThrow(
      refusal("expected `maxCount` to be a positive integer, got 0"),
    );
    expect(() => banFrequentLabels({ ...predictions, scores: new Float64Array(1) })).toThrow(
      refusal("expected `predictions.scores` to have 2 rows, got 1"),
    );
    expect(() => banFrequentLabels({ ...predictions, scores: Float64Array.of(1, Number.NaN) })).toThrow(
      refusal("expected `predictions.scores` to be numbers, got NaN in row 1"),
    );
  });
});
