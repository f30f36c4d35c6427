import { expandQueries } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { matrixFrom, neighborsFrom, product, randomUnitRows, rowOf, search, unitRows } from "./fixtures.ts";
import originals from "./golden/originals.json" with { type: "json" };

const queries = matrixFrom([[1, 0]]);
const database = matrixFrom([
  [0, 1],
  [0.6, 0.8],
]);
const neighbors = neighborsFrom([[1, 0]]);

describe("expandQueries", () => {
  it("adds neighbors weighted by a power of their similarity, in the example of its documentation", () => {
    const { data } = expandQueries(queries, database, neighbors, { neighborCount: 1, alpha: 1 });
    const sum = [1 + 0.6 * 0.6, 0.6 * 0.8];
    expect(data[0]).toBeCloseTo(sum[0]! / Math.hypot(...sum), 6);
    expect(data[1]).toBeCloseTo(sum[1]! / Math.hypot(...sum), 6);
  });

  it("weighs all neighbors alike with alpha 0, also those of similarity 0", () => {
    const { data } = expandQueries(queries, database, neighbors, { neighborCount: 2, alpha: 0 });
    const sum = [1.6, 1.8];
    expect(data[0]).toBeCloseTo(sum[0]! / Math.hypot(...sum), 6);
  });

  it("passes over neighbors that do not exist", () => {
    const expanded = expandQueries(queries, database, neighborsFrom([[1, -1, -1]]), { neighborCount: 3 });
    expect(expanded).toEqual(expandQueries(queries, database, neighbors, { neighborCount: 1 }));
    const none = expandQueries(queries, database, neighborsFrom([[-1, -1]]), { neighborCount: 2 });
    expect([...none.data]).toEqual([1, 0]);
    const empty = { data: new Float32Array(), rows: 0, columns: 2 };
    expect([...expandQueries(queries, empty, neighborsFrom([[-1]]), { neighborCount: 1 }).data]).toEqual([
      1, 0,
    ]);
  });

  it("takes no queries", () => {
    const none = { data: new Float32Array(), rows: 0, columns: 2 };
    const found = { ids: new Int32Array(), scores: new Float32Array(), rows: 0, k: 10 };
    expect(expandQueries(none, database, found)).toEqual(none);
  });

  it("keeps or clamps negative similarities", () => {
    const opposite = matrixFrom([[-0.6, 0.8]]);
    const one = neighborsFrom([[0]]);
    const kept = expandQueries(queries, opposite, one, { neighborCount: 1, alpha: 1 });
    const sum = [1 + 0.36, -0.48];
    expect(kept.data[1]).toBeCloseTo(sum[1]! / Math.hypot(...sum), 6);
    const clamp = { neighborCount: 1, negative: "clamp" } as const;
    expect([...expandQueries(queries, opposite, one, { ...clamp, alpha: 1 }).data]).toEqual([1, 0]);
    expect([...expandQueries(queries, opposite, one, { ...clamp, alpha: 0 }).data]).toEqual([1, 0]);
    expect([...expandQueries(queries, opposite, one, { ...clamp, alpha: 2.5 }).data]).toEqual([1, 0]);
  });

  it("leaves a query whose neighbors cancel it out as it was", () => {
    const opposite = matrixFrom([[-1, 0]]);
    const expanded = expandQueries(queries, opposite, neighborsFrom([[0]]), { neighborCount: 1, alpha: 0 });
    expect([...expanded.data]).toEqual([1, 0]);
  });

  it("gives, over a pool that holds the queries and without adding them again, the same as without the pool", () => {
    const q = randomUnitRows(5, 4, 8);
    const x = randomUnitRows(6, 30, 8);
    const pool = { data: Float32Array.of(...q.data, ...x.data), rows: 34, columns: 8 };
    const inPool = search(q, pool, 10);
    expect([0, 1, 2, 3].map((row) => inPool.ids[row * 10])).toEqual([0, 1, 2, 3]);
    const others = neighborsFrom(
      [0, 1, 2, 3].map((row) => [...inPool.ids.subarray(row * 10 + 1, row * 10 + 10)]),
    );
    const expanded = expandQueries(q, pool, inPool, { includeQuery: false });
    const expected = expandQueries(q, pool, others, { neighborCount: 9 });
    for (const [i, value] of expanded.data.entries()) expect(value).toBeCloseTo(expected.data[i]!, 6);
  });

  it("equals the formula computed literally, and gives rows of length 1", () => {
    const q = randomUnitRows(1, 6, 16);
    const x = randomUnitRows(2, 50, 16);
    const found = search(q, x, 7);
    const expanded = expandQueries(q, x, found, { neighborCount: 5, alpha: 2 });
    for (let row = 0; row < q.rows; row++) {
      const own = rowOf(q, row);
      const sum = [...own];
      for (const id of found.ids.subarray(row * 7, row * 7 + 5)) {
        const item = rowOf(x, id);
        for (const [i, value] of item.entries()) sum[i]! += product(own, item) ** 2 * value;
      }
      const result = rowOf(expanded, row);
      expect(Math.hypot(...result)).toBeCloseTo(1, 6);
      for (const [i, value] of sum.entries()) expect(result[i]).toBeCloseTo(value / Math.hypot(...sum), 6);
    }
  });

  it("does not depend on the order of database rows or of queries, nor on scores, and writes to nothing", () => {
    const q = randomUnitRows(3, 2, 8);
    const x = randomUnitRows(4, 12, 8);
    const found = search(q, x, 10);
    const copies = structuredClone([q, x, found]);
    const expanded = expandQueries(q, x, found);
    expect([q, x, found]).toEqual(copies);
    const turned = matrixFrom(Array.from({ length: 12 }, (_, row) => rowOf(x, 11 - row)));
    const renumbered = { ...found, ids: found.ids.map((id) => 11 - id), scores: new Float32Array(20) };
    expect(expandQueries(q, turned, renumbered)).toEqual(expanded);
    const swapped = matrixFrom([rowOf(q, 1), rowOf(q, 0)]);
    const swappedFound = {
      ...found,
      ids: Int32Array.of(...found.ids.subarray(10), ...found.ids.subarray(0, 10)),
    };
    expect(rowOf(expandQueries(swapped, x, swappedFound), 0)).toEqual(rowOf(expanded, 1));
  });

  it("adds 10 neighbors with exponent 3, keeps negative ones and includes the query unless told otherwise", () => {
    const q = randomUnitRows(7, 3, 6);
    const x = randomUnitRows(8, 20, 6);
    const found = search(q, x, 20);
    const reversed = neighborsFrom(
      [0, 1, 2].map((row) => [...found.ids.subarray(row * 20, row * 20 + 20)].reverse()),
    );
    const explicit = { neighborCount: 10, alpha: 3, negative: "keep", includeQuery: true } as const;
    expect(expandQueries(q, x, reversed)).toEqual(expandQueries(q, x, reversed, explicit));
    for (const change of [
      { neighborCount: 9 },
      { alpha: 2 },
      { negative: "clamp" as const },
      { includeQuery: false },
    ]) {
      expect(expandQueries(q, x, reversed, { ...explicit, ...change })).not.toEqual(
        expandQueries(q, x, reversed),
      );
    }
  });

  it("takes lists that are shorter than asked for like lists that end early", () => {
    const q = randomUnitRows(9, 3, 6);
    const x = randomUnitRows(10, 20, 6);
    const found = search(q, x, 6);
    const padded = neighborsFrom(
      [0, 1, 2].map((row) => [...found.ids.subarray(row * 6, row * 6 + 6), -1, -1, -1, -1]),
    );
    for (const options of [{}, { alpha: 0 }, { alpha: 2.5, negative: "clamp" as const }]) {
      const expanded = expandQueries(q, x, found, options);
      expect(expanded).toEqual(expandQueries(q, x, padded, options));
      expect(expanded).toEqual(expandQueries(q, x, found, { ...options, neighborCount: 6 }));
      expect(expanded).not.toEqual(expandQueries(q, x, found, { ...options, neighborCount: 5 }));
    }
    const last = x.data.with(found.ids[5]! * 6, 9);
    expect(() => expandQueries(q, { ...x, data: last }, found)).toThrow(/to have length 1, got 9/);
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`expandQueries: ${message}`);
    const one = { neighborCount: 1 };
    expect(() => expandQueries(queries, database, neighbors, { neighborCount: 0 })).toThrow(
      refusal("expected `neighborCount` to be a positive integer, got 0"),
    );
    expect(() => expandQueries(queries, database, neighbors, { ...one, alpha: -1 })).toThrow(
      refusal("expected `alpha` to be a finite number of at least 0, got -1"),
    );
    expect(() => expandQueries(queries, database, neighbors, { ...one, alpha: 2.5 })).toThrow(
      refusal(
        'expected `alpha` to be an integer where `negative` is "keep", got 2.5; set `negative` to "clamp"',
      ),
    );
    expect(() => expandQueries(queries, database, neighbors, { ...one, negative: "drop" as "keep" })).toThrow(
      refusal('expected `negative` to be "keep" or "clamp", got "drop"'),
    );
    expect(() => expandQueries(matrixFrom([[1, 0, 0]]), database, neighbors, one)).toThrow(
      refusal("expected `database` to have 3 columns like `queries`, got 2"),
    );
    expect(() => expandQueries({ ...queries, rows: 2 }, database, neighbors, one)).toThrow(
      refusal("expected `queries.data` to hold 2 x 2 = 4 numbers, got 2"),
    );
    expect(() => expandQueries({ ...queries, rows: -1 }, database, neighbors, one)).toThrow(
      refusal("expected `queries.rows` to be a count, got -1"),
    );
    expect(() => expandQueries(queries, database, neighborsFrom([[1], [0]]), one)).toThrow(
      refusal("expected `neighbors` to have 1 rows, got 2"),
    );
    expect(() => expandQueries(queries, database, neighborsFrom([[2]]), one)).toThrow(
      refusal("expected `neighbors.ids` to be -1 or a row number below 2, got 2 for query 0"),
    );
    expect(() => expandQueries(queries, database, { ...neighbors, k: 3 }, one)).toThrow(
      refusal("expected `neighbors` to hold 1 x 3 = 3 ids and scores, got 2 and 2"),
    );
    expect(() => expandQueries(queries, database, { ...neighbors, rows: 0.5 }, one)).toThrow(
      refusal("expected `neighbors.rows` to be a count, got 0.5"),
    );
    expect(() =>
      expandQueries(
        queries,
        matrixFrom([
          [0, 1],
          [3, 4],
        ]),
        neighbors,
        one,
      ),
    ).toThrow(refusal("expected rows of `database` to have length 1, got 5 in row 1; scale them first"));
    expect(() => expandQueries(matrixFrom([[0, 0]]), database, neighbors, one)).toThrow(
      refusal("expected rows of `queries` to have length 1, got 0 in row 0; scale them first"),
    );
    expect(() => expandQueries(matrixFrom([[Number.NaN, 0]]), database, neighbors, one)).toThrow(
      refusal("expected rows of `queries` to have length 1, got NaN in row 0; scale them first"),
    );
    expect(() =>
      expandQueries(queries, database, { ...neighbors, scores: Float32Array.of(1, Number.NaN) }, one),
    ).toThrow(refusal("expected `neighbors.scores` to be numbers, got NaN for query 0"));
  });

  it.each([
    ["alphaQe", "kqe=5,alpha=3", { neighborCount: 5, alpha: 3 }, undefined],
    ["alphaQe", "kqe=4,alpha=0", { neighborCount: 4, alpha: 0 }, undefined],
    ["alphaQe", "kqe=4,alpha=3,DBA kdba=3", { neighborCount: 4, alpha: 3 }, 3],
    ["aqe", "kqe=4", { neighborCount: 4, alpha: 0 }, undefined],
    ["aqe", "kqe=2,DBA kdba=3", { neighborCount: 2, alpha: 0 }, 3],
  ] as const)("equals the original program: %s %s", (method, key, options, augmentedBy) => {
    const q = unitRows(originals.input.queriesRaw);
    const gallery = unitRows(originals.input.galleryRaw);
    const expanded = expandQueries(q, gallery, search(q, gallery, 12), options);
    const augmented =
      augmentedBy === undefined
        ? gallery
        : expandQueries(gallery, gallery, search(gallery, gallery, 12), {
            ...options,
            neighborCount: augmentedBy,
            includeQuery: false,
          });
    const expected = (originals[method] as unknown as Record<string, number[][]>)[key]!;
    for (const [row, scores] of expected.entries()) {
      for (const [id, score] of scores.entries()) {
        expect(Math.abs(product(rowOf(expanded, row), rowOf(augmented, id)) - score)).toBeLessThan(1e-6);
      }
    }
  });
});
