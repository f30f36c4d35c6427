/** Builds or searches one table in a process of its own; its only argument is a task as JSON. */
import { writeFileSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { EmbeddingSource, Matrix } from "@lmk/index";
import { createLanceTable, openLanceTable } from "@lmk/index/lancedb";
import { readNpy } from "@lmk/index/npy";
import { createClusteredVectors } from "./clustered-vectors.ts";
import type {
  LanceBuild,
  LanceBuildTask,
  LanceSearches,
  LanceSearchTask,
  LanceTimes,
} from "./lancedb-processes.ts";

/** Rows that are made at once. */
const chunkRows = 20_000;

const name = "vectors";

function peak(): number {
  return process.resourceUsage().maxRSS * 1024;
}

async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}

async function build({ folder, vectors, rows, index }: LanceBuildTask): Promise<LanceBuild> {
  const { columns } = vectors;
  const made = createClusteredVectors(vectors);
  let making = 0;
  const source: EmbeddingSource = {
    rows,
    columns,
    async *blocks({ first, end, blockRows }) {
      const step = Math.min(chunkRows, blockRows);
      for (let row = first; row < end; row += step) {
        const begin = performance.now();
        const embeddings = made.rows({ rows: Math.min(step, end - row), firstRow: row });
        making += performance.now() - begin;
        yield { firstRow: row, embeddings };
      }
    },
  };
  const begin = performance.now();
  const table = await createLanceTable(folder, name, source, { metric: "cosine" });
  const write = performance.now() - begin - making;
  const rowBytes = await sizeOf(folder);
  const writePeak = peak();
  const indexBegin = performance.now();
  await table.createIndex(index);
  const train = performance.now() - indexBegin;
  table.close();
  return { write, train, rowBytes, allBytes: await sizeOf(folder), writePeak, peak: peak() };
}

async function search(task: LanceSearchTask): Promise<LanceSearches> {
  const { folder, k, settings, steps, singles, ids } = task;
  const all = await readNpy(task.queries);
  const table = await openLanceTable(folder, name);
  const loaded = process.memoryUsage.rss();
  const times: (LanceTimes & { runs: number[] })[] = settings.map(({ exact }) => {
    return { queries: exact ? Math.min(task.exactQueries, all.rows) : all.rows, runs: [], singles: [] };
  });
  for (let step = -1; step < steps; step++) {
    for (const [i, setting] of settings.entries()) {
      const begin = performance.now();
      const found = await table.search(firstRows(all, times[i]!.queries), { k, ...setting });
      if (step >= 0) times[i]!.runs.push(performance.now() - begin);
      else writeFileSync(`${ids}.${i}`, found.ids);
    }
  }
  const measured: LanceTimes[] = [];
  for (const [i, setting] of settings.entries()) {
    const each: number[] = [];
    for (let query = 0; query < Math.min(singles, times[i]!.queries); query++) {
      const one = rowOf(all, query);
      const begin = performance.now();
      await table.search(one, { k, ...setting });
      each.push(performance.now() - begin);
    }
    measured.push({ ...times[i]!, singles: each });
  }
  table.close();
  return { settings: measured, loaded, peak: peak() };
}

function firstRows({ data, columns }: Matrix, rows: number): Matrix {
  return { data: data.subarray(0, rows * columns), rows, columns };
}

function rowOf({ data, columns }: Matrix, row: number): Matrix {
  return { data: data.subarray(row * columns, (row + 1) * columns), rows: 1, columns };
}

const task = JSON.parse(process.argv[2]!) as LanceBuildTask | LanceSearchTask;
console.log(JSON.stringify(task.stage === "build" ? await build(task) : await search(task)));
