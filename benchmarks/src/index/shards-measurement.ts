import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Neighbors } from "@lmk/index";
import { createNpyWriter, writeNpy } from "@lmk/index/npy";
import { mergeShards } from "@lmk/index/shards";
import { summarize } from "../measure/interleave.ts";
import { threads } from "../measure/settings.ts";
import { type ClusterOptions, createClusteredVectors } from "./clustered-vectors.ts";
import { type ShardRun, type ShardTask, searchInProcess } from "./shards-processes.ts";
import type { ShardsResults } from "./shards-tables.ts";

/** Rows that are made at once. */
const chunkRows = 20_000;

/** Shards of the search. */
const count = 8;

/** The shard whose process is killed. */
const killed = 5;

/** What is searched. */
export interface ShardsShape extends ClusterOptions {
  readonly rows: number;
  readonly queries: number;
  readonly k: number;
}

/** Writes the files, then searches them by one process and by eight in turns; the first round is not counted. */
export async function measureShards(
  shape: ShardsShape,
  { steps, folder }: { readonly steps: number; readonly folder: string },
): Promise<ShardsResults> {
  const { k, rows, columns, queries } = shape;
  const task = { ...(await writeFiles(shape, folder)), k };
  const whole = join(folder, "whole.bin");
  const shards = join(folder, "shards");
  const times = {
    whole: [] as number[],
    wholeSearching: [] as number[],
    shards: [] as number[],
    shardsSearching: [] as number[],
    merge: [] as number[],
  };
  let equal = true;
  for (let step = -1; step < steps; step++) {
    const one = await searchInProcess({ ...task, threads, to: whole });
    rmSync(shards, { recursive: true, force: true });
    const begin = performance.now();
    const runs = await searchShards({ ...task, threads: 1, to: shards });
    const searched = performance.now();
    const merged = await mergeShards(shards);
    const end = performance.now();
    equal &&= hasBits(merged, readFileSync(whole));
    console.error(
      `${step + 1} of ${steps}: ${one.milliseconds.toFixed(0)} ms, ${(end - begin).toFixed(0)} ms`,
    );
    if (step < 0) continue;
    times.whole.push(one.milliseconds);
    times.wholeSearching.push(one.searching);
    times.shardsSearching.push(runs.reduce((sum, { searching }) => sum + searching, 0) / threads);
    times.shards.push(searched - begin);
    times.merge.push(end - searched);
  }
  return {
    ...{ rows, columns, queries, k, count, equal },
    whole: summarize(times.whole),
    wholeSearching: summarize(times.wholeSearching),
    shards: summarize(times.shards),
    shardsSearching: summarize(times.shardsSearching),
    merge: summarize(times.merge),
    rerun: await killAndRerun({ ...task, threads: 1, to: shards }, readFileSync(whole)),
  };
}

/** Searches all shards anew, one process of them killed; then all again. */
async function killAndRerun(task: ShardTask, whole: Buffer): Promise<ShardsResults["rerun"]> {
  rmSync(task.to, { recursive: true });
  const first = await searchShards(task, killed);
  const refusal = await mergeShards(task.to).then(
    () => "none",
    (error: Error) => error.message.replace(task.to, "the folder"),
  );
  const begin = performance.now();
  const again = await searchShards(task);
  const milliseconds = performance.now() - begin;
  return {
    signals: first.filter(({ signal }) => signal === "SIGKILL").length,
    refusal,
    milliseconds,
    searched: again.flatMap(({ skipped }, index) => (skipped ? [] : index)),
    equal: hasBits(await mergeShards(task.to), whole),
  };
}

/** Searches the shards, as many at a time as there are cores for. */
async function searchShards(task: ShardTask, stalled?: number): Promise<ShardRun[]> {
  const runs: ShardRun[] = [];
  let next = 0;
  const searchNext = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      runs[index] = await searchInProcess({ ...task, shard: { index, count }, stall: index === stalled });
    }
  };
  await Promise.all(Array.from({ length: threads }, searchNext));
  return runs;
}

function hasBits({ ids, scores }: Neighbors, bytes: Buffer): boolean {
  const parts = [ids, scores].map(
    (array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
  );
  return Buffer.concat(parts).equals(bytes);
}

async function writeFiles(
  { rows, queries, k: _, ...options }: ShardsShape,
  folder: string,
): Promise<{ readonly queries: string; readonly database: string }> {
  const { columns } = options;
  const vectors = createClusteredVectors(options);
  const paths = { queries: join(folder, "queries.npy"), database: join(folder, "database.npy") };
  await writeNpy(paths.queries, vectors.queries(queries));
  const file = await createNpyWriter(paths.database, { columns });
  for (let firstRow = 0; firstRow < rows; firstRow += chunkRows) {
    await file.append(vectors.rows({ rows: Math.min(chunkRows, rows - firstRow), firstRow }));
  }
  await file.close();
  return paths;
}
