/**
 * Copies the tables of results of `bench:losses` and `bench:heads` into `benchmarks/README.md` and the README of
 * `@lmk/losses`.
 *
 *     pnpm --filter @lmk-benchmark/all tables:losses RESULT.json…
 */
import { readFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { writeBetweenMarks } from "../measure/markdown.ts";
import { headTables } from "./head-tables.ts";
import { lossTables } from "./tables.ts";

const pages = ["../../README.md", "../../../packages/losses/README.md"].map(
  (page) => new URL(page, import.meta.url).pathname,
);
const files = process.argv.slice(2).map((path) => resolve(path));
if (files.length === 0)
  throw new Error("write-tables: expected results of bench:losses or bench:heads, got none");
for (const file of files) {
  const subject = basename(file).startsWith("heads") ? "heads" : "losses";
  const result = JSON.parse(readFileSync(file, "utf8"));
  const tables = subject === "heads" ? headTables(result) : lossTables(result);
  for (const page of pages) {
    writeBetweenMarks(page, `bench:${subject}`, `[Result](${relative(join(page, ".."), file)}). ${tables}`);
  }
}
console.log(`copied the tables of ${files.join(", ")}`);
