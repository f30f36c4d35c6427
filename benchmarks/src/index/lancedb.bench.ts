/**
 * How long does it take to index a million vectors on disk with LanceDB, how much memory, how large is it, and how good
 * and fast are its searches, by product quantisation and by graphs, beside LanceDB's exact search?
 *
 *     pnpm --filter @lmk-benchmark/all bench:lancedb [ivf-pq] [ivf-hnsw-sq]
 *
 * Writes LMK_ROWS (1,000,000) clustered vectors of LMK_COLUMNS (128) numbers into a temporary folder (1.5 GB), once per
 * index, and searches for LMK_QUERIES (200) queries' best LMK_K (10); building and searching run in processes of their
 * own. LMK_STEPS (20) runs over all queries are counted after one; LMK_SINGLES (200) queries are asked one at a time;
 * LMK_SAMPLE (100) are compared with the true neighbors. The exit code is 1 where no search reaches a recall of 0.9.
 */

import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beginReport, writeReport } from "../measure/report.ts";
import { steps } from "../measure/settings.ts";
import { lanceCases, measureLance } from "./lancedb-measurement.ts";
import { lancedbTables } from "./lancedb-tables.ts";
import { countFrom, requireFromIndex, seed } from "./settings.ts";

const fullRows = 1_000_000;
const shape = {
  rows: countFrom("LMK_ROWS", fullRows),
  queries: countFrom("LMK_QUERIES", 200),
  columns: countFrom("LMK_COLUMNS", 128),
  k: countFrom("LMK_K", 10),
  sampled: countFrom("LMK_SAMPLE", 100),
  singles: countFrom("LMK_SINGLES", 200),
  seed,
};
const asked = process.argv.slice(2);
const cases = lanceCases(shape.rows).filter(({ index }) => asked.length === 0 || asked.includes(index.kind));
if (cases.length === 0) throw new Error(`lancedb: expected kinds of indexes, got ${asked.join(" ")}`);
const begun = beginReport("none");
const folder = await mkdtemp(join(tmpdir(), "lmk-lancedb-"));
try {
  const results = await measureLance(shape, cases, { steps, folder });
  const poor = results.tables.filter(
    ({ searches }) => Math.max(...searches.map(({ recall }) => recall)) < 0.9,
  );
  const failures = poor.map(({ index }) => `${index.kind}: no search reaches a recall of 0.9`);
  const versions = {
    node: begun.versions.node!,
    "@lancedb/lancedb": lancedbVersion(),
  };
  const report = { ...begun, warmup: 1, versions, results, failures };
  console.log(lancedbTables(report));
  if (shape.rows === fullRows) writeReport(report, "lancedb");
  if (failures.length > 0) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

function lancedbVersion(): string {
  const entry = requireFromIndex.resolve("@lancedb/lancedb");
  return JSON.parse(readFileSync(join(entry, "../../package.json"), "utf8")).version;
}
