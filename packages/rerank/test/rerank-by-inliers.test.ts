import type { InlierFusion, Neighbors } from "@lmk/rerank";
import { rerankByInliers } from "@lmk/rerank/geometry";
import { describe, expect, it } from "vitest";
import { createRandom } from "./random.ts";

function lists(
  k: number,
  ...rows: readonly (readonly (readonly [id: number, score: number])[])[]
): Neighbors {
  const ids = new Int32Array(rows.length * k).fill(-1);
  const scores = new Float32Array(rows.length * k).fill(-Infinity);
  for (const [row, list] of rows.entries()) {
    for (const [rank, [id, score]] of list.entries()) {
      ids[row * k + rank] = id;
      scores[row * k + rank] = score;
    }
  }
  return { ids, scores, rows: rows.length, k };
}

// Scores that float32 holds exactly.
const neighbors = lists(
  6,
  [
    [8, 0.875],
    [5, 0.75],
    [9, 0.625],
    [7, 0.5],
    [4, 0.375],
    [2, 0.25],
  ],
  [
    [3, 0.5],
    [1, 0.5],
  ],
);
const matches = lists(
  4,
  [
    [9, 30],
    [5, 12],
    [7, 12],
    [8, 0],
  ],
  [[1, 140]],
);

describe("rerankByInliers", () => {
  it("sorts by inliers, then by the score of the first search", () => {
    const { ids, scores, rows, k } = rerankByInliers(neighbors, matches);
    expect([rows, k]).toEqual([2, 6]);
    // What was not verified has no inliers.
    expect([...ids]).toEqual([9, 5, 7, 8, 4, 2, 1, 3, -1, -1, -1, -1]);
    expect([...scores.subarray(0, 6)]).toEqual([30, 12, 12, 0, 0, 0]);
    expect([...scores.subarray(6)]).toEqual([140, 0, -Infinity, -Infinity, -Infinity, -Infinity]);
  });

  it("adds a share of the cap", () => {
    // 2020, with cap 60 for round numbers: 9 has 0.625 + 0.5, 5 has 0.75 + 0.2, 7 has 0.5 + 0.2, 1 has 0.5 + 1.
    const fusion = { kind: "add-capped", weight: 1, cap: 60 } as const;
    const { ids, scores } = rerankByInliers(neighbors, matches, { fusion });
    expect([...ids.subarray(0, 8)]).toEqual([9, 5, 8, 7, 4, 2, 1, 3]);
    for (const [rank, score] of [1.125, 0.95, 0.875, 0.7, 0.375, 0.25, 1.5, 0.5].entries()) {
      expect(scores[rank]).toBeCloseTo(score, 6);
    }
  });

  it("gives the order of 2019's bonus with weight 0.5 and cap 70", () => {
    // (1 - d²) + min(70, inliers) / 70, of d² = 0.3, 0.4, 0.5 and 20, 0, 100 inliers: 0.985714, 0.6, 1.5.
    const squared = [0.3, 0.4, 0.5];
    const found = lists(
      3,
      squared.map((d, id) => [id, 1 - d / 2] as const),
    );
    const verified = lists(3, [
      [0, 20],
      [1, 0],
      [2, 100],
    ]);
    const fusion = { kind: "add-capped", weight: 0.5, cap: 70 } as const;
    const { ids, scores } = rerankByInliers(found, verified, { fusion });
    expect([...ids]).toEqual([2, 0, 1]);
    for (const [rank, score] of [1.5, 0.985714, 0.6].entries()) {
      expect(2 * scores[rank]! - 1).toBeCloseTo(score, 6);
    }
  });

  it("leaves what is behind the depth, lowered where it would come first", () => {
    const { ids, scores } = rerankByInliers(neighbors, matches, { depth: 3 });
    expect([...ids.subarray(0, 6)]).toEqual([9, 5, 8, 7, 4, 2]);
    // 7 has 0.5, which is 0.5 above the 0 of 8.
    expect([...scores.subarray(0, 6)]).toEqual([30, 12, 0, 0, -0.125, -0.25]);
    const two = rerankByInliers(neighbors, matches, {
      depth: 2,
      fusion: { kind: "add-capped", weight: 1, cap: 70 },
    });
    expect([...two.ids.subarray(0, 6)]).toEqual([5, 8, 9, 7, 4, 2]);
    expect([...two.scores.subarray(2, 6)]).toEqual([0.625, 0.5, 0.375, 0.25]);
  });

  it("breaks remaining ties by id", () => {
    const tied = lists(3, [
      [6, 0.5],
      [2, 0.5],
      [4, 0.5],
    ]);
    expect([...rerankByInliers(tied, lists(1, [])).ids]).toEqual([2, 4, 6]);
    const some = lists(2, [
      [6, 3],
      [4, 3],
    ]);
    expect([...rerankByInliers(tied, some).ids]).toEqual([4, 6, 2]);
  });

  it("gives empty lists for no neighbors and no queries", () => {
    const nothing = lists(2, []);
    expect(rerankByInliers(nothing, lists(1, []))).toEqual(nothing);
    const nobody = lists(2);
    expect(rerankByInliers(nobody, lists(1))).toEqual(nobody);
  });

  it("sorts 100 inliers first unless told otherwise, and writes to nothing", () => {
    const copies = structuredClone([neighbors, matches]);
    expect(rerankByInliers(neighbors, matches)).toEqual(
      rerankByInliers(neighbors, matches, { depth: 100, fusion: { kind: "inliers-first" } }),
    );
    expect([neighbors, matches]).toEqual(copies);
    const long = lists(
      120,
      Array.from({ length: 120 }, (_, id) => [id, 1 - id / 128] as const),
    );
    const last = lists(2, [
      [99, 5],
      [100, 9],
    ]);
    expect([...rerankByInliers(long, last).ids.subarray(0, 2)]).toEqual([99, 0]);
  });

  it("equals a sort of records, and follows a renaming of ids", () => {
    const random = createRandom(6);
    const list = Array.from({ length: 40 }, (_, id) => [id * 3, Math.round(random() * 16) / 16] as const);
    list.sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    const counts = list.map(([id]) => [id, Math.floor(random() * 6)] as const);
    const found = rerankByInliers(lists(40, list), lists(40, counts), { depth: 25 });
    const inliers = new Map(counts);
    const head = list.slice(0, 25);
    head.sort((a, b) => inliers.get(b[0])! - inliers.get(a[0])! || b[1] - a[1] || a[0] - b[0]);
    expect([...found.ids]).toEqual([...head, ...list.slice(25)].map(([id]) => id));
    for (let i = 1; i < 40; i++) expect(found.scores[i]).toBeLessThanOrEqual(found.scores[i - 1]!);
    const renamed = ([id, value]: readonly [number, number]) => [id + 7, value] as const;
    const moved = rerankByInliers(lists(40, list.map(renamed)), lists(40, counts.map(renamed)), {
      depth: 25,
    });
    expect([...moved.ids]).toEqual([...found.ids].map((id) => id + 7));
  });

  it("refuses what does not fit", () => {
    const refuses = (message: string, changed: Partial<Record<"neighbors" | "matches", Neighbors>>) =>
      expect(() => rerankByInliers(changed.neighbors ?? neighbors, changed.matches ?? matches)).toThrow(
        new RangeError(`rerankByInliers: expected ${message}`),
      );
    refuses("`matches` to have 2 rows, got 1", { matches: lists(1, []) });
    refuses("`matches.k` to be a positive integer, got 0", { matches: { ...matches, k: 0 } });
    refuses("`matches` to hold 2 x 3 = 6 ids and scores, got 8 and 8", { matches: { ...matches, k: 3 } });
    refuses("`matches.scores` to be counts, got -1 for query 1", { matches: lists(1, [], [[4, -1]]) });
    refuses("`matches.scores` to be counts, got NaN for query 0", {
      matches: lists(1, [[4, Number.NaN]], []),
    });
    const one = (...list: readonly (readonly [number, number])[]) => ({ neighbors: lists(3, list) });
    refuses("`neighbors.scores` to descend, got 0.75 after 0.5 for query 0", one([1, 0.5], [2, 0.75]));
    refuses("`neighbors.scores` to be finite, got Infinity for query 0", one([1, Infinity]));
    refuses(
      "`neighbors.ids` to have -1 at the end of a list only, got 2 after it for query 0",
      one([-1, 0.5], [2, 0.25]),
    );
    const fusions: readonly (readonly [string, InlierFusion])[] = [
      [
        '`fusion.kind` to be "inliers-first" or "add-capped", got "replace"',
        { kind: "replace" } as unknown as InlierFusion,
      ],
      ["`fusion.weight` to be a finite number, got NaN", { kind: "add-capped", weight: Number.NaN, cap: 1 }],
      ["`fusion.cap` to be a number above 0, got 0", { kind: "add-capped", weight: 1, cap: 0 }],
    ];
    for (const [message, fusion] of fusions) {
      expect(() => rerankByInliers(neighbors, matches, { fusion })).toThrow(
        new RangeError(`rerankByInliers: expected ${message}`),
      );
    }
    expect(() => rerankByInliers(neighbors, matches, { depth: 1.5 })).toThrow(
      new RangeError("rerankByInliers: expected `depth` to be a positive integer, got 1.5"),
    );
  });
});
