import { type Neighbors, rerankByEgt, rerankByEgtAsync } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { requireEdgeCount } from "../src/exploration/edges.ts";
import { listsOf, randomEdges, weighted } from "./exploration-fixtures.ts";
import golden from "./golden/egt.json" with { type: "json" };
import originals from "./golden/originals.json" with { type: "json" };

/** A table of the golden file, its weights lowered. */
function table({ ids, thousandths }: { ids: number[][]; thousandths: number[][] }, shift = 0): Neighbors {
  return weighted(
    ids,
    thousandths.map((row) => row.map((value) => (value - shift) / 1000)),
  );
}

/** The queries and the database of the toy's file. */
function toy(): [Neighbors, Neighbors] {
  const lines = originals.egtJar.prebuild_k4
    .trim()
    .split("\n")
    .map((line) => line.split(",") as [string, string]);
  const read = (letter: string): Neighbors => {
    const rows = lines.filter(([name]) => name.startsWith(letter)).map(([, list]) => list.split(" "));
    return weighted(
      rows.map((list) => list.filter((_, i) => i % 2 === 0).map((name) => Number(name.slice(1)))),
      rows.map((list) => list.filter((_, i) => i % 2 === 1).map(Number)),
    );
  };
  return [read("q"), read("g")];
}

/** Row numbers of a program's names. */
function numbers(lists: readonly (readonly string[])[]): number[][] {
  return lists.map((list) => list.map((name) => Number(name.slice(1))));
}

describe("rerankByEgt", () => {
  const neighbors = weighted([[0, 1]], [[0.75, 0.25]]);
  const graph = weighted([[2], [0], [0]], [[0.5], [0.125], [0.5]]);

  it("reaches a far row through a near one, in the example of its documentation", () => {
    const found = rerankByEgt(neighbors, graph, { threshold: Infinity, k: 3 });
    expect(found).toEqual(weighted([[0, 2, 1]], [[0.75, 0.5, 0.25]]));
  });

  it("goes breadth first without threshold", () => {
    const found = rerankByEgt(neighbors, graph, { threshold: -Infinity, k: 3 });
    expect(found).toEqual(weighted([[0, 1, 2]], [[0.75, 0.25, 0.25]]));
  });

  it("follows edges above the threshold only before it looks for new ones", () => {
    const list = weighted([[0, 1]], [[0.75, 0.5]]);
    const rows = weighted([[2], [2], [1]], [[0.625], [0.125], [0.25]]);
    expect(listsOf(rerankByEgt(list, rows, { threshold: 0.5, k: 3 }))).toEqual([[0, 2, 1]]);
    expect(listsOf(rerankByEgt(list, rows, { threshold: 0.4999, k: 3 }))).toEqual([[0, 1, 2]]);
  });

  it("gives lists as long as those of the queries, with a threshold of 0.42, unless told otherwise", () => {
    const list = randomEdges(1, 4, 30, 6, false);
    const rows = randomEdges(2, 30, 30, 5, true);
    const defaults = {
      k: 6,
      threshold: 0.42,
      neighborCount: 6,
      symmetrize: "none",
      compat: "egt-jar",
    } as const;
    expect(rerankByEgt(list, rows)).toEqual(rerankByEgt(list, rows, defaults));
    for (const other of [
      { k: 7 },
      { threshold: 0.9 },
      { neighborCount: 1 },
      { symmetrize: "max" },
    ] as const) {
      expect(rerankByEgt(list, rows, { k: 30 })).not.toEqual(rerankByEgt(list, rows, { k: 30, ...other }));
    }
  });

  it.each(["k=4,t=0.9,p=12", "k=4,t=0.8,p=6", "k=4,t=2.0,p=12"] as const)(
    "equals the published program on the toy with %s",
    (key) => {
      const [list, rows] = toy();
      const [, threshold, k] = /t=(.*),p=(.*)/.exec(key)!.map(Number);
      const options = { threshold: threshold!, k: k!, symmetrize: "egt-jar" } as const;
      expect(listsOf(rerankByEgt(list, rows, options))).toEqual(numbers(originals.egtJar[key]));
    },
  );

  it.each(golden.jar)(
    "equals the published program on 200 rows with k=$k, t=$t, p=$p",
    ({ k, t, p, lists }) => {
      const options = { neighborCount: k, threshold: t, k: p, symmetrize: "egt-jar" } as const;
      const found = rerankByEgt(table(golden.queries), table(golden.graph), options);
      expect(listsOf(found)).toEqual(lists);
    },
  );

  it("rounds weights as the program's files do", () => {
    const shift = (value: number, i: number): number => value / 1000 + ((i % 9) - 4) * 1e-4;
    const blur = ({ ids, thousandths }: typeof golden.graph): Neighbors =>
      weighted(
        ids,
        thousandths.map((row) => row.map(shift)),
      );
    const [{ k, t, p, lists }] = golden.jar as [(typeof golden.jar)[0]];
    const options = { neighborCount: k, threshold: t, k: p, symmetrize: "egt-jar" } as const;
    const found = rerankByEgt(blur(golden.queries), blur(golden.graph), { ...options, weightDecimals: 3 });
    expect(listsOf(found)).toEqual(lists);
    expect(listsOf(rerankByEgt(blur(golden.queries), blur(golden.graph), options))).not.toEqual(lists);
  });

  it.each(golden.landmark2019)("equals the code of the 2019 challenge with k=$k, t=$t", ({ k, t, lists }) => {
    const list = table(golden.queries, golden.shift);
    const rows = table(golden.graph, golden.shift);
    const options = { neighborCount: k, threshold: t, k: 100 };
    const found = rerankByEgt(list, rows, { ...options, compat: "landmark-2019" });
    expect(listsOf(found)).toEqual(lists);
    expect(listsOf(rerankByEgt(list, rows, options))).not.toEqual(lists);
  });

  it("follows every edge in both directions where it is asked to, with the larger weight", () => {
    const list = weighted([[0]], [[0.5]]);
    const rows = weighted([[2], [0], [0]], [[0.25], [0.75], [0.625]]);
    const options = { threshold: Infinity, k: 3 };
    expect(rerankByEgt(list, rows, options)).toEqual(weighted([[0, 2, -1]], [[0.5, 0.25, -Infinity]]));
    expect(rerankByEgt(list, rows, { ...options, symmetrize: "max" })).toEqual(
      weighted([[0, 1, 2]], [[0.5, 0.5, 0.5]]),
    );
    // The last row that points at row 0 is row 2, whose edge has the larger weight.
    expect(rerankByEgt(list, rows, { ...options, symmetrize: "egt-jar" })).toEqual(
      weighted([[0, 2, -1]], [[0.5, 0.5, -Infinity]]),
    );
  });

  it.each(["none", "max"] as const)(
    "is Prim's algorithm with a threshold of Infinity and %s reverse edges",
    (symmetrize) => {
      const [queryCount, databaseRows] = [5, 60];
      const list = randomEdges(3, queryCount, databaseRows, 4, false);
      const rows = randomEdges(4, databaseRows, databaseRows, 3, true);
      const weights = Array.from({ length: databaseRows }, () => new Map<number, number>());
      for (const [row, ids] of listsOf(rows).entries()) {
        for (const [i, id] of ids.entries()) {
          const weight = rows.scores[row * 3 + i]!;
          weights[row]!.set(id, Math.max(weight, weights[row]!.get(id) ?? 0));
          if (symmetrize === "max") weights[id]!.set(row, Math.max(weight, weights[id]!.get(row) ?? 0));
        }
      }
      const found = rerankByEgt(list, rows, { threshold: Infinity, symmetrize, k: databaseRows });
      for (let query = 0; query < queryCount; query++) {
        const edges = new Map(listsOf(list)[query]!.map((id, i) => [id, list.scores[query * 4 + i]!]));
        const taken = new Map<number, number>();
        let lowest = Infinity;
        for (;;) {
          const [next] = [...edges].filter(([id]) => !taken.has(id)).sort((a, b) => b[1] - a[1]);
          if (next === undefined) break;
          lowest = Math.min(lowest, next[1]);
          taken.set(next[0], lowest);
          for (const [id, weight] of weights[next[0]]!) edges.set(id, Math.max(weight, edges.get(id) ?? 0));
        }
        expect(listsOf(found)[query]).toEqual([...taken.keys()]);
        const start = query * databaseRows;
        expect([...found.scores.subarray(start, start + taken.size)]).toEqual([...taken.values()]);
      }
    },
  );

  it("permutes with the database", () => {
    const list = randomEdges(5, 4, 40, 5, false);
    const rows = randomEdges(6, 40, 40, 4, true);
    const renamed = (id: number): number => (id < 0 ? id : (id * 7 + 3) % 40);
    const permutedIds = new Int32Array(160);
    const permutedScores = new Float32Array(160);
    for (let row = 0; row < 40; row++) {
      for (let i = 0; i < 4; i++) {
        permutedIds[renamed(row) * 4 + i] = renamed(rows.ids[row * 4 + i]!);
        permutedScores[renamed(row) * 4 + i] = rows.scores[row * 4 + i]!;
      }
    }
    for (const symmetrize of ["none", "max"] as const) {
      const options = { symmetrize, threshold: 0.6, k: 25 };
      const found = rerankByEgt(list, rows, options);
      const permuted = rerankByEgt(
        { ...list, ids: list.ids.map(renamed) },
        { ...rows, ids: permutedIds, scores: permutedScores },
        options,
      );
      expect(permuted).toEqual({ ...found, ids: found.ids.map(renamed) });
    }
  });

  it("leaves rows out of their own lists, wherever they stand, before it cuts them", () => {
    const rows = weighted(
      [
        [2, 0],
        [1, 0],
        [0, 2],
      ],
      [
        [1, 1],
        [1, 0.125],
        [1, 0.5],
      ],
    );
    const same = weighted([[2], [0], [0]], [[1], [0.125], [1]]);
    for (const symmetrize of ["none", "max", "egt-jar"] as const) {
      const options = { symmetrize, threshold: Infinity, k: 3, neighborCount: 1 };
      expect(rerankByEgt(neighbors, rows, options)).toEqual(rerankByEgt(neighbors, same, options));
    }
  });

  it("takes lists that are not full, more rows than there are, no queries and no database", () => {
    const none = weighted([[-1, -1]], [[-Infinity, -Infinity]]);
    expect(rerankByEgt(none, graph)).toEqual(none);
    expect(listsOf(rerankByEgt(neighbors, graph, { k: 50, neighborCount: 50 }))).toEqual([[0, 2, 1]]);
    const empty = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 2 };
    for (const symmetrize of ["none", "max", "egt-jar"] as const) {
      expect(rerankByEgt(empty, graph, { symmetrize })).toEqual(empty);
      expect(rerankByEgt(none, empty, { symmetrize })).toEqual(none);
    }
  });

  it("leaves its arguments as they were", () => {
    const copies = structuredClone([neighbors, graph]);
    rerankByEgt(neighbors, graph, { symmetrize: "max", weightDecimals: 0 });
    expect([neighbors, graph]).toEqual(copies);
  });

  it("refuses arguments out of range", () => {
    const refused = (options: object, message: string): void => {
      expect(() => rerankByEgt(neighbors, graph, options)).toThrow(new RangeError(`rerankByEgt: ${message}`));
    };
    refused({ k: 0 }, "expected `k` to be a positive integer, got 0");
    refused({ threshold: Number.NaN }, "expected `threshold` to be a number, got NaN");
    refused({ neighborCount: 0.5 }, "expected `neighborCount` to be a positive integer, got 0.5");
    refused({ symmetrize: "min" }, 'expected `symmetrize` to be "none" or "max" or "egt-jar", got "min"');
    refused({ weightDecimals: 7 }, "expected `weightDecimals` to be from 0 to 6, got 7");
    refused({ compat: "jar" }, 'expected `compat` to be "egt-jar" or "landmark-2019", got "jar"');
    refused({ memoryLimit: 100 }, "expected to need at most `memoryLimit` = 100 bytes, got 108");
    expect(() => rerankByEgt(weighted([[3]], [[1]]), graph)).toThrow(
      new RangeError(
        "rerankByEgt: expected `neighbors.ids` to be -1 or a row number below 3, got 3 for query 0",
      ),
    );
    expect(() => rerankByEgt(weighted([[0]], [[Infinity]]), graph)).toThrow(
      new RangeError("rerankByEgt: expected `neighbors.scores` to be finite, got Infinity in row 0"),
    );
    expect(() => rerankByEgt(neighbors, weighted([[0], [0]], [[0.5], [-Infinity]]))).toThrow(
      new RangeError("rerankByEgt: expected `graph.scores` to be finite, got -Infinity in row 1"),
    );
  });
});

describe("requireEdgeCount", () => {
  it("refuses more edges than 32 bits count", () => {
    const options = {
      symmetrize: "none",
      reachQueries: false,
      weightDecimals: undefined,
      leastWeight: 0,
    } as const;
    const [few, many] = [
      { rows: 1, k: 1 },
      { rows: 2 ** 20, k: 2 ** 11 },
    ];
    expect(() => requireEdgeCount("egt", few, many, { ...options, neighborCount: 2047 })).not.toThrow();
    expect(() => requireEdgeCount("egt", few, many, { ...options, neighborCount: 2048 })).toThrow(
      new RangeError(
        "egt: expected fewer than 2147483648 edges, got up to 2147483649; lower `neighborCount`",
      ),
    );
    const both = { ...options, symmetrize: "max", neighborCount: 1024 } as const;
    expect(() => requireEdgeCount("egt", few, many, both)).toThrow(
      new RangeError(
        "egt: expected fewer than 2147483648 edges, got up to 2147483650; lower `neighborCount`",
      ),
    );
  });
});

describe("rerankByEgtAsync", () => {
  const list = randomEdges(7, 300, 500, 20, false);
  const rows = randomEdges(8, 500, 500, 15, true);

  it.each([0, 1, 2])("gives the same bits with %i threads", async (threads) => {
    const options = { symmetrize: "max", threshold: 0.8, k: 100 } as const;
    expect(await rerankByEgtAsync(list, rows, { ...options, threads })).toEqual(
      rerankByEgt(list, rows, options),
    );
  });

  it("rejects where the other throws, and with the reason of its signal", async () => {
    await expect(rerankByEgtAsync(list, rows, { k: 0 })).rejects.toThrow(
      new RangeError("rerankByEgtAsync: expected `k` to be a positive integer, got 0"),
    );
    const reason = new Error("enough");
    await expect(rerankByEgtAsync(list, rows, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
