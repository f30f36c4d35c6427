import { describe, expect, it } from "vitest";
import { createClusteredVectors } from "../src/index/clustered-vectors.ts";
import { gridOf, methodOf } from "../src/rerank/method.ts";
import { methodNamed, rankingMethods, table2019 } from "../src/rerank/methods.ts";
import { prepareProblem, withoutOwn } from "../src/rerank/prepared-problem.ts";
import { scoreLists } from "../src/rerank/scores.ts";

const made = createClusteredVectors({ columns: 16, seed: 2, clusters: 6 });
const database = made.rows({ rows: 120 });
const queries = made.queries(5);
const vectors = made.rows({ rows: 60, firstRow: 200 });
const problem = {
  queries,
  database,
  relevant: Array.from({ length: 5 }, () => Int32Array.of(0)),
  groups: Array(5).fill("all"),
  train: { vectors, labels: Int32Array.from({ length: 60 }, (_, row) => row % 6) },
  own: undefined,
};

describe("rankingMethods", () => {
  it("have names of their own, and the defaults first", () => {
    expect(new Set(rankingMethods.map(({ name }) => name)).size).toBe(rankingMethods.length);
    expect(rankingMethods[0]!.name).toBe("first search");
    for (const { name, variants } of rankingMethods) {
      expect(new Set(variants.map(({ settings }) => settings)).size, name).toBe(variants.length);
    }
    for (const { method } of table2019) expect(methodNamed(method).name).toBe(method);
  });

  it("all rank rows of the database, once each, with all their settings", { timeout: 120_000 }, async () => {
    const prepared = await prepareProblem(problem);
    for (const { name, variants } of rankingMethods) {
      // All defaults, and the ends of the grid.
      for (const variant of new Set([variants[0]!, variants[1] ?? variants[0]!, variants.at(-1)!])) {
        const before = await variant.prepare?.(prepared);
        const found = await variant.run(prepared, before);
        expect(found.rows, name).toBe(5);
        for (let row = 0; row < 5; row++) {
          const ids = [...found.ids.subarray(row * found.k, (row + 1) * found.k)].filter((id) => id >= 0);
          expect(new Set(ids).size, `${name}, ${variant.settings}`).toBe(ids.length);
          expect(ids.length, `${name}, ${variant.settings}`).toBeGreaterThan(10);
          expect(Math.max(...ids), name).toBeLessThan(120);
        }
        expect(scoreLists(problem, found).precisions.length).toBe(5);
      }
    }
  });

  it("are found by their names alone", () => {
    expect(() => methodNamed("magic")).toThrow(/^expected one of first search; AQE; .*, got magic$/);
  });
});

it("makes all choices of a grid, and one variant of equal ones", () => {
  expect(gridOf({ a: [1, 2], b: ["x", "y"] })).toEqual([
    { a: 1, b: "x" },
    { a: 1, b: "y" },
    { a: 2, b: "x" },
    { a: 2, b: "y" },
  ]);
  const { variants } = methodOf({
    name: "test",
    calls: "",
    needs: "nothing",
    defaults: { a: 2, b: Infinity },
    grid: gridOf({ a: [1, 2], b: [Infinity] }),
    run: ({ neighbors }) => neighbors,
  });
  expect(variants.map(({ settings }) => settings)).toEqual(["a 2, b ∞", "a 1, b ∞"]);
});

it("takes the query's own row out of its list, or the last where it is not there", () => {
  const neighbors = {
    ids: Int32Array.of(3, 1, 2, 0, 1, 2),
    scores: Float32Array.of(1, 0.5, 0.25, 1, 0.5, 0.25),
    rows: 2,
    k: 3,
  };
  const rest = withoutOwn(neighbors, Int32Array.of(1, 7));
  expect([...rest.ids]).toEqual([3, 2, 0, 1]);
  expect([...rest.scores]).toEqual([1, 0.25, 1, 0.5]);
  expect(rest.k).toBe(2);
  expect(withoutOwn(neighbors, undefined)).toBe(neighbors);
});
