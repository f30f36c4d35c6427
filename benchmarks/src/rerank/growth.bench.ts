/**
 * How do time and memory of the re-rankers grow with the database?
 *
 *     pnpm --filter @lmk-benchmark/all bench:rerank-growth [rows…]
 *
 * Clustered vectors of LMK_COLUMNS (128) numbers: 1,000, 10,000, 100,000 and 761,757 rows (Google Landmarks v2's index), or
 * those named. Every method runs in a process of its own on LMK_QUERIES (100) queries with lists of LMK_K (400) and
 * graphs of 50 neighbors, which are made before: exactly up to 150,000 rows, within 1,024 cells above. Up to LMK_STEPS (10) runs
 * each, three where they take seconds.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countFrom } from "../index/settings.ts";
import { beginReport, writeReport } from "../measure/report.ts";
import { growthMethods } from "./growth-methods.ts";
import { type GrowthRow, growthTables } from "./growth-tables.ts";
import { runTask } from "./task-process.ts";
import { type SetSize, writeSet } from "./task-set.ts";

const asked = process.argv.slice(2).map(Number);
if (!asked.every((rows) => Number.isSafeInteger(rows) && rows > 1))
  throw new Error(`growth: expected numbers of rows, got ${process.argv.slice(2).join(" ")}`);
const full = [1000, 10_000, 100_000, 761_757];
const sizes = asked.length === 0 ? full : asked;
const repeats = countFrom("LMK_STEPS", 10);
const shape = {
  columns: countFrom("LMK_COLUMNS", 128),
  queries: countFrom("LMK_QUERIES", 100),
  depth: countFrom("LMK_K", 400),
  neighborCount: 50,
};

const begun = beginReport("none");
const names = Object.keys(growthMethods);
const runs = new Map(names.map((name) => [name, [] as GrowthRow["runs"][number][]]));
const failures: string[] = [];
for (const rows of sizes) {
  const size: SetSize = { ...shape, rows };
  const folder = await mkdtemp(join(tmpdir(), "lmk-growth-"));
  try {
    console.error(`${rows} rows: search and graph`);
    await writeSet(folder, size);
    for (const method of names) {
      console.error(`${rows} rows: ${method}`);
      try {
        runs.get(method)!.push(await runTask({ method, size, folder, repeats }));
      } catch (error) {
        runs.get(method)!.push(null);
        failures.push(`${method} at ${rows} rows: ${(error as Error).message.split("\n").at(-2)}`);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
const methods = names.map((method) => ({ method, runs: runs.get(method)! }));
const report = { ...begun, warmup: 0, steps: repeats, results: { sizes, ...shape, methods }, failures };
console.log(growthTables(report));
if (sizes === full) writeReport(report, "rerank-growth");
