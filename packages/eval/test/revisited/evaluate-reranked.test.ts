import {
  evaluateReranked,
  evaluateRevisited,
  type Neighbors,
  rankingsFromNeighbors,
  removeIgnored,
} from "@lmk/eval";
import { describe, expect, it } from "vitest";
import golden from "../golden/measures.json" with { type: "json" };

const [full] = golden.revisited;
const k = 60;
const neighbors: Neighbors = {
  ids: Int32Array.from(full!.rankings.flat()),
  scores: Float32Array.from({ length: 12 * k }, (_, i) => 1 - (i % k) / k),
  rows: 12,
  k,
};

describe("removeIgnored", () => {
  it("takes out ids, keeps order and scores, pads, counts and writes nothing to its arguments", () => {
    const ids = Int32Array.of(4, 2, 9, 2, 5, 6, -1, -1);
    const scores = Float32Array.of(8, 7, 6, 5, 4, 3, -Infinity, -Infinity);
    const result = removeIgnored({ ids, scores, rows: 2, k: 4 }, [[2, 77], new Set([6])]);
    expect(result).toEqual({
      ids: Int32Array.of(4, 9, -1, -1, 5, -1, -1, -1),
      scores: Float32Array.of(8, 6, -Infinity, -Infinity, 4, -Infinity, -Infinity, -Infinity),
      rows: 2,
      k: 4,
      removed: Int32Array.of(2, 1),
    });
    expect([...ids]).toEqual([4, 2, 9, 2, 5, 6, -1, -1]);
  });

  it("takes no queries, and refuses other sizes", () => {
    const none = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 5 };
    expect(removeIgnored(none, []).removed).toEqual(new Int32Array(0));
    expect(() => removeIgnored(none, [[]])).toThrow(
      new RangeError(
        "removeIgnored: expected `neighbors` and `ignored` to have the same length, got 0 and 1",
      ),
    );
    expect(() => removeIgnored({ ...none, rows: 1 }, [[]])).toThrow(
      new RangeError("removeIgnored: expected `neighbors` to hold 1 x 5 = 5 ids and scores, got 0 and 0"),
    );
  });
});

describe("evaluateReranked", () => {
  it("gives the scores of the search for a re-ranker that changes nothing, and says what it took out", async () => {
    const report = await evaluateReranked(neighbors, full!.truth, (lists) => lists);
    const plain = evaluateRevisited(rankingsFromNeighbors(neighbors), full!.truth);
    const counted = (kinds: readonly ("easy" | "hard" | "junk")[]) =>
      full!.truth.reduce((sum, query) => sum + kinds.reduce((n, kind) => n + query[kind].length, 0), 0);
    expect(report).toEqual({
      ranks: [1, 5, 10],
      easy: { ...plain.easy, removedBeforeReranking: counted(["hard", "junk"]) },
      medium: { ...plain.medium, removedBeforeReranking: counted(["junk"]) },
      hard: { ...plain.hard, removedBeforeReranking: counted(["easy", "junk"]) },
    });
  });

  it("shows the re-ranker no ignored image, and waits for it", async () => {
    const seen: string[] = [];
    const report = await evaluateReranked(
      neighbors,
      full!.truth,
      async (lists, protocol) => {
        await Promise.resolve();
        seen.push(protocol);
        const kinds = { easy: ["hard", "junk"], medium: ["junk"], hard: ["easy", "junk"] } as const;
        for (const [query, ids] of rankingsFromNeighbors(lists).entries()) {
          const ignored = kinds[protocol].flatMap((kind): readonly number[] => full!.truth[query]![kind]);
          expect(ids.length).toBe(k - ignored.length);
          expect(ignored.filter((id) => ids.includes(id))).toEqual([]);
        }
        // Only the first five, turned round.
        const first = rankingsFromNeighbors(lists).map((ids) => ids.slice(0, 5).reverse());
        return {
          ids: Int32Array.from(first.flatMap((ids) => [...ids])),
          scores: new Float32Array(60),
          rows: 12,
          k: 5,
        };
      },
      { ranks: [5] },
    );
    expect(seen).toEqual(["easy", "medium", "hard"]);
    expect(report.ranks).toEqual([5]);
    const plain = evaluateRevisited(rankingsFromNeighbors(neighbors), full!.truth, { ranks: [5] });
    expect(report.medium.recalls).toEqual(plain.medium.recalls);
    expect(report.medium.averagePrecisions).not.toEqual(plain.medium.averagePrecisions);
  });

  it("rejects what does not fit", async () => {
    await expect(evaluateReranked(neighbors, [], (lists) => lists)).rejects.toThrow(
      new RangeError(
        "evaluateReranked: expected `neighbors` and `groundTruth` to have the same length, got 12 and 0",
      ),
    );
    const empty = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 1 };
    await expect(evaluateReranked(neighbors, full!.truth, () => empty)).rejects.toThrow(
      new RangeError(
        "evaluateReranked: expected `rerank` and `groundTruth` to have the same length, got 0 and 12",
      ),
    );
    await expect(
      evaluateReranked(neighbors, full!.truth, () => Promise.reject(new RangeError("no"))),
    ).rejects.toThrow(new RangeError("no"));
  });
});
