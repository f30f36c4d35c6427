import {
  diffusionMatrix,
  generalizedMaxPoolingWeights,
  rerankByDiffusion,
  rerankByRegionalDiffusion,
  rerankByRegionalDiffusionAsync,
} from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import {
  caseOf,
  expectClose,
  largeCase,
  randomCase,
  referenceMatrix,
  referenceSolve,
  scoresByRow,
} from "./diffusion-fixtures.ts";
import { matrixFrom, neighborsFrom, product, randomUnitRows, rowOf } from "./fixtures.ts";

describe("generalizedMaxPoolingWeights", () => {
  it("solves (V V' + I) c = 1 for each image, as by hand", () => {
    // (2, 0.6; 0.6, 2) c = 1 gives c = 1 / 2.6; a vector alone 1 / 2.
    const regions = matrixFrom([
      [1, 0],
      [0, 1],
      [0.6, 0.8],
    ]);
    const weights = generalizedMaxPoolingWeights(regions, Int32Array.of(3, 0, 3));
    for (const [row, weight] of [1 / 2.6, 0.5, 1 / 2.6].entries())
      expect(weights[row]).toBeCloseTo(weight, 7);
    const stronger = generalizedMaxPoolingWeights(regions, Int32Array.of(3, 0, 3), { lambda: 2 });
    for (const [row, weight] of [1 / 3.6, 1 / 3, 1 / 3.6].entries()) {
      expect(stronger[row]).toBeCloseTo(weight, 7);
    }
  });

  it("makes each region's product with the pooled vector 1, up to lambda", () => {
    const regions = randomUnitRows(31, 20, 8);
    const images = Int32Array.from({ length: 20 }, (_, row) => (row * 7) % 3);
    const weights = generalizedMaxPoolingWeights(regions, images, { lambda: 0.1 });
    for (let row = 0; row < 20; row++) {
      const pooled = new Array<number>(8).fill(0);
      for (let other = 0; other < 20; other++) {
        if (images[other] !== images[row]) continue;
        for (const [i, value] of rowOf(regions, other).entries()) pooled[i]! += weights[other]! * value;
      }
      expect(product(rowOf(regions, row), pooled) + 0.1 * weights[row]!).toBeCloseTo(1, 9);
    }
  });

  it("takes no regions, and refuses what does not fit", () => {
    const none = { data: new Float32Array(0), rows: 0, columns: 2 };
    expect(generalizedMaxPoolingWeights(none, new Int32Array(0))).toHaveLength(0);
    const regions = matrixFrom([[1, 0]]);
    const refused = (run: () => void, message: string): void => {
      expect(run).toThrow(new RangeError(`generalizedMaxPoolingWeights: ${message}`));
    };
    refused(
      () => generalizedMaxPoolingWeights(regions, Int32Array.of(0, 1)),
      "expected `images` to be 1 numbers, got 2",
    );
    refused(
      () => generalizedMaxPoolingWeights(regions, Int32Array.of(-1)),
      "expected `images` to be counts from 0, got -1 in row 0",
    );
    refused(
      () => generalizedMaxPoolingWeights(matrixFrom([[Number.NaN]]), Int32Array.of(0)),
      "expected `regions` to be finite numbers, got NaN in row 0",
    );
    refused(
      () => generalizedMaxPoolingWeights(regions, Int32Array.of(0), { lambda: 0 }),
      "expected `lambda` to be a finite number above 0, got 0",
    );
  });
});

describe("rerankByRegionalDiffusion", () => {
  it("is diffusion where every image has one region", () => {
    const { neighbors, graph } = largeCase();
    const options = { neighborCount: 12, queryNeighborCount: 10 };
    const regions = {
      queries: Int32Array.from({ length: 6 }, (_, row) => row),
      images: Int32Array.from({ length: 300 }, (_, row) => row),
    };
    const found = rerankByRegionalDiffusion(neighbors, graph, regions, options);
    expect(found).toEqual(rerankByDiffusion(neighbors, graph, { ...options, unreached: "drop" }));
  });

  it("sums similarities before it raises them, and weighs the regions of images", () => {
    const { queries, database } = randomCase(32, 5, 30);
    const { neighbors, graph } = caseOf(queries, database, 30, 10);
    const regions = {
      queries: Int32Array.of(1, 0, 1, 1, 0),
      images: Int32Array.from({ length: 30 }, (_, row) => row % 7),
      weights: Float64Array.from({ length: 30 }, (_, row) => 0.5 + (row % 4)),
    };
    const matrix = referenceMatrix(graph, 8);
    const cosines = scoresByRow(neighbors, 30);
    const expected = [0, 1].map((query) => {
      const sums = new Array<number>(30).fill(0);
      for (const [row, line] of cosines.entries()) {
        if (regions.queries[row] !== query) continue;
        for (const [id, cosine] of line.entries()) sums[id]! += cosine;
      }
      const least = [...sums].sort((a, b) => b - a)[5]!;
      const right = sums.map((sum) => (sum >= least ? Math.max(sum, 0) ** 3 : 0));
      const images = new Array<number>(7).fill(0);
      for (const [id, value] of referenceSolve(matrix, right).entries()) {
        images[regions.images[id]!]! += regions.weights[id]! * value;
      }
      return images;
    });
    const found = rerankByRegionalDiffusion(neighbors, graph, regions, {
      neighborCount: 8,
      queryNeighborCount: 6,
      maxIterations: 500,
      tolerance: 1e-13,
      k: 9,
    });
    expect(found.rows).toBe(2);
    expectClose(scoresByRow(found, 7), expected, 1e-6);
    expect([...found.ids.slice(7, 9)]).toEqual([-1, -1]);
  });

  it("has the paper's defaults for regions: 200 neighbors in the graph and per query", () => {
    const { queries, database } = largeCase();
    const { neighbors, graph } = caseOf(queries, database, 250, 250);
    const regions = {
      queries: Int32Array.of(0, 0, 0, 1, 1, 1),
      images: Int32Array.from({ length: 300 }, (_, row) => row >> 1),
    };
    const standard = { neighborCount: 200, queryNeighborCount: 200, gamma: 3, alpha: 0.99 };
    const found = rerankByRegionalDiffusion(neighbors, graph, regions);
    expect(found).toEqual(rerankByRegionalDiffusion(neighbors, graph, regions, standard));
    for (const other of [{ neighborCount: 199 }, { queryNeighborCount: 199 }]) {
      const changed = rerankByRegionalDiffusion(neighbors, graph, regions, { ...standard, ...other });
      expect(changed).not.toEqual(found);
    }
  });

  it("gives queries without regions empty lists, and takes no queries", () => {
    const graph = neighborsFrom([[1], [0]]);
    const neighbors = { ids: Int32Array.of(0), scores: Float32Array.of(1), rows: 1, k: 1 };
    const regions = { queries: Int32Array.of(1), images: Int32Array.of(0, 0) };
    expect([...rerankByRegionalDiffusion(neighbors, graph, regions).ids]).toEqual([-1, 0]);
    const none = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 1 };
    const empty = { queries: new Int32Array(0), images: Int32Array.of(0, 0) };
    expect(rerankByRegionalDiffusion(none, graph, empty).rows).toBe(0);
  });

  it("refuses regions that do not fit", () => {
    const graph = neighborsFrom([[1], [0]]);
    const neighbors = { ids: Int32Array.of(0), scores: Float32Array.of(1), rows: 1, k: 1 };
    const regions = { queries: Int32Array.of(0), images: Int32Array.of(0, 0) };
    const refused = (change: object, message: string): void => {
      expect(() => rerankByRegionalDiffusion(neighbors, graph, { ...regions, ...change })).toThrow(
        new RangeError(`rerankByRegionalDiffusion: ${message}`),
      );
    };
    refused({ queries: new Int32Array(2) }, "expected `regions.queries` to be 1 numbers, got 2");
    refused({ images: new Int32Array(1) }, "expected `regions.images` to be 2 numbers, got 1");
    refused(
      { weights: Float64Array.of(1, Number.NaN) },
      "expected `regions.weights` to be 2 finite numbers, got NaN in row 1",
    );
    refused({ weights: Float64Array.of(1) }, "expected `regions.weights` to be 2 finite numbers, got 1");
  });

  it("gives the same bits on any number of threads, and rejects with the signal's reason", async () => {
    const { neighbors, graph } = randomCase(33, 40, 30);
    const regions = {
      queries: Int32Array.from({ length: 40 }, (_, row) => row >> 1),
      images: Int32Array.from({ length: 30 }, (_, row) => row % 9),
    };
    const matrix = diffusionMatrix(graph);
    const expected = rerankByRegionalDiffusion(neighbors, matrix, regions);
    for (const threads of [0, 1, 2]) {
      expect(await rerankByRegionalDiffusionAsync(neighbors, matrix, regions, { threads })).toEqual(expected);
    }
    const reason = new Error("enough");
    await expect(
      rerankByRegionalDiffusionAsync(neighbors, matrix, regions, { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });
});
