/**
 * Searches one shard: `search-shard.ts FOLDER INDEX COUNT [wait]`. Prints "skipped" or "searched"; with `wait` it says
 * "waiting" when half of its rows are read, and then reads no further.
 */
import { type EmbeddingSource, searchShard, shardRange } from "@lmk/index/shards";
import { database, k, queries } from "../shard-data.ts";

const [folder, index, count, mode] = process.argv.slice(2);
const shard = { index: Number(index), count: Number(count) };
const { columns, data, rows } = database;
const range = shardRange(rows, shard);
const middle = Math.floor((range.first + range.end) / 2);

/** Gives the first half, and the second one if it need not wait. */
const source: EmbeddingSource = {
  rows,
  columns,
  async *blocks({ first, end, blockRows }) {
    for (let row = first; row < end; ) {
      if (mode === "wait" && row >= middle) {
        process.stdout.write("waiting\n");
        // Keeps the process alive until it is killed.
        await new Promise((resolve) => setTimeout(resolve, 2 ** 31 - 1));
      }
      const stop = Math.min(row + blockRows, row < middle ? middle : end, end);
      yield {
        firstRow: row,
        embeddings: { data: data.subarray(row * columns, stop * columns), rows: stop - row, columns },
      };
      row = stop;
    }
  },
};

const { skipped } = await searchShard(queries, source, { folder: folder!, shard, k, metric: "cosine" });
process.stdout.write(skipped ? "skipped\n" : "searched\n");
