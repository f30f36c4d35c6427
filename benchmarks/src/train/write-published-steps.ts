/**
 * Copies the table of a result of `bench:published-steps` into the READMEs of the two systems of 2021, to each its networks.
 *
 *     pnpm --filter @lmk-benchmark/all tables:published-steps RESULT.json
 */
import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { writeBetweenMarks } from "../measure/markdown.ts";
import { publishedNetworks } from "./published-networks.ts";
import { type PublishedStepsReport, publishedStepsTable } from "./published-steps-table.ts";

const [result] = process.argv.slice(2);
if (result === undefined) throw new Error("expected a result of bench:published-steps, got none");
const file = resolve(result);
const report: PublishedStepsReport = JSON.parse(readFileSync(file, "utf8"));
for (const example of new Set(report.results.map((step) => step.example))) {
  const page = new URL(`../../../examples/${example}/README.md`, import.meta.url).pathname;
  const results = report.results.filter((step) => step.example === example);
  const names = publishedNetworks.filter((network) => network.example === example).map(({ name }) => name);
  const failures = report.failures.filter((failure) => names.includes(failure.split(" ", 1)[0]!));
  const text = publishedStepsTable({ ...report, results, failures });
  writeBetweenMarks(page, "bench:published-steps", `[Result](${relative(join(page, ".."), file)}), ${text}`);
}
console.log(`copied the table of ${file}`);
