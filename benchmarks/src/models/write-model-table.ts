/**
 * Writes the table of `docs/models.md`: every network with its size, its distance from the reference, and its speed.
 *
 *     pnpm --filter @lmk-benchmark/all table:models [network…]
 *
 * With names it measures these networks only and writes nothing. A network that is further than 1e-4 from its reference,
 * or has another number of values, makes the exit code 1.
 */
import { join, relative } from "node:path";
import { table, writeBetweenMarks } from "../measure/markdown.ts";
import { beginReport, writeReport } from "../measure/report.ts";
import { threads } from "../measure/settings.ts";
import { measureVariant, runs, type VariantRow } from "./measure-variant.ts";
import { variants } from "./variants.ts";

const tolerance = 1e-4;
const page = new URL("../../../docs/models.md", import.meta.url).pathname;
const names = process.argv.slice(2);
const chosen = variants.filter(({ title }) => names.length === 0 || names.includes(title));
if (chosen.length === 0 || chosen.length < names.length) {
  console.error(`write-model-table: expected titles of networks, got ${names.join(", ")}`);
  process.exit(2);
}

function errorsOf({ parityErrors: { inference, training } }: VariantRow): [string, string] {
  return [inference.toExponential(1), training.toExponential(1)];
}

/** Images a second, to three digits. */
function rateOf(milliseconds: number): string {
  const rate = 1000 / milliseconds;
  return rate < 100 ? rate.toPrecision(3) : rate.toFixed(0);
}

const begun = { ...beginReport("none"), steps: runs, warmup: 3 };
const rows: VariantRow[] = [];
for (const variant of chosen) {
  const row = await measureVariant(variant);
  rows.push(row);
  console.error(`${row.title}: ${errorsOf(row).join(" / ")}, ${row.time.median.toFixed(1)} ms`);
}
const text = table(
  "",
  [
    "network",
    "parameters",
    "px",
    "multiply-adds",
    "features",
    "loads",
    "error, inference",
    "error, training",
    "images/s",
  ],
  rows.map((row) => [
    row.title,
    `${(row.parameters / 1e6).toFixed(2)} M${row.countsAgree ? "" : " (NOT the reference's)"}`,
    `${row.size}`,
    `${(row.multiplications / 1e9).toFixed(2)} G`,
    `${row.dimension}`,
    row.checkpoints,
    ...errorsOf(row),
    rateOf(row.time.median),
  ]),
).trim();
console.log(text);
const failures = rows.filter(isWrong).map(({ title }) => `${title} is not equal to its reference`);
if (names.length === 0) {
  const file = writeReport({ ...begun, results: { networks: rows }, failures }, "model-table");
  const { date, machine, commit, versions } = begun;
  const facts = [
    `${date}, ${threads} threads of ${machine.cpu}, commit ${commit.slice(0, 9)}`,
    ...Object.entries(versions).map(([name, version]) => `${name} ${version}`),
  ].join(", ");
  const link = file === undefined ? "" : `[Result](${relative(join(page, ".."), file)}). `;
  const how = `One image at a time, medians of ${runs} runs.`;
  writeBetweenMarks(page, "table:models", `${link}${facts}. ${how}\n\n${text}`);
}
for (const failure of failures) console.error(failure);
if (failures.length > 0) process.exitCode = 1;

function isWrong({ parityErrors: { inference, training }, countsAgree }: VariantRow): boolean {
  return !(Math.max(inference, training) <= tolerance) || !countsAgree;
}
