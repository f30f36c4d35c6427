/**
 * How fast are graphs built and searched at a recall@10 of 0.95 or more, beside hnswlib and usearch in Python with the
 * same settings, and does building stall the event loop?
 *
 *     LMK_PYTHON=… pnpm --filter @lmk-benchmark/all bench:hnsw [columns…]
 *
 * LMK_ROWS (100,000) clustered vectors of 256 and of 128 numbers, LMK_QUERIES (1,000) queries for the best LMK_K (10), M
 * LMK_M (16), efConstruction LMK_EF_CONSTRUCTION (200). Each graph is built LMK_REPEATS (3) times, in turns, as building
 * takes up to a minute; LMK_STEPS (20) searches are counted after LMK_WARMUP (5). LMK_PYTHON has hnswlib, numpy and
 * usearch. At full size the exit code is 1 where a recall is not reached or the event loop stalls for over 50 ms.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeNpy } from "@lmk/index/npy";
import { type PythonProcess, startPython } from "../measure/python-process.ts";
import { beginReport, writeReport } from "../measure/report.ts";
import { steps, warmup } from "../measure/settings.ts";
import { createClusteredVectors } from "./clustered-vectors.ts";
import { measureHnsw } from "./hnsw-measurement.ts";
import { type HnswResults, hnswTables } from "./hnsw-tables.ts";
import { countFrom, python, searchVersions, seed } from "./settings.ts";

const fullRows = 100_000;
const rows = countFrom("LMK_ROWS", fullRows);
const tell = (text: string) => console.error(text);
const rounds = { builds: countFrom("LMK_REPEATS", 3), steps, warmup, least: 0.95, tell };
const asked = process.argv.slice(2).map(Number);
if (!asked.every((columns) => Number.isSafeInteger(columns) && columns > 0))
  throw new Error(`hnsw: expected numbers of columns, got ${process.argv.slice(2).join(" ")}`);
const widths = asked.length === 0 ? [256, 128] : asked;

const begun = beginReport("none");
const results: HnswResults[] = [];
let versions: Readonly<Record<string, string>> = {};
for (const columns of widths) {
  const folder = await mkdtemp(join(tmpdir(), "lmk-hnsw-"));
  let peer: PythonProcess | undefined;
  try {
    const vectors = createClusteredVectors({ columns, seed });
    const task = {
      queries: vectors.queries(countFrom("LMK_QUERIES", 1000)),
      database: vectors.rows({ rows }),
      k: countFrom("LMK_K", 10),
      m: countFrom("LMK_M", 16),
      efConstruction: countFrom("LMK_EF_CONSTRUCTION", 200),
    };
    if (python !== undefined) {
      const { k, m, efConstruction } = task;
      const files = { queries: join(folder, "queries.npy"), database: join(folder, "database.npy") };
      await writeNpy(files.queries, task.queries);
      await writeNpy(files.database, task.database);
      peer = await startPython(python, "index-hnsw.py", { ...files, k, m, efConstruction, folder });
      versions = peer.versions;
    }
    results.push(await measureHnsw(task, rounds, peer));
  } finally {
    await peer?.close();
    await rm(folder, { recursive: true, force: true });
  }
}
const failures = python === undefined ? ["peers in Python: no LMK_PYTHON"] : [];
if (rows === fullRows) failures.push(...results.flatMap(failuresOf));
const report = { ...begun, versions: searchVersions(begun, versions), results, failures };
console.log(hnswTables(report));
if (rows === fullRows) writeReport(report, "hnsw");
if (failures.length > 0) process.exitCode = 1;

function failuresOf({ columns, least, sides }: HnswResults): string[] {
  return sides
    .filter(({ name }) => name.startsWith("lmk"))
    .flatMap(({ name, dtype, threads, recall, stall }) => {
      const side = `${name}, ${dtype}, ${threads} threads, ${columns} columns`;
      return [
        ...(recall < least ? [`${side}: recall ${recall.toFixed(4)}`] : []),
        ...(stall !== null && stall > 50 ? [`${side}: a stall of ${stall.toFixed(0)} ms`] : []),
      ];
    });
}
