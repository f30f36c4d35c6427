import {
  type OfflineDiffusion,
  type PrepareOfflineDiffusionOptions,
  prepareOfflineDiffusion,
  prepareOfflineDiffusionAsync,
  type RerankByOfflineDiffusionOptions,
  rerankByOfflineDiffusion,
  rerankByOfflineDiffusionAsync,
} from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import {
  denseRows,
  expectClose,
  golden,
  largeCase,
  originals,
  randomCase,
  referenceMatrix,
  referenceSolve,
  sameBits,
  scoresByRow,
  stack,
  toyCase,
} from "./diffusion-fixtures.ts";
import { neighborsFrom, search, unitRows } from "./fixtures.ts";

const { diffusionFyang93 } = originals;
const toy = toyCase();
const toyPool = stack(toy.queries, toy.database);
const toyOptions = { neighborCount: diffusionFyang93.kd, truncation: diffusionFyang93.nTrunc };
const large = largeCase();
const largePool = stack(large.queries, large.database);
const largeOptions = { neighborCount: golden.setting.neighborCount, truncation: golden.setting.truncation };

/** Rows 0 and 1 are neighbors, row 2 is alone. */
const graph = neighborsFrom([[1], [0], [1]]);

describe("prepareOfflineDiffusion", () => {
  it("solves for each row on its own list, as by hand", () => {
    const { starts, columns, values } = prepareOfflineDiffusion(graph, graph, { alpha: 0.5 });
    expect([...starts]).toEqual([0, 2, 4, 5]);
    expect([...columns]).toEqual([0, 1, 1, 0, 2]);
    for (const [i, value] of [4 / 3, 2 / 3, 4 / 3, 2 / 3, 1].entries())
      expect(values[i]).toBeCloseTo(value, 6);
  });

  it("gives the rows of the original, for the pool and for the gallery alone", () => {
    // The original's matrix is in single precision; the condition number of about 100 makes 1e-5 of it.
    const pool = search(toyPool, toyPool, 15);
    const offline = prepareOfflineDiffusion(pool, pool, toyOptions);
    expectClose(denseRows(offline, 15), diffusionFyang93.offline, 1e-5);
    const gallery = prepareOfflineDiffusion(toy.graph, toy.graph, toyOptions);
    expectClose(denseRows(gallery, 12), diffusionFyang93.galleryOnlyOffline, 1e-5);
  });

  it("gives the rows of the original where 20 steps do not converge", () => {
    const offline = prepareOfflineDiffusion(large.graph, large.graph, largeOptions);
    const rows = denseRows(offline, 300);
    expectClose(
      golden.offlineRows.map((row) => rows[row]!),
      golden.offline,
      3e-6,
    );
  });

  it("agrees with elimination, with the matrix normalised before it is cut", () => {
    const { graph: lists } = randomCase(21, 1, 40);
    const matrix = referenceMatrix(lists, 6);
    const expected = Array.from({ length: 40 }, (_, row) => {
      const others = [...lists.ids.subarray(row * 10, row * 10 + 10)].filter((id) => id !== row);
      const list = [row, ...others].slice(0, 8);
      const cut = list.map((i) => list.map((j) => matrix[i]![j]!));
      const solution = referenceSolve(
        cut,
        list.map((_id, i) => (i === 0 ? 1 : 0)),
      );
      const line = new Array<number>(40).fill(0);
      for (const [i, id] of list.entries()) line[id] = solution[i]!;
      return line;
    });
    const options = { neighborCount: 6, truncation: 8, maxIterations: 100, tolerance: 1e-13 };
    const offline = prepareOfflineDiffusion(lists, lists, options);
    expectClose(denseRows(offline, 40), expected, 1e-6);
  });

  it("has the defaults of the original", () => {
    const standard = {
      truncation: 1000,
      neighborCount: 50,
      gamma: 3,
      alpha: 0.99,
      maxIterations: 20,
      tolerance: 1e-6,
    };
    const found = prepareOfflineDiffusion(large.graph, large.graph);
    expect(sameBits(found, prepareOfflineDiffusion(large.graph, large.graph, standard))).toBe(true);
    const few = { ...standard, neighborCount: 12 };
    const foundFew = prepareOfflineDiffusion(large.graph, large.graph, { neighborCount: 12 });
    expect(sameBits(foundFew, prepareOfflineDiffusion(large.graph, large.graph, few))).toBe(true);
    for (const other of [{ gamma: 2 }, { alpha: 0.9 }, { maxIterations: 19 }, { tolerance: 0.1 }]) {
      const changed = prepareOfflineDiffusion(large.graph, large.graph, { ...few, ...other });
      expect(sameBits(changed, foundFew)).toBe(false);
    }
    const fewer = prepareOfflineDiffusion(large.graph, large.graph, { ...standard, neighborCount: 49 });
    expect(sameBits(fewer, found)).toBe(false);
    // Of long lists, 1000 rows: 2 rows of 1000 entries and ids, and what one row's part of the graph takes.
    const long = { ids: new Int32Array(2200).fill(-1), scores: new Float32Array(2200), rows: 2, k: 1100 };
    expect(() => prepareOfflineDiffusion(neighborsFrom([[1], [0]]), long, { memoryLimit: 1e5 })).toThrow(
      new RangeError(
        "prepareOfflineDiffusion: expected to need at most `memoryLimit` = 100000 bytes, got 100008",
      ),
    );
  });

  it("keeps the largest numbers where asked to", () => {
    const all = denseRows(prepareOfflineDiffusion(large.graph, large.graph, largeOptions), 300);
    const few = prepareOfflineDiffusion(large.graph, large.graph, { ...largeOptions, entryCount: 7 });
    const kept = denseRows(few, 300);
    for (const [row, line] of all.entries()) {
      const least = [...line].sort((a, b) => b - a)[6]!;
      expect(kept[row]).toEqual(line.map((value) => (value >= least ? value : 0)));
    }
    expect(few.columns).toHaveLength(7 * 300);
  });

  it("takes lists without the row itself, duplicates and an empty graph", () => {
    const rows = unitRows([
      [1, 0],
      [1, 0],
      [0.8, 0.6],
    ]);
    const lists = search(rows, rows, 3);
    const offline = denseRows(prepareOfflineDiffusion(lists, lists), 3);
    expect(offline[0]![0]).toBeCloseTo(offline[1]![1]!, 4);
    expect(offline[0]![2]).toBeCloseTo(offline[1]![2]!, 4);
    const none = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 1 };
    expect([...prepareOfflineDiffusion(none, none).starts]).toEqual([0]);
  });

  it("refuses wrong options and lists of other rows", () => {
    const refused = (options: PrepareOfflineDiffusionOptions, message: string): void => {
      expect(() => prepareOfflineDiffusion(graph, graph, options)).toThrow(
        new RangeError(`prepareOfflineDiffusion: ${message}`),
      );
    };
    refused({ truncation: 0 }, "expected `truncation` to be a positive integer, got 0");
    refused({ entryCount: 0 }, "expected `entryCount` to be a positive integer, got 0");
    refused({ memoryLimit: 275 }, "expected to need at most `memoryLimit` = 275 bytes, got 276");
    expect(() => prepareOfflineDiffusion(graph, neighborsFrom([[1], [0]]))).toThrow(
      new RangeError("prepareOfflineDiffusion: expected `lists` to have 3 rows, got 2"),
    );
    expect(() => prepareOfflineDiffusion(graph, neighborsFrom([[1], [3], [0]]))).toThrow(
      new RangeError(
        "prepareOfflineDiffusion: expected `lists.ids` to be -1 or a row number below 3, got 3 in row 1",
      ),
    );
  });

  it("gives the same bits on any number of threads, and rejects with the signal's reason", async () => {
    const expected = prepareOfflineDiffusion(large.graph, large.graph, largeOptions);
    for (const threads of [0, 1, 2]) {
      const found = await prepareOfflineDiffusionAsync(large.graph, large.graph, {
        ...largeOptions,
        threads,
      });
      expect(sameBits(found, expected)).toBe(true);
    }
    const reason = new Error("enough");
    await expect(
      prepareOfflineDiffusionAsync(graph, graph, { threads: 1, signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });
});

describe("rerankByOfflineDiffusion", () => {
  const offline: OfflineDiffusion = {
    starts: Uint32Array.of(0, 2, 3, 5),
    columns: Int32Array.of(0, 1, 1, 2, 0),
    values: Float32Array.of(3, 4, 2, 1, 1),
  };

  it("weighs and sums the rows of the neighbors, as by hand", () => {
    const neighbors = { ids: Int32Array.of(2, 0, 1), scores: Float32Array.of(1, 0.5, 0.1), rows: 1, k: 3 };
    const found = rerankByOfflineDiffusion(neighbors, offline, { queryNeighborCount: 2, gamma: 1 });
    // 1 * (1, 0, 1) + 0.5 * (3, 4, 0)
    expect([...found.ids]).toEqual([0, 1, 2]);
    expect([...found.scores]).toEqual([2.5, 2, 1]);
  });

  it("compares the row of the query with those of the database, as by hand", () => {
    // The query's row (3, 4, 0) / 5 with (0, 1, 0) and (1, 0, 1) / sqrt(2).
    const neighbors = { ids: Int32Array.of(1, 0), scores: Float32Array.of(0.5, 0.1), rows: 1, k: 2 };
    const found = rerankByOfflineDiffusion(neighbors, offline, { scoring: "rows" });
    expect([...found.ids]).toEqual([0, 1]);
    expect(found.scores[0]).toBeCloseTo(0.8, 6);
    expect(found.scores[1]).toBeCloseTo(0.6 / Math.SQRT2, 6);
  });

  it("gives the scores of the original in both forms", () => {
    const pool = search(toyPool, toyPool, 15);
    const byRows = rerankByOfflineDiffusion(toy.neighbors, prepareOfflineDiffusion(pool, pool, toyOptions), {
      scoring: "rows",
    });
    expectClose(scoresByRow(byRows, 12), diffusionFyang93.searchScores, 1e-6);
    const gallery = prepareOfflineDiffusion(toy.graph, toy.graph, toyOptions);
    const byNeighbors = rerankByOfflineDiffusion(toy.neighbors, gallery, { queryNeighborCount: 3 });
    expectClose(scoresByRow(byNeighbors, 12), diffusionFyang93.searchOld_kq3, 1e-5);
  });

  it("gives the scores of the original where 20 steps do not converge", () => {
    const pool = search(largePool, largePool, largeOptions.truncation);
    const poolOffline = prepareOfflineDiffusion(pool, pool, largeOptions);
    const byRows = rerankByOfflineDiffusion(large.neighbors, poolOffline, { scoring: "rows" });
    expectClose(scoresByRow(byRows, 300), golden.search, 3e-6);
    const gallery = prepareOfflineDiffusion(large.graph, large.graph, largeOptions);
    const found = rerankByOfflineDiffusion(large.neighbors, gallery);
    expectClose(scoresByRow(found, 300), golden.searchOld, 3e-6);
    const standard = { scoring: "neighbors", queryNeighborCount: 10, gamma: 3, k: 300 } as const;
    expect(found).toEqual(rerankByOfflineDiffusion(large.neighbors, gallery, standard));
  });

  it("keeps rows that are not reached in the first order, or drops them", () => {
    const alone = prepareOfflineDiffusion(
      neighborsFrom([[-1], [-1], [-1]]),
      neighborsFrom([[-1], [-1], [-1]]),
    );
    const neighbors = { ids: Int32Array.of(2, 1, 0), scores: Float32Array.of(0.9, 0.8, 0.7), rows: 1, k: 3 };
    const options = { queryNeighborCount: 1, k: 4 };
    expect([...rerankByOfflineDiffusion(neighbors, alone, options).ids]).toEqual([2, 1, 0, -1]);
    expect([...rerankByOfflineDiffusion(neighbors, alone, { ...options, unreached: "drop" }).ids]).toEqual([
      2, -1, -1, -1,
    ]);
  });

  it("keeps the sign of negative similarities where asked to", () => {
    const neighbors = { ids: Int32Array.of(1, 2), scores: Float32Array.of(0.5, -0.5), rows: 1, k: 2 };
    const options = { gamma: 1, k: 3 };
    expect([...rerankByOfflineDiffusion(neighbors, offline, options).ids]).toEqual([1, 2, -1]);
    const kept = rerankByOfflineDiffusion(neighbors, offline, { ...options, negatives: "keep" });
    expect([...kept.ids]).toEqual([1, 0, 2]);
    expect([...kept.scores]).toEqual([1, -0.5, -0.5]);
  });

  it("takes no queries", () => {
    const none = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 2 };
    for (const scoring of ["neighbors", "rows"] as const) {
      expect(rerankByOfflineDiffusion(none, offline, { scoring }).ids).toHaveLength(0);
    }
  });

  it("refuses what does not fit", () => {
    const neighbors = { ids: Int32Array.of(1), scores: Float32Array.of(0.5), rows: 1, k: 1 };
    const refused = (
      change: Partial<OfflineDiffusion>,
      options: RerankByOfflineDiffusionOptions,
      message: string,
    ): void => {
      expect(() => rerankByOfflineDiffusion(neighbors, { ...offline, ...change }, options)).toThrow(
        new RangeError(`rerankByOfflineDiffusion: ${message}`),
      );
    };
    refused({}, { scoring: "row" as "rows" }, 'expected `scoring` to be "neighbors" or "rows", got "row"');
    refused(
      { values: new Float32Array(4) },
      {},
      "expected `offline` to have 4 starts from 0 to 5 and 5 values, got 4 starts from 0 to 5 and 4 values",
    );
    refused({}, { memoryLimit: 38 }, "expected to need at most `memoryLimit` = 38 bytes, got 39");
    refused(
      { starts: Uint32Array.of(0), columns: new Int32Array(0), values: new Float32Array(0) },
      { scoring: "rows" },
      "expected `offline` to hold the 1 queries and the database, got 0 rows",
    );
  });

  it("gives the same bits on any number of threads, and rejects with the signal's reason", async () => {
    const pool = search(largePool, largePool, largeOptions.truncation);
    const poolOffline = prepareOfflineDiffusion(pool, pool, largeOptions);
    const gallery = prepareOfflineDiffusion(large.graph, large.graph, largeOptions);
    for (const scoring of ["neighbors", "rows"] as const) {
      const rows = scoring === "rows" ? poolOffline : gallery;
      const expected = rerankByOfflineDiffusion(large.neighbors, rows, { scoring });
      for (const threads of [0, 1, 2]) {
        const found = await rerankByOfflineDiffusionAsync(large.neighbors, rows, { scoring, threads });
        expect(sameBits(found, expected)).toBe(true);
      }
    }
    const reason = new Error("enough");
    await expect(
      rerankByOfflineDiffusionAsync(large.neighbors, gallery, {
        threads: 1,
        signal: AbortSignal.abort(reason),
      }),
    ).rejects.toBe(reason);
  });
});
