/**
 * Copies the tables of a result of `bench:models` into `benchmarks/README.md` and the README of `@lmk/models`.
 *
 *     pnpm --filter @lmk-benchmark/all tables:models RESULT.json
 */
import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { writeBetweenMarks } from "../measure/markdown.ts";
import { type ModelsResult, modelTables } from "./tables.ts";

const pages = ["../../README.md", "../../../packages/models/README.md"].map(
  (page) => new URL(page, import.meta.url).pathname,
);
const [given] = process.argv.slice(2);
if (given === undefined) throw new Error("write-tables: expected a result of bench:models, got none");
const file = resolve(given);
const result: ModelsResult = JSON.parse(readFileSync(file, "utf8"));
for (const page of pages) {
  const text = `[Result](${relative(join(page, ".."), file)}). ${modelTables(result)}`;
  writeBetweenMarks(page, "bench:models", text);
}
console.log(`copied the tables of ${file}`);
