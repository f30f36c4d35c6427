import { fuseRankings, type Neighbors } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";

function ranking(ids: readonly number[], scores: readonly number[], rows = 1): Neighbors {
  return { ids: Int32Array.from(ids), scores: Float32Array.from(scores), rows, k: ids.length / rows };
}

/** Lists of `k` different ids below `database`, scores descending, some places left empty at the end. */
function randomRanking(seed: number, rows: number, k: number, database: number): Neighbors {
  const random = createRandom(seed);
  const ids = new Int32Array(rows * k).fill(-1);
  const scores = new Float32Array(rows * k).fill(-Infinity);
  for (let row = 0; row < rows; row++) {
    const free = Array.from({ length: database }, (_, id) => id);
    let score = 1;
    const count = k - (row % 3);
    for (let i = 0; i < count; i++) {
      ids[row * k + i] = free.splice(Math.floor(random() * free.length), 1)[0]!;
      score -= random() * 0.1;
      scores[row * k + i] = score;
    }
  }
  return { ids, scores, rows, k };
}

/** A query's list as pairs that exist. */
function entries(list: Neighbors, row: number): { id: number; score: number; rank: number }[] {
  return Array.from({ length: list.k }, (_, i) => ({
    id: list.ids[row * list.k + i]!,
    score: list.scores[row * list.k + i]!,
    rank: i + 1,
  })).filter(({ id }) => id >= 0);
}

describe("fuseRankings", () => {
  const first = ranking([7, 3], [0.75, 0.5]);
  const second = ranking([3, 9], [0.5, 0.25]);

  it("adds scores, in the example of its documentation", () => {
    expect(fuseRankings([first, second], { k: 3 })).toEqual(ranking([3, 7, 9], [1, 0.75, 0.25]));
  });

  it("adds scores unless told otherwise, in lists as long as the longest", () => {
    expect(fuseRankings([first, second])).toEqual(fuseRankings([first, second], { method: "sum", k: 2 }));
    expect(fuseRankings([first, ranking([1], [2])]).k).toBe(2);
  });

  it("multiplies sums with the number of rankings that hold the id", () => {
    expect(fuseRankings([first, second], { method: "sum-times-count", k: 3 })).toEqual(
      ranking([3, 7, 9], [2, 0.75, 0.25]),
    );
  });

  it("adds reciprocals of 60 plus rank", () => {
    const fused = fuseRankings([first, second], { method: "reciprocal-rank", k: 3 });
    expect(fused).toEqual(ranking([3, 7, 9], [1 / 62 + 1 / 61, 1 / 61, 1 / 62]));
    const steep = fuseRankings([first, second], { method: "reciprocal-rank", rankOffset: 0, k: 3 });
    expect(steep).toEqual(ranking([3, 7, 9], [1.5, 1, 0.5]));
  });

  it("weighs each ranking", () => {
    expect(fuseRankings([first, second], { weights: [1, 4], k: 3 })).toEqual(
      ranking([3, 9, 7], [2.5, 1, 0.75]),
    );
    expect(
      fuseRankings([first, second], { method: "reciprocal-rank", rankOffset: 0, weights: [4, 1], k: 3 }),
    ).toEqual(ranking([7, 3, 9], [4, 3, 0.5]));
  });

  it("brings scores between 0 and 1, those of a list of one score to 1", () => {
    const wide = ranking([1, 2, 3], [30, 20, 10]);
    expect(
      fuseRankings([wide, ranking([2, 3, -1], [0.5, 0.5, -Infinity])], { normalization: "min-max" }),
    ).toEqual(ranking([2, 1, 3], [1.5, 1, 1]));
  });

  it("brings scores to mean 0 and deviation 1, those of a list of one score to 0", () => {
    const wide = ranking([1, 2], [30, 10]);
    expect(fuseRankings([wide, ranking([2, 5], [0.5, 0.5])], { normalization: "z-score", k: 3 })).toEqual(
      ranking([1, 5, 2], [1, 0, -1]),
    );
  });

  it("equals sums over all ids", () => {
    const lists = [randomRanking(1, 5, 9, 20), randomRanking(2, 5, 12, 20), randomRanking(3, 5, 4, 20)];
    const weights = [1, 0.5, 2];
    for (const method of ["sum", "sum-times-count", "reciprocal-rank"] as const) {
      for (const normalization of ["none", "min-max", "z-score"] as const) {
        if (method === "reciprocal-rank" && normalization !== "none") continue;
        const fused = fuseRankings(lists, { method, normalization, weights, k: 20 });
        for (let row = 0; row < 5; row++) {
          const scores = new Map<number, number>();
          const counts = new Map<number, number>();
          for (const [r, list] of lists.entries()) {
            const found = entries(list, row);
            const values = found.map(({ score }) => score);
            const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
            const deviation = Math.sqrt(
              values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length,
            );
            const low = Math.min(...values);
            const high = Math.max(...values);
            for (const { id, score, rank } of found) {
              let value = score;
              if (normalization === "min-max") value = (score - low) / (high - low);
              if (normalization === "z-score") value = (score - mean) / deviation;
              if (method === "reciprocal-rank") value = 1 / (60 + rank);
              scores.set(id, (scores.get(id) ?? 0) + weights[r]! * value);
              counts.set(id, (counts.get(id) ?? 0) + 1);
            }
          }
          if (method === "sum-times-count") {
            for (const [id, count] of counts) scores.set(id, scores.get(id)! * count);
          }
          const expected = [...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
          expect(entries(fused, row).map(({ id }) => id)).toEqual(expected.map(([id]) => id));
          for (const { id, score } of entries(fused, row)) expect(score).toBe(Math.fround(scores.get(id)!));
        }
      }
    }
  });

  it("gives a single ranking back as it is", () => {
    const list = randomRanking(4, 6, 7, 30);
    expect(fuseRankings([list])).toEqual(list);
  });

  it("orders equal scores by id and counts a repeated id once, at its first place", () => {
    const list = ranking([9, 4, 4], [0.5, 0.5, 0.25]);
    expect(fuseRankings([list, list])).toEqual(ranking([4, 9, -1], [1, 1, -Infinity]));
  });

  it("takes queries without any result, and no queries", () => {
    const none = ranking([-1, -1], [-Infinity, -Infinity]);
    expect(fuseRankings([none, none], { normalization: "z-score" })).toEqual(none);
    const empty = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 2 };
    expect(fuseRankings([empty])).toEqual(empty);
  });

  it("leaves its arguments as they were", () => {
    const copy = structuredClone(first);
    fuseRankings([first, second], { normalization: "min-max" });
    expect(first).toEqual(copy);
  });

  it("refuses what cannot be merged", () => {
    expect(() => fuseRankings([])).toThrow(
      new RangeError("fuseRankings: expected `rankings` to hold at least one ranking, got none"),
    );
    expect(() => fuseRankings([first, ranking([1, 2], [1, 1], 2)])).toThrow(
      new RangeError("fuseRankings: expected `rankings[1]` to have 1 rows, got 2"),
    );
    expect(() => fuseRankings([{ ...first, k: 0 }])).toThrow(
      new RangeError("fuseRankings: expected `rankings[0].k` to be a positive integer, got 0"),
    );
    expect(() => fuseRankings([{ ...first, k: 3 }])).toThrow(
      new RangeError("fuseRankings: expected `rankings[0]` to hold 1 x 3 = 3 ids and scores, got 2 and 2"),
    );
    expect(() => fuseRankings([{ ...first, rows: 0.5, k: 4 }])).toThrow(
      new RangeError("fuseRankings: expected `rankings[0].rows` to be a count, got 0.5"),
    );
    expect(() => fuseRankings([first, ranking([1, -2], [1, 1])])).toThrow(
      new RangeError("fuseRankings: expected `rankings[1].ids` to be -1 or a row number, got -2 for query 0"),
    );
    expect(() => fuseRankings([first, ranking([1, 2], [1, Number.NaN])])).toThrow(
      new RangeError("fuseRankings: expected `rankings[1].scores` to be finite, got NaN for query 0"),
    );
    expect(() => fuseRankings([first], { weights: [1, 2] })).toThrow(
      new RangeError("fuseRankings: expected `weights` to hold 1 numbers like `rankings`, got 2"),
    );
    expect(() => fuseRankings([first], { weights: [Infinity] })).toThrow(
      new RangeError("fuseRankings: expected `weights[0]` to be finite, got Infinity"),
    );
    expect(() => fuseRankings([first], { rankOffset: -1 })).toThrow(
      new RangeError("fuseRankings: expected `rankOffset` to be 0 or more, got -1"),
    );
    expect(() => fuseRankings([first], { k: 1.5 })).toThrow(
      new RangeError("fuseRankings: expected `k` to be a positive integer, got 1.5"),
    );
    expect(() => fuseRankings([first], { method: "max" as "sum" })).toThrow(
      new RangeError(
        'fuseRankings: expected `method` to be "sum" or "sum-times-count" or "reciprocal-rank", got "max"',
      ),
    );
    expect(() => fuseRankings([first], { normalization: "l2" as "none" })).toThrow(
      new RangeError(
        'fuseRankings: expected `normalization` to be "none" or "min-max" or "z-score", got "l2"',
      ),
    );
    expect(() => fuseRankings([first], { method: "reciprocal-rank", normalization: "z-score" })).toThrow(
      new RangeError(
        'fuseRankings: expected `normalization` to be "none" for reciprocal ranks, got "z-score"',
      ),
    );
  });
});
