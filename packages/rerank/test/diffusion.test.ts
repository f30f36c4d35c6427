import {
  type DiffusionMatrix,
  diffusionMatrix,
  type Neighbors,
  type RerankByDiffusionOptions,
  rerankByDiffusion,
  rerankByDiffusionAsync,
} from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import {
  caseOf,
  denseRows,
  expectClose,
  golden,
  largeCase,
  originals,
  randomCase,
  referenceMatrix,
  referenceSolve,
  referenceStarts,
  scoresByRow,
  sliceRows,
  stack,
  toyCase,
} from "./diffusion-fixtures.ts";
import { neighborsFrom, search, unitRows } from "./fixtures.ts";

const large = largeCase();
const largeMatrix = diffusionMatrix(large.graph, { neighborCount: golden.setting.neighborCount });

/** Two rows that are neighbors of similarity 0.5. */
const pair: Neighbors = {
  ids: Int32Array.of(1, 0),
  scores: Float32Array.of(0.5, 0.5),
  rows: 2,
  k: 1,
};

describe("diffusionMatrix", () => {
  it("normalises the mutual graph, as counted by hand", () => {
    // 0 - 1 with (0.5 + 0.7) / 2, 1 - 2 with 0.5; row 2 lists 0, which does not list it.
    const graph = {
      ids: Int32Array.of(1, -1, 0, 2, 1, 0),
      scores: Float32Array.of(0.5, -Infinity, 0.75, 0.5, 0.5, 0.25),
      rows: 3,
      k: 2,
    };
    const { starts, columns, values, degrees } = diffusionMatrix(graph, { gamma: 1 });
    expect([...starts]).toEqual([0, 1, 3, 4]);
    expect([...columns]).toEqual([1, 0, 2, 1]);
    for (const [row, degree] of [0.625, 1.125, 0.5].entries()) expect(degrees[row]).toBeCloseTo(degree, 11);
    expect(values[0]).toBeCloseTo(0.625 / Math.sqrt(0.625 * 1.125), 10);
    expect(values[1]).toBe(values[0]);
    expect(values[2]).toBeCloseTo(0.5 / Math.sqrt(1.125 * 0.5), 10);
    expect(values[3]).toBe(values[2]);
  });

  it("gives the matrices of the original, which computes in single precision", () => {
    const { diffusionFyang93 } = originals;
    const pool = stack(toyCase().queries, toyCase().database);
    const matrix = diffusionMatrix(search(pool, pool, 15), { neighborCount: diffusionFyang93.kd });
    const dense = denseRows(matrix, 15);
    const laplacian = dense.map((row, i) => row.map((value, j) => (i === j ? 1 : 0) - 0.99 * value));
    expectClose(laplacian, diffusionFyang93.laplacian, 1e-6);
    const affinity = dense.map((row, i) =>
      row.map((value, j) => value * Math.sqrt(matrix.degrees[i]! * matrix.degrees[j]!)),
    );
    expectClose(affinity, diffusionFyang93.affinity, 1e-6);
  });

  it("agrees with the formulas done densely, and is symmetric to the bit", () => {
    const { graph } = randomCase(1, 1, 60);
    for (const neighborCount of [1, 2, 7, 50]) {
      const dense = denseRows(diffusionMatrix(graph, { neighborCount, gamma: 2.5 }), 60);
      expectClose(dense, referenceMatrix(graph, neighborCount, 2.5), 1e-12);
      expect(dense.map((_, i) => dense.map((row) => row[i]))).toEqual(dense);
    }
  });

  it("has the paper's defaults: 50 neighbors, the row itself counted, and gamma 3", () => {
    const { graph } = caseOf(randomCase(2, 1, 120).queries, randomCase(2, 1, 120).database, 60, 60);
    expect(diffusionMatrix(graph)).toEqual(diffusionMatrix(graph, { neighborCount: 50, gamma: 3 }));
    expect(diffusionMatrix(graph)).not.toEqual(diffusionMatrix(graph, { neighborCount: 49, gamma: 3 }));
  });

  it("drops a row from its own list by id, wherever it stands, and negative similarities", () => {
    const withSelf = {
      ids: Int32Array.of(1, 0, 2, 0, 2, 1, 1, 2, 0),
      scores: Float32Array.of(1, 1, -0.5, 1, 0.25, 1, 0.25, 1, -0.5),
      rows: 3,
      k: 3,
    };
    expect([...diffusionMatrix(withSelf).columns]).toEqual([1, 0, 2, 1]);
  });

  it("takes the first entry for the row itself where asked to, as fyang93/diffusion does", () => {
    // Rows 0 and 1 are duplicates, and both lists begin with 0: row 1 keeps itself and loses its duplicate.
    const graph = {
      ids: Int32Array.of(0, 1, 0, 1, 2, 0),
      scores: Float32Array.of(1, 1, 1, 1, 1, 0.5),
      rows: 3,
      k: 2,
    };
    const { degrees, ...matrix } = diffusionMatrix(graph, { compat: "fyang93" });
    const affinity = denseRows(matrix, 3).map((row, i) =>
      row.map((value, j) => value * Math.sqrt(degrees[i]! * degrees[j]!)),
    );
    expectClose(
      affinity,
      [
        [0, 1, 0],
        [0, 1, 0],
        [0, 0, 0],
      ],
      1e-9,
    );
    expectClose(
      denseRows(diffusionMatrix(large.graph, { compat: "fyang93" }), 300),
      denseRows(diffusionMatrix(large.graph), 300),
      1e-6,
    );
  });

  it("refuses what is no graph", () => {
    const refused = (graph: Partial<Neighbors>, message: string): void => {
      expect(() => diffusionMatrix({ ...pair, ...graph })).toThrow(
        new RangeError(`diffusionMatrix: ${message}`),
      );
    };
    refused({ k: 0 }, "expected `graph.k` to be a positive integer, got 0");
    refused({ rows: -1 }, "expected `graph.rows` to be a count, got -1");
    refused({ rows: 3 }, "expected `graph` to hold 3 x 1 = 3 ids and scores, got 2 and 2");
    refused(
      { ids: Int32Array.of(1, 2) },
      "expected `graph.ids` to be -1 or a row number below 2, got 2 in row 1",
    );
    refused(
      { scores: Float32Array.of(0.5, Number.NaN) },
      "expected `graph.scores` to be finite, got NaN in row 1",
    );
    refused(
      { ids: Int32Array.of(1, 1), scores: Float32Array.of(1, 1), rows: 1, k: 2 },
      "expected `graph.ids` to be -1 or a row number below 1, got 1 in row 0",
    );
    refused(
      { ids: Int32Array.of(1, 1, 0, -1), scores: Float32Array.of(1, 1, 1, 0), k: 2 },
      "expected `graph.ids` to differ within a row, got 1 twice in row 0",
    );
    expect(() => diffusionMatrix(pair, { gamma: -1 })).toThrow(
      new RangeError("diffusionMatrix: expected `gamma` to be finite and at least 0, got -1"),
    );
    expect(() => diffusionMatrix(pair, { neighborCount: 0 })).toThrow(
      new RangeError("diffusionMatrix: expected `neighborCount` to be a positive integer, got 0"),
    );
    expect(() => diffusionMatrix(pair, { compat: "matlab" as "paper" })).toThrow(
      new RangeError('diffusionMatrix: expected `compat` to be "paper" or "fyang93", got "matlab"'),
    );
    expect(() => diffusionMatrix(pair, { memoryLimit: 183 })).toThrow(
      new RangeError("diffusionMatrix: expected to need at most `memoryLimit` = 183 bytes, got 184"),
    );
  });
});

describe("rerankByDiffusion", () => {
  it("solves two rows as by hand", () => {
    // (1, -0.5; -0.5, 1) has the inverse (4/3, 2/3; 2/3, 4/3); y = (0.5 ^ 3, 0).
    const neighbors = { ids: Int32Array.of(0), scores: Float32Array.of(0.5), rows: 1, k: 1 };
    const found = rerankByDiffusion(neighbors, pair, { alpha: 0.5, k: 3 });
    expect([...found.ids]).toEqual([0, 1, -1]);
    expect([...found.scores]).toEqual([Math.fround(1 / 6), Math.fround(1 / 12), -Infinity]);
    expect([...found.iterations]).toEqual([2]);
    expect(found.residuals[0]).toBeLessThan(1e-12);
  });

  it("gives the solutions of the originals, of which the matrix is in single precision", () => {
    const { neighbors, graph } = toyCase();
    const options = { neighborCount: 5, queryNeighborCount: 3 };
    // The condition number of about 100 makes 1e-5 of 1e-7.
    const solved = rerankByDiffusion(neighbors, graph, { ...options, tolerance: 1e-10 });
    expectClose(scoresByRow(solved, 12), originals.diffusionFullGraph.f, 1e-5);
    const { dfsJifeiluo } = originals;
    expectClose(scoresByRow(rerankByDiffusion(neighbors, graph, options), 12), dfsJifeiluo["k=5,kq=3"], 1e-5);
  });

  it("stops where scipy does: after so many steps, or at the tolerance", () => {
    for (const maxIterations of [5, 20, 1000] as const) {
      const found = rerankByDiffusion(large.neighbors, largeMatrix, { maxIterations });
      expectClose(scoresByRow(found, 300), golden.full[`${maxIterations}`], 3e-6);
    }
    const { residuals } = rerankByDiffusion(large.neighbors, largeMatrix, { maxIterations: 20 });
    for (const residual of residuals) expect(residual).toBeGreaterThan(0.01);
    const converged = rerankByDiffusion(large.neighbors, largeMatrix, { maxIterations: 1000 });
    for (const residual of converged.residuals) expect(residual).toBeLessThan(1e-6);
    for (const count of converged.iterations) expect(count).toBeLessThan(100);
  });

  it("agrees with elimination on a dense matrix", () => {
    const { neighbors, graph } = randomCase(3, 11, 40);
    const matrix = referenceMatrix(graph, 6, 2);
    const expected = referenceStarts(neighbors, 40, 7, 2).map((right) => referenceSolve(matrix, right, 0.9));
    const options = { alpha: 0.9, gamma: 2, neighborCount: 6, queryNeighborCount: 7 };
    const found = rerankByDiffusion(neighbors, graph, { ...options, maxIterations: 500, tolerance: 1e-13 });
    expectClose(scoresByRow(found, 40), expected, 1e-6);
  });

  it("has the paper's defaults", () => {
    const { graph } = large;
    const neighbors = search(large.queries, large.database, 60);
    const standard: Required<Omit<RerankByDiffusionOptions, "memoryLimit">> = {
      alpha: 0.99,
      gamma: 3,
      queryNeighborCount: 10,
      neighborCount: 50,
      maxIterations: 20,
      tolerance: 1e-6,
      iterate: "last",
      negatives: "zero",
      unreached: "keep",
      k: 60,
    };
    const found = rerankByDiffusion(neighbors, graph);
    expect(found).toEqual(rerankByDiffusion(neighbors, graph, standard));
    const others: readonly Partial<typeof standard>[] = [
      { alpha: 0.98 },
      { gamma: 2 },
      { queryNeighborCount: 9 },
      { neighborCount: 49 },
      { maxIterations: 19 },
      { k: 59 },
    ];
    for (const other of others) {
      expect(rerankByDiffusion(neighbors, graph, { ...standard, ...other })).not.toEqual(found);
    }
  });

  it("gives each query the same bits in any company", () => {
    const { neighbors, graph } = randomCase(5, 19, 50);
    const all = rerankByDiffusion(neighbors, graph, { neighborCount: 5 });
    for (const [first, end] of [
      [0, 1],
      [3, 5],
      [7, 19],
    ] as const) {
      const part = rerankByDiffusion(sliceRows(neighbors, first, end), graph, { neighborCount: 5 });
      expect({ ids: part.ids, scores: part.scores }).toEqual({
        ids: all.ids.slice(first * 50, end * 50),
        scores: all.scores.slice(first * 50, end * 50),
      });
      expect(part.iterations).toEqual(all.iterations.slice(first, end));
      expect(part.residuals).toEqual(all.residuals.slice(first, end));
    }
  });

  it("is never negative, and linear in the start", () => {
    const options = { neighborCount: 6, gamma: 1, maxIterations: 500, tolerance: 1e-12 };
    const { neighbors, graph } = randomCase(6, 8, 60);
    const found = rerankByDiffusion(neighbors, graph, options);
    expect(Math.min(...found.scores)).toBeGreaterThanOrEqual(0);
    const half = { ...neighbors, scores: neighbors.scores.map((score) => score / 2) };
    const scaled = rerankByDiffusion(half, graph, options);
    expectClose(
      scoresByRow(scaled, 60).map((row) => row.map((score) => 2 * score)),
      scoresByRow(found, 60),
      1e-6,
    );
  });

  it("follows a renumbering of the database", () => {
    const { queries, database } = randomCase(7, 4, 30);
    const renumbered = (id: number): number => (id * 7 + 3) % 30;
    const moved = { ...database, data: new Float32Array(database.data.length) };
    for (let row = 0; row < 30; row++) {
      moved.data.set(database.data.subarray(row * 6, row * 6 + 6), renumbered(row) * 6);
    }
    const before = caseOf(queries, database, 30, 30);
    const after = caseOf(queries, moved, 30, 30);
    const options = { neighborCount: 6 };
    const found = scoresByRow(rerankByDiffusion(before.neighbors, before.graph, options), 30);
    const again = scoresByRow(rerankByDiffusion(after.neighbors, after.graph, options), 30);
    // Sums are in another order.
    expectClose(
      found.map((_, query) => found[query]!.map((_score, row) => again[query]![renumbered(row)]!)),
      found,
      1e-6,
    );
  });

  it("scores duplicates alike, and leaves rows without neighbors as they were", () => {
    const database = unitRows([
      [1, 0, 0],
      [1, 0, 0],
      [0.9, 0.1, 0],
      [0, 0, 1],
    ]);
    const { neighbors, graph } = caseOf(unitRows([[1, 0.2, 0.5]]), database, 4, 3);
    const options = { maxIterations: 100, tolerance: 1e-12, neighborCount: 3 };
    const [scores] = scoresByRow(rerankByDiffusion(neighbors, graph, options), 4);
    expect(scores![0]).toBe(scores![1]);
    const cosine = neighbors.scores[neighbors.ids.indexOf(3)]!;
    expect(scores![3]).toBeCloseTo(cosine ** 3, 7);
  });

  it("finds rows that the first search did not list; others follow in its order, or not at all", () => {
    // 0 - 1 hang together; 2 and 3 are alone.
    const graph = neighborsFrom([[1], [0], [-1], [-1]]);
    const neighbors = { ids: Int32Array.of(0, 3, 2), scores: Float32Array.of(0.9, 0.8, 0.7), rows: 1, k: 3 };
    const options = { queryNeighborCount: 1, k: 5 };
    expect([...rerankByDiffusion(neighbors, graph, options).ids]).toEqual([0, 1, 3, 2, -1]);
    expect([...rerankByDiffusion(neighbors, graph, options).scores.slice(2)]).toEqual([0, 0, -Infinity]);
    const dropped = rerankByDiffusion(neighbors, graph, { ...options, unreached: "drop" });
    expect([...dropped.ids]).toEqual([0, 1, -1, -1, -1]);
  });

  it("counts negative similarities of a query as 0, or keeps them", () => {
    const graph = neighborsFrom([[-1], [-1], [-1]]);
    const neighbors = { ids: Int32Array.of(0, 2, 1), scores: Float32Array.of(0.5, 0, -0.5), rows: 1, k: 3 };
    const zero = rerankByDiffusion(neighbors, graph);
    expect([...zero.ids]).toEqual([0, 2, 1]);
    expect([...zero.scores]).toEqual([0.125, 0, 0]);
    const kept = rerankByDiffusion(neighbors, graph, { negatives: "keep" });
    expect([...kept.ids]).toEqual([0, 2, 1]);
    expect([...kept.scores]).toEqual([0.125, 0, -0.125]);
  });

  it("takes the iterate with the smallest residual where asked to, as MATLAB does", () => {
    const errors = (iterate: "last" | "smallest-residual", maxIterations: number): readonly number[] => [
      ...rerankByDiffusion(large.neighbors, largeMatrix, { iterate, maxIterations }).residuals,
    ];
    for (const steps of [1, 5, 20]) {
      const byStep = Array.from({ length: steps }, (_, i) => errors("last", i + 1));
      const best = errors("smallest-residual", steps);
      for (const [query, residual] of best.entries()) {
        expect(residual).toBe(Math.min(1, ...byStep.map((step) => step[query]!)));
      }
    }
    // With one step the residual of query 5 grows, so that it is the start that is kept: 0.
    const first = rerankByDiffusion(large.neighbors, largeMatrix, {
      iterate: "smallest-residual",
      maxIterations: 5,
    });
    const grown = errors("last", 5).findIndex((residual) => residual > 1);
    expect(grown).toBe(5);
    expect(first.residuals[grown]).toBeLessThanOrEqual(1);
  });

  it("takes lists longer than the database, no queries, and an empty database", () => {
    const wide = rerankByDiffusion(
      search(unitRows([[1, 0]]), unitRows([[1, 0]]), 4),
      search(unitRows([[1, 0]]), unitRows([[1, 0]]), 3),
    );
    expect([...wide.ids]).toEqual([0, -1, -1, -1]);
    const none = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 4 };
    expect(rerankByDiffusion(none, pair).ids).toHaveLength(0);
    const lists = { ids: Int32Array.of(-1), scores: Float32Array.of(-Infinity), rows: 1, k: 1 };
    expect([...rerankByDiffusion(lists, none).ids]).toEqual([-1]);
  });

  it("leaves its arguments as they were", () => {
    const { neighbors, graph } = toyCase();
    const before = [...neighbors.scores, ...neighbors.ids, ...graph.scores, ...graph.ids];
    rerankByDiffusion(neighbors, graph);
    expect([...neighbors.scores, ...neighbors.ids, ...graph.scores, ...graph.ids]).toEqual(before);
  });

  it("refuses wrong options and wrong lists", () => {
    const neighbors = { ids: Int32Array.of(0), scores: Float32Array.of(0.5), rows: 1, k: 1 };
    const refused = (options: RerankByDiffusionOptions, message: string): void => {
      expect(() => rerankByDiffusion(neighbors, pair, options)).toThrow(
        new RangeError(`rerankByDiffusion: ${message}`),
      );
    };
    refused({ alpha: 1 }, "expected `alpha` to be from 0 to below 1, got 1");
    refused({ gamma: Number.NaN }, "expected `gamma` to be finite and at least 0, got NaN");
    refused({ queryNeighborCount: 0 }, "expected `queryNeighborCount` to be a positive integer, got 0");
    refused({ neighborCount: 1.5 }, "expected `neighborCount` to be a positive integer, got 1.5");
    refused({ maxIterations: 0 }, "expected `maxIterations` to be a positive integer, got 0");
    refused({ tolerance: -1 }, "expected `tolerance` to be finite and at least 0, got -1");
    refused({ k: 0 }, "expected `k` to be a positive integer, got 0");
    refused(
      { iterate: "best" as "last" },
      'expected `iterate` to be "last" or "smallest-residual", got "best"',
    );
    refused({ unreached: "no" as "keep" }, 'expected `unreached` to be "keep" or "drop", got "no"');
    refused({ negatives: "no" as "keep" }, 'expected `negatives` to be "zero" or "keep", got "no"');
    refused(
      { negatives: "keep", gamma: 2.5 },
      "expected `gamma` to be whole where negatives are kept, got 2.5",
    );
    refused({ memoryLimit: 300 }, "expected to need at most `memoryLimit` = 300 bytes, got 544");
    expect(() => rerankByDiffusion({ ...neighbors, ids: Int32Array.of(2) }, pair)).toThrow(
      new RangeError(
        "rerankByDiffusion: expected `neighbors.ids` to be -1 or a row number below 2, got 2 in row 0",
      ),
    );
  });

  it("refuses what is no matrix", () => {
    const neighbors = { ids: Int32Array.of(0), scores: Float32Array.of(0.5), rows: 1, k: 1 };
    const refused = (change: Partial<DiffusionMatrix>, message: string): void => {
      expect(() => rerankByDiffusion(neighbors, { ...diffusionMatrix(pair), ...change })).toThrow(
        new RangeError(`rerankByDiffusion: ${message}`),
      );
    };
    refused(
      { starts: Uint32Array.of(0, 1) },
      "expected `matrix` to have 3 starts from 0 to 2 and 2 values, got 2 starts from 0 to 1 and 2 values",
    );
    refused({ starts: Uint32Array.of(0, 3, 2) }, "expected `matrix.starts` to ascend, got 2 behind 3");
    refused({ columns: Int32Array.of(1, 2) }, "expected `matrix.columns` to be row numbers below 2, got 2");
    refused({ values: Float64Array.of(1, Number.NaN) }, "expected `matrix.values` to be finite, got NaN");
  });
});

describe("rerankByDiffusionAsync", () => {
  it("gives the same bits on any number of threads", async () => {
    const { neighbors, graph } = randomCase(8, 30, 40);
    const expected = rerankByDiffusion(neighbors, graph, { neighborCount: 5 });
    for (const threads of [0, 1, 2]) {
      expect(await rerankByDiffusionAsync(neighbors, graph, { neighborCount: 5, threads })).toEqual(expected);
    }
  });

  it("rejects on wrong arguments and with the signal's reason", async () => {
    const neighbors = { ids: Int32Array.of(0), scores: Float32Array.of(0.5), rows: 1, k: 1 };
    await expect(rerankByDiffusionAsync(neighbors, pair, { alpha: 2 })).rejects.toEqual(
      new RangeError("rerankByDiffusionAsync: expected `alpha` to be from 0 to below 1, got 2"),
    );
    const reason = new Error("enough");
    for (const threads of [0, 1]) {
      await expect(
        rerankByDiffusionAsync(neighbors, pair, { threads, signal: AbortSignal.abort(reason) }),
      ).rejects.toBe(reason);
    }
  });
});
