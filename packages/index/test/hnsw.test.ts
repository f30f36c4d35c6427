import { type Embeddings, exactSearch, type Neighbors, toFloat32, toHalf, toInt8 } from "@lmk/index";
import { createHnswIndex, type HnswDtype, type HnswLibrary, isHnswAvailable } from "@lmk/index/hnsw";
import { describe, expect, it } from "vitest";
import { clusteredMatrix, matrixFrom, randomMatrix, slice } from "./fixtures.ts";
import { describeLibraries, describeLibrary } from "./hnsw-libraries.ts";

const rows = matrixFrom([
  [1, 2, 3],
  [2, 3, 4],
  [3, 4, 5],
]);
const query = matrixFrom([[1, 2, 5]]);

function sharedFraction(truth: Neighbors, found: Neighbors): number {
  let shared = 0;
  for (let row = 0; row < truth.rows; row++) {
    const ids = new Set(truth.ids.subarray(row * truth.k, (row + 1) * truth.k));
    for (const id of found.ids.subarray(row * truth.k, (row + 1) * truth.k)) if (ids.has(id)) shared += 1;
  }
  return shared / truth.ids.length;
}

async function indexOf(
  matrix: Embeddings,
  options: Omit<Parameters<typeof createHnswIndex>[0], "dimension">,
) {
  const index = await createHnswIndex({ dimension: matrix.columns, ...options });
  await index.add(matrix);
  return index;
}

it("takes hnswlib where both libraries load, and the one that an option asks for", async () => {
  const libraryOf = async (options: object) => {
    const index = await createHnswIndex({ dimension: 2, ...options });
    await index.dispose();
    return [index.library, index.dtype, index.metric];
  };
  expect(await isHnswAvailable("usearch")).toBe(true);
  expect(await libraryOf({ dtype: "int8" })).toEqual(["usearch", "int8", "cosine"]);
  expect(await libraryOf({ threads: 2 })).toEqual(["usearch", "float32", "cosine"]);
  if (!(await isHnswAvailable("hnswlib"))) return;
  expect(await libraryOf({})).toEqual(["hnswlib", "float32", "cosine"]);
  expect(await libraryOf({ dtype: "float32", threads: 1 })).toEqual(["hnswlib", "float32", "cosine"]);
});

describeLibraries("search", (library) => {
  it.each([
    ["l2", [1, 0], [-3, -4]],
    ["dot", [2, 1], [36, 28]],
    ["cosine", [0, 1], [20 / Math.sqrt(14 * 30), 28 / Math.sqrt(29 * 30)]],
  ] as const)("finds what is worked out by hand (%s)", async (metric, ids, scores) => {
    const index = await indexOf(rows, { metric, library });
    const found = await index.search(query, { k: 2 });
    expect([found.rows, found.k]).toEqual([1, 2]);
    expect([...found.ids]).toEqual(ids);
    for (const [i, score] of scores.entries()) expect(found.scores[i]).toBeCloseTo(score, 5);
  });

  it("finds what the tests and manuals of other libraries say", async () => {
    const faiss = matrixFrom([
      [1, 0],
      [1, 2],
      [1, 3],
      [1, 1],
    ]);
    const first = await (await indexOf(faiss, { metric: "l2", library })).search(slice(faiss, 0, 1), {
      k: 4,
    });
    expect([...first.ids]).toEqual([0, 3, 1, 2]);
    expect([...first.scores].map(Math.abs)).toEqual([0, 1, 4, 9]);

    const hnswlib = matrixFrom([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
    ]);
    const cosines = await (await indexOf(hnswlib, { library })).search(matrixFrom([[1, 2, 2]]), { k: 2 });
    expect([...cosines.ids]).toEqual([1, 2]);
    expect(1 - cosines.scores[0]!).toBeCloseTo(0.012341678, 6);
    expect(1 - cosines.scores[1]!).toBeCloseTo(0.018790483, 6);

    const usearch = await createHnswIndex({ dimension: 2, metric: "l2", library });
    const keys = Int32Array.of(15, 16);
    await usearch.add(
      matrixFrom([
        [10, 20],
        [10, 25],
      ]),
      { ids: keys },
    );
    const second = await usearch.search(matrixFrom([[13, 14]]), { k: 2 });
    expect([...second.ids, ...second.scores]).toEqual([15, 16, -45, -130]);
  });

  it("fills up with -1 and -Infinity where it holds fewer rows, also when empty", async () => {
    const index = await createHnswIndex({ dimension: 3, metric: "l2", library });
    expect([...(await index.search(query, { k: 2 })).ids]).toEqual([-1, -1]);
    expect(index.rows).toBe(0);
    await index.add(slice(rows, 0, 1));
    const one = await index.search(query, { k: 2 });
    expect([...one.ids, ...one.scores]).toEqual([0, -1, -4, -Infinity]);
    const two = await index.search(matrixFrom([[1, 2, 5], [1, 2, 3]]), { k: 2 }); // biome-ignore format: short
    expect([...two.ids]).toEqual([0, -1, 0, -1]);
    expect((await index.search({ data: new Float32Array(0), rows: 0, columns: 3 }, { k: 2 })).ids).toEqual(
      new Int32Array(0),
    );
  });

  it("gives equal scores to the smaller id first", async () => {
    const index = await indexOf(matrixFrom(Array.from({ length: 20 }, () => [1, 1])), { library });
    const { ids } = await index.search(matrixFrom([[1, 1]]), { k: 20 });
    expect([...ids]).toEqual(Array.from({ length: 20 }, (_, id) => id));
  });

  it("takes rows of any length where only directions count", async () => {
    const index = await indexOf(
      matrixFrom([
        [3e38, 3e38],
        [1e-40, 0],
        [0, 1],
      ]),
      { library },
    );
    const found = await index.search(matrixFrom([[1e38, 1e38]]), { k: 3 });
    expect([...found.ids]).toEqual([0, 1, 2]);
    expect(found.scores[0]).toBeCloseTo(1, 5);
    expect(found.scores[1]).toBeCloseTo(Math.SQRT1_2, 5);
  });

  it("leaves what it is given as it was", async () => {
    const matrix = randomMatrix(1, 10, 4);
    const copy = matrix.data.slice();
    const index = await indexOf(matrix, { library });
    await index.search(matrix, { k: 2, rescore: { vectors: matrix } });
    expect(matrix.data).toEqual(copy);
  });

  it.each([
    ["float16", toHalf],
    ["int8", toInt8],
  ] as const)("takes %s rows for the float32 rows they stand for", async (_, shrink) => {
    const database = shrink(clusteredMatrix(1, 1000, 19, 30));
    const queries = shrink(clusteredMatrix(2, 300, 19, 30));
    const copies = [database.data.slice(), queries.data.slice()];
    const index = await indexOf(database, { library });
    const wide = await indexOf(toFloat32(database), { library });
    const found = await index.search(queries, { k: 5 });
    expect(found).toEqual(await wide.search(toFloat32(queries), { k: 5 }));
    const exact = exactSearch(queries, database, { k: 5, metric: "cosine" });
    const rescored = await index.search(queries, { k: 5, ef: 1000, rescore: { vectors: database } });
    expect(rescored).toEqual(exact);
    await index.remove(Int32Array.of(3));
    await index.compact({ vectors: database });
    const after = await index.search(queries, { k: 5, ef: 1000, rescore: { vectors: toFloat32(database) } });
    const kept = [...exact.ids.keys()].filter(
      (i) => !exact.ids.subarray(i - (i % 5), i - (i % 5) + 5).includes(3),
    );
    expect(kept.length).toBeGreaterThan(1000);
    expect(kept.map((i) => after.ids[i])).toEqual(kept.map((i) => exact.ids[i]));
    expect(after.ids.includes(3)).toBe(false);
    expect([database.data, queries.data]).toEqual(copies);
  });

  it("searches with the index's ef, of 64, unless told otherwise", async () => {
    const database = randomMatrix(6, 2500, 24);
    const queries = randomMatrix(7, 60, 24);
    const options = { library, m: 3, efConstruction: 10 } as const;
    const plain = await indexOf(database, options);
    const narrow = await indexOf(database, { ...options, ef: 5 });
    const search = plain.search(queries, { k: 5 });
    expect(await search).toEqual(await plain.search(queries, { k: 5, ef: 64 }));
    expect(await narrow.search(queries, { k: 5 })).toEqual(await plain.search(queries, { k: 5, ef: 5 }));
    expect(await search).not.toEqual(await plain.search(queries, { k: 5, ef: 5 }));
  });
});

const kinds: readonly (readonly [HnswLibrary, HnswDtype, number, number])[] = [
  ["hnswlib", "float32", 0.95, 1e-5],
  ["usearch", "float32", 0.95, 1e-5],
  ["usearch", "float16", 0.95, 3e-3],
];
for (const [library, dtype, least, tolerance] of kinds) {
  describeLibrary(library, `recall of ${dtype}`, () => {
    it.each(["dot", "cosine", "l2"] as const)(
      "finds 95 of 100 of the 10 nearest with ef 40, and their scores (%s)",
      async (metric) => {
        const database = clusteredMatrix(1, 2000, 32, 40);
        const queries = clusteredMatrix(2, 100, 32, 40);
        const index = await indexOf(database, { metric, library, dtype });
        const exact = exactSearch(queries, database, { k: 10, metric });
        const found = await index.search(queries, { k: 10, ef: 40 });
        expect(sharedFraction(exact, found)).toBeGreaterThanOrEqual(least);
        for (let row = 0; row < 100; row++) {
          expect(Math.abs(found.scores[row * 10]! - exact.scores[row * 10]!)).toBeLessThan(tolerance);
        }
      },
    );
  });
}

describeLibrary("usearch", "rescore", () => {
  it("finds with int8 rows nearly what float32 rows find, with exact scores", async () => {
    const database = clusteredMatrix(1, 2000, 32, 40);
    const queries = clusteredMatrix(2, 100, 32, 40);
    const index = await indexOf(database, { dtype: "int8" });
    const exact = exactSearch(queries, database, { k: 10, metric: "cosine" });
    const coarse = await index.search(queries, { k: 10, ef: 40 });
    const rescored = await index.search(queries, { k: 10, ef: 40, rescore: { vectors: database } });
    expect(sharedFraction(exact, coarse)).toBeLessThan(0.97);
    expect(sharedFraction(exact, rescored)).toBeGreaterThanOrEqual(0.99);
    for (let i = 0; i < rescored.ids.length; i++) {
      const same = exact.ids.subarray(Math.floor(i / 10) * 10).indexOf(rescored.ids[i]!);
      if (same === -1 || same >= 10) continue;
      expect(rescored.scores[i]).toBe(exact.scores[Math.floor(i / 10) * 10 + same]);
    }
    const wide = { vectors: database, factor: 4 };
    expect(await index.search(queries, { k: 10, ef: 40, rescore: wide })).toEqual(rescored);
  });
});

describeLibrary("hnswlib", "seeds", () => {
  it("makes the same index from the same rows, order and seed, 100 unless told otherwise", async () => {
    const database = randomMatrix(4, 500, 16);
    const queries = randomMatrix(5, 50, 16);
    const answer = async (options: { readonly seed?: number }) => {
      const index = await indexOf(database, { library: "hnswlib", m: 4, efConstruction: 8, ...options });
      return index.search(queries, { k: 5, ef: 5 });
    };
    expect(await answer({ seed: 1 })).toEqual(await answer({ seed: 1 }));
    expect(await answer({ seed: 1 })).not.toEqual(await answer({ seed: 2 }));
    expect(await answer({})).toEqual(await answer({ seed: 100 }));
  });
});

describeLibrary("usearch", "threads", () => {
  it("makes the same index every time with one thread, and as good a one with two", async () => {
    const database = clusteredMatrix(4, 1500, 16, 30);
    const queries = clusteredMatrix(5, 50, 16, 30);
    const answer = async (threads: number) => {
      const index = await indexOf(database, { library: "usearch", threads });
      return index.search(queries, { k: 10, ef: 40 });
    };
    expect(await answer(1)).toEqual(await answer(1));
    const exact = exactSearch(queries, database, { k: 10, metric: "cosine" });
    expect(sharedFraction(exact, await answer(2))).toBeGreaterThanOrEqual(0.95);
    expect(sharedFraction(exact, await answer(64))).toBeGreaterThanOrEqual(0.95);
  });
});

describe("refusals", () => {
  const refusal = (message: string) => new RangeError(message);

  it.each([
    [{ dimension: 0 }, "expected `dimension` to be a positive integer, got 0"],
    [{ metric: "ip" as "dot" }, 'expected `metric` to be "dot", "cosine" or "l2", got "ip"'],
    [{ m: 1 }, "expected `m` to be an integer of at least 2, got 1"],
    [{ efConstruction: 0 }, "expected `efConstruction` to be a positive integer, got 0"],
    [{ ef: 0.5 }, "expected `ef` to be a positive integer, got 0.5"],
    [{ library: "faiss" as "usearch" }, 'expected `library` to be "hnswlib" or "usearch", got "faiss"'],
    [{ dtype: "f16" as "int8" }, 'expected `dtype` to be "float32", "float16" or "int8", got "f16"'],
    [
      { dtype: "int8", metric: "l2" },
      'expected `metric` to be "cosine" with dtype "int8", which keeps directions only, got "l2"',
    ],
    [{ threads: 0 }, "expected `threads` to be a positive integer, got 0"],
    [{ seed: -1 }, "expected `seed` to be a whole number below 4294967296, got -1"],
    [{ seed: 2 ** 32 }, "expected `seed` to be a whole number below 4294967296, got 4294967296"],
    [{ capacity: 0 }, "expected `capacity` to be a positive integer, got 0"],
    [
      { library: "hnswlib", dtype: "float16" },
      'expected `dtype` to be "float32" with hnswlib, got "float16"; usearch has it',
    ],
    [{ library: "hnswlib", threads: 2 }, "expected `threads` to be 1 with hnswlib, got 2; usearch has more"],
    [{ library: "usearch", seed: 0 }, "expected no `seed` with usearch, got 0; hnswlib takes one"],
    [{ threads: 2, capacity: 9 }, "expected no `capacity` with usearch, got 9; hnswlib takes one"],
  ] as const)("refuses %o", async (options, message) => {
    await expect(createHnswIndex({ dimension: 1, ...options })).rejects.toThrow(
      refusal(`createHnswIndex: ${message}`),
    );
  });

  it("refuses rows that do not fit, and adds none then", async () => {
    const index = await createHnswIndex({ dimension: 2 });
    const add = (values: number[][]) => index.add(matrixFrom(values));
    await expect(index.add({ ...rows, data: [1] as unknown as Float32Array })).rejects.toThrow(
      new TypeError(
        "HnswIndex.add: expected `matrix.data` to be a Float32Array, Uint16Array or Int8Array, got object",
      ),
    );
    const bad = toHalf(randomMatrix(1, 300_000, 2));
    bad.data[500_001] = 0x7c00;
    await expect(index.add(bad)).rejects.toThrow(
      refusal(
        "HnswIndex.add: expected row 250000 of `matrix` to hold finite numbers, got Infinity in column 1",
      ),
    );
    await expect(index.add(rows)).rejects.toThrow(
      refusal("HnswIndex.add: expected `matrix` to have 2 columns like the index, got 3"),
    );
    await expect(
      add([
        [1, 0],
        [0, 0],
      ]),
    ).rejects.toThrow(
      // biome-ignore format: short
      refusal("HnswIndex.add: expected row 1 of `matrix` to have a direction, got a row of zeros"),
    );
    const late = randomMatrix(1, 600_000, 2);
    late.data[1_100_001] = Number.NaN;
    await expect(index.add(late)).rejects.toThrow(
      refusal("HnswIndex.add: expected row 550000 of `matrix` to hold finite numbers, got NaN in column 1"),
    );
    expect(index.rows).toBe(0);
    const long = await createHnswIndex({ dimension: 2, metric: "l2" });
    await expect(
      long.add(
        matrixFrom([
          [0, 0],
          [0, 2 ** 63],
        ]),
      ),
    ).rejects.toThrow(
      // biome-ignore format: short
      refusal("HnswIndex.add: expected row 1 of `matrix` to be shorter than 2^62, got a length of 9223372036854776000"),
    );
    const half = await createHnswIndex({ dimension: 2, metric: "dot", dtype: "float16" });
    await expect(
      half.add(
        matrixFrom([
          [0, 65504],
          [0, -65505],
        ]),
      ),
    ).rejects.toThrow(
      // biome-ignore format: short
      refusal("HnswIndex.add: expected row 1 of `matrix` to hold numbers of float16, up to 65504, got -65505 in column 1"),
    );
  });

  it("refuses searches that do not fit", async () => {
    const index = await indexOf(randomMatrix(1, 10, 2), {});
    const one = matrixFrom([[1, 1]]);
    const rejections = [
      [index.search(query, { k: 1 }), "`queries` to have 2 columns like the index, got 3"],
      [index.search(matrixFrom([[Number.NaN, 1]]), { k: 1 }), "row 0 of `queries` to hold finite numbers, got NaN in column 0"],
      [index.search(one, { k: 0 }), "`k` to be a positive integer, got 0"],
      [index.search(one, { k: 1, ef: 0.5 }), "`ef` to be a positive integer, got 0.5"],
      [index.search(one, { k: 1, filter: new Uint8Array(9) }), "`filter` to hold a byte for each of 10 ids, got 9"],
      [index.search(one, { k: 1, rescore: { vectors: rows } }), "`rescore.vectors` to have 2 columns like the index, got 3"],
      [index.search(one, { k: 1, rescore: { vectors: one } }), "`rescore.vectors` to have a row for each of 10 ids, got 1"],
      [index.search(one, { k: 1, rescore: { vectors: randomMatrix(1, 10, 2), factor: 0 } }), "`rescore.factor` to be a positive integer, got 0"],
    ] as const; // biome-ignore format: one rejection a line
    for (const [rejection, message] of rejections) {
      await expect(rejection).rejects.toThrow(refusal(`HnswIndex.search: expected ${message}`));
    }
    await expect(index.search(one, { k: 1, filter: [1] as unknown as Uint8Array })).rejects.toThrow(
      new TypeError("HnswIndex.search: expected `filter` to be a Uint8Array or a function, got object"),
    );
  });
});
