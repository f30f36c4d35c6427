import { type Neighbors, rerankByKnnRank, rerankByKnnRankAsync } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { neighborsFrom, randomUnitRows, search, unitRows } from "./fixtures.ts";
import originals from "./golden/originals.json" with { type: "json" };
import { poolGraph } from "./pool-fixtures.ts";

/** Scores of all database rows for one query: the formula, term by term. */
function reference(graph: Neighbors, queries: number, query: number, neighborCount: number): number[] {
  const lists = Array.from({ length: graph.rows }, (_, row) => [
    row,
    ...[...graph.ids.subarray(row * graph.k, (row + 1) * graph.k)].filter((id) => id >= 0 && id !== row),
  ]);
  const rank = (of: number, row: number): number => {
    const place = lists[of]!.indexOf(row);
    return place < 0 ? lists[of]!.length + 1 : place + 1;
  };
  return Array.from({ length: graph.rows - queries }, (_, id) => {
    let score = 0;
    for (const [j, voter] of lists[query]!.slice(0, neighborCount + 1).entries()) {
      score += 1 / ((j + 1 + rank(voter, query)) * rank(voter, queries + id));
    }
    return score;
  });
}

function scoresById({ ids, scores, k }: Neighbors, row: number): Map<number, number> {
  return new Map([...ids.subarray(row * k, (row + 1) * k)].map((id, i) => [id, scores[row * k + i]!]));
}

describe("rerankByKnnRank", () => {
  const graph = {
    ids: Int32Array.of(1, 2, 3, 3, 0, 2, 0, 1, 3, 1, 2, 0),
    scores: Float32Array.of(0.9, 0.7, 0.6, 0.95, 0.9, 0.1, 0.7, 0.1, 0, 0.95, 0, 0.6),
    rows: 4,
    k: 3,
  };
  const neighbors = neighborsFrom([[0, 1, 2]]);

  it("lets the nearest row move up what it is close to, in the example of its documentation", () => {
    const found = rerankByKnnRank(neighbors, graph, { neighborCount: 1 });
    expect([...found.ids]).toEqual([0, 2, 1]);
    // The query's own list gives 1/2 of 1/2, 1/3, 1/4; that of row 1 gives 1/5 of 1, 1/4, 1/2.
    for (const [i, score] of [0.25 + 0.2, 0.125 + 0.1, 0.5 / 3 + 0.05].entries()) {
      expect(found.scores[i]).toBeCloseTo(score, 6);
    }
  });

  it("equals the original where lists are complete", () => {
    const queries = unitRows(originals.input.queriesRaw);
    const database = unitRows(originals.input.galleryRaw);
    const found = rerankByKnnRank(search(queries, database, 12), poolGraph(queries, database, 15), {
      neighborCount: 4,
    });
    for (const [row, distances] of originals.knnRankRerank["k=4"].entries()) {
      const scores = scoresById(found, row);
      // The original adds float32 terms.
      for (const [id, distance] of distances.entries()) {
        expect(Math.abs(scores.get(id)! + distance)).toBeLessThan(1e-7);
      }
    }
  });

  it("lets 50 neighbors vote unless told otherwise", () => {
    const [queries, database] = [randomUnitRows(1, 2, 4), randomUnitRows(2, 70, 4)];
    const list = search(queries, database, 20);
    const pool = poolGraph(queries, database, 60);
    expect(rerankByKnnRank(list, pool)).toEqual(rerankByKnnRank(list, pool, { neighborCount: 50 }));
    expect(rerankByKnnRank(list, pool)).not.toEqual(rerankByKnnRank(list, pool, { neighborCount: 49 }));
  });

  it.each([8, 20, 44])("equals the formula with lists of %i entries", (length) => {
    const [queries, database] = [randomUnitRows(3, 4, 6), randomUnitRows(4, 40, 6)];
    const pool = poolGraph(queries, database, length);
    const found = rerankByKnnRank(search(queries, database, 15), pool, { neighborCount: 7 });
    for (let row = 0; row < 4; row++) {
      const expected = reference(pool, 4, row, 7);
      for (const [id, score] of scoresById(found, row)) {
        expect(Math.abs(score - expected[id]!)).toBeLessThan(1e-7);
      }
    }
  });

  it("gives the same without a row in its own list, and with it behind a duplicate", () => {
    const swapped = {
      ids: Int32Array.of(1, 0, 2, 3, 1, 3, 0, 2, 2, 0, 1, 3, 1, 2, 0, 3),
      scores: new Float32Array(16).fill(1),
      rows: 4,
      k: 4,
    };
    expect(rerankByKnnRank(neighbors, swapped, { neighborCount: 2 })).toEqual(
      rerankByKnnRank(neighbors, graph, { neighborCount: 2 }),
    );
  });

  it("takes more neighbors than there are, missing entries, no queries and no database", () => {
    expect(rerankByKnnRank(neighbors, graph, { neighborCount: 9 })).toEqual(
      rerankByKnnRank(neighbors, graph, { neighborCount: 3 }),
    );
    const found = rerankByKnnRank(neighborsFrom([[-1, 2, 0]]), graph);
    expect([...found.ids]).toEqual([0, 2, -1]);
    expect(found.scores[2]).toBe(-Infinity);
    const empty = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 2 };
    expect(rerankByKnnRank(empty, graph)).toEqual(empty);
    const alone = { ids: Int32Array.of(0), scores: Float32Array.of(1), rows: 1, k: 1 };
    const none = neighborsFrom([[-1]]);
    expect(rerankByKnnRank(none, alone)).toEqual(none);
  });

  it("refuses arguments that do not fit", () => {
    expect(() => rerankByKnnRank(neighbors, graph, { neighborCount: 0 })).toThrow(
      new RangeError("rerankByKnnRank: expected `neighborCount` to be a positive integer, got 0"),
    );
    expect(() => rerankByKnnRank(neighborsFrom([[3]]), graph)).toThrow(
      new RangeError(
        "rerankByKnnRank: expected `neighbors.ids` to be -1 or a row number below 3, got 3 for query 0",
      ),
    );
    const short = { ...graph, ids: Int32Array.from(graph.ids, (id, i) => (i === 4 ? -1 : id)) };
    expect(() => rerankByKnnRank(neighbors, short)).toThrow(
      new RangeError(
        "rerankByKnnRank: expected `graph` to list at least 3 rows beside itself for every row, got 2 for row 1",
      ),
    );
    expect(() => rerankByKnnRank(neighbors, graph, { memoryLimit: 50 })).toThrow(
      new RangeError("rerankByKnnRank: expected to need at most `memoryLimit` = 50 bytes, got 96"),
    );
  });
});

describe("rerankByKnnRankAsync", () => {
  const [queries, database] = [randomUnitRows(5, 30, 8), randomUnitRows(6, 150, 8)];
  const list = search(queries, database, 40);
  const pool = poolGraph(queries, database, 70);

  it.each([0, 1, 2])("gives the same bits with %i threads", async (threads) => {
    expect(await rerankByKnnRankAsync(list, pool, { threads })).toEqual(rerankByKnnRank(list, pool));
  });

  it("rejects where the other throws, and with the reason of its signal", async () => {
    await expect(rerankByKnnRankAsync(list, pool, { neighborCount: 0 })).rejects.toThrow(
      new RangeError("rerankByKnnRankAsync: expected `neighborCount` to be a positive integer, got 0"),
    );
    const reason = new Error("enough");
    await expect(rerankByKnnRankAsync(list, pool, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
  });
});
