import { describe, expect, it } from "vitest";
import {
  clusteredQueries,
  clusteredVectors,
  createClusteredVectors,
} from "../src/index/clustered-vectors.ts";
import { createTruth } from "../src/index/truth.ts";

const options = { columns: 48, seed: 3, clusters: 50 };

function dot(data: Float32Array, a: number, b: number): number {
  let sum = 0;
  for (let j = 0; j < 48; j++) sum += data[a * 48 + j]! * data[b * 48 + j]!;
  return sum;
}

describe("clusteredVectors", () => {
  it("makes each row of its number alone", () => {
    const all = clusteredVectors({ ...options, rows: 300 });
    const part = clusteredVectors({ ...options, rows: 40, firstRow: 120 });
    expect(part).toEqual({ data: all.data.slice(120 * 48, 160 * 48), rows: 40, columns: 48 });
  });

  it("makes other rows of another seed", () => {
    const [a, b] = [3, 4].map((seed) => clusteredVectors({ ...options, seed, rows: 1 }).data);
    expect(a).not.toEqual(b);
  });

  it("makes unit vectors, also of an odd number of columns", () => {
    for (const columns of [1, 7, 48]) {
      const { data } = clusteredVectors({ ...options, columns, rows: 20 });
      for (let row = 0; row < 20; row++) {
        expect(Math.hypot(...data.subarray(row * columns, (row + 1) * columns))).toBeCloseTo(1, 5);
      }
    }
  });

  it("makes near-duplicates of one row in twenty, and clusters of the rest but for a fifth", () => {
    const rows = 2000;
    const vectors = clusteredVectors({ ...options, rows });
    const own = Array.from({ length: rows }, (_, row) => row);
    const truth = createTruth(vectors, 5, own);
    truth.add(vectors);
    const ids = truth.ids();
    const scores = own.map((row) => dot(vectors.data, row, ids[row * 5]!));
    // A pair has two rows.
    const near = scores.filter((score) => score > 0.995).length / rows;
    expect(near).toBeGreaterThan(0.07);
    expect(near).toBeLessThan(0.11);
    const fifth = own.map((row) => dot(vectors.data, row, ids[row * 5 + 4]!));
    const clustered = fifth.filter((score) => score > 0.6).length / rows;
    expect(clustered).toBeGreaterThan(0.5);
    expect(clustered).toBeLessThan(0.85);
  });

  it("makes queries that are no rows but have near ones", () => {
    const vectors = createClusteredVectors(options);
    const queries = vectors.queries(100);
    expect(clusteredQueries({ ...options, rows: 100 })).toEqual(queries);
    const database = vectors.rows({ rows: 1000 });
    const truth = createTruth(queries, 1);
    truth.add(database);
    const both = { data: new Float32Array([...database.data, ...queries.data]), rows: 1100, columns: 48 };
    const scores = Array.from(truth.ids(), (id, query) => dot(both.data, 1000 + query, id));
    expect(Math.max(...scores)).toBeLessThan(0.99);
    expect(scores.filter((score) => score > 0.6).length).toBeGreaterThan(60);
  });
});
