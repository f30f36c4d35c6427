import type { LabelPredictions } from "@lmk/rerank";
import {
  penalizeByNonLandmarks,
  penalizeFrequentLabels,
  type SimilarityPenalty,
  selectLandmarkRows,
} from "@lmk/rerank/recognition";
import { describe, expect, it } from "vitest";
import { neighborsFrom } from "./fixtures.ts";

const similarities = {
  ids: Int32Array.of(9, 2, 4, 9, 2, 4, 9, 2, 4, 9, 2, -1),
  scores: Float32Array.of(0.75, 0.625, 0.5625, 0.75, 0.5, 0.5, 0.75, 0.5, 0.25, 0.75, 0.75, -Infinity),
  rows: 4,
  k: 3,
};
const predictions = { labels: Int32Array.of(5, 6, 7, 8), scores: Float64Array.of(4, 3, 2, 1) };

describe("penalizeByNonLandmarks", () => {
  const scores = (penalty: SimilarityPenalty, options: object = {}): number[] => [
    ...penalizeByNonLandmarks(predictions, similarities, { penalty, ...options }).scores,
  ];

  it("has all variants of the second place's code", () => {
    expect(scores({ kind: "similarity", weight: 1.5 })).toEqual([4 - 0.84375, 3 - 0.75, 2, 1]);
    // Twice as much only above 0.5, which the second image just reaches.
    const step = { kind: "step", weight: 1.5, above: 0.5, step: 3 } as const;
    expect(scores(step)).toEqual([4 - 0.84375 - 3, 3 - 0.75, 2, 1]);
    const excess = scores({ kind: "excess", weight: 4 });
    expect(excess[0]).toBeCloseTo(4 - 1.05, 12);
    expect(excess.slice(1)).toEqual([3 - (0.5 - 0.3) * 4, 2, 1]);
    expect(scores({ kind: "sum", weight: 0.5 })).toEqual([4 - 0.96875, 3 - 0.875, 2, 1]);
  });

  it("lowers from the threshold on, itself included, by the similarity of the rank", () => {
    const penalty = { kind: "similarity", weight: 2 } as const;
    expect(scores(penalty, { threshold: 0.5 })).toEqual([4 - 1.125, 2, 2, 1]);
    expect(scores(penalty, { threshold: 0.51 })).toEqual([4 - 1.125, 3, 2, 1]);
    expect(scores(penalty, { threshold: 0.5, rank: 2 })).toEqual([4 - 1.25, 2, 1, -0.5]);
    expect(scores({ kind: "sum", weight: 1 }, { threshold: 0.5, rank: 2 })).toEqual([
      4 - 1.375,
      3 - 1.25,
      2 - 1.25,
      1 - 1.5,
    ]);
  });

  it("takes 1.5 times the third similarity from 0.3 on unless told otherwise", () => {
    const near = {
      ids: Int32Array.of(0, 1, 2, 3, 0, 1, 2, 3),
      scores: Float32Array.of(0.5, 0.5, 0.3125, 0.25, 0.5, 0.5, 0.25, 0.25),
      rows: 2,
      k: 4,
    };
    const two = { labels: Int32Array.of(5, 6), scores: Float64Array.of(4, 3) };
    const result = penalizeByNonLandmarks(two, near);
    expect([...result.scores]).toEqual([4 - 1.5 * 0.3125, 3]);
    const penalty = { kind: "similarity", weight: 1.5 } as const;
    expect(result).toEqual(penalizeByNonLandmarks(two, near, { penalty, threshold: 0.3, rank: 3 }));
    expect(two.scores[0]).toBe(4);
  });

  it("takes nothing where lists are shorter than the rank", () => {
    const result = penalizeByNonLandmarks(predictions, similarities, { rank: 4, threshold: -1 });
    expect(result).toEqual(predictions);
    expect(result.scores).not.toBe(predictions.scores);
  });

  it("leaves images without a label as they are", () => {
    const none = { labels: Int32Array.of(-1, 6, 7, 8), scores: Float64Array.of(4, 3, 2, 1) };
    expect(penalizeByNonLandmarks(none, similarities).scores[0]).toBe(4);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`penalizeByNonLandmarks: ${message}`);
    const call = (options: object) => () => penalizeByNonLandmarks(predictions, similarities, options);
    expect(call({ penalty: { kind: "square", weight: 1 } })).toThrow(
      refusal('expected `penalty.kind` to be "similarity" or "step" or "excess" or "sum", got "square"'),
    );
    expect(call({ penalty: { kind: "sum", weight: Number.NaN } })).toThrow(
      refusal("expected `penalty.weight` to be finite, got NaN"),
    );
    expect(call({ penalty: { kind: "step", weight: 1, step: 3 } })).toThrow(
      refusal("expected `penalty.above` to be finite, got undefined"),
    );
    expect(call({ penalty: { kind: "step", weight: 1, above: 1, step: Infinity } })).toThrow(
      refusal("expected `penalty.step` to be finite, got Infinity"),
    );
    expect(call({ threshold: Infinity })).toThrow(refusal("expected `threshold` to be finite, got Infinity"));
    expect(call({ rank: 0 })).toThrow(refusal("expected `rank` to be a positive integer, got 0"));
    expect(() => penalizeByNonLandmarks(predictions, neighborsFrom([[1, 2, 3]]))).toThrow(
      refusal("expected `neighbors` to have 4 rows, got 1"),
    );
  });
});

describe("penalizeFrequentLabels", () => {
  it("takes 2 from labels of more than 20 images unless told otherwise", () => {
    const labels = Int32Array.from({ length: 41 }, (_, i) => (i < 21 ? 3 : 5));
    const frequent = { labels, scores: new Float64Array(41).fill(1) };
    const result = penalizeFrequentLabels(frequent);
    expect([...result.scores]).toEqual(Array.from(labels, (label) => (label === 3 ? -1 : 1)));
    expect(result.labels).toEqual(labels);
    const explicit = { maxCount: 20, penalty: 2, protectAbove: Infinity };
    expect(result).toEqual(penalizeFrequentLabels(frequent, explicit));
    expect(frequent.scores[0]).toBe(1);
  });

  it("protects scores above a threshold, itself not included, and images without a label", () => {
    const mixed: LabelPredictions = {
      labels: Int32Array.of(4, 4, 4, -1, -1),
      scores: Float64Array.of(1, 2, 3, 1, 1),
    };
    const { scores } = penalizeFrequentLabels(mixed, { maxCount: 1, penalty: 0.5, protectAbove: 2 });
    expect([...scores]).toEqual([0.5, 1.5, 3, 1, 1]);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`penalizeFrequentLabels: ${message}`);
    expect(() => penalizeFrequentLabels(predictions, { maxCount: 0 })).toThrow(
      refusal("expected `maxCount` to be a positive integer, got 0"),
    );
    expect(() => penalizeFrequentLabels(predictions, { penalty: -2 })).toThrow(
      refusal("expected `penalty` to be finite and 0 or more, got -2"),
    );
    expect(() => penalizeFrequentLabels(predictions, { protectAbove: Number.NaN })).toThrow(
      refusal("expected `protectAbove` to be a number, got NaN"),
    );
  });
});

describe("selectLandmarkRows", () => {
  it("keeps rows whose third similarity is at most the limit, and those without one", () => {
    expect([...selectLandmarkRows(similarities, { maxSimilarity: 0.5 })]).toEqual([1, 2, 3]);
    expect([...selectLandmarkRows(similarities, { maxSimilarity: 0.49 })]).toEqual([2, 3]);
    expect([...selectLandmarkRows(similarities, { maxSimilarity: 0.49, rank: 3 })]).toEqual([2, 3]);
    expect([...selectLandmarkRows(similarities, { maxSimilarity: 0.5, rank: 2 })]).toEqual([1, 2]);
    expect([...selectLandmarkRows(similarities, { maxSimilarity: -1, rank: 4 })]).toEqual([0, 1, 2, 3]);
    const none = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 3 };
    expect(selectLandmarkRows(none, { maxSimilarity: 1 })).toEqual(new Int32Array(0));
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`selectLandmarkRows: ${message}`);
    expect(() => selectLandmarkRows(similarities, { maxSimilarity: Number.NaN })).toThrow(
      refusal("expected `maxSimilarity` to be finite, got NaN"),
    );
    expect(() => selectLandmarkRows(similarities, { maxSimilarity: 1, rank: 0 })).toThrow(
      refusal("expected `rank` to be a positive integer, got 0"),
    );
  });
});
