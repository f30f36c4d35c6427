/**
 * Are eight shards, searched by eight processes and merged, one exact search, also when a process is killed and run
 * again? And what does that cost beside one process?
 *
 *     pnpm --filter @lmk-benchmark/all bench:shards
 *
 * Writes LMK_ROWS (200,000) clustered vectors of LMK_COLUMNS (256) numbers into a temporary folder and searches them for
 * LMK_QUERIES (500) queries' best LMK_K (100) in fresh processes: by one with two threads, and by eight with one thread,
 * two at a time; LMK_STEPS (20) rounds are counted after one. Then once more with the process of one shard killed in
 * the middle, and all of them run again. The exit code is 1 where any bit of the merged result differs from the one
 * search, or merging does not refuse while the shard is missing.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beginReport, writeReport } from "../measure/report.ts";
import { steps } from "../measure/settings.ts";
import { countFrom, searchVersions, seed } from "./settings.ts";
import { measureShards } from "./shards-measurement.ts";
import { shardsTables } from "./shards-tables.ts";

const full = { rows: 200_000, queries: 500 };
const shape = {
  rows: countFrom("LMK_ROWS", full.rows),
  queries: countFrom("LMK_QUERIES", full.queries),
  columns: countFrom("LMK_COLUMNS", 256),
  k: countFrom("LMK_K", 100),
  seed,
};
const begun = beginReport("none");
const folder = await mkdtemp(join(tmpdir(), "lmk-shards-"));
try {
  const results = await measureShards(shape, { steps, folder });
  const { equal, rerun } = results;
  const failures = [
    ...(equal ? [] : ["merged shards differ from one search"]),
    ...(rerun.equal ? [] : ["merged shards differ from one search after a process was killed"]),
    ...(rerun.refusal.endsWith("missing: 5") ? [] : ["merging did not name the missing shard"]),
    ...(rerun.searched.join() === "5" ? [] : ["shards that were complete were searched again"]),
  ];
  const report = { ...begun, warmup: 1, versions: searchVersions(begun), results, failures };
  console.log(shardsTables(report));
  if (shape.rows === full.rows && shape.queries === full.queries) writeReport(report, "shards");
  if (failures.length > 0) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
