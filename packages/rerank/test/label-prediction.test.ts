import { predictLabels } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { neighborsFrom } from "./fixtures.ts";

const neighbors = { ids: Int32Array.of(0, 1, 2), scores: Float32Array.of(0.75, 0.5, 0.5), rows: 1, k: 3 };
const labels = Int32Array.of(7, 4, 4);

describe("predictLabels", () => {
  it("lets two neighbors outvote a nearer one, in the example of its documentation", () => {
    expect(predictLabels(neighbors, labels)).toEqual({
      labels: Int32Array.of(4),
      scores: Float64Array.of(1 / 3),
    });
  });

  it("follows the forms that the winners' code went through", () => {
    const score = (options: Parameters<typeof predictLabels>[2]) => {
      const predicted = predictLabels(neighbors, labels, options);
      return [predicted.labels[0], predicted.scores[0]];
    };
    // Votes of 1 - d²: 0.5 for label 7, twice 0 for label 4.
    expect(score({ weight: "squared-l2", divideByCount: false })).toEqual([7, 0.5]);
    expect(score({ weight: "squared-l2" })).toEqual([7, 0.5 / 3]);
    expect(score({ divideByCount: false })).toEqual([4, 1]);
    expect(score({ neighborCount: 1 })).toEqual([7, 0.75]);
  });

  it("gives a tie to the label met first", () => {
    const tied = { ids: Int32Array.of(1, 0), scores: Float32Array.of(0.5, 0.5), rows: 1, k: 2 };
    expect(predictLabels(tied, labels, { neighborCount: 2 }).labels[0]).toBe(4);
  });

  it("predicts a label also where all votes are negative", () => {
    const far = { ids: Int32Array.of(0, 1, 2), scores: Float32Array.of(-0.25, -0.5, -0.5), rows: 1, k: 3 };
    expect(predictLabels(far, labels, { divideByCount: false })).toEqual({
      labels: Int32Array.of(7),
      scores: Float64Array.of(-0.25),
    });
  });

  it("divides by the count also where fewer neighbors exist, and gives -1 where none does", () => {
    const few = {
      ids: Int32Array.of(0, -1, -1, -1, -1, -1),
      scores: Float32Array.of(0.75, -Infinity, -Infinity, -Infinity, -Infinity, -Infinity),
      rows: 2,
      k: 3,
    };
    expect(predictLabels(few, labels)).toEqual({
      labels: Int32Array.of(7, -1),
      scores: Float64Array.of(0.25, -Infinity),
    });
  });

  it("takes lists that are shorter than asked for like lists that end early", () => {
    const one = { ids: Int32Array.of(0, 2), scores: Float32Array.of(0.75, 0.375), rows: 2, k: 1 };
    expect(predictLabels(one, labels)).toEqual({
      labels: Int32Array.of(7, 4),
      scores: Float64Array.of(0.25, 0.125),
    });
    expect(predictLabels(one, labels, { divideByCount: false }).scores).toEqual(Float64Array.of(0.75, 0.375));
  });

  it("asks 3 neighbors by cosine and divides unless told otherwise", () => {
    const four = {
      ids: Int32Array.of(0, 1, 2, 0),
      scores: Float32Array.of(0.75, 0.5, 0.5, 0.5),
      rows: 1,
      k: 4,
    };
    expect(predictLabels(four, labels)).toEqual(
      predictLabels(four, labels, { neighborCount: 3, weight: "cosine", divideByCount: true }),
    );
    expect(predictLabels(four, labels).labels[0]).toBe(4);
    expect(predictLabels(four, labels, { neighborCount: 4 }).labels[0]).toBe(7);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`predictLabels: ${message}`);
    expect(() => predictLabels(neighbors, labels, { neighborCount: 0 })).toThrow(
      refusal("expected `neighborCount` to be a positive integer, got 0"),
    );
    expect(() => predictLabels(neighbors, labels, { weight: "l2" as "cosine" })).toThrow(
      refusal('expected `weight` to be "cosine" or "squared-l2", got "l2"'),
    );
    expect(() => predictLabels(neighborsFrom([[0, 1, 3]]), labels)).toThrow(
      refusal("expected `neighbors.ids` to be -1 or a row number below 3, got 3 for query 0"),
    );
    expect(() => predictLabels(neighborsFrom([[0, 1, -2]]), labels)).toThrow(
      refusal("expected `neighbors.ids` to be -1 or a row number below 3, got -2 for query 0"),
    );
    const infinite = { ...neighbors, scores: Float32Array.of(1, Infinity, 1) };
    expect(() => predictLabels(infinite, labels)).toThrow(
      refusal("expected `neighbors.scores` to be finite, got Infinity in row 0"),
    );
    expect(() => predictLabels(neighbors, Int32Array.of(7, -1, 4))).toThrow(
      refusal("expected `labels` to be 0 or more, got -1 for row 1"),
    );
  });
});
