import type { Matrix } from "@lmk/rerank";
import { type MatchDescriptorsOptions, matchDescriptors } from "@lmk/rerank/geometry";
import { describe, expect, it } from "vitest";
import { matrixFrom, product, randomUnitRows, rowOf, unitRows } from "./fixtures.ts";
import { createRandom } from "./random.ts";

type Pair = readonly [from: number, to: number, distance: number];

function pairsOf(a: Matrix, b: Matrix, options: MatchDescriptorsOptions = {}): Pair[] {
  const { from, to, distances } = matchDescriptors(a, b, options);
  return [...from].map((row, i) => [row, to[i]!, distances[i]!]);
}

function rowsOf(pairs: readonly Pair[]): (readonly [number, number])[] {
  return pairs.map(([from, to]) => [from, to]);
}

// Distances of rows of a to rows of b: 3 4 5 | 1 2 9 | 0 1 8 | 4.5 3.5 4.5.
const a = matrixFrom([[3], [1], [0], [4.5]]);
const b = matrixFrom([[0], [-1], [8]]);
const both = [
  [2, 0, 0],
  [1, 0, 1],
  [0, 0, 3],
  [3, 2, 3.5],
] as const;

/** The pairs that the options ask for, by full sorting. */
function literally(a: Matrix, b: Matrix, options: MatchDescriptorsOptions): Pair[] {
  const { metric, mode, maxDistance = Infinity, maxRatio = Infinity, sortBy } = options;
  const distance = (i: number, j: number) => {
    const [x, y] = [rowOf(a, i), rowOf(b, j)];
    if (metric === "cosine") return 1 - product(x, y) / Math.hypot(...x) / Math.hypot(...y);
    return Math.hypot(...x.map((value, c) => value - y[c]!));
  };
  const nearest = (count: number, distanceTo: (j: number) => number) =>
    Array.from({ length: count }, (_, j) => j).sort((i, j) => distanceTo(i) - distanceTo(j) || i - j);
  const found = [];
  for (let i = 0; i < a.rows; i++) {
    const [j, second] = nearest(b.rows, (j) => distance(i, j)) as [number, number];
    if (mode === "mutual" && nearest(a.rows, (row) => distance(row, j))[0] !== i) continue;
    const ratio = distance(i, j) / distance(i, second);
    if (!(distance(i, j) < maxDistance && ratio < maxRatio)) continue;
    found.push({
      pair: [i, j, distance(i, j)] as const,
      quality: sortBy === "ratio" ? ratio : distance(i, j),
    });
  }
  return found.sort((x, y) => x.quality - y.quality || x.pair[0] - y.pair[0]).map(({ pair }) => pair);
}

describe("matchDescriptors", () => {
  it("matches each row with the nearest one, best first", () => {
    expect(pairsOf(a, b)).toEqual(both);
  });

  it("leaves out rows that are not one another's nearest", () => {
    expect(rowsOf(pairsOf(a, b, { mode: "mutual" }))).toEqual([
      [2, 0],
      [3, 2],
    ]);
  });

  it("matches only below the distance and the ratio", () => {
    expect(rowsOf(pairsOf(a, b, { maxDistance: 3 }))).toEqual([
      [2, 0],
      [1, 0],
    ]);
    expect(rowsOf(pairsOf(a, b, { maxDistance: 3.01 }))).toEqual(rowsOf(both.slice(0, 3)));
    // Ratios 0, 1/2, 3/4, 3.5/4.5.
    expect(rowsOf(pairsOf(a, b, { maxRatio: 0.75 }))).toEqual(rowsOf(both.slice(0, 2)));
    expect(rowsOf(pairsOf(a, b, { maxRatio: 0.76 }))).toEqual(rowsOf(both.slice(0, 3)));
  });

  it("sorts by ratio where that is asked for", () => {
    const far = matrixFrom([[2], [40]]);
    const places = matrixFrom([[0], [5], [43]]);
    expect(rowsOf(pairsOf(far, places))).toEqual([
      [0, 0],
      [1, 2],
    ]);
    expect(rowsOf(pairsOf(far, places, { sortBy: "ratio" }))).toEqual([
      [1, 2],
      [0, 0],
    ]);
  });

  it("takes the first of equally near rows, and keeps the order of rows among equal pairs", () => {
    const same = matrixFrom([[1], [1], [1]]);
    expect(pairsOf(same, same)).toEqual([
      [0, 0, 0],
      [1, 0, 0],
      [2, 0, 0],
    ]);
    expect(pairsOf(same, same, { mode: "mutual" })).toEqual([[0, 0, 0]]);
    // Neither of two at the same place is the better one.
    expect(pairsOf(same, same, { maxRatio: 1 })).toEqual([]);
  });

  it("has no second nearest row where there is one, and no match where there is none", () => {
    expect(rowsOf(pairsOf(a, matrixFrom([[2]]), { maxRatio: 0.1 })).length).toBe(4);
    const none = { data: new Float32Array(0), rows: 0, columns: 1 };
    expect(pairsOf(a, none)).toEqual([]);
    expect(pairsOf(none, b)).toEqual([]);
    expect(pairsOf(none, none, { mode: "mutual" })).toEqual([]);
  });

  it("measures angles by cosine, 1 to a row of zeros", () => {
    const long = matrixFrom([
      [0, 5],
      [3, 3],
    ]);
    const other = matrixFrom([
      [0, 0],
      [0.1, 0],
      [0, 9],
    ]);
    const found = pairsOf(long, other, { metric: "cosine" });
    expect(rowsOf(found)).toEqual([
      [0, 2],
      [1, 1],
    ]);
    expect(found[0]![2]).toBe(0);
    expect(found[1]![2]).toBeCloseTo(1 - Math.SQRT1_2, 7);
    expect(pairsOf(matrixFrom([[0, 0]]), other, { metric: "cosine" })).toEqual([[0, 0, 1]]);
  });

  it("equals a full sort on random rows", () => {
    const random = createRandom(8);
    const rows = (count: number) =>
      matrixFrom(Array.from({ length: count }, () => Array.from({ length: 9 }, () => random() - 0.5)));
    const [x, y] = [rows(70), rows(83)];
    for (const metric of ["euclidean", "cosine"] as const) {
      for (const mode of ["nearest", "mutual"] as const) {
        for (const sortBy of ["distance", "ratio"] as const) {
          const options = { metric, mode, sortBy, maxDistance: 0.75, maxRatio: 0.98 };
          const expected = literally(x, y, options);
          const found = pairsOf(x, y, options);
          expect(expected.length).toBeGreaterThan(10);
          expect(rowsOf(found)).toEqual(rowsOf(expected));
          for (const [i, pair] of expected.entries()) expect(found[i]![2]).toBeCloseTo(pair[2], 12);
        }
      }
    }
  });

  it("matches both ways alike if mutual, and writes to nothing", () => {
    const [x, y] = [randomUnitRows(1, 50, 16), randomUnitRows(2, 60, 16)];
    const copies = structuredClone([x, y]);
    const there = pairsOf(x, y, { mode: "mutual" });
    const back = pairsOf(y, x, { mode: "mutual" });
    expect(new Set(there.map(([i, j]) => `${i} ${j}`))).toEqual(new Set(back.map(([i, j]) => `${j} ${i}`)));
    expect([x, y]).toEqual(copies);
  });

  it("has no bounds unless told otherwise", () => {
    expect(matchDescriptors(a, b)).toEqual(
      matchDescriptors(a, b, {
        mode: "nearest",
        metric: "euclidean",
        maxDistance: Infinity,
        maxRatio: Infinity,
        sortBy: "distance",
      }),
    );
    const opposite = unitRows([[1, 0]]);
    expect(pairsOf(opposite, matrixFrom([[-1, 0]]))).toEqual([[0, 0, 2]]);
  });

  it("refuses what does not fit", () => {
    const refuses = (x: Matrix, y: Matrix, options: MatchDescriptorsOptions, message: string) =>
      expect(() => matchDescriptors(x, y, options)).toThrow(
        new RangeError(`matchDescriptors: expected ${message}`),
      );
    refuses(a, matrixFrom([[1, 2]]), {}, "`b` to have 1 columns as `a` has, got 2");
    refuses(matrixFrom([[1], [Number.NaN]]), b, {}, "`a` to be finite, got NaN in row 1");
    refuses(a, matrixFrom([[1], [2], [-Infinity]]), {}, "`b` to be finite, got -Infinity in row 2");
    refuses({ ...a, rows: 3 }, b, {}, "`a.data` to hold 3 x 1 = 3 numbers, got 4");
    refuses(a, b, { mode: "all" as "mutual" }, '`mode` to be "nearest" or "mutual", got "all"');
    refuses(a, b, { metric: "dot" as "cosine" }, '`metric` to be "euclidean" or "cosine", got "dot"');
    refuses(a, b, { maxDistance: 0 }, "`maxDistance` to be above 0, got 0");
    refuses(a, b, { maxRatio: Number.NaN }, "`maxRatio` to be above 0, got NaN");
    refuses(a, b, { sortBy: "row" as "ratio" }, '`sortBy` to be "distance" or "ratio", got "row"');
  });
});
