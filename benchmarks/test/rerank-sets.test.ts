import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNpy } from "@lmk/index/npy";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { embeddingsSet, readEmbeddings, standardizeColumns } from "../src/rerank/embeddings-set.ts";
import { queryCounts } from "../src/rerank/retrieval-set.ts";

/** Two places of ten rows, a pair of query and gallery, and a row of neither role; row `i` is `(1, i)`. */
const places = [...Array(10).fill("town:a"), ...Array(10).fill("town:b"), "pairs:c", "pairs:c", "pairs:none"];
const roles = [...Array(20).fill("both"), "query", "gallery", "other"];
const vectors = {
  data: Float32Array.from(places.flatMap((_, i) => [1, i])),
  rows: places.length,
  columns: 2,
};
const embeddings = { vectors, places, roles };

const numbersOf = ({ data }: { readonly data: Float32Array }) => [...data].filter((_, i) => i % 2 === 1);

describe("folds", () => {
  const { problems } = embeddingsSet("test", embeddings, "folds");

  it("make each row a query once, a training row once and a database row thrice, and apart", () => {
    const counts = { queries: new Map<number, number>(), train: new Map(), database: new Map() };
    const count = (map: Map<number, number>, row: number) => map.set(row, (map.get(row) ?? 0) + 1);
    for (const { queries, database, train } of problems) {
      const parts = [numbersOf(queries), numbersOf(database), numbersOf(train!.vectors)];
      expect(new Set(parts.flat()).size).toBe(parts.flat().length);
      for (const row of parts[0]!) count(counts.queries, row);
      for (const row of parts[1]!) count(counts.database, row);
      for (const row of parts[2]!) count(counts.train, row);
    }
    const both = Array.from({ length: 20 }, (_, row) => row);
    expect(both.map((row) => counts.queries.get(row))).toEqual(Array(20).fill(1));
    expect(both.map((row) => counts.train.get(row))).toEqual(Array(20).fill(1));
    expect(both.map((row) => counts.database.get(row))).toEqual(Array(20).fill(3));
  });

  it("search for queries alone once, among all other rows that may be found", () => {
    expect(problems.flatMap(({ queries }) => numbersOf(queries)).filter((row) => row >= 20)).toEqual([20]);
    for (const { database } of problems) expect(numbersOf(database).filter((row) => row >= 20)).toEqual([21]);
  });

  it("deal every place to every part", () => {
    for (const { queries, train } of problems) {
      const ofTown = numbersOf(queries).filter((row) => row < 20);
      expect(ofTown.map((row) => Math.floor(row / 10))).toEqual([0, 0, 1, 1]);
      expect(train!.labels).toEqual(Int32Array.of(0, 0, 1, 1));
    }
  });

  it("know what is right, by the rows of the database", () => {
    for (const { queries, database, relevant, groups } of problems) {
      for (const [i, row] of numbersOf(queries).entries()) {
        const right = numbersOf(database).filter((other) => places[other] === places[row]);
        expect(Array.from(relevant[i]!, (id) => numbersOf(database)[id])).toEqual(right);
        expect(groups[i]).toBe(row < 20 ? "town" : "pairs");
      }
    }
    expect(queryCounts({ name: "", description: "", problems })).toEqual({ all: 21, scored: 21 });
  });
});

it("leaves out one row at a time", () => {
  const { problems } = embeddingsSet("test", embeddings, "leave-one-out");
  const [{ queries, database, relevant, own, train }] = problems as [(typeof problems)[0]];
  expect([problems.length, queries.rows, database.rows, train]).toEqual([1, 21, 21, undefined]);
  expect([...own!]).toEqual([...Array.from({ length: 20 }, (_, row) => row), -1]);
  expect([...relevant[3]!]).toEqual([0, 1, 2, 4, 5, 6, 7, 8, 9]);
  expect([...relevant[20]!]).toEqual([20]);
});

it("standardises columns, of which those of equal numbers become 0", () => {
  const scaled = standardizeColumns({ data: Float32Array.of(1, 5, 3, 5), rows: 2, columns: 2 });
  expect([...scaled.data]).toEqual([-1, 0, 1, 0]);
});

describe("readEmbeddings", () => {
  let folder: string;
  const write = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "lmk-embeddings-"));
    await writeNpy(join(folder, "x.npy"), { data: Float32Array.of(3, 4, 0, 2), rows: 2, columns: 2 });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("reads rows of length 1 with their places and roles", async () => {
    const labels = write("roles.csv", "id,place,role\na,p,query\nb,q,gallery\n");
    const read = await readEmbeddings({ vectors: join(folder, "x.npy"), labels, standardize: false });
    expect([...read.vectors.data]).toEqual([0.6, 0.8, 0, 1].map(Math.fround));
    expect(read.places).toEqual(["p", "q"]);
    expect(read.roles).toEqual(["query", "gallery"]);
  });

  it("takes all rows for both where there are no roles", async () => {
    const labels = write("none.csv", "id,place\na,p\nb,q\n");
    const read = await readEmbeddings({ vectors: join(folder, "x.npy"), labels, standardize: true });
    expect(read.roles).toEqual(["both", "both"]);
    expect([...read.vectors.data]).toEqual(
      [Math.SQRT1_2, Math.SQRT1_2, -Math.SQRT1_2, -Math.SQRT1_2].map(Math.fround),
    );
  });

  it("refuses labels of other rows", async () => {
    const labels = write("short.csv", "id,place\na,p\n");
    const file = join(folder, "x.npy");
    await expect(readEmbeddings({ vectors: file, labels, standardize: false })).rejects.toThrow(
      new Error(`expected ${labels} to have 2 rows like ${file}, got 1`),
    );
  });
});
