/**
 * Copies the tables of a result into `benchmarks/README.md`, and those of speed into the README of `@lmk/compile`,
 * between the two marks of each.
 *
 *     pnpm --filter @lmk-benchmark/all tables:compile [result.json…]
 *
 * Without a path it takes the newest result of all parts. A part that several results have is taken from the last.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { writeBetweenMarks } from "../measure/markdown.ts";
import { resultsFolder } from "../measure/report.ts";
import type { CompileResult } from "./results.ts";
import { speedTablesOf, tablesOf } from "./tables.ts";

const pages = {
  benchmarks: new URL("../../README.md", import.meta.url).pathname,
  package: new URL("../../../packages/compile/README.md", import.meta.url).pathname,
};

const newest = readdirSync(resultsFolder)
  .filter((name) => name.startsWith("compile--"))
  .toSorted((a, b) => dateOf(a).localeCompare(dateOf(b)))
  .at(-1);
const given = process.argv.slice(2).map((path) => resolve(path));
if (given.length === 0 && newest === undefined)
  throw new Error("write-tables: there is no result of all parts");
const files = given.length > 0 ? given : [join(resultsFolder, newest as string)];

function dateOf(name: string): string {
  return name.slice(-"2000-01-01.json".length);
}

const reports = files.map((file) => JSON.parse(readFileSync(file, "utf8")) as CompileResult);

/** A report without the parts that a later one has. */
function withoutReplaced(report: CompileResult, index: number): CompileResult {
  const later = new Set(reports.slice(index + 1).flatMap(({ results }) => Object.keys(results)));
  const kept = Object.entries(report.results).filter(([part]) => !later.has(part));
  return { ...report, results: Object.fromEntries(kept) };
}

/** Puts the tables between the marks of a page. */
function copyInto(page: string, render: (report: CompileResult) => string): void {
  const tables = reports.map((report, i) => {
    return `[Result](${relative(join(page, ".."), files[i])}). ${render(withoutReplaced(report, i))}`;
  });
  writeBetweenMarks(page, "bench:compile", tables.join("\n\n"));
}

copyInto(pages.benchmarks, tablesOf);
copyInto(pages.package, speedTablesOf);
console.log(`copied the tables of ${files.join(", ")}`);
