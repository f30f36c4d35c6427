import type { LabelPredictions } from "@lmk/rerank";
import { banFrequentLabels, banNearFrequentLabels } from "@lmk/rerank/recognition";
import { describe, expect, it } from "vitest";
import { product, randomUnitRows, rowOf, search } from "./fixtures.ts";

function repeated(counts: readonly (readonly [label: number, count: number])[]): LabelPredictions {
  const labels = counts.flatMap(([label, count]) => Array.from({ length: count }, () => label));
  return { labels: Int32Array.from(labels), scores: Float64Array.from(labels, (_, i) => 1 + i / 1000) };
}

describe("banFrequentLabels", () => {
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

describe("banNearFrequentLabels", () => {
  // Images 0 and 1 share a label; of the others, 2 and 4 are near one of them.
  const predictions: LabelPredictions = {
    labels: Int32Array.of(5, 5, 8, 9, -1, 7),
    scores: Float64Array.of(2.5, 0.5, 1, -1, -Infinity, 3),
  };
  const graph = {
    ids: Int32Array.of(1, 2, 4, 3, 0, 5, 5, 0, 0, 2, 3, 2),
    scores: Float32Array.of(0.9, 0.8, 0.95, 0.75, 0.8, 0.99, 0.9, 0.5, 0.8, 0.1, 0.9, 0.9),
    rows: 6,
    k: 2,
  };

  it("takes the score from images near one with a frequent label, and no other", () => {
    const copies = structuredClone([predictions, graph]);
    const { labels, scores } = banNearFrequentLabels(predictions, graph, { maxCount: 1 });
    expect(labels).toEqual(predictions.labels);
    // 3 is at 0.75 exactly, 5 near images that are near only, 4 without a label.
    expect([...scores]).toEqual([2.5, 0.5, 0, -1, -Infinity, 3]);
    expect([predictions, graph]).toEqual(copies);
    expect(banNearFrequentLabels(predictions, graph)).toEqual(predictions);
  });

  it("multiplies by a factor, and raises scores below 0 to 0 without one", () => {
    const options = { maxCount: 1, above: 0.7 } as const;
    const low = banNearFrequentLabels(predictions, graph, { ...options, factor: 0.5 });
    expect([...low.scores]).toEqual([2.5, 0.5, 0.5, -0.5, -Infinity, 3]);
    const { scores } = banNearFrequentLabels(predictions, graph, options);
    expect(scores).toEqual(Float64Array.of(2.5, 0.5, 0, 0, -Infinity, 3));
    const defaults = { maxCount: 30, above: 0.75, factor: 0 };
    const many = repeated([
      [4, 31],
      [6, 29],
    ]);
    const x = randomUnitRows(1, 60, 4);
    const lists = search(x, x, 60);
    const banned = banNearFrequentLabels(many, lists);
    expect(banned).toEqual(banNearFrequentLabels(many, lists, defaults));
    for (const change of [{ maxCount: 31 }, { above: 0.9 }, { factor: 0.001 }]) {
      expect(banNearFrequentLabels(many, lists, { ...defaults, ...change })).not.toEqual(banned);
    }
  });

  it("equals a comparison of all pairs, before and after the ban of frequent labels", () => {
    const x = randomUnitRows(2, 60, 7);
    const given = repeated([
      [4, 25],
      [6, 20],
      [9, 15],
    ]);
    const frequent = (row: number): boolean => row < 25;
    const expected = given.scores.map((score, row) => {
      if (frequent(row)) return -25;
      for (let other = 0; other < 25; other++) {
        if (2 - 2 * product(rowOf(x, row), rowOf(x, other)) < 0.5) return 0;
      }
      return score;
    });
    expect(expected.filter((score) => score === 0).length).toBeGreaterThan(5);
    expect(expected.filter((score) => score > 0).length).toBeGreaterThan(5);
    const lists = search(x, x, 60);
    const options = { maxCount: 20 };
    const first = banFrequentLabels(banNearFrequentLabels(given, lists, options), options);
    expect(first.scores).toEqual(expected);
    expect(banNearFrequentLabels(banFrequentLabels(given, options), lists, options)).toEqual(first);
  });

  it("takes no images", () => {
    const none = { labels: new Int32Array(0), scores: new Float64Array(0) };
    const lists = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 1 };
    expect(banNearFrequentLabels(none, lists)).toEqual(none);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`banNearFrequentLabels: ${message}`);
    const call = (options: Parameters<typeof banNearFrequentLabels>[2], lists = graph) => {
      return () => banNearFrequentLabels(predictions, lists, options);
    };
    expect(call({ maxCount: 0.5 })).toThrow(refusal("expected `maxCount` to be a positive integer, got 0.5"));
    expect(call({ above: Number.NaN })).toThrow(refusal("expected `above` to be finite, got NaN"));
    expect(call({ factor: -1 })).toThrow(refusal("expected `factor` to be finite and 0 or more, got -1"));
    expect(call({}, { ...graph, rows: 3, k: 4 })).toThrow(refusal("expected `graph` to have 6 rows, got 3"));
    expect(call({}, { ...graph, ids: graph.ids.with(3, 6) })).toThrow(
      refusal("expected `graph.ids` to be -1 or a row number below 6, got 6 for query 1"),
    );
    expect(call({}, { ...graph, scores: graph.scores.with(3, Infinity) })).toThrow(
      refusal("expected `graph.scores` to be finite, got Infinity in row 1"),
    );
    expect(() => banNearFrequentLabels({ ...predictions, scores: new Float64Array(1) }, graph)).toThrow(
      refusal("expected `predictions.scores` to have 6 rows, got 1"),
    );
  });
});
