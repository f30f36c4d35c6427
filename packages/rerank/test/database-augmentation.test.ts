import {
  augmentDatabase,
  expandQueries,
  expandQueriesWithDecay,
  expandQueriesWithWeights,
} from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { matrixFrom, neighborsFrom, product, randomUnitRows, rowOf, search, unitRows } from "./fixtures.ts";
import originals from "./golden/originals.json" with { type: "json" };

const database = matrixFrom([
  [1, 0],
  [0.6, 0.8],
]);
const graph = neighborsFrom([[1], [0]]);

/** The formula computed literally, over full lists that begin with the row itself. */
function literal(
  rows: ReturnType<typeof matrixFrom>,
  count: number,
  weight: (j: number, similarity: number, id: number, row: number) => number,
): number[][] {
  const lists = search(rows, rows, count);
  return Array.from({ length: rows.rows }, (_, row) => {
    const own = rowOf(rows, row);
    const sum = own.map(() => 0);
    for (let j = 0; j < count; j++) {
      const id = lists.ids[row * count + j]!;
      const share = weight(j, product(own, rowOf(rows, id)), id, row);
      for (const [i, value] of rowOf(rows, id).entries()) sum[i]! += share * value;
    }
    return sum;
  });
}

function expectRows(got: ReturnType<typeof matrixFrom>, expected: number[][], scaled: boolean): void {
  for (const [row, sum] of expected.entries()) {
    const length = scaled ? Math.hypot(...sum) : 1;
    for (const [i, value] of sum.entries()) expect(rowOf(got, row)[i]).toBeCloseTo(value / length, 6);
  }
}

describe("augmentDatabase", () => {
  it("adds neighbors, in the example of its documentation", () => {
    const { data } = augmentDatabase(database, graph, { neighborCount: 1, weights: "average" });
    for (let i = 0; i < 4; i += 2) {
      expect(data[i]).toBeCloseTo(2 / Math.sqrt(5), 6);
      expect(data[i + 1]).toBeCloseTo(1 / Math.sqrt(5), 6);
    }
  });

  it("equals the formula of each kind of weights", () => {
    const x = randomUnitRows(1, 30, 8);
    const lists = search(x, x, 8);
    const six = { neighborCount: 5 } as const;
    expectRows(
      augmentDatabase(x, lists, { ...six, alpha: 2 }),
      literal(x, 6, (_, s) => s ** 2),
      true,
    );
    const saturated = { ...six, saturation: 0.8, negative: "clamp" } as const;
    expectRows(
      augmentDatabase(x, lists, saturated),
      literal(x, 6, (_, s) => (s > 0.8 ? 1 : Math.max(0, s / 0.8) ** 3)),
      true,
    );
    expectRows(
      augmentDatabase(x, lists, { ...six, weights: "average" }),
      literal(x, 6, () => 1),
      true,
    );
    expectRows(
      augmentDatabase(x, lists, { ...six, weights: "decay" }),
      literal(x, 6, (j) => (6 - j) / 6),
      true,
    );
    expectRows(
      augmentDatabase(x, lists, { weights: [0, -0.5], ownWeight: 2 }),
      literal(x, 3, (j) => [2, 0, -0.5][j]!),
      true,
    );
  });

  it("weighs on a logarithmic scale from 1 to 10^-1.5, which sum to 1, and need not scale the sum", () => {
    const x = randomUnitRows(2, 30, 8);
    const spaced = Array.from({ length: 10 }, (_, j) => 10 ** ((-1.5 * j) / 9));
    const sum = spaced.reduce((total, weight) => total + weight, 0);
    const options = { weights: "log-spaced", normalize: false } as const;
    expectRows(
      augmentDatabase(x, search(x, x, 10), options),
      literal(x, 10, (j) => spaced[j]! / sum),
      false,
    );
    const two = 10 ** -1.5;
    expectRows(
      augmentDatabase(x, search(x, x, 2), { ...options, neighborCount: 1 }),
      literal(x, 2, (j) => [1 / (1 + two), two / (1 + two)][j]!),
      false,
    );
  });

  it("leaves out neighbors with another label", () => {
    const x = randomUnitRows(3, 30, 8);
    const labels = Int32Array.from({ length: 30 }, (_, i) => i % 3);
    expectRows(
      augmentDatabase(x, search(x, x, 5), { neighborCount: 2, labels }),
      literal(x, 3, (_, s, id, row) => (labels[id] === labels[row] ? s ** 3 : 0)),
      true,
    );
    // What is left keeps the weight of its place.
    expectRows(
      augmentDatabase(x, search(x, x, 5), { neighborCount: 4, labels, weights: "decay" }),
      literal(x, 5, (j, _, id, row) => (labels[id] === labels[row] ? (5 - j) / 5 : 0)),
      true,
    );
  });

  it("counts a row once, wherever it is in its list", () => {
    const x = randomUnitRows(4, 20, 6);
    const withSelf = search(x, x, 8);
    const lists = Array.from({ length: 20 }, (_, row) => [...withSelf.ids.subarray(row * 8, row * 8 + 8)]);
    const without = neighborsFrom(lists.map((list, row) => list.filter((id) => id !== row)));
    const last = neighborsFrom(lists.map((list, row) => [...list.filter((id) => id !== row), row]));
    const expected = augmentDatabase(x, withSelf, { neighborCount: 7 });
    expect(augmentDatabase(x, without, { neighborCount: 7 })).toEqual(expected);
    expect(augmentDatabase(x, last, { neighborCount: 7 })).toEqual(expected);
  });

  it("is expansion of the database by itself", () => {
    const x = randomUnitRows(5, 20, 6);
    const lists = search(x, x, 20);
    const others = neighborsFrom(
      Array.from({ length: 20 }, (_, row) =>
        [...lists.ids.subarray(row * 20, row * 20 + 20)].filter((id) => id !== row),
      ),
    );
    expect(augmentDatabase(x, lists)).toEqual(expandQueries(x, x, others, { neighborCount: 9 }));
    expect(augmentDatabase(x, lists, { weights: "decay" })).toEqual(
      expandQueriesWithDecay(x, x, others, { neighborCount: 9 }),
    );
  });

  it("weighs by a function of place and similarity, and the row itself as told", () => {
    const x = randomUnitRows(8, 20, 6);
    const weights = (rank: number, similarity: number): number => similarity / (2 + rank);
    expectRows(
      augmentDatabase(x, search(x, x, 6), { neighborCount: 5, weights, ownWeight: 0.25 }),
      literal(x, 6, (j, s) => (j === 0 ? 0.25 : s / (1 + j))),
      true,
    );
    // All of the graph, and 1 for the row itself.
    const others = neighborsFrom(
      Array.from({ length: 20 }, (_, row) => [...search(x, x, 6).ids.subarray(row * 6 + 1, row * 6 + 6)]),
    );
    expect(augmentDatabase(x, others, { weights })).toEqual(
      expandQueriesWithWeights(x, x, others, { weights }),
    );
  });

  it("sums fewer neighbors where there are fewer, and takes an empty database", () => {
    const lonely = neighborsFrom([
      [0, -1],
      [0, -1],
    ]);
    const { data } = augmentDatabase(database, lonely, { neighborCount: 2, weights: "average" });
    expect([...data.subarray(0, 2)]).toEqual([1, 0]);
    expect(data[2]).toBeCloseTo(2 / Math.sqrt(5), 6);
    const empty = { data: new Float32Array(), rows: 0, columns: 2 };
    const none = { ids: new Int32Array(), scores: new Float32Array(), rows: 0, k: 10 };
    expect(augmentDatabase(empty, none)).toEqual(empty);
  });

  it("does not depend on the order of rows, and writes to nothing", () => {
    const x = randomUnitRows(6, 20, 6);
    const lists = search(x, x, 12);
    const copies = structuredClone([x, lists]);
    const augmented = augmentDatabase(x, lists);
    expect([x, lists]).toEqual(copies);
    const turned = matrixFrom(Array.from({ length: 20 }, (_, row) => rowOf(x, 19 - row)));
    const reversed = augmentDatabase(turned, search(turned, turned, 12));
    for (let row = 0; row < 20; row++) expect(rowOf(reversed, 19 - row)).toEqual(rowOf(augmented, row));
  });

  it("adds 9 neighbors with the third power of their similarity, keeps negative ones, scales, unless told otherwise", () => {
    const x = randomUnitRows(7, 12, 6);
    const lists = search(x, x, 12);
    const explicit = {
      neighborCount: 9,
      weights: "power",
      alpha: 3,
      saturation: 1,
      negative: "keep",
      normalize: true,
    } as const;
    const augmented = augmentDatabase(x, lists);
    expect(augmented).toEqual(augmentDatabase(x, lists, explicit));
    for (const change of [
      { neighborCount: 10 },
      { weights: "average" as const },
      { alpha: 2 },
      { saturation: 0.5 },
      { negative: "clamp" as const },
      { normalize: false },
      { ownWeight: 2 },
      { labels: Int32Array.from({ length: 12 }, (_, i) => i) },
    ]) {
      expect(augmentDatabase(x, lists, { ...explicit, ...change })).not.toEqual(augmented);
    }
  });

  it("takes lists that are shorter than asked for like lists that end early", () => {
    const x = randomUnitRows(31, 12, 6);
    const lists = search(x, x, 5);
    const padded = neighborsFrom(
      Array.from({ length: 12 }, (_, row) => [
        ...lists.ids.subarray(row * 5, row * 5 + 5),
        ...new Array<number>(7).fill(-1),
      ]),
    );
    const labels = Int32Array.from({ length: 12 }, (_, i) => i % 2);
    for (const weights of [
      "power",
      "average",
      "decay",
      "log-spaced",
      (rank: number) => 1 / (1 + rank),
    ] as const) {
      for (const options of [
        { weights, neighborCount: 9 },
        { weights, neighborCount: 9, labels },
      ]) {
        expect(augmentDatabase(x, lists, options)).toEqual(augmentDatabase(x, padded, options));
      }
    }
    expect(augmentDatabase(x, lists)).toEqual(augmentDatabase(x, lists, { neighborCount: 5 }));
  });

  it("refuses what does not fit", () => {
    const refusal = (message: string) => new RangeError(`augmentDatabase: ${message}`);
    const one = { neighborCount: 1 } as const;
    expect(() => augmentDatabase(database, neighborsFrom([[1]]), one)).toThrow(
      refusal("expected `graph` to have 2 rows, got 1"),
    );
    expect(() => augmentDatabase(database, neighborsFrom([[1], [2]]), one)).toThrow(
      refusal("expected `graph.ids` to be -1 or a row number below 2, got 2 for query 1"),
    );
    expect(() => augmentDatabase(database, graph, { ...one, weights: [] })).toThrow(
      refusal("expected `weights` to hold at least `neighborCount` = 1 numbers, got 0"),
    );
    expect(() => augmentDatabase(database, graph, { weights: [Number.NaN] })).toThrow(
      refusal("expected `weights` to be finite, got NaN at 0"),
    );
    expect(() => augmentDatabase(database, graph, { ...one, weights: "mean" as "average" })).toThrow(
      refusal('expected `weights` to be "power" or "average" or "decay" or "log-spaced", got "mean"'),
    );
    expect(() => augmentDatabase(database, graph, { ...one, ownWeight: Infinity })).toThrow(
      refusal("expected `ownWeight` to be a finite number, got Infinity"),
    );
    for (const saturation of [0, 1.5, Number.NaN]) {
      expect(() => augmentDatabase(database, graph, { ...one, saturation })).toThrow(
        refusal(`expected \`saturation\` to be above 0 and at most 1, got ${saturation}`),
      );
    }
    expect(() => augmentDatabase(database, graph, { ...one, labels: new Int32Array(3) })).toThrow(
      refusal("expected `labels` to have 2 rows, got 3"),
    );
    expect(() => augmentDatabase({ ...database, data: Float32Array.of(1, 0, 3, 4) }, graph, one)).toThrow(
      refusal("expected rows of `database` to have length 1, got 5 in row 1; scale them first"),
    );
  });

  // The original computes in float32. Queries take their neighbors from the gallery as it was.
  it.each([
    ["alphaQe", "kqe=4,alpha=3,DBA kdba=3", { neighborCount: 4, alpha: 3 }],
    ["aqe", "kqe=2,DBA kdba=3", { neighborCount: 2, alpha: 0 }],
  ] as const)("equals the original program, with expanded queries: %s %s", (method, key, options) => {
    const q = unitRows(originals.input.queriesRaw);
    const gallery = unitRows(originals.input.galleryRaw);
    const expanded = expandQueries(q, gallery, search(q, gallery, 12), options);
    const augmented = augmentDatabase(gallery, search(gallery, gallery, 12), {
      neighborCount: 2,
      alpha: options.alpha,
    });
    const expected = (originals[method] as unknown as Record<string, number[][]>)[key]!;
    for (const [row, scores] of expected.entries()) {
      for (const [id, score] of scores.entries()) {
        expect(Math.abs(product(rowOf(expanded, row), rowOf(augmented, id)) - score)).toBeLessThan(1e-6);
      }
    }
  });
});
