import { adjustScoresByLabel, predictLabels, scoreLabelsBySimilarity } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { neighborsFrom, randomUnitRows, search } from "./fixtures.ts";

const neighbors = { ids: Int32Array.of(2, 0), scores: Float32Array.of(0.75, 0.5), rows: 1, k: 2 };
const queryLabels = { labels: Int32Array.of(5), scores: Float64Array.of(0.4) };
const indexLabels = { labels: Int32Array.of(5, 5, 6), scores: Float64Array.of(0.5, 0.7, 0.9) };

describe("adjustScoresByLabel", () => {
  it("moves images up by the confidence of their label and others down by a tenth of it", () => {
    const { ids, scores, rows, k } = adjustScoresByLabel(neighbors, queryLabels, indexLabels, { k: 2 });
    expect([...ids]).toEqual([0, 2]);
    expect(scores[0]).toBeCloseTo(0.5 + 0.5, 6);
    expect(scores[1]).toBeCloseTo(0.75 - 0.09, 6);
    expect([rows, k]).toEqual([1, 2]);
  });

  it("equals the formula over labels predicted from train images", () => {
    const q = randomUnitRows(1, 5, 8);
    const x = randomUnitRows(2, 40, 8);
    const train = randomUnitRows(3, 60, 8);
    const trainLabels = Int32Array.from({ length: 60 }, (_, i) => i % 4);
    const ofQueries = predictLabels(search(q, train, 3), trainLabels);
    const ofIndex = predictLabels(search(x, train, 3), trainLabels);
    const found = search(q, x, 40);
    const adjusted = adjustScoresByLabel(found, ofQueries, ofIndex, { up: 0.8, down: 0.2, k: 25 });
    for (let row = 0; row < 5; row++) {
      const expected = [...found.ids.subarray(row * 40, row * 40 + 40)]
        .map((id, i) => {
          const same = ofQueries.labels[row] === ofIndex.labels[id];
          return { id, score: found.scores[row * 40 + i]! + (same ? 0.8 : -0.2) * ofIndex.scores[id]! };
        })
        .sort((a, b) => b.score - a.score || a.id - b.id)
        .slice(0, 25);
      expect([...adjusted.ids.subarray(row * 25, row * 25 + 25)]).toEqual(expected.map(({ id }) => id));
      for (const [i, { score }] of expected.entries()) {
        expect(adjusted.scores[row * 25 + i]).toBeCloseTo(score, 6);
      }
    }
  });

  it("leaves scores as they are where a label is missing", () => {
    const unknown = { labels: Int32Array.of(-1), scores: Float64Array.of(-Infinity) };
    const same = adjustScoresByLabel(neighbors, unknown, indexLabels, { k: 2 });
    expect(same).toEqual(neighbors);
    const half = { labels: Int32Array.of(5, 5, -1), scores: Float64Array.of(0.5, 0.7, -Infinity) };
    const { ids, scores } = adjustScoresByLabel(neighbors, queryLabels, half, { k: 2 });
    expect([...ids]).toEqual([0, 2]);
    expect([...scores]).toEqual([1, 0.75]);
  });

  it("orders equal scores by id, fills lists up, and takes no queries", () => {
    const tied = {
      ids: Int32Array.of(1, 0, -1),
      scores: Float32Array.of(0.5, 0.5, -Infinity),
      rows: 1,
      k: 3,
    };
    const alike = { labels: Int32Array.of(5, 5), scores: Float64Array.of(0.25, 0.25) };
    const { ids, scores } = adjustScoresByLabel(tied, queryLabels, alike, { k: 4 });
    expect([...ids]).toEqual([0, 1, -1, -1]);
    expect([...scores]).toEqual([0.75, 0.75, -Infinity, -Infinity]);
    const none = { ids: new Int32Array(), scores: new Float32Array(), rows: 0, k: 3 };
    const noLabels = { labels: new Int32Array(), scores: new Float64Array() };
    expect(adjustScoresByLabel(none, noLabels, alike, { k: 3 })).toEqual(none);
  });

  it("moves up by 1, down by 0.1 and keeps 750 unless told otherwise", () => {
    const x = randomUnitRows(4, 900, 4);
    const found = search(randomUnitRows(5, 1, 4), x, 900);
    const labels = {
      labels: Int32Array.from({ length: 900 }, (_, i) => i % 2),
      scores: new Float64Array(900).fill(0.3),
    };
    const query = { labels: Int32Array.of(1), scores: Float64Array.of(1) };
    const adjusted = adjustScoresByLabel(found, query, labels);
    expect(adjusted.k).toBe(750);
    const explicit = { up: 1, down: 0.1, k: 750 };
    expect(adjusted).toEqual(adjustScoresByLabel(found, query, labels, explicit));
    for (const change of [{ up: 0.9 }, { down: 0.2 }]) {
      expect(adjustScoresByLabel(found, query, labels, { ...explicit, ...change })).not.toEqual(adjusted);
    }
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`adjustScoresByLabel: ${message}`);
    for (const name of ["up", "down"]) {
      expect(() => adjustScoresByLabel(neighbors, queryLabels, indexLabels, { [name]: Infinity })).toThrow(
        refusal(`expected \`${name}\` to be a finite number, got Infinity`),
      );
    }
    expect(() => adjustScoresByLabel(neighbors, queryLabels, indexLabels, { k: 0 })).toThrow(
      refusal("expected `k` to be a positive integer, got 0"),
    );
    expect(() => adjustScoresByLabel(neighbors, indexLabels, indexLabels)).toThrow(
      refusal("expected `queryLabels.labels` to have 1 rows, got 3"),
    );
    expect(() => adjustScoresByLabel(neighbors, queryLabels, queryLabels)).toThrow(
      refusal("expected `neighbors.ids` to be -1 or a row number below 1, got 2 for query 0"),
    );
    const endless = { ...neighbors, scores: neighbors.scores.map(() => -Infinity) };
    expect(() => adjustScoresByLabel(endless, queryLabels, indexLabels)).toThrow(
      refusal("expected `neighbors.scores` to be finite, got -Infinity in row 0"),
    );
    const sure = { ...indexLabels, scores: indexLabels.scores.with(1, Infinity) };
    expect(() => adjustScoresByLabel(neighbors, queryLabels, sure)).toThrow(
      refusal("expected `indexLabels.scores` to be finite where there is a label, got Infinity in row 1"),
    );
  });
});

describe("scoreLabelsBySimilarity", () => {
  const found = {
    ids: Int32Array.of(0, 1, 2, 3),
    scores: Float32Array.of(0.75, 0.5, 0.25, 1),
    rows: 1,
    k: 4,
  };
  const predictions = { labels: Int32Array.of(4), scores: Float64Array.of(0.25) };

  it("takes the mean or the sum of the three nearest cosines, whatever their labels", () => {
    expect(scoreLabelsBySimilarity(predictions, found).scores[0]).toBe(0.5);
    expect(scoreLabelsBySimilarity(predictions, found, { reduce: "sum" }).scores[0]).toBe(1.5);
    const explicit = { neighborCount: 3, reduce: "mean" } as const;
    expect(scoreLabelsBySimilarity(predictions, found, explicit)).toEqual(
      scoreLabelsBySimilarity(predictions, found),
    );
    expect(scoreLabelsBySimilarity(predictions, found, { neighborCount: 2 }).scores[0]).toBe(0.625);
    expect([...scoreLabelsBySimilarity(predictions, found).labels]).toEqual([4]);
  });

  it("means over neighbors that exist", () => {
    const two = {
      ids: Int32Array.of(0, 1, -1),
      scores: Float32Array.of(0.75, 0.5, -Infinity),
      rows: 1,
      k: 3,
    };
    expect(scoreLabelsBySimilarity(predictions, two).scores[0]).toBe(0.625);
    const short = {
      ids: Int32Array.of(0, 1, 2, 3),
      scores: Float32Array.of(0.75, 0.5, 0.25, 0.5),
      rows: 2,
      k: 2,
    };
    const both = { labels: Int32Array.of(4, 5), scores: new Float64Array(2) };
    expect([...scoreLabelsBySimilarity(both, short).scores]).toEqual([0.625, 0.375]);
    const none = neighborsFrom([[-1, -1, -1]]);
    expect(scoreLabelsBySimilarity(predictions, none).scores[0]).toBe(-Infinity);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`scoreLabelsBySimilarity: ${message}`);
    expect(() => scoreLabelsBySimilarity(indexLabels, found)).toThrow(
      refusal("expected `predictions.labels` to have 1 rows, got 3"),
    );
    expect(() => scoreLabelsBySimilarity(predictions, found, { neighborCount: 0 })).toThrow(
      refusal("expected `neighborCount` to be a positive integer, got 0"),
    );
    expect(() => scoreLabelsBySimilarity(predictions, found, { reduce: "max" as "sum" })).toThrow(
      refusal('expected `reduce` to be "mean" or "sum", got "max"'),
    );
    const endless = { ...found, scores: found.scores.with(3, Infinity) };
    expect(() => scoreLabelsBySimilarity(predictions, endless)).toThrow(
      refusal("expected `neighbors.scores` to be finite, got Infinity in row 0"),
    );
  });
});
