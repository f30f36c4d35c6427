/**
 * How long does the graph of the nearest neighbors of 100,000 × 512 vectors take beside faiss?
 *
 *     LMK_PYTHON=… pnpm --filter @lmk-benchmark/all bench:knn-graph
 *
 * LMK_ROWS (100,000) clustered vectors of LMK_COLUMNS (512) numbers, each one's best LMK_K (50) others. A run takes about
 * a minute, so that LMK_REPEATS (3) are counted, after none; their number stands with the result. LMK_SAMPLE (500) rows
 * are compared with the true neighbors. LMK_PYTHON has faiss-cpu, numpy and usearch.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNpy } from "@lmk/index/npy";
import { type PythonProcess, startPython } from "../measure/python-process.ts";
import { beginReport, writeReport } from "../measure/report.ts";
import { threads } from "../measure/settings.ts";
import { clusteredVectors } from "./clustered-vectors.ts";
import { measureGraph } from "./graph-measurement.ts";
import { graphTables } from "./graph-tables.ts";
import { countFrom, python, searchVersions, seed } from "./settings.ts";

const fullRows = 100_000;
const fewestRepeats = 3;
const rows = countFrom("LMK_ROWS", fullRows);
const k = countFrom("LMK_K", 50);
const rounds = { steps: countFrom("LMK_REPEATS", fewestRepeats), warmup: 0 };
const database = clusteredVectors({ rows, columns: countFrom("LMK_COLUMNS", 512), seed });

const begun = beginReport("none");
const folder = await mkdtemp(join(tmpdir(), "lmk-knn-graph-"));
let peer: PythonProcess | undefined;
try {
  if (python !== undefined) {
    const file = join(folder, "database.npy");
    await writeNpy(file, database);
    const settings = { queries: file, database: file, k, threads, folder, sides: ["faiss graph"] };
    peer = await startPython(python, "index-exact.py", settings);
  }
  const sampled = countFrom("LMK_SAMPLE", 500);
  const results = await measureGraph({ database, k, sampled }, rounds, peer);
  const failures = [
    ...(results.enginesDiffer ? ["the engines of lmk give other ids"] : []),
    ...(peer === undefined ? ["faiss: no LMK_PYTHON"] : []),
  ];
  const versions = searchVersions(begun, peer?.versions);
  const report = { ...begun, ...rounds, versions, results, failures };
  console.log(graphTables(report));
  if (rows === fullRows) writeReport(report, "knn-graph", fewestRepeats);
  if (failures.length > 0) process.exitCode = 1;
} finally {
  await peer?.close();
  await rm(folder, { recursive: true, force: true });
}
