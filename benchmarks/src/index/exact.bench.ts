/**
 * How fast is exact search beside faiss, numpy, usearch and hnswlib, in one call, on rows that stay, and for one query at
 * a time? How much do float16 and int8 rows find?
 *
 *     LMK_PYTHON=… pnpm --filter @lmk-benchmark/all bench:exact
 *
 * LMK_ROWS (100,000) clustered vectors of LMK_COLUMNS (512) numbers and LMK_QUERIES (1,000) queries for the best LMK_K
 * (100). LMK_STEPS (20) runs are counted after LMK_WARMUP (5), and LMK_SINGLES (20) single queries of each side in each
 * run. LMK_PYTHON has faiss-cpu, numpy and usearch. At full size the exit code is 1 where engines differ in a bit, where
 * an index on onnxruntime has less than 0.8 of faiss's speed, or one on WebAssembly less than 75 GFLOP/s.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNpy } from "@lmk/index/npy";
import { type PythonProcess, startPython } from "../measure/python-process.ts";
import { beginReport, writeReport } from "../measure/report.ts";
import { steps, threads, warmup } from "../measure/settings.ts";
import { createClusteredVectors } from "./clustered-vectors.ts";
import { measureExact } from "./exact-measurement.ts";
import { pythonSideNames } from "./exact-peers.ts";
import { type ExactResults, exactTables, gigaflops } from "./exact-tables.ts";
import { countFrom, python, searchVersions, seed } from "./settings.ts";

const full = { rows: 100_000, queries: 1000, columns: 512, k: 100 };
const rows = countFrom("LMK_ROWS", full.rows);
const columns = countFrom("LMK_COLUMNS", full.columns);
const vectors = createClusteredVectors({ columns, seed });
const task = {
  queries: vectors.queries(countFrom("LMK_QUERIES", full.queries)),
  database: vectors.rows({ rows }),
  k: countFrom("LMK_K", full.k),
};

const begun = beginReport("none");
const folder = await mkdtemp(join(tmpdir(), "lmk-exact-"));
let peer: PythonProcess | undefined;
try {
  if (python !== undefined) {
    const files = { queries: join(folder, "queries.npy"), database: join(folder, "database.npy") };
    await writeNpy(files.queries, task.queries);
    await writeNpy(files.database, task.database);
    const sides = Object.keys(pythonSideNames);
    peer = await startPython(python, "index-exact.py", { ...files, k: task.k, threads, folder, sides });
  }
  const singles = countFrom("LMK_SINGLES", 20);
  const results = await measureExact(task, { steps, warmup, singles }, peer);
  const isFull =
    rows === full.rows &&
    results.queries === full.queries &&
    columns === full.columns &&
    results.k === full.k;
  const failures = [
    ...results.differing.map((name) => `${name} differs from another side of lmk in a bit`),
    ...(isFull ? tooSlow(results) : []),
    ...(peer === undefined ? ["peers in Python: no LMK_PYTHON"] : []),
  ];
  const report = { ...begun, versions: searchVersions(begun, peer?.versions), results, failures };
  console.log(exactTables(report));
  if (isFull) writeReport(report, "exact");
  if (failures.length > 0) process.exitCode = 1;
} finally {
  await peer?.close();
  await rm(folder, { recursive: true, force: true });
}

/** Of the indexes whose rows are in place before they are searched, as those of faiss are. */
function tooSlow(results: ExactResults): string[] {
  const slow: string[] = [];
  for (const side of results.sides) {
    const { name, precision, threads: count, ofFaiss } = side;
    if (!name.startsWith("lmk createExactIndex") || precision !== "float32" || count !== threads) continue;
    const speed = gigaflops(results, side);
    if (name.includes("wasm") && speed < 75) slow.push(`${name} has ${speed.toFixed(1)} GFLOP/s`);
    if (name.includes("onnxruntime") && ofFaiss !== null && ofFaiss < 0.8)
      slow.push(`${name} has ${ofFaiss.toFixed(2)} of faiss's speed`);
  }
  return slow;
}
