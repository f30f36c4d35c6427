/**
 * How fast are the re-rankers beside the programs their papers were published with?
 *
 *     LMK_PYTHON=… LMK_REFERENCES=… pnpm --filter @lmk-benchmark/all bench:rerank-peers
 *
 * Clustered vectors in the shape of revisited Oxford: 70 queries, 4,993 rows, 512 columns; αQE of 10,000 queries in 100,000
 * rows. Ours use a pool of threads. LMK_STEPS (20) runs are counted after LMK_WARMUP (5), the sides in turns. LMK_PYTHON has numpy, scipy, faiss-cpu,
 * torch, joblib, tqdm and pathos; LMK_REFERENCES is a folder of clones of zhunzhong07/person-re-ranking, fyang93/diffusion,
 * layer6ai-labs/EGT and jifeiluo/reranking, and java is on the PATH. LMK_ROWS and LMK_QUERIES make both sets smaller. At
 * full size the exit code is 1 where a limit is passed, or k-reciprocal re-ranking of 30,000 rows takes 1.5 GB.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exactSearchAsync, knnGraphAsync, type Matrix, stackRows } from "@lmk/index";
import { writeNpy } from "@lmk/index/npy";
import { createThreadPool } from "@lmk/rerank";
import { createClusteredVectors } from "../index/clustered-vectors.ts";
import { countFrom, python, searchVersions, seed } from "../index/settings.ts";
import { startPython } from "../measure/python-process.ts";
import { beginReport, writeReport } from "../measure/report.ts";
import { steps, threads, warmup } from "../measure/settings.ts";
import { expansionTasks, oxfordTasks, type PeerTask } from "./peer-tasks.ts";
import { measurePeers } from "./peers-measurement.ts";
import { type PeerRow, peersTables } from "./peers-tables.ts";
import { preparePool } from "./pool.ts";
import { runTask } from "./task-process.ts";
import { writeSet } from "./task-set.ts";

const references = process.env.LMK_REFERENCES;
if (python === undefined || references === undefined)
  throw new Error("rerank-peers: expected LMK_PYTHON and LMK_REFERENCES, got none");
const fullRows = 4993;
const rows = countFrom("LMK_ROWS", fullRows);
const isFull = rows === fullRows;
const small = { rows, queries: countFrom("LMK_QUERIES", 70), columns: 512 };
const large = isFull ? { rows: 100_000, queries: 10_000 } : { rows: 2 * rows, queries: 2 * small.queries };
const truncation = Math.min(1000, rows);
const depth = 100;
const memoryLimit = 1.5e9;
const tell = (text: string) => console.error(text);

const begun = beginReport("none");
const crew = await createThreadPool({ threads });
const folder = await mkdtemp(join(tmpdir(), "lmk-rerank-"));
try {
  const vectors = createClusteredVectors({ columns: small.columns, seed });
  const set = { queries: vectors.queries(small.queries), database: vectors.rows({ rows: small.rows }) };
  const pool = await preparePool(set.queries, set.database, { depth: small.rows, neighborCount: 250 });
  const everything = stackRows([pool.queries, pool.database]);
  // Lists of the pool's own rows, whose first entry is the row itself.
  const lists = await knnGraphAsync(everything, { k: truncation - 1, threads });
  const first = await runSet(set, oxfordTasks(pool, lists, crew));

  const wide = {
    queries: vectors.queries(large.queries),
    // Where threads can read it as it is.
    database: inSharedMemory(vectors.rows({ rows: large.rows })),
  };
  const neighbors = await exactSearchAsync(wide.queries, wide.database, { k: 50, threads });
  const second = await runSet(wide, expansionTasks({ ...wide, neighbors }, depth, crew));

  const size = { rows: isFull ? 29_900 : rows, columns: 512, queries: 100, depth: 1000, neighborCount: 40 };
  const method = "rerankByKReciprocal";
  await writeSet(folder, size);
  const memory = await runTask({ method, size, folder, repeats: 3 });
  const title = `${method} with ${size.queries} queries and ${size.rows.toLocaleString("en")} rows of ${size.columns}, in a process of its own`;

  const sets = [first, second];
  const failures = isFull ? sets.flatMap(({ rows }) => rows.flatMap(failureOf)) : [];
  if (memory.peak >= memoryLimit) failures.push(`${title}: ${(memory.peak / 1e9).toFixed(2)} GB resident`);
  const results = {
    sets: sets.map(({ title, rows }) => ({ title, rows })),
    large: { ...memory, title },
    depth,
  };
  const versions = searchVersions(begun, first.versions);
  const report = { ...begun, versions, results, failures };
  console.log(peersTables(report));
  if (isFull) writeReport(report, "rerank-peers");
  if (failures.length > 0) process.exitCode = 1;
} finally {
  crew.dispose();
  await rm(folder, { recursive: true, force: true });
}

async function runSet(
  { queries, database }: { readonly queries: Matrix; readonly database: Matrix },
  tasks: readonly PeerTask[],
): Promise<{ title: string; rows: PeerRow[]; versions: Readonly<Record<string, string>> }> {
  const files = { queries: join(folder, "queries.npy"), database: join(folder, "database.npy") };
  await writeNpy(files.queries, queries);
  await writeNpy(files.database, database);
  const settings = { ...files, folder, references, depth, threads };
  const peer = await startPython(python!, "rerank-peers.py", settings);
  try {
    const measured = await measurePeers(tasks, peer, { steps, warmup, depth }, tell);
    const title = `${queries.rows.toLocaleString("en")} queries, ${database.rows.toLocaleString("en")} rows, ${database.columns} columns`;
    return { title, rows: measured, versions: peer.versions };
  } finally {
    await peer.close();
  }
}

function inSharedMemory(matrix: Matrix): Matrix {
  const data = new Float32Array(new SharedArrayBuffer(matrix.data.byteLength));
  data.set(matrix.data);
  return { ...matrix, data };
}

function failureOf({ name, limit, ours, unit }: PeerRow): string[] {
  if (limit === null || ours <= limit) return [];
  return [`${name} took ${ours.toPrecision(3)} ms (${unit}), ${limit} were aimed at`];
}
