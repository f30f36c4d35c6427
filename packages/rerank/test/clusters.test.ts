import { readFileSync } from "node:fs";
import type { Neighbors } from "@lmk/rerank";
import { clusterByRadius, penalizeByClusters } from "@lmk/rerank/recognition";
import { describe, expect, it } from "vitest";
import { neighborsFrom, search } from "./fixtures.ts";
import { scaledRows, spread } from "./formula-data.ts";

const { clusters: golden } = JSON.parse(
  readFileSync(new URL("golden/recognition.json", import.meta.url), "utf8"),
) as { readonly clusters: Readonly<Record<string, readonly number[]>> };

describe("clusterByRadius", () => {
  const points = scaledRows(spread(6, 150, 12));
  const graph = search(points, points, 150);

  it("gives the clusters of scikit-learn's DBSCAN with one sample per core", () => {
    expect(Object.keys(golden)).toEqual(["0.7", "0.85"]);
    for (const [radius, expected] of Object.entries(golden)) {
      const { clusters, clusterCount, truncatedRows } = clusterByRadius(graph, { radius: Number(radius) });
      expect([...clusters]).toEqual(expected);
      expect(clusterCount).toBe(Math.max(...expected) + 1);
      expect(truncatedRows).toBe(0);
    }
  });

  it("takes 0.85 unless told otherwise: a cosine of 0.63875", () => {
    expect(clusterByRadius(graph)).toEqual(clusterByRadius(graph, { radius: 0.85 }));
    const pair = (cosine: number): Neighbors => ({
      ids: Int32Array.of(1, 0),
      scores: Float32Array.of(cosine, cosine),
      rows: 2,
      k: 1,
    });
    expect(clusterByRadius(pair(0.6388)).clusterCount).toBe(1);
    expect(clusterByRadius(pair(0.6387)).clusterCount).toBe(2);
    // The square of 0.5 is exact: the bound itself is within.
    expect(clusterByRadius(pair(0.875), { radius: 0.5 }).clusterCount).toBe(1);
  });

  it("counts the lists that may be too short, and is exact without them", () => {
    const short = search(points, points, 12);
    const { clusters, truncatedRows } = clusterByRadius(short, { radius: 0.85 });
    expect(truncatedRows).toBe(0);
    expect([...clusters]).toEqual(golden["0.85"]);
    const tooShort = clusterByRadius(search(points, points, 2), { radius: 0.85 });
    expect(tooShort.truncatedRows).toBeGreaterThan(0);
    expect(tooShort.clusterCount).toBeGreaterThan(0);
  });

  it("joins by an edge of either list and through chains, in the order of first rows", () => {
    const chain = {
      ids: Int32Array.of(-1, 3, -1, 0, 4),
      scores: Float32Array.of(-Infinity, 0.9, -Infinity, 0.9, 1),
      rows: 5,
      k: 1,
    };
    expect([...clusterByRadius(chain).clusters]).toEqual([0, 0, 1, 0, 2]);
  });

  it("gives renamed clusters for renamed rows", () => {
    const order = Array.from({ length: 150 }, (_, i) => (i * 77 + 13) % 150);
    const moved = { ...points, data: new Float32Array(points.data.length) };
    for (const [to, from] of order.entries()) {
      moved.data.set(points.data.subarray(from * 12, from * 12 + 12), to * 12);
    }
    const { clusters } = clusterByRadius(search(moved, moved, 30));
    const names = new Map<number, number>();
    for (const [to, from] of order.entries()) {
      const name = golden["0.85"]![from]!;
      if (!names.has(name)) names.set(name, clusters[to]!);
      expect(clusters[to]).toBe(names.get(name));
    }
    expect(new Set(names.values()).size).toBe(names.size);
  });

  it("gives no clusters of nothing", () => {
    const none = { ids: new Int32Array(0), scores: new Float32Array(0), rows: 0, k: 1 };
    expect(clusterByRadius(none)).toEqual({ clusters: new Int32Array(0), clusterCount: 0, truncatedRows: 0 });
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`clusterByRadius: ${message}`);
    expect(() => clusterByRadius(neighborsFrom([[1]]))).toThrow(
      refusal("expected `graph.ids` to be -1 or a row number below 1, got 1 for query 0"),
    );
    expect(() => clusterByRadius(neighborsFrom([[0]]), { radius: 0 })).toThrow(
      refusal("expected `radius` to be above 0 and at most 2, got 0"),
    );
    expect(() => clusterByRadius(neighborsFrom([[0]]), { radius: 2.5 })).toThrow(
      refusal("expected `radius` to be above 0 and at most 2, got 2.5"),
    );
    const infinite = { ...neighborsFrom([[0]]), scores: Float32Array.of(Infinity) };
    expect(() => clusterByRadius(infinite)).toThrow(
      refusal("expected `graph.scores` to be finite, got Infinity in row 0"),
    );
  });
});

describe("penalizeByClusters", () => {
  // Queries 0 to 3; images without a landmark after them: two of four in cluster 0, one of two in cluster 1.
  const clusters = Int32Array.of(0, 1, 2, 0, 0, 0, 1);
  const predictions = { labels: Int32Array.of(5, 6, 7, -1), scores: Float64Array.of(4, 3, 2, 1) };
  const scores = (options: Parameters<typeof penalizeByClusters>[2]): number[] => [
    ...penalizeByClusters(predictions, clusters, options).scores,
  ];

  it("has all variants of the second place's code", () => {
    expect(scores({ nonLandmarkLimit: 2, penalty: "linear" })).toEqual([4 - 1.2, 3 - 0.2, 2, 1]);
    expect(scores({ nonLandmarkLimit: 1, penalty: "linear" })).toEqual([4 - 1.2, 3 - 1.1, 2, 1]);
    const exponential = 0.5 * Math.exp(0.5);
    expect(scores({ nonLandmarkLimit: 2, penalty: "exponential" })).toEqual([4 - exponential, 3 - 0.2, 2, 1]);
    expect(scores({ nonLandmarkLimit: 1, penalty: "zero" })).toEqual([0, 3, 2, 1]);
    expect(scores({ nonLandmarkLimit: 2, penalty: "zero" })).toEqual([4, 3, 2, 1]);
    expect(predictions.scores[0]).toBe(4);
  });

  it("is linear unless told otherwise", () => {
    expect(scores({ nonLandmarkLimit: 1 })).toEqual(scores({ nonLandmarkLimit: 1, penalty: "linear" }));
    expect(scores({ nonLandmarkLimit: 1 })).not.toEqual(
      scores({ nonLandmarkLimit: 1, penalty: "exponential" }),
    );
  });

  it("takes a share below 0.2 as it is where few are without a landmark", () => {
    const ten = Int32Array.from({ length: 10 }, () => 3);
    const nine = { labels: new Int32Array(9), scores: new Float64Array(9).fill(1) };
    const { scores: lowered } = penalizeByClusters(nine, ten, { nonLandmarkLimit: 2 });
    expect([...lowered]).toEqual(new Array(9).fill(0.9));
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`penalizeByClusters: ${message}`);
    expect(() => scores({ nonLandmarkLimit: 0 })).toThrow(
      refusal("expected `nonLandmarkLimit` to be a positive integer, got 0"),
    );
    expect(() => scores({ nonLandmarkLimit: 1, penalty: "none" as "zero" })).toThrow(
      refusal('expected `penalty` to be "linear" or "exponential" or "zero", got "none"'),
    );
    expect(() => penalizeByClusters(predictions, new Int32Array(3), { nonLandmarkLimit: 1 })).toThrow(
      refusal("expected `predictions.labels.length` to be at most `clusters.length` = 3, got 4"),
    );
    expect(() =>
      penalizeByClusters(predictions, Int32Array.of(0, 0, -1, 0), { nonLandmarkLimit: 1 }),
    ).toThrow(refusal("expected `clusters` to be 0 or more, got -1 in row 2"));
  });
});
