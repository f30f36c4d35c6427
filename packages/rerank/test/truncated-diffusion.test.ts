import {
  diffusionMatrix,
  rerankByDiffusion,
  rerankByTruncatedDiffusion,
  rerankByTruncatedDiffusionAsync,
} from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import {
  expectClose,
  largeCase,
  normalized,
  originals,
  randomCase,
  referenceMatrix,
  referenceSolve,
  referenceStarts,
  scoresByRow,
  sliceRows,
  toyCase,
} from "./diffusion-fixtures.ts";

describe("rerankByTruncatedDiffusion", () => {
  it("cuts, normalises what is left, and solves, as by hand", () => {
    // A chain 0 - 1 - 2 of weight 1; the list of two rows leaves 0 - 1, whose degrees become 1.
    const graph = {
      ids: Int32Array.of(1, -1, 0, 2, 1, -1),
      scores: Float32Array.of(1, 0, 1, 1, 1, 0),
      rows: 3,
      k: 2,
    };
    const neighbors = { ids: Int32Array.of(0, 1, 2), scores: Float32Array.of(1, 0, 0), rows: 1, k: 3 };
    const found = rerankByTruncatedDiffusion(neighbors, graph, { truncation: 2, alpha: 0.5 });
    expect([...found.ids]).toEqual([0, 1, 2]);
    for (const [rank, score] of [4 / 3, 2 / 3, 0].entries()) expect(found.scores[rank]).toBeCloseTo(score, 6);
    expect([...found.iterations]).toEqual([2]);
  });

  it("is diffusion on the whole graph where lists hold all rows", () => {
    const { neighbors, graph } = largeCase();
    const options = { neighborCount: 12 };
    const whole = scoresByRow(rerankByDiffusion(neighbors, graph, options), 300);
    // Sums are in another order, and 20 steps do not converge.
    expectClose(scoresByRow(rerankByTruncatedDiffusion(neighbors, graph, options), 300), whole, 1e-6);
    const toy = toyCase();
    const found = rerankByTruncatedDiffusion(toy.neighbors, toy.graph, {
      neighborCount: 5,
      queryNeighborCount: 3,
      tolerance: 1e-10,
    });
    expectClose(scoresByRow(found, 12), originals.diffusionFullGraph.f, 1e-5);
  });

  it("agrees with elimination on the cut, dense matrix", () => {
    const { neighbors, graph } = randomCase(11, 5, 40);
    const matrix = diffusionMatrix(graph, { neighborCount: 7 });
    const dense = referenceMatrix(graph, 7);
    const affinity = dense.map((row, i) =>
      row.map((value, j) => value * Math.sqrt(matrix.degrees[i]! * matrix.degrees[j]!)),
    );
    const starts = referenceStarts(neighbors, 40, 4);
    const expected = starts.map((right, query) => {
      const list = [...neighbors.ids.subarray(query * 40, query * 40 + 15)];
      const cut = normalized(list.map((i) => list.map((j) => affinity[i]![j]!)));
      const solution = referenceSolve(
        cut,
        list.map((id) => right[id]!),
      );
      const line = new Array<number>(40).fill(0);
      for (const [place, id] of list.entries()) line[id] = solution[place]!;
      return line;
    });
    const options = { truncation: 15, queryNeighborCount: 4, maxIterations: 300, tolerance: 1e-13 };
    const found = scoresByRow(rerankByTruncatedDiffusion(neighbors, matrix, options), 40);
    expectClose(found, expected, 1e-6);
    // Another cut is another graph.
    const other = rerankByTruncatedDiffusion(neighbors, matrix, { ...options, truncation: 16 });
    expect(scoresByRow(other, 40)).not.toEqual(found);
  });

  it("cuts to 10,000 rows unless told otherwise", () => {
    const rows = 10_001;
    // Rows 0 and 10,000 are tied to one another, and no others.
    const graph = {
      ids: new Int32Array(rows).fill(-1).fill(10_000, 0, 1).fill(0, 10_000),
      scores: new Float32Array(rows).fill(-Infinity).fill(0.9, 0, 1).fill(0.9, 10_000),
      rows,
      k: 1,
    };
    const neighbors = {
      ids: Int32Array.from({ length: rows }, (_, row) => row),
      scores: Float32Array.from({ length: rows }, (_, row) => 1 - row / rows),
      rows: 1,
      k: rows,
    };
    const options = { queryNeighborCount: 1 };
    const found = rerankByTruncatedDiffusion(neighbors, graph, options);
    expect(found).toEqual(rerankByTruncatedDiffusion(neighbors, graph, { ...options, truncation: 10_000 }));
    expect([...found.ids.subarray(0, 2)]).toEqual([0, 1]);
    const whole = rerankByTruncatedDiffusion(neighbors, graph, { ...options, truncation: rows });
    expect([...whole.ids.subarray(0, 2)]).toEqual([0, 10_000]);
  });

  it("cuts to whole lists that are shorter, and starts only within the cut", () => {
    const { neighbors, graph } = randomCase(12, 4, 30);
    expect(rerankByTruncatedDiffusion(neighbors, graph)).toEqual(
      rerankByTruncatedDiffusion(neighbors, graph, { truncation: 30 }),
    );
    const short = rerankByTruncatedDiffusion(neighbors, graph, { truncation: 3, queryNeighborCount: 10 });
    expect([...short.scores].filter((score) => score > 0)).toHaveLength(4 * 3);
  });

  it("gives each query the same bits in any company", () => {
    const { neighbors, graph } = randomCase(13, 6, 30);
    const all = rerankByTruncatedDiffusion(neighbors, graph, { truncation: 12 });
    const part = rerankByTruncatedDiffusion(sliceRows(neighbors, 2, 4), graph, { truncation: 12 });
    expect(part.scores).toEqual(all.scores.slice(60, 120));
    expect(part.ids).toEqual(all.ids.slice(60, 120));
  });

  it("keeps the best iterate where asked to", () => {
    const { neighbors, graph } = largeCase();
    const options = { neighborCount: 12, maxIterations: 5 };
    const last = rerankByTruncatedDiffusion(neighbors, graph, options);
    const best = rerankByTruncatedDiffusion(neighbors, graph, { ...options, iterate: "smallest-residual" });
    expect(Math.max(...last.residuals)).toBeGreaterThan(1);
    expect(Math.max(...best.residuals)).toBeLessThanOrEqual(1);
  });

  it("refuses a truncation that is no count, and too little memory", () => {
    const { neighbors, graph } = toyCase();
    expect(() => rerankByTruncatedDiffusion(neighbors, graph, { truncation: 0 })).toThrow(
      new RangeError("rerankByTruncatedDiffusion: expected `truncation` to be a positive integer, got 0"),
    );
    const matrix = diffusionMatrix(graph, { neighborCount: 2 });
    // 12 places, vectors of 12, and 12 rows with one neighbor each.
    expect(() => rerankByTruncatedDiffusion(neighbors, matrix, { memoryLimit: 767 })).toThrow(
      new RangeError(
        "rerankByTruncatedDiffusion: expected to need at most `memoryLimit` = 767 bytes, got 768",
      ),
    );
  });

  it("gives the same bits on any number of threads, and rejects with the signal's reason", async () => {
    const { neighbors, graph } = randomCase(14, 20, 40);
    const expected = rerankByTruncatedDiffusion(neighbors, graph, { truncation: 20 });
    for (const threads of [0, 1, 2]) {
      const found = await rerankByTruncatedDiffusionAsync(neighbors, graph, { truncation: 20, threads });
      expect(found).toEqual(expected);
    }
    const reason = new Error("enough");
    await expect(
      rerankByTruncatedDiffusionAsync(neighbors, graph, { threads: 1, signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });
});
