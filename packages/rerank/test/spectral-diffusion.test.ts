import {
  diffusionMatrix,
  diffusionSpectrum,
  diffusionSpectrumAsync,
  type RerankBySpectralDiffusionOptions,
  rerankByDiffusion,
  rerankBySpectralDiffusion,
  rerankBySpectralDiffusionAsync,
} from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import {
  denseRows,
  expectClose,
  largeCase,
  originals,
  randomCase,
  sameBits,
  scoresByRow,
  toyCase,
} from "./diffusion-fixtures.ts";
import { neighborsFrom } from "./fixtures.ts";

const large = largeCase();
const matrix = diffusionMatrix(large.graph, { neighborCount: 12 });

/** Eigenpairs as rows of the database's length. */
function eigenpairs(rank: number): { value: number; vector: number[] }[] {
  const { components, pairStarts, eigenvalues, eigenvectors } = diffusionSpectrum(matrix, { rank });
  const pairs: { value: number; vector: number[] }[] = [];
  let at = 0;
  for (let c = 0; c + 1 < components.starts.length; c++) {
    const members = components.members.subarray(components.starts[c]!, components.starts[c + 1]!);
    for (let pair = pairStarts[c]!; pair < pairStarts[c + 1]!; pair++) {
      const vector = new Array<number>(300).fill(0);
      for (const [i, id] of members.entries()) vector[id] = eigenvectors[at + i]!;
      at += members.length;
      pairs.push({ value: eigenvalues[pair]!, vector });
    }
  }
  expect(at).toBe(eigenvectors.length);
  return pairs;
}

const allPairs = eigenpairs(300);

describe("diffusionSpectrum", () => {
  it("decomposes the matrix where the rank is full", () => {
    const pairs = allPairs;
    expect(pairs).toHaveLength(300);
    const rebuilt = Array.from({ length: 300 }, () => new Array<number>(300).fill(0));
    for (const { value, vector } of pairs) {
      for (let i = 0; i < 300; i++) {
        for (let j = 0; j < 300; j++) rebuilt[i]![j]! += value * vector[i]! * vector[j]!;
      }
    }
    const dense = denseRows(matrix, 300);
    const worst = Math.max(
      ...rebuilt.map((row, i) => Math.max(...row.map((v, j) => Math.abs(v - dense[i]![j]!)))),
    );
    expect(worst).toBeLessThan(1e-12);
  });

  it("finds the largest eigenvalues of each component, the first of which is 1", () => {
    const dense = denseRows(matrix, 300);
    const all = allPairs;
    const few = eigenpairs(10);
    const sizes = diffusionSpectrum(matrix, { rank: 10 }).pairStarts;
    expect(few).toHaveLength(sizes.at(-1)!);
    const found = few.map(({ value }) => value);
    const largest = all.map(({ value }) => value).sort((a, b) => b - a);
    expect(Math.max(...found)).toBeCloseTo(1, 9);
    for (const [i, value] of [...found]
      .sort((a, b) => b - a)
      .slice(0, 5)
      .entries()) {
      expect(value).toBeCloseTo(largest[i]!, 6);
    }
    const best = [...few].sort((a, b) => b.value - a.value).slice(0, 5);
    for (const { value, vector } of best) {
      const image = dense.map((row) => row.reduce((sum, entry, j) => sum + entry * vector[j]!, 0));
      const error = Math.hypot(...image.map((entry, i) => entry - value * vector[i]!));
      expect(error).toBeLessThan(1e-6);
    }
  });

  it("finds repeated eigenvalues: those of a complete graph of equal weights", () => {
    // I - alpha S of 5 rows, all alike: 1, and four times -1/4.
    const lists = [0, 1, 2, 3, 4].map((row) => [0, 1, 2, 3, 4].filter((id) => id !== row));
    const graph = { ...neighborsFrom(lists), scores: new Float32Array(20).fill(0.5) };
    const { eigenvalues } = diffusionSpectrum(graph);
    for (const [i, value] of [1, -0.25, -0.25, -0.25, -0.25].entries()) {
      expect(eigenvalues[i]).toBeCloseTo(value, 9);
    }
  });

  it("has its defaults: rank 200 and seed 1", () => {
    const found = diffusionSpectrum(matrix);
    const { components: _same, ...standard } = diffusionSpectrum(matrix, { rank: 200, seed: 1 });
    const { components: _rows, ...parts } = found;
    expect(sameBits(parts, standard)).toBe(true);
    const sizes = found.pairStarts;
    expect(Math.max(...sizes)).toBeGreaterThanOrEqual(200);
    for (let c = 0; c + 1 < sizes.length; c++) expect(sizes[c + 1]! - sizes[c]!).toBeLessThanOrEqual(200);
    const { eigenvectors } = diffusionSpectrum(matrix, { rank: 20, seed: 2 });
    expect(
      sameBits({ eigenvectors }, { eigenvectors: diffusionSpectrum(matrix, { rank: 20 }).eigenvectors }),
    ).toBe(false);
  });

  it("refuses wrong options", () => {
    const graph = neighborsFrom([[1], [0]]);
    expect(() => diffusionSpectrum(graph, { rank: 0 })).toThrow(
      new RangeError("diffusionSpectrum: expected `rank` to be a positive integer, got 0"),
    );
    expect(() => diffusionSpectrum(graph, { seed: 0.5 })).toThrow(
      new RangeError("diffusionSpectrum: expected `seed` to be an integer, got 0.5"),
    );
    expect(() => diffusionSpectrum(graph, { memoryLimit: 207 })).toThrow(
      new RangeError("diffusionSpectrum: expected to need at most `memoryLimit` = 207 bytes, got 208"),
    );
  });

  it("gives the same bits on any number of threads", async () => {
    const { components: _rows, ...expected } = diffusionSpectrum(matrix, { rank: 30 });
    for (const threads of [0, 1, 2]) {
      const { components: _same, ...found } = await diffusionSpectrumAsync(matrix, { rank: 30, threads });
      expect(sameBits(found, expected)).toBe(true);
    }
  });
});

describe("rerankBySpectralDiffusion", () => {
  it("gives the original's solution of the toy, which that solves by all eigenvectors too", () => {
    const toy = toyCase();
    const found = rerankBySpectralDiffusion(toy.neighbors, toy.graph, {
      neighborCount: 5,
      queryNeighborCount: 3,
    });
    expectClose(scoresByRow(found, 12), originals.diffusionFullGraph.f, 1e-5);
  });

  it("is the exact solution at full rank, and comes nearer to it with the rank", () => {
    const exact = scoresByRow(
      rerankByDiffusion(large.neighbors, matrix, { maxIterations: 1000, tolerance: 1e-13 }),
      300,
    );
    const errors = [5, 40, 150, 300].map((rank) => {
      const found = scoresByRow(rerankBySpectralDiffusion(large.neighbors, matrix, { rank }), 300);
      return Math.hypot(...found.flatMap((row, q) => row.map((value, i) => value - exact[q]![i]!)));
    });
    for (let i = 1; i < errors.length; i++) expect(errors[i]).toBeLessThan(errors[i - 1]!);
    const full = rerankBySpectralDiffusion(large.neighbors, matrix, { rank: 300 });
    expectClose(scoresByRow(full, 300), exact, 1e-6);
  });

  it("takes a spectrum that is kept", () => {
    const spectrum = diffusionSpectrum(matrix, { rank: 20 });
    expect(rerankBySpectralDiffusion(large.neighbors, spectrum)).toEqual(
      rerankBySpectralDiffusion(large.neighbors, matrix, { rank: 20 }),
    );
  });

  it("has the paper's defaults", () => {
    const spectrum = diffusionSpectrum(matrix, { rank: 20 });
    const standard = { alpha: 0.99, gamma: 3, queryNeighborCount: 10, k: 300 };
    const found = rerankBySpectralDiffusion(large.neighbors, spectrum);
    expect(found).toEqual(rerankBySpectralDiffusion(large.neighbors, spectrum, standard));
    for (const other of [{ alpha: 0.98 }, { gamma: 2 }, { queryNeighborCount: 9 }, { k: 299 }]) {
      const changed = rerankBySpectralDiffusion(large.neighbors, spectrum, { ...standard, ...other });
      expect(changed).not.toEqual(found);
    }
  });

  it("takes no queries and an empty database", () => {
    const none = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 2 };
    expect(rerankBySpectralDiffusion(none, matrix, { rank: 2 }).ids).toHaveLength(0);
    const lists = { ids: Int32Array.of(-1), scores: Float32Array.of(-Infinity), rows: 1, k: 1 };
    expect([...rerankBySpectralDiffusion(lists, none).ids]).toEqual([-1]);
  });

  it("refuses wrong options, and spectra whose parts do not fit", () => {
    const graph = neighborsFrom([[1], [0]]);
    const neighbors = { ids: Int32Array.of(0), scores: Float32Array.of(0.5), rows: 1, k: 1 };
    const refused = (options: RerankBySpectralDiffusionOptions, message: string): void => {
      expect(() => rerankBySpectralDiffusion(neighbors, graph, options)).toThrow(
        new RangeError(`rerankBySpectralDiffusion: ${message}`),
      );
    };
    refused({ alpha: -0.1 }, "expected `alpha` to be from 0 to below 1, got -0.1");
    refused({ rank: 0 }, "expected `rank` to be a positive integer, got 0");
    const spectrum = diffusionSpectrum(graph);
    expect(() =>
      rerankBySpectralDiffusion(neighbors, { ...spectrum, eigenvectors: new Float64Array(3) }),
    ).toThrow(
      new RangeError("rerankBySpectralDiffusion: expected `graph.eigenvectors` to hold 4 numbers, got 3"),
    );
    expect(() =>
      rerankBySpectralDiffusion(neighbors, { ...spectrum, eigenvalues: new Float64Array(3) }),
    ).toThrow(
      new RangeError(
        "rerankBySpectralDiffusion: expected `graph` to be a spectrum whose parts fit, got 1 components of 2 rows with 3 eigenvalues",
      ),
    );
  });

  it("gives the same bits on any number of threads, and rejects with the signal's reason", async () => {
    const { neighbors, graph } = randomCase(41, 20, 40);
    const expected = rerankBySpectralDiffusion(neighbors, graph, { rank: 10 });
    for (const threads of [0, 1, 2]) {
      expect(await rerankBySpectralDiffusionAsync(neighbors, graph, { rank: 10, threads })).toEqual(expected);
    }
    const reason = new Error("enough");
    await expect(
      rerankBySpectralDiffusionAsync(neighbors, graph, { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });
});
