import { type Shard, shareOf } from "./epoch-options.ts";
import type { ImageBatch } from "./image-batch.ts";

/**
 * Cuts a sequence of rows into full batches and gives the rank's part of each; rows after the last full batch are left out.
 * Where a row comes more than once in the sequence, its copies are numbered.
 */
export function cutBatches(rows: Int32Array, batchSize: number, shard: Shard): readonly ImageBatch[] {
  const copies = numberCopies(rows);
  return Array.from({ length: Math.floor(rows.length / batchSize) }, (_, batch) => {
    const cut = (values: Int32Array): Int32Array =>
      shareOf(values.subarray(batch * batchSize, (batch + 1) * batchSize), shard);
    return { group: 0, rows: cut(rows), ...(copies === undefined ? {} : { copies: cut(copies) }) };
  });
}

/** For each place how many times its row came before; `undefined` if none comes twice. */
function numberCopies(rows: Int32Array): Int32Array | undefined {
  let highest = -1;
  for (const row of rows) highest = Math.max(highest, row);
  const seen = new Int32Array(highest + 1);
  const copies = rows.map((row) => seen[row]++);
  return copies.some((copy) => copy > 0) ? copies : undefined;
}
