/**
 * Copies the table of a result of `bench:ranks` into `benchmarks/README.md` and the README of `@lmk/train`.
 *
 *     pnpm --filter @lmk-benchmark/all tables:ranks RESULT.json
 */
import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { writeBetweenMarks } from "../measure/markdown.ts";
import { rankTables } from "./tables.ts";

const [result] = process.argv.slice(2);
if (result === undefined) throw new Error("write-tables: expected a result of bench:ranks, got none");
const file = resolve(result);
for (const path of ["../../README.md", "../../../packages/train/README.md"]) {
  const page = new URL(path, import.meta.url).pathname;
  const text = rankTables(JSON.parse(readFileSync(file, "utf8")));
  writeBetweenMarks(page, "bench:ranks", `[Result](${relative(join(page, ".."), file)}). ${text}`);
}
console.log(`copied the table of ${file}`);
