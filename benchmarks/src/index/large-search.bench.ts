/**
 * How long does a search of 1,129 queries in 762k × 512 vectors take, the size of Google Landmarks v2's index, and how
 * much memory, while the rows are read from a file? Beside faiss with all rows in memory.
 *
 *     LMK_PYTHON=… pnpm --filter @lmk-benchmark/all bench:large-search
 *
 * Writes LMK_ROWS (761,757) clustered vectors of LMK_COLUMNS (512) numbers into a temporary folder as float32 and float16
 * (2.3 GB), and searches them for LMK_QUERIES (1,129) queries' best LMK_K (100) in fresh processes, in turns; LMK_STEPS
 * (20) runs are counted after one. LMK_SAMPLE (100) queries are compared with the true neighbors. LMK_PYTHON has
 * faiss-cpu. At full size the exit code is 1 where a peak of ours is 4 GB or more.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beginReport, writeReport } from "../measure/report.ts";
import { steps } from "../measure/settings.ts";
import { measureLargeSearch } from "./large-search-measurement.ts";
import { largeSearchTables } from "./large-search-tables.ts";
import { countFrom, python, searchVersions, seed } from "./settings.ts";

const full = { rows: 761_757, queries: 1129 };
const shape = {
  rows: countFrom("LMK_ROWS", full.rows),
  queries: countFrom("LMK_QUERIES", full.queries),
  columns: countFrom("LMK_COLUMNS", 512),
  k: countFrom("LMK_K", 100),
  sampled: countFrom("LMK_SAMPLE", 100),
  seed,
};
const begun = beginReport("none");
const folder = await mkdtemp(join(tmpdir(), "lmk-large-search-"));
try {
  const tell = (text: string) => console.error(text);
  const settings = { steps, folder, tell, ...(python === undefined ? {} : { python }) };
  const { results, versions } = await measureLargeSearch(shape, settings);
  const large = results.sides.filter(({ name, peak }) => name.startsWith("lmk") && peak >= 4e9);
  const failures = [
    ...large.map(({ name, peak }) => `${name} had ${(peak / 1e9).toFixed(1)} GB resident`),
    ...(python === undefined ? ["faiss: no LMK_PYTHON"] : []),
  ];
  const report = { ...begun, warmup: 1, versions: searchVersions(begun, versions), results, failures };
  console.log(largeSearchTables(report));
  if (shape.rows === full.rows && shape.queries === full.queries) writeReport(report, "large-search");
  if (failures.length > 0) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
