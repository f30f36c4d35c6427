import { expandQueriesDiscriminatively } from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { matrixFrom, neighborsFrom, product, randomUnitRows, rowOf, search, unitRows } from "./fixtures.ts";
import golden from "./golden/expansion.json" with { type: "json" };
import originals from "./golden/originals.json" with { type: "json" };

const queries = matrixFrom([[1, 0]]);
const database = matrixFrom([
  [0.8, 0.6],
  [-0.6, 0.8],
]);
const neighbors = neighborsFrom([[0, 1]]);
const one = { neighborCount: 1, negativeCount: 1 };

function expectScores(
  expanded: ReturnType<typeof expandQueriesDiscriminatively>,
  gallery: ReturnType<typeof matrixFrom>,
  expected: readonly (readonly number[])[],
  tolerance: number,
): void {
  expect(expanded.rows).toBe(expected.length);
  for (const [row, scores] of expected.entries()) {
    for (const [id, score] of scores.entries()) {
      const got = product(rowOf(expanded, row), rowOf(gallery, id));
      expect(Math.abs(got - score)).toBeLessThan(tolerance);
    }
  }
}

describe("expandQueriesDiscriminatively", () => {
  it("gives the normal of the widest margin, in the example of its documentation", () => {
    const { data, unsolved } = expandQueriesDiscriminatively(queries, database, neighbors, one);
    // The negative is nearest to (0.8, 0.6): the margin lies across their difference.
    const difference = [1.4, -0.2];
    expect(data[0]).toBeCloseTo(difference[0]! / Math.hypot(...difference), 6);
    expect(data[1]).toBeCloseTo(difference[1]! / Math.hypot(...difference), 6);
    expect(unsolved).toEqual(new Int32Array());
  });

  it("separates positives from negatives by equal margins, and gives rows of length 1", () => {
    const q = randomUnitRows(1, 5, 12);
    const x = randomUnitRows(2, 40, 12);
    const found = search(q, x, 40);
    const expanded = expandQueriesDiscriminatively(q, x, found, { neighborCount: 4, negativeCount: 6 });
    expect([...expanded.unsolved]).toEqual([]);
    for (let row = 0; row < 5; row++) {
      const normal = rowOf(expanded, row);
      expect(Math.hypot(...normal)).toBeCloseTo(1, 6);
      const list = [...found.ids.subarray(row * 40, (row + 1) * 40)];
      const positives = [rowOf(q, row), ...list.slice(0, 4).map((id) => rowOf(x, id))];
      const negatives = list.slice(-6).map((id) => rowOf(x, id));
      const lowest = Math.min(...positives.map((vector) => product(vector, normal)));
      const highest = Math.max(...negatives.map((vector) => product(vector, normal)));
      expect(lowest).toBeGreaterThan(highest);
      // No other direction has a wider margin: not those near by either.
      for (let axis = 0; axis < 12; axis++) {
        for (const step of [-1e-3, 1e-3]) {
          const other = normal.map((value, i) => (i === axis ? value + step : value));
          const length = Math.hypot(...other);
          const margin =
            Math.min(...positives.map((vector) => product(vector, other))) -
            Math.max(...negatives.map((vector) => product(vector, other)));
          expect(margin / length).toBeLessThan(lowest - highest + 1e-6);
        }
      }
    }
  });

  it("leaves out queries that no plane separates, unless rows on the wrong side have a price", () => {
    const both = neighborsFrom([[0, 0]]);
    const hard = expandQueriesDiscriminatively(queries, database, both, one);
    expect([...hard.data]).toEqual([1, 0]);
    expect([...hard.unsolved]).toEqual([0]);
    const cancelled = expandQueriesDiscriminatively(queries, database, both, { ...one, c: 1 });
    expect([...cancelled.data]).toEqual([1, 0]);
    expect([...cancelled.unsolved]).toEqual([0]);
    const mixed = neighborsFrom([[0, 0, 1]]);
    const two = { neighborCount: 1, negativeCount: 2 };
    expect([...expandQueriesDiscriminatively(queries, database, mixed, two).unsolved]).toEqual([0]);
    const soft = expandQueriesDiscriminatively(queries, database, mixed, { ...two, c: 1 });
    expect([...soft.unsolved]).toEqual([]);
    expect(Math.hypot(...soft.data)).toBeCloseTo(1, 6);
    expect(soft.data[0]).toBeGreaterThan(0);
    expect(soft.data[1]).toBeLessThan(0);
  });

  it("finds that interleaved rows cannot be separated", () => {
    const circle = matrixFrom(
      Array.from({ length: 40 }, (_, i) => [Math.cos(i * 0.157), Math.sin(i * 0.157)]),
    );
    const mixed = neighborsFrom([[...circle.data.subarray(0, 40).keys()].map((i) => (i * 7) % 40)]);
    const { unsolved } = expandQueriesDiscriminatively(queries, circle, mixed);
    expect([...unsolved]).toEqual([0]);
  });

  it("bounds each multiplier by c: a tiny c weighs all rows of the smaller side alike", () => {
    const x = randomUnitRows(3, 30, 8);
    const q = randomUnitRows(4, 1, 8);
    const found = search(q, x, 30);
    const options = { neighborCount: 3, negativeCount: 4, c: 1e-6 };
    const expanded = expandQueriesDiscriminatively(q, x, found, options);
    // Four positives and four negatives, all at the bound.
    const ids = [...found.ids];
    const sum = rowOf(q, 0);
    for (const id of ids.slice(0, 3)) for (const [i, value] of rowOf(x, id).entries()) sum[i]! += value;
    for (const id of ids.slice(-4)) for (const [i, value] of rowOf(x, id).entries()) sum[i]! -= value;
    for (const [i, value] of sum.entries())
      expect(expanded.data[i]).toBeCloseTo(value / Math.hypot(...sum), 5);
  });

  it("takes negatives from other lists, and leaves queries without any as they were", () => {
    const given = expandQueriesDiscriminatively(queries, database, neighborsFrom([[0]]), {
      ...one,
      negatives: neighborsFrom([[1, 0]]),
    });
    expect(given).toEqual(expandQueriesDiscriminatively(queries, database, neighbors, one));
    const none = expandQueriesDiscriminatively(queries, database, neighborsFrom([[0, -1]]), one);
    expect([...none.data]).toEqual([1, 0]);
    expect([...none.unsolved]).toEqual([0]);
    const empty = { data: new Float32Array(), rows: 0, columns: 2 };
    const lists = { ids: new Int32Array(), scores: new Float32Array(), rows: 0, k: 21 };
    const result = expandQueriesDiscriminatively(empty, database, lists);
    expect(result).toEqual({ ...empty, unsolved: new Int32Array() });
  });

  it("takes lists that are shorter than asked for like lists that end early", () => {
    const x = randomUnitRows(8, 30, 16);
    const q = randomUnitRows(9, 2, 16);
    const found = search(q, x, 3);
    const padded = neighborsFrom(
      [0, 1].map((row) => [...found.ids.subarray(row * 3, row * 3 + 3), ...new Array<number>(20).fill(-1)]),
    );
    const negatives = search({ ...q, data: q.data.map((value) => -value) }, x, 4);
    const expanded = expandQueriesDiscriminatively(q, x, found, { negatives });
    expect(expanded).toEqual(expandQueriesDiscriminatively(q, x, padded, { negatives }));
    expect([...expanded.unsolved]).toEqual([]);
  });

  it("counts a row that is its own neighbor as one positive, and does not depend on the order of rows", () => {
    const x = randomUnitRows(5, 20, 6);
    const withSelf = search(x, x, 20);
    const lists = Array.from({ length: 20 }, (_, row) => [...withSelf.ids.subarray(row * 20, row * 20 + 20)]);
    const options = { neighborCount: 3, negativeCount: 4 };
    const augmented = expandQueriesDiscriminatively(x, x, withSelf, options);
    const others = neighborsFrom(lists.map((list, row) => list.filter((id) => id !== row)));
    const expected = expandQueriesDiscriminatively(x, x, others, { ...options, neighborCount: 2 });
    for (const [i, value] of augmented.data.entries()) expect(value).toBeCloseTo(expected.data[i]!, 5);
    const turned = matrixFrom(Array.from({ length: 20 }, (_, row) => rowOf(x, 19 - row)));
    const renumbered = { ...withSelf, ids: withSelf.ids.map((id) => 19 - id) };
    expect(expandQueriesDiscriminatively(x, turned, renumbered, options)).toEqual(augmented);
  });

  it("takes 20 neighbors and 20 negatives with a hard margin unless told otherwise", () => {
    const q = randomUnitRows(6, 2, 64);
    const x = randomUnitRows(7, 80, 64);
    const found = search(q, x, 60);
    const explicit = { neighborCount: 20, negativeCount: 20, c: Infinity };
    const expanded = expandQueriesDiscriminatively(q, x, found);
    expect([...expanded.unsolved]).toEqual([]);
    expect(expanded).toEqual(expandQueriesDiscriminatively(q, x, found, explicit));
    for (const change of [{ neighborCount: 19 }, { negativeCount: 19 }, { c: 0.1 }]) {
      expect(expandQueriesDiscriminatively(q, x, found, { ...explicit, ...change })).not.toEqual(expanded);
    }
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`expandQueriesDiscriminatively: ${message}`);
    for (const neighborCount of [2, 20]) {
      expect(() => expandQueriesDiscriminatively(queries, database, neighbors, { neighborCount })).toThrow(
        refusal(
          `expected \`neighbors.k\` to be above \`neighborCount\` = ${neighborCount} where no \`negatives\` are given, got 2`,
        ),
      );
    }
    expect(() =>
      expandQueriesDiscriminatively(queries, database, neighbors, { ...one, negativeCount: 0 }),
    ).toThrow(refusal("expected `negativeCount` to be a positive integer, got 0"));
    for (const c of [0, -1, Number.NaN]) {
      expect(() => expandQueriesDiscriminatively(queries, database, neighbors, { ...one, c })).toThrow(
        refusal(`expected \`c\` to be above 0, got ${c}`),
      );
    }
    const negatives = neighborsFrom([[1], [0]]);
    expect(() => expandQueriesDiscriminatively(queries, database, neighbors, { ...one, negatives })).toThrow(
      refusal("expected `negatives` to have 1 rows, got 2"),
    );
    expect(() =>
      expandQueriesDiscriminatively(queries, database, neighbors, {
        ...one,
        negatives: neighborsFrom([[5]]),
      }),
    ).toThrow(refusal("expected `negatives.ids` to be -1 or a row number below 2, got 5 for query 0"));
    const long = matrixFrom([
      [0.8, 0.6],
      [-3, 4],
    ]);
    expect(() => expandQueriesDiscriminatively(queries, long, neighbors, one)).toThrow(
      refusal("expected rows of `database` to have length 1, got 5 in row 1; scale them first"),
    );
  });

  // The original's solver stops at 1e-10 of its own conditions, and its rows are float32.
  it("equals the original program on the toy that all methods share", () => {
    const q = unitRows(originals.input.queriesRaw);
    const gallery = unitRows(originals.input.galleryRaw);
    const options = { neighborCount: 2, negativeCount: 3 };
    const expanded = expandQueriesDiscriminatively(q, gallery, search(q, gallery, 12), options);
    expectScores(expanded, gallery, originals.dqe["kqe=2,neg=3"], 1e-6);
  });

  it("equals the original program on a larger case, also with an augmented gallery", () => {
    const q = unitRows(golden.discriminative.queries);
    const gallery = unitRows(golden.discriminative.gallery);
    const found = search(q, gallery, 60);
    const six = { neighborCount: 4, negativeCount: 6 };
    const expanded = expandQueriesDiscriminatively(q, gallery, found, six);
    expectScores(expanded, gallery, golden.discriminative["kqe=4,neg=6"], 1e-6);
    // The lists of the gallery begin with each row itself, which counts once.
    const graph = search(gallery, gallery, 60);
    const four = { neighborCount: 3, negativeCount: 4 };
    const augmented = expandQueriesDiscriminatively(gallery, gallery, graph, four);
    const five = { neighborCount: 3, negativeCount: 5 };
    const second = expandQueriesDiscriminatively(q, gallery, found, five);
    expectScores(second, augmented, golden.discriminative["kqe=3,neg=5,DBA kdba=3,dbneg=4"], 1e-6);
  });
});
