/**
 * Copies the tables of results of `bench:exact`, `bench:knn-graph`, `bench:large-search`, `bench:hnsw`, `bench:lancedb` and
 * `bench:shards` into the README of `@lmk/index`.
 *
 *     pnpm --filter @lmk-benchmark/all tables:index RESULT.json…
 */
import { readFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { writeBetweenMarks } from "../measure/markdown.ts";
import { exactTables } from "./exact-tables.ts";
import { graphTables } from "./graph-tables.ts";
import { hnswTables } from "./hnsw-tables.ts";
import { lancedbTables } from "./lancedb-tables.ts";
import { largeSearchTables } from "./large-search-tables.ts";
import { shardsTables } from "./shards-tables.ts";

const tablesOf = new Map([
  ["exact", exactTables],
  ["knn-graph", graphTables],
  ["large-search", largeSearchTables],
  ["hnsw", hnswTables],
  ["shards", shardsTables],
  ["lancedb", lancedbTables],
] as [string, (result: unknown) => string][]);

const page = new URL("../../../packages/index/README.md", import.meta.url).pathname;
const files = process.argv.slice(2).map((path) => resolve(path));
if (files.length === 0) throw new Error("write-tables: expected results of benchmarks of index, got none");
for (const file of files) {
  const [subject] = basename(file).split("--");
  const tables = tablesOf.get(subject!);
  if (tables === undefined)
    throw new Error(`write-tables: expected a result of ${[...tablesOf.keys()].join(", ")}, got ${file}`);
  const text = tables(JSON.parse(readFileSync(file, "utf8")));
  writeBetweenMarks(page, `bench:${subject}`, `[Result](${relative(join(page, ".."), file)}). ${text}`);
}
console.log(`copied the tables of ${files.join(", ")}`);
