/** One search of a file of rows, or of a shard of it; its only argument is a {@link ShardTask} as JSON. */
import { writeFileSync } from "node:fs";
import { type EmbeddingSource, exactSearchAsync } from "@lmk/index";
import { openNpy, readNpy } from "@lmk/index/npy";
import { type RowRange, searchShard, shardRange } from "@lmk/index/shards";
import type { ShardTask } from "./shards-processes.ts";

/** A source that gives the rows before `row`, says that it waits, and waits. */
function stalledAt(source: EmbeddingSource, row: number): EmbeddingSource {
  return {
    rows: source.rows,
    columns: source.columns,
    async *blocks({ first, end, blockRows }: RowRange & { readonly blockRows: number }) {
      if (first < row) yield* source.blocks({ first, end: Math.min(end, row), blockRows });
      process.stdout.write("waiting\n");
      await new Promise((resolve) => setTimeout(resolve, 2 ** 31 - 1));
    },
  };
}

const { queries, database, k, threads, to, shard, stall } = JSON.parse(process.argv[2]!) as ShardTask;
const asked = await readNpy(queries);
const file = await openNpy(database);
const begin = performance.now();
if (shard === undefined) {
  const { ids, scores } = await exactSearchAsync(asked, file, { k, threads });
  writeFileSync(to, ids);
  writeFileSync(to, scores, { flag: "a" });
} else {
  const { first, end } = shardRange(file.rows, shard);
  const source = stall === true ? stalledAt(file, Math.floor((first + end) / 2)) : file;
  const { skipped } = await searchShard(asked, source, { folder: to, shard, k, threads });
  if (skipped) process.stdout.write("skipped\n");
}
process.stdout.write(`searched in ${performance.now() - begin} ms\n`);
await file.close();
