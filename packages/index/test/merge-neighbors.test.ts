import { exactSearch, type Metric, mergeNeighbors, type Neighbors } from "@lmk/index";
import { describe, expect, it } from "vitest";
import { randomMatrix, slice } from "./fixtures.ts";
import { createRandom } from "./random.ts";

/** Lists of pairs [id, score]. */
function lists(k: number, ...rows: readonly (readonly (readonly [number, number])[])[]): Neighbors {
  const padded = rows.flatMap((row) =>
    Array.from({ length: k }, (_, i) => row[i] ?? ([-1, -Infinity] as const)),
  );
  return {
    ids: Int32Array.from(padded, ([id]) => id),
    scores: Float32Array.from(padded, ([, score]) => score),
    rows: rows.length,
    k,
  };
}

describe("mergeNeighbors", () => {
  const first = lists(2, [
    [1, 0.5],
    [0, 0.25],
  ]);
  const second = lists(2, [
    [2, 0.5],
    [0, 0.375],
  ]);

  it("takes the best of all parts, of equal scores the smaller id", () => {
    expect(mergeNeighbors([first, second], { offsets: [0, 3] })).toEqual(
      lists(2, [
        [1, 0.5],
        [5, 0.5],
      ]),
    );
    expect(mergeNeighbors([second, first], { offsets: [3, 0] })).toEqual(
      lists(2, [
        [1, 0.5],
        [5, 0.5],
      ]),
    );
    expect(mergeNeighbors([second, first], { offsets: [0, 3] })).toEqual(
      lists(2, [
        [2, 0.5],
        [4, 0.5],
      ]),
    );
  });

  it("keeps ids without offsets, and the smallest k of the parts", () => {
    const wide = lists(3, [
      [7, 1],
      [9, 0.5],
      [8, 0.25],
    ]);
    expect(mergeNeighbors([first, wide])).toEqual(
      lists(2, [
        [7, 1],
        [1, 0.5],
      ]),
    );
    expect(mergeNeighbors([wide], { k: 1 })).toEqual(lists(1, [[7, 1]]));
  });

  it("ends lists with -1 and -Infinity where parts have too few", () => {
    expect(mergeNeighbors([lists(3, [[0, 2]], []), lists(3, [[1, 3]], [])])).toEqual(
      lists(
        3,
        [
          [1, 3],
          [0, 2],
        ],
        [],
      ),
    );
    expect(mergeNeighbors([lists(2)])).toEqual(lists(2));
  });

  it("merges parts whose rows interleave", () => {
    const even = lists(2, [
      [4, 3],
      [0, 1],
    ]);
    const odd = lists(2, [
      [1, 3],
      [3, 2],
    ]);
    expect(mergeNeighbors([even, odd])).toEqual(
      lists(2, [
        [1, 3],
        [4, 3],
      ]),
    );
  });

  it("gives the bits of one search, however the database is cut", () => {
    const queries = randomMatrix(1, 9, 7);
    // Small whole numbers, so that many scores are equal.
    const random = createRandom(2);
    const data = Float32Array.from({ length: 60 * 7 }, () => Math.floor(3 * random()) - 1);
    const database = { data, rows: 60, columns: 7 };
    const steps = { data: queries.data.map((x) => Math.round(4 * x)), rows: 9, columns: 7 };
    for (const metric of ["dot", "l2"] satisfies Metric[]) {
      for (const all of [queries, steps]) {
        const whole = exactSearch(all, database, { k: 12, metric });
        for (const cuts of [
          [0, 60],
          [0, 1, 2, 60],
          [0, 13, 13, 41, 55, 60],
        ]) {
          const parts = cuts
            .slice(1)
            .map((end, i) => exactSearch(all, slice(database, cuts[i]!, end), { k: 12, metric }));
          expect(mergeNeighbors(parts, { offsets: cuts.slice(0, -1) })).toEqual(whole);
        }
      }
    }
  });

  it("leaves the parts as they are", () => {
    const copy = structuredClone(first);
    mergeNeighbors([first, second], { offsets: [0, 3] });
    expect(first).toEqual(copy);
  });

  const order = "to be best first, ties by smaller id, then -1 and -Infinity, got another order";
  it.each([
    ["no parts", [], {}, "`parts` to hold at least one part, got none"],
    ["k of 0", [first], { k: 0 }, "`k` to be a positive integer, got 0"],
    ["k above a part's", [first], { k: 3 }, "`parts[0]` to have at least `k` = 3 neighbors per query, got 2"],
    [
      "numbers of queries that differ",
      [first, lists(2)],
      {},
      "`parts[1]` to have 1 queries like `parts[0]`, got 0",
    ],
    [
      "ids cut off",
      [{ ...first, ids: first.ids.subarray(1) }],
      {},
      "`parts[0].ids` to hold 1 x 2 = 2 numbers, got 1",
    ],
    [
      "scores cut off",
      [{ ...first, scores: first.scores.subarray(1) }],
      {},
      "`parts[0].scores` to hold 1 x 2 = 2 numbers, got 1",
    ],
    [
      "offsets that are too few",
      [first, second],
      { offsets: [0] },
      "`offsets` to have one number for each of 2 parts, got 1",
    ],
    ["an offset below 0", [first], { offsets: [-1] }, "`offsets[0]` to be a non-negative integer, got -1"],
    [
      "ids beyond int32",
      [first],
      { offsets: [2 ** 31 - 1] },
      "ids to be below 2^31 with `offsets[0]` added, got 2147483648",
    ],
    [
      "a rising score",
      [
        lists(
          2,
          [],
          [
            [0, 1],
            [1, 2],
          ],
        ),
      ],
      {},
      `list 1 of \`parts[0]\` ${order}`,
    ],
    ["NaN", [lists(1, [[0, Number.NaN]])], {}, `list 0 of \`parts[0]\` ${order}`],
    [
      "equal scores with falling ids",
      [
        first,
        lists(2, [
          [1, 1],
          [0, 1],
        ]),
      ],
      {},
      `list 0 of \`parts[1]\` ${order}`,
    ],
    [
      "a gap",
      [
        lists(2, [
          [-1, -Infinity],
          [0, 1],
        ]),
      ],
      {},
      `list 0 of \`parts[0]\` ${order}`,
    ],
    ["a score without an id", [lists(1, [[-1, 0]])], {}, `list 0 of \`parts[0]\` ${order}`],
    ["a negative id", [lists(1, [[-2, 0]])], {}, `list 0 of \`parts[0]\` ${order}`],
    [
      "a row in two parts",
      [
        second,
        lists(2, [
          [2, 0.75],
          [3, 0.25],
        ]),
      ],
      {},
      "`parts` to be of disjoint rows, got id 2 twice for query 0",
    ],
  ] as const)("refuses %s", (_, parts, options, message) => {
    expect(() => mergeNeighbors(parts, options)).toThrow(
      new RangeError(`mergeNeighbors: expected ${message}`),
    );
  });
});
