import { rerankByEgt, rerankBySemiSupervisedEgt, rerankBySemiSupervisedEgtAsync } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { listsOf, randomEdges, weighted } from "./exploration-fixtures.ts";
import golden from "./golden/egt.json" with { type: "json" };

describe("rerankBySemiSupervisedEgt", () => {
  const neighbors = weighted(
    [
      [0, -1],
      [0, 1],
    ],
    [
      [0.75, 0],
      [0.5, 0.25],
    ],
  );
  const graph = weighted([[-1], [-1]], [[0], [0]]);

  it("goes through another query, in the example of its documentation", () => {
    const found = rerankBySemiSupervisedEgt(neighbors, graph, { queryCount: 1 });
    expect(found).toEqual(weighted([[0, 1]], [[0.75, 0.25]]));
  });

  it("follows edges in both directions, answers all queries and stops at 0.42 unless told otherwise", () => {
    const list = randomEdges(1, 6, 40, 5, false);
    const rows = randomEdges(2, 40, 40, 4, true);
    const defaults = {
      symmetrize: "max",
      queryCount: 6,
      threshold: 0.42,
      neighborCount: 5,
      k: 5,
      compat: "paper",
    } as const;
    expect(rerankBySemiSupervisedEgt(list, rows)).toEqual(rerankBySemiSupervisedEgt(list, rows, defaults));
    expect(rerankBySemiSupervisedEgt(list, rows, { k: 40 })).not.toEqual(
      rerankBySemiSupervisedEgt(list, rows, { k: 40, threshold: 0.9 }),
    );
    expect(rerankBySemiSupervisedEgt(list, rows, { queryCount: 2, k: 9 })).toEqual({
      ...rerankBySemiSupervisedEgt(list, rows, { k: 9 }),
      ids: rerankBySemiSupervisedEgt(list, rows, { k: 9 }).ids.slice(0, 18),
      scores: rerankBySemiSupervisedEgt(list, rows, { k: 9 }).scores.slice(0, 18),
      rows: 2,
    });
  });

  it.each(golden.jarSemiSupervised)(
    "equals the published program with k=$k, t=$t, p=$p",
    ({ k, t, p, lists }) => {
      const read = ({ ids, thousandths }: typeof golden.graph) =>
        weighted(
          ids,
          thousandths.map((row) => row.map((value) => value / 1000)),
        );
      const options = { neighborCount: k, threshold: t, k: p, symmetrize: "egt-jar" } as const;
      const found = rerankBySemiSupervisedEgt(read(golden.queries), read(golden.graph), {
        ...options,
        queryCount: golden.answered,
        compat: "egt-java",
      });
      expect(listsOf(found)).toEqual(lists);
    },
  );

  it("does not always take the heaviest edge as the published sources do", () => {
    const options = { threshold: Infinity, k: 40 };
    const [list, rows] = [randomEdges(9, 4, 40, 8, false), randomEdges(10, 40, 40, 8, true)];
    expect(rerankBySemiSupervisedEgt(list, rows, options)).not.toEqual(
      rerankBySemiSupervisedEgt(list, rows, { ...options, compat: "egt-java" }),
    );
  });

  it("finds what the online method finds where no query is reached", () => {
    const list = randomEdges(3, 5, 60, 6, false);
    const rows = randomEdges(4, 60, 60, 5, true);
    for (const threshold of [Infinity, 0.7, -Infinity]) {
      const options = { symmetrize: "none", threshold, k: 60 } as const;
      expect(rerankBySemiSupervisedEgt(list, rows, options)).toEqual(rerankByEgt(list, rows, options));
    }
  });

  it("walks from the heaviest edge on, through queries, one row at a time", () => {
    const [queryCount, databaseRows] = [6, 50];
    const list = randomEdges(5, queryCount, databaseRows, 4, false);
    const rows = randomEdges(6, databaseRows, databaseRows, 3, true);
    const weights = Array.from({ length: databaseRows + queryCount }, () => new Map<number, number>());
    const join = (from: number, to: number, weight: number): void => {
      for (const [a, b] of [
        [from, to],
        [to, from],
      ] as const) {
        weights[a]!.set(b, Math.max(weight, weights[a]!.get(b) ?? 0));
      }
    };
    for (const [row, ids] of listsOf(rows).entries()) {
      for (const [i, id] of ids.entries()) join(row, id, rows.scores[row * 3 + i]!);
    }
    for (const [row, ids] of listsOf(list).entries()) {
      for (const [i, id] of ids.entries()) join(databaseRows + row, id, list.scores[row * 4 + i]!);
    }
    const found = rerankBySemiSupervisedEgt(list, rows, { threshold: Infinity, k: databaseRows });
    for (let query = 0; query < queryCount; query++) {
      const taken = [databaseRows + query];
      for (;;) {
        let next = -1;
        let most = -Infinity;
        for (const node of taken) {
          for (const [id, weight] of weights[node]!) {
            if (weight > most && !taken.includes(id)) [next, most] = [id, weight];
          }
        }
        if (next < 0) break;
        taken.push(next);
      }
      expect(listsOf(found)[query]).toEqual(taken.filter((node) => node < databaseRows));
    }
  });

  it("takes queries without neighbors, no queries and no database", () => {
    const none = weighted([[-1, -1]], [[-Infinity, -Infinity]]);
    expect(rerankBySemiSupervisedEgt(none, graph)).toEqual(none);
    const empty = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 2 };
    expect(rerankBySemiSupervisedEgt(empty, graph)).toEqual(empty);
    expect(rerankBySemiSupervisedEgt(none, empty)).toEqual(none);
  });

  it("refuses arguments out of range", () => {
    const refused = (options: object, message: string): void => {
      expect(() => rerankBySemiSupervisedEgt(neighbors, graph, options)).toThrow(
        new RangeError(`rerankBySemiSupervisedEgt: ${message}`),
      );
    };
    refused({ queryCount: 0 }, "expected `queryCount` to be a positive integer, got 0");
    refused({ queryCount: 3 }, "expected `queryCount` to be at most `neighbors.rows` = 2, got 3");
    refused({ compat: "egt" }, 'expected `compat` to be "paper" or "egt-java", got "egt"');
    refused({ threshold: Number.NaN }, "expected `threshold` to be a number, got NaN");
    refused({ memoryLimit: 10 }, "expected to need at most `memoryLimit` = 10 bytes, got 396");
  });
});

describe("rerankBySemiSupervisedEgtAsync", () => {
  const list = randomEdges(7, 200, 400, 20, false);
  const rows = randomEdges(8, 400, 400, 15, true);

  it.each([0, 1, 2])("gives the same bits with %i threads", async (threads) => {
    for (const compat of ["paper", "egt-java"] as const) {
      const options = { threshold: 0.8, k: 100, compat };
      const found = await rerankBySemiSupervisedEgtAsync(list, rows, { ...options, threads });
      expect(found).toEqual(rerankBySemiSupervisedEgt(list, rows, options));
    }
  });

  it("rejects where the other throws, and with the reason of its signal", async () => {
    await expect(rerankBySemiSupervisedEgtAsync(list, rows, { k: 0 })).rejects.toThrow(
      new RangeError("rerankBySemiSupervisedEgtAsync: expected `k` to be a positive integer, got 0"),
    );
    const reason = new Error("enough");
    await expect(
      rerankBySemiSupervisedEgtAsync(list, rows, { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });
});
