// Originals compute in float32 and so do the golden numbers: 1e-6 is a few roundings of numbers around 1.
import { rerankByGnn, rerankByKReciprocal, rerankByStml } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import {
  expectScores,
  largerRows,
  original,
  originalLarger,
  pick,
  poolOf,
  smallRows,
  withoutSelf,
} from "./pools.ts";

const tolerance = 1e-6;
const small = poolOf(smallRows, 3);
const larger = poolOf(largerRows, 12, { k: 60 });

const similarity = (distances: readonly (readonly number[])[]): number[][] =>
  distances.map((row) => row.map((distance) => 1 - distance));

describe("rerankByKReciprocal", () => {
  const { leastSimilarities } = small;

  it.each([
    [4, 2, 0.3, "k1=4,k2=2,lambda=0.3"],
    [5, 3, 0.3, "k1=5,k2=3,lambda=0.3"],
    [4, 2, 1, "k1=4,k2=2,lambda=1.0"],
  ])("gives the original's distances for k1 %d, k2 %d, lambda %d", (k1, k2, lambda, setting) => {
    const distance = { kind: "squared-euclidean", leastSimilarities } as const;
    const found = rerankByKReciprocal(small.neighbors, small.graph, { distance, k1, k2, lambda });
    expectScores(found, similarity(original("kReciprocal", setting)), tolerance);
  });

  it("gives the distances of code that squares squared distances", () => {
    const distance = { kind: "squared-euclidean-squared", leastSimilarities } as const;
    const found = rerankByKReciprocal(small.neighbors, small.graph, { distance, k1: 4, k2: 2 });
    const expected = original("kReciprocal_squaredEuclidSquaredAgain", "k1=4,k2=2,lambda=0.3");
    expectScores(found, similarity(expected), tolerance);
  });

  it.each([
    [20, 6, 0.3, "k1=20,k2=6,lambda=0.3"],
    [7, 3, 0.3, "k1=7,k2=3,lambda=0.3"],
    [9, 1, 0, "k1=9,k2=1,lambda=0"],
  ])("gives the original's distances on 300 rows for k1 %d, k2 %d, lambda %d", (k1, k2, lambda, setting) => {
    const distance = { kind: "squared-euclidean", leastSimilarities: larger.leastSimilarities } as const;
    const expected = similarity(originalLarger("kReciprocal", setting));
    const options = { distance, k1, k2, lambda, embeddings: larger.rows };
    expectScores(rerankByKReciprocal(larger.neighbors, larger.graph, options), expected, tolerance);
    const shortest = withoutSelf(poolOf(largerRows, 12, { k: Math.max(k1 + 1, k2) }).graph);
    expectScores(rerankByKReciprocal(larger.neighbors, shortest, options), expected, tolerance);
  });

  it("gives the distances of code that squares squared distances on 300 rows", () => {
    const { leastSimilarities } = larger;
    const distance = { kind: "squared-euclidean-squared", leastSimilarities } as const;
    const found = rerankByKReciprocal(larger.neighbors, larger.graph, { distance, embeddings: largerRows });
    const expected = originalLarger("kReciprocalSquared", "k1=20,k2=6,lambda=0.3");
    expectScores(found, similarity(expected), tolerance);
  });

  it("gives the distances of the second place of 2021", () => {
    const expected = originalLarger("secondPlace2021", "k1=10,k2=3,lambda=0.3");
    const distance = { kind: "half-cosine" } as const;
    for (const [i, query] of [0, 3].entries()) {
      const gallery = Array.from({ length: 288 }, (_, row) => 12 + row);
      const rows = pick(largerRows, [query, ...gallery]);
      const pool = poolOf(rows, 1, { k: 30 });
      const options = { distance, k1: 10, k2: 3, embeddings: rows };
      const found = rerankByKReciprocal(pool.neighbors, pool.graph, options);
      expectScores(found, similarity([expected[i]!]), tolerance);
    }
  });
});

describe("rerankByStml", () => {
  it.each([
    ["15 rows", small, 4, original("stml", "k=4")],
    ["300 rows", larger, 20, originalLarger("stml", "k=20")],
  ])("gives the original's scores on %s", (_, pool, neighborCount, expected) => {
    const { leastSimilarities } = pool;
    const distance = { kind: "squared-euclidean-squared", leastSimilarities } as const;
    const found = rerankByStml(pool.neighbors, pool.graph, { distance, neighborCount });
    expectScores(found, expected, tolerance);
  });
});

describe("rerankByGnn", () => {
  it("gives the scores of both programs on 15 rows", () => {
    const options = { k1: 5, k2: 3 };
    const layumi = rerankByGnn(small.neighbors, small.graph, options);
    expectScores(layumi, original("gnnLayumi_float64_emulation", "k1=5,k2=3,lambda=0.3"), tolerance);
    const jifeiluo = rerankByGnn(small.neighbors, small.graph, { ...options, compat: "jifeiluo" });
    expectScores(jifeiluo, original("gnn", "k1=5,k2=3,alpha=2"), tolerance);
  });

  it("gives the scores of both programs on 300 rows", () => {
    const layumi = rerankByGnn(larger.neighbors, larger.graph);
    expectScores(layumi, originalLarger("gnnLayumi", "k1=26,k2=7,lambda=0.3"), tolerance);
    const jifeiluo = rerankByGnn(larger.neighbors, larger.graph, { k1: 20, k2: 5, compat: "jifeiluo" });
    expectScores(jifeiluo, originalLarger("gnnJifeiluo", "k1=20,k2=5"), tolerance);
  });

  it("has the originals' pool in the goldens", () => {
    expect([smallRows.rows, largerRows.rows, largerRows.columns]).toEqual([15, 300, 16]);
  });
});
