import {
  fuseRankings,
  type Matrix,
  type Neighbors,
  predictLabels,
  rerankByFastKReciprocal,
  rerankByFastKReciprocalAsync,
  rerankByLandmarkAndCountry,
  voteTags,
} from "@lmk/rerank";
import { describe, expect, it } from "vitest";
import { matrixFrom, neighborsFrom, randomUnitRows, rowOf, search, unitRows } from "./fixtures.ts";
import golden from "./golden/expansion.json" with { type: "json" };

/** The toy of the specification: rows of sines, some of which are scaled to length 1. */
function sines(rows: number, columns: number, value: (k: number) => number): number[][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => value(row * columns + column)),
  );
}

function blend(a: readonly number[][], b: readonly number[][], factor: number): number[][] {
  return a.map((row, i) => row.map((value, j) => value + factor * b[i]![j]!));
}

const centers = sines(12, 8, (k) => Math.sin(1 + k));
const toyReferences = unitRows(
  blend(
    Array.from({ length: 60 }, (_, i) => centers[Math.floor(i / 5)]!),
    sines(60, 8, (k) => Math.sin(7 + 1.7 * k)),
    0.35,
  ),
);
const toyIndex = unitRows(
  blend(
    [0, 0, 1, 2, 3, 4, 5, 6, 7, 8].map((i) => centers[i]!),
    sines(10, 8, (k) => Math.cos(3 + 2.3 * k)),
    0.3,
  ),
);
const toyQuery = unitRows([
  centers[0]!.map((value, j) => value + 0.93 * centers[8]![j]! + 0.1 * centers[9]![j]!),
]);
const landmarks = Int32Array.from({ length: 60 }, (_, i) => (i === 21 ? 9 : Math.floor(i / 5)));
const countries = landmarks.map((landmark) => Math.floor(landmark / 4));

function rerank(queries: Matrix, references: Matrix, k = 30): Neighbors {
  const graph = search(references, references, Math.min(30, references.rows));
  return rerankByFastKReciprocal(queries, references, search(queries, references, k), graph);
}

describe("rerankByFastKReciprocal", () => {
  it("gives the numbers of the specification's toy", () => {
    const { ids, scores } = rerank(toyQuery, toyReferences);
    expect([...ids.subarray(0, 5)]).toEqual([24, 20, 21, 23, 22]);
    for (const [i, score] of [0.878574, 0.872783, 0.856548, 0.853224, 0.781644].entries()) {
      expect(Math.abs(scores[i]! - score)).toBeLessThan(1e-5);
    }
  });

  it("gives the votes and the re-ranked list of the specification's toy", () => {
    const reference = search(toyIndex, toyReferences, 1);
    const indexLandmarks = predictLabels(reference, landmarks, { neighborCount: 1 }).labels;
    const indexCountries = predictLabels(reference, countries, { neighborCount: 1 }).labels;
    expect([...indexLandmarks]).toEqual([0, 0, 1, 2, 3, 9, 5, 6, 7, 8]);
    expect([...indexCountries]).toEqual([0, 0, 0, 0, 0, 2, 1, 1, 1, 2]);
    const ranked = rerank(toyQuery, toyReferences);
    const queryLandmarks = voteTags(ranked, landmarks);
    const queryCountries = voteTags(ranked, countries);
    expect([...queryLandmarks.tags]).toEqual([4, 9, -1]);
    expect([...queryCountries.tags]).toEqual([1, 2, -1]);
    for (const { shares } of [queryLandmarks, queryCountries]) {
      expect(Math.abs(shares[0]! - 0.671557)).toBeLessThan(1e-5);
      expect(Math.abs(shares[1]! - 0.328443)).toBeLessThan(1e-5);
    }
    const evidence = [{ queryLandmarks, queryCountries, indexLandmarks, indexCountries }];
    const { ids, scores } = rerankByLandmarkAndCountry(search(toyQuery, toyIndex, 10), evidence);
    expect([...ids]).toEqual([5, 9, 1, 0, 8, 2, 4, 6, 7, 3]);
    const expected = [
      0.793298, 0.794232, 0.369753, -0.935494, -0.107124, 1.324158, -0.134249, -0.873935, 0.61251, 0.849982,
    ];
    for (const [rank, id] of ids.entries()) {
      expect(Math.abs(scores[rank]! - expected[id]!)).toBeLessThan(1e-5);
    }
  });

  // Outputs of the original are rounded to 1e-7 and computed in float32.
  it("equals the original program, from its scores to the adjusted ones", () => {
    const expected = golden.fastKReciprocal;
    const q = unitRows(expected.queries);
    const r = unitRows(expected.references);
    const x = unitRows(expected.index);
    const ranked = rerank(q, r, 150);
    for (const [at, id] of ranked.ids.entries()) {
      const score = expected.scores[Math.floor(at / 150)]![id]!;
      expect(Math.abs(ranked.scores[at]! - score)).toBeLessThan(2e-6);
    }
    const tags = Int32Array.from({ length: 150 }, (_, i) => Math.floor(i / 6));
    const places = tags.map((tag) => Math.floor(tag / 5));
    const nearest = search(x, r, 1);
    const queryLandmarks = voteTags(ranked, tags);
    const queryCountries = voteTags(ranked, places);
    for (const [row, shares] of expected.landmarkShares.entries()) {
      for (const [i, share] of shares.entries()) {
        const at = queryLandmarks.tags.subarray(row * 3, row * 3 + 3).indexOf(expected.landmarks[row]![i]!);
        expect(Math.abs(queryLandmarks.shares[row * 3 + at]! - share)).toBeLessThan(1e-5);
      }
    }
    const result = rerankByLandmarkAndCountry(search(q, x, 20), [
      {
        queryLandmarks,
        queryCountries,
        indexLandmarks: predictLabels(nearest, tags, { neighborCount: 1 }).labels,
        indexCountries: predictLabels(nearest, places, { neighborCount: 1 }).labels,
      },
    ]);
    for (const [at, id] of result.ids.entries()) {
      const score = expected.adjusted[Math.floor(at / 20)]![id]!;
      expect(Math.abs(result.scores[at]! - score)).toBeLessThan(1e-5);
    }
  });

  it.each([
    ["K1=7,K2=1", { reciprocalCount: 7, averageCount: 1 }],
    ["K1=5,K2=2", { reciprocalCount: 5, averageCount: 2 }],
  ] as const)("equals the original program with odd numbers, halved as numpy rounds: %s", (key, counts) => {
    const expected = golden.fastKReciprocal;
    const q = unitRows(expected.queries);
    const r = unitRows(expected.references);
    const graph = search(r, r, 30);
    const ranked = rerankByFastKReciprocal(q, r, search(q, r, 150), graph, counts);
    for (const [at, id] of ranked.ids.entries()) {
      const score = expected.otherScores[key][Math.floor(at / 150)]![id]!;
      expect(Math.abs(ranked.scores[at]! - score)).toBeLessThan(2e-6);
    }
  });

  it("gives for short lists the first of long ones", () => {
    const q = randomUnitRows(1, 4, 6);
    const r = randomUnitRows(2, 120, 6);
    const all = rerank(q, r, 120);
    const few = rerank(q, r, 30);
    for (let row = 0; row < 4; row++) {
      expect(few.ids.slice(row * 30, row * 30 + 30)).toEqual(all.ids.slice(row * 120, row * 120 + 30));
    }
  });

  it("does with fewer references than it expands to, with duplicates and without queries", () => {
    const r = matrixFrom([
      [1, 0],
      [1, 0],
      [0, 1],
    ]);
    const { ids, scores } = rerank(matrixFrom([[1, 0]]), r, 5);
    expect([...ids]).toEqual([0, 1, 2, -1, -1]);
    expect([...scores.subarray(0, 2)]).toEqual([1, 1]);
    const none = { data: new Float32Array(), rows: 0, columns: 2 };
    expect(rerank(none, r, 2)).toEqual({
      ids: new Int32Array(),
      scores: new Float32Array(),
      rows: 0,
      k: 2,
    });
    const graph = { ids: new Int32Array(), scores: new Float32Array(), rows: 0, k: 1 };
    const nothing = rerankByFastKReciprocal(matrixFrom([[1, 0]]), none, neighborsFrom([[-1]]), graph);
    expect([...nothing.ids]).toEqual([-1]);
  });

  it("keeps the order of cosines where only these count", () => {
    const q = randomUnitRows(3, 3, 6);
    const r = randomUnitRows(4, 50, 6);
    const found = search(q, r, 20);
    const graph = search(r, r, 30);
    expect(rerankByFastKReciprocal(q, r, found, graph, { lambda: 1 }).ids).toEqual(found.ids);
  });

  it("follows its rows when references are renumbered, and leaves a graph without own rows as good", () => {
    const q = randomUnitRows(5, 3, 6);
    const r = randomUnitRows(6, 60, 6);
    const turned = matrixFrom(Array.from({ length: 60 }, (_, row) => rowOf(r, 59 - row)));
    const straight = rerank(q, r);
    const reversed = rerank(q, turned);
    expect(reversed.ids.map((id) => 59 - id)).toEqual(straight.ids);
    const graph = search(r, r, 30);
    const lists = Array.from({ length: 60 }, (_, row) =>
      [...graph.ids.subarray(row * 30, row * 30 + 30)].filter((id) => id !== row),
    );
    const others = rerankByFastKReciprocal(q, r, search(q, r, 30), neighborsFrom(lists));
    expect(others).toEqual(straight);
  });

  it("expands to 30, encodes 10 and averages 3, with equal shares, unless told otherwise", () => {
    const q = randomUnitRows(7, 4, 6);
    const r = randomUnitRows(8, 200, 6);
    const graph = search(r, r, 40);
    const found = search(q, r, 40);
    const explicit = { expansionCount: 30, reciprocalCount: 10, averageCount: 3, lambda: 0.5 };
    const result = rerankByFastKReciprocal(q, r, found, graph);
    expect(result).toEqual(rerankByFastKReciprocal(q, r, found, graph, explicit));
    for (const change of [
      { expansionCount: 5 },
      { reciprocalCount: 9 },
      { averageCount: 2 },
      { lambda: 0.4 },
    ]) {
      expect(rerankByFastKReciprocal(q, r, found, graph, { ...explicit, ...change })).not.toEqual(result);
    }
  });

  it("gives the same bits in threads, and rejects with the reason of its signal", async () => {
    const q = randomUnitRows(9, 7, 6);
    const r = randomUnitRows(10, 100, 6);
    const graph = search(r, r, 30);
    const found = search(q, r, 30);
    const expected = rerankByFastKReciprocal(q, r, found, graph);
    for (const threads of [0, 1, 2]) {
      expect(await rerankByFastKReciprocalAsync(q, r, found, graph, { threads })).toEqual(expected);
    }
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await expect(rerankByFastKReciprocalAsync(q, r, found, graph, { signal })).rejects.toBe(reason);
  });

  it("refuses what does not fit", async () => {
    const q = randomUnitRows(1, 2, 4);
    const r = randomUnitRows(2, 6, 4);
    const graph = search(r, r, 3);
    const found = search(q, r, 3);
    const refusal = (message: string) => new RangeError(`rerankByFastKReciprocal: ${message}`);
    expect(() => rerankByFastKReciprocal(q, randomUnitRows(2, 6, 5), found, graph)).toThrow(
      refusal("expected `references` to have 4 columns like `queries`, got 5"),
    );
    expect(() => rerankByFastKReciprocal(q, r, found, search(q, r, 3))).toThrow(
      refusal("expected `graph` to have 6 rows, got 2"),
    );
    expect(() => rerankByFastKReciprocal(q, r, graph, graph)).toThrow(
      refusal("expected `neighbors` to have 2 rows, got 6"),
    );
    for (const name of ["expansionCount", "reciprocalCount", "averageCount"]) {
      expect(() => rerankByFastKReciprocal(q, r, found, graph, { [name]: 0 })).toThrow(
        refusal(`expected \`${name}\` to be a positive integer, got 0`),
      );
    }
    for (const lambda of [-0.1, 1.1, Number.NaN]) {
      expect(() => rerankByFastKReciprocal(q, r, found, graph, { lambda })).toThrow(
        refusal(`expected \`lambda\` to be from 0 to 1, got ${lambda}`),
      );
    }
    // A query with 2 · 2 references: 4 · 5 (5 + 4 + 8) bytes, and 6 (4 · 2 + 1) for the lists of six.
    const small = { expansionCount: 2, reciprocalCount: 1 };
    expect(() => rerankByFastKReciprocal(q, r, found, graph, { ...small, memoryLimit: 393 })).toThrow(
      refusal("expected to need at most `memoryLimit` = 393 bytes, got 394"),
    );
    expect(() => rerankByFastKReciprocal(q, r, found, graph, { ...small, memoryLimit: 394 })).not.toThrow();
    const long = { ...r, data: r.data.map((value) => 2 * value) };
    expect(() => rerankByFastKReciprocal(q, long, found, graph)).toThrow(
      /^rerankByFastKReciprocal: expected rows of `references` to have length 1, got [12]/,
    );
    await expect(rerankByFastKReciprocalAsync(q, r, found, graph, { lambda: 2, threads: 0 })).rejects.toThrow(
      new RangeError("rerankByFastKReciprocalAsync: expected `lambda` to be from 0 to 1, got 2"),
    );
  });
});

describe("fuseRankings of re-ranked lists", () => {
  it("is the same before and after merging, for complete lists", () => {
    const x = randomUnitRows(11, 12, 6);
    const models = [12, 13].map((seed) => {
      const q = randomUnitRows(seed, 3, 6);
      const voters = search(q, x, 3);
      const tags = Int32Array.from({ length: 12 }, (_, i) => i % 4);
      const places = tags.map((tag) => tag >> 1);
      const evidence = {
        queryLandmarks: voteTags(voters, tags),
        queryCountries: voteTags(voters, places),
        indexLandmarks: tags,
        indexCountries: places,
      };
      return { found: search(q, x, 12), evidence };
    });
    const before = fuseRankings(
      models.map(({ found, evidence }) => rerankByLandmarkAndCountry(found, [evidence])),
    );
    const after = rerankByLandmarkAndCountry(
      fuseRankings(models.map(({ found }) => found)),
      models.map(({ evidence }) => evidence),
    );
    expect(after.ids).toEqual(before.ids);
    for (const [i, score] of after.scores.entries()) expect(score).toBeCloseTo(before.scores[i]!, 5);
  });
});
