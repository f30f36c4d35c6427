import { type LabelPredictions, predictLabels } from "@lmk/rerank";
import { recognizeByNeighbors } from "@lmk/rerank/recognition";
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
        divideByFrequency: false,
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

  it("weighs by rank alone, in the order of the list", () => {
    const [label, score] = recognized(recognizeByNeighbors(neighbors, labels, { weight: "rank" }));
    expect(label).toBe(B);
    expect(score).toBeCloseTo(Math.exp(-Math.sqrt(2)) + Math.exp(-Math.sqrt(3)), 12);
    const [first, alone] = recognized(
      recognizeByNeighbors(neighbors, labels, { weight: "rank", neighborCount: 2 }),
    );
    expect([first, alone]).toEqual([A, Math.exp(-1)]);
  });

  it("weighs by how much nearer a neighbor is than the farthest that votes in any list", () => {
    const two = {
      ids: Int32Array.of(0, 1, -1, 2, 1, 0),
      scores: Float32Array.of(0.75, 0.625, -Infinity, 0.5, 0.25, -1),
      rows: 2,
      k: 3,
    };
    const result = recognizeByNeighbors(two, labels, { weight: "below-farthest", neighborCount: 2 });
    // Twice the cosine less 0.25; the last place does not vote.
    expect(result).toEqual({ labels: Int32Array.of(A, B), scores: Float64Array.of(1, 0.5) });
  });

  it("divides similarities, not inliers, by a label's images up to the neighbors that vote", () => {
    const many = Int32Array.of(A, B, B, B, B);
    const list = { ids: Int32Array.of(0, 1, 2), scores: Float32Array.of(0.75, 1, 1), rows: 1, k: 3 };
    const vote = (neighborCount: number, counts?: Int32Array) =>
      recognized(
        recognizeByNeighbors(list, many, {
          weight: "cosine",
          divideByFrequency: true,
          neighborCount,
          ...(counts === undefined ? {} : { inliers: counts }),
        }),
      );
    // B: 2 / min(3, 4), then 1 / min(2, 4), then with 2 inlier terms of 1 / 2.
    expect(vote(3)).toEqual([A, 0.75]);
    expect(vote(2)).toEqual([A, 0.75]);
    expect(vote(3, Int32Array.of(0, 35, 35))).toEqual([B, 1 / 3 + 0.5 + 1 / 3 + 0.5]);
  });

  it("multiplies similarities of neighbors that have the image among their own nearest", () => {
    // Pool rows: the image, then the database. Row 2 (id 1) lists itself, then 3 and 0; row 3 lists 1, 2 and then 0.
    const poolGraph = neighborsFrom([
      [-1, -1, -1],
      [2, 3, -1],
      [2, 3, 0],
      [1, 2, 0],
    ]);
    const list = { ids: Int32Array.of(0, 1, 2), scores: Float32Array.of(0.75, 0.75, 0.25), rows: 1, k: 3 };
    const vote = (options: Parameters<typeof recognizeByNeighbors>[2]) =>
      recognized(recognizeByNeighbors(list, labels, { weight: "cosine", poolGraph, ...options }));
    expect(vote({})).toEqual([B, 0.75 * 1.5 + 0.25]);
    expect(vote({ reciprocalCount: 2, reciprocalFactor: 1.5 })).toEqual(vote({}));
    expect(vote({ reciprocalCount: 1 })).toEqual([B, 1]);
    expect(vote({ reciprocalCount: 9, reciprocalFactor: 2 })).toEqual([B, 2]);
    // Inliers are added as they are.
    expect(vote({ inliers: Int32Array.of(0, 70, 0) })).toEqual([B, 0.75 * 1.5 + 1 + 0.25]);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`recognizeByNeighbors: ${message}`);
    const call = (options: Parameters<typeof recognizeByNeighbors>[2]) => () =>
      recognizeByNeighbors(neighbors, labels, options);
    expect(call({ neighborCount: 0 })).toThrow(
      refusal("expected `neighborCount` to be a positive integer, got 0"),
    );
    expect(call({ weight: "l2" as "cosine" })).toThrow(
      refusal('expected `weight` to be "cosine" or "squared-l2" or "below-farthest" or "rank", got "l2"'),
    );
    expect(call({ inlierCap: 0 })).toThrow(refusal("expected `inlierCap` to be a positive integer, got 0"));
    expect(call({ inliers: new Int32Array(2) })).toThrow(
      refusal("expected `inliers` to hold 1 x 3 = 3 counts, got 2"),
    );
    expect(call({ inliers: Int32Array.of(0, -1, 0) })).toThrow(
      refusal("expected `inliers` to be 0 or more, got -1 for query 0"),
    );
    const poolGraph = neighborsFrom([[1], [0], [0], [0]]);
    expect(call({ poolGraph: neighborsFrom([[1], [0]]) })).toThrow(
      refusal("expected `poolGraph` to have 4 rows, got 2"),
    );
    expect(call({ poolGraph: neighborsFrom([[1], [4], [0], [0]]) })).toThrow(
      refusal("expected `poolGraph.ids` to be -1 or a row number below 4, got 4 for query 1"),
    );
    expect(call({ poolGraph, reciprocalCount: 0 })).toThrow(
      refusal("expected `reciprocalCount` to be a positive integer, got 0"),
    );
    for (const reciprocalFactor of [-1, Infinity, Number.NaN]) {
      expect(call({ poolGraph, reciprocalFactor })).toThrow(
        refusal(`expected \`reciprocalFactor\` to be finite and 0 or more, got ${reciprocalFactor}`),
      );
    }
    expect(() => recognizeByNeighbors(neighbors, Int32Array.of(0, 0))).toThrow(
      refusal("expected `neighbors.ids` to be -1 or a row number below 2, got 2 for query 0"),
    );
    expect(() => recognizeByNeighbors(neighbors, Int32Array.of(0, -3, 0))).toThrow(
      refusal("expected `labels` to be 0 or more, got -3 for row 1"),
    );
    const infinite = { ...neighbors, scores: Float32Array.of(Infinity, 1, 1) };
    expect(() => recognizeByNeighbors(infinite, labels)).toThrow(
      refusal("expected `neighbors.scores` to be finite, got Infinity in row 0"),
    );
  });
});
