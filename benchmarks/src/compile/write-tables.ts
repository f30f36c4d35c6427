/**
 * Copies the tables of a result into `benchmarks/README.md`, between its two marks.
 *
 *     pnpm --filter @lmk-benchmark/all tables:compile [result.json]
 *
 * Without a path it takes the newest result of all parts.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { type Report, resultsFolder } from "./report.ts";
import { tablesOf } from "./tables.ts";

const readme = new URL("../../README.md", import.meta.url).pathname;
const [opening, closing] = ["<!-- tables of bench:compile -->", "<!-- end of tables -->"];

const newest = readdirSync(resultsFolder)
  .filter((name) => name.startsWith("compile--"))
  .toSorted((a, b) => dateOf(a).localeCompare(dateOf(b)))
  .at(-1);
const [given] = process.argv.slice(2);
if (given === undefined && newest === undefined)
  throw new Error("write-tables: there is no result of all parts");
const file = given === undefined ? join(resultsFolder, newest as string) : resolve(given);

function dateOf(name: string): string {
  return name.slice(-"2000-01-01.json".length);
}

const text = readFileSync(readme, "utf8");
const [start, end] = [text.indexOf(opening), text.indexOf(closing)];
if (start < 0 || end < start) throw new Error(`write-tables: ${readme} lacks ${opening} and ${closing}`);
const tables = tablesOf(JSON.parse(readFileSync(file, "utf8")) as Report);
const link = relative(join(readme, ".."), file);
writeFileSync(
  readme,
  `${text.slice(0, start)}${opening}\n\n[Result](${link}). ${tables}\n\n${text.slice(end)}`,
);
console.log(`copied the tables of ${link}`);
