/**
 * Copies the tables of results of `bench:rerank` into `docs/rerankers.md`, one place for all in the order in which they are
 * named, and those of `bench:rerank-peers` and `bench:rerank-growth` into the README of `@lmk/rerank`.
 *
 *     pnpm --filter @lmk-benchmark/all tables:rerank RESULT.json…
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { writeBetweenMarks } from "../measure/markdown.ts";
import { growthTables } from "./growth-tables.ts";
import { peersTables } from "./peers-tables.ts";
import { rerankTables } from "./rerank-tables.ts";

const tablesOf = new Map([
  ["rerank-peers", peersTables],
  ["rerank-growth", growthTables],
] as [string, (result: unknown) => string][]);

const comparison = new URL("../../../docs/rerankers.md", import.meta.url).pathname;
const readme = new URL("../../../packages/rerank/README.md", import.meta.url).pathname;
const files = process.argv.slice(2).map((path) => resolve(path));
if (files.length === 0) throw new Error("write-tables: expected results of benchmarks of rerank, got none");
const texts = new Map<string, string[]>();
for (const file of files) {
  const [subject] = basename(file).split("--");
  if (!subject!.startsWith("rerank-"))
    throw new Error(`write-tables: expected a result of a benchmark of rerank, got ${file}`);
  // Sets have names of their own.
  const tables = tablesOf.get(subject!) ?? (rerankTables as (result: unknown) => string);
  const place = tablesOf.has(subject!) ? `bench:${subject}` : "bench:rerank";
  const page = tablesOf.has(subject!) ? readme : comparison;
  const fromPage = (target: string): string => relative(join(page, ".."), target);
  const plot = file.replace(/json$/, "svg");
  const picture = existsSync(plot) ? [`![mAP@100 over time per query](${fromPage(plot)})`] : [];
  const text = `[Result](${fromPage(file)}). ${tables(JSON.parse(readFileSync(file, "utf8")))}`;
  texts.set(place, [...(texts.get(place) ?? []), text, ...picture]);
}
for (const [place, parts] of texts)
  writeBetweenMarks(place === "bench:rerank" ? comparison : readme, place, parts.join("\n\n"));
console.log(`copied the tables of ${files.join(", ")}`);
