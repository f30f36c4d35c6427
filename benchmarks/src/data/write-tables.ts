/**
 * Copies the tables of results of `bench:train-csv`, `bench:loader`, `bench:augmentation`, `bench:landmarks` and
 * `bench:cleaning` into the README of `@lmk/data`.
 *
 *     pnpm --filter @lmk-benchmark/all tables:data RESULT.json…
 */
import { readFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { writeBetweenMarks } from "../measure/markdown.ts";
import { augmentationTables } from "./augmentation-tables.ts";
import { cleaningTables } from "./cleaning-tables.ts";
import { landmarkTables } from "./landmarks-tables.ts";
import { loaderTables } from "./loader-tables.ts";
import { trainCsvTables } from "./train-csv-tables.ts";

const tablesOf = new Map([
  ["train-csv", trainCsvTables],
  ["loader", loaderTables],
  ["augmentation", augmentationTables],
  ["landmarks", landmarkTables],
  ["cleaning", cleaningTables],
] as [string, (result: unknown) => string][]);

const page = new URL("../../../packages/data/README.md", import.meta.url).pathname;
const files = process.argv.slice(2).map((path) => resolve(path));
if (files.length === 0) throw new Error("write-tables: expected results of benchmarks of data, got none");
for (const file of files) {
  const [subject] = basename(file).split("--");
  const tables = tablesOf.get(subject!);
  if (tables === undefined)
    throw new Error(`write-tables: expected a result of ${[...tablesOf.keys()].join(", ")}, got ${file}`);
  const text = tables(JSON.parse(readFileSync(file, "utf8")));
  writeBetweenMarks(page, `bench:${subject}`, `[Result](${relative(join(page, ".."), file)}). ${text}`);
}
console.log(`copied the tables of ${files.join(", ")}`);
