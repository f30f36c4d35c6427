import { createBestScores, offer } from "../best-scores.ts";
import type { Neighbors } from "../matrix.ts";
import type { SparseRows } from "../sparse-rows.ts";
import { type Start, startWeight } from "./starts.ts";

/** The right-hand sides of queries of several rows each: sums of similarities first, the best of them to gamma. */
export function regionalStartVectors(
  neighbors: Neighbors,
  queries: Int32Array,
  queryCount: number,
  databaseRows: number,
  start: Start,
): SparseRows {
  const { ids, scores, k } = neighbors;
  const order = Int32Array.from(queries, (_, row) => row).sort((a, b) => queries[a]! - queries[b]! || a - b);
  const width = Math.min(start.queryNeighborCount, databaseRows);
  const starts = new Uint32Array(queryCount + 1);
  const columns: number[] = [];
  const values: number[] = [];
  const sums = new Float64Array(databaseRows);
  const seenBy = new Int32Array(databaseRows).fill(-1);
  const touched = new Int32Array(databaseRows);
  let next = 0;
  for (let query = 0; query < queryCount; query++) {
    let count = 0;
    for (; next < order.length && queries[order[next]!] === query; next++) {
      const row = order[next]!;
      for (let at = row * k; at < (row + 1) * k; at++) {
        const id = ids[at]!;
        if (id < 0) continue;
        if (seenBy[id] !== query) {
          seenBy[id] = query;
          sums[id] = 0;
          touched[count] = id;
          count += 1;
        }
        sums[id]! += scores[at]!;
      }
    }
    const best = createBestScores(width);
    for (let i = 0; i < count; i++) offer(best, touched[i]!, sums[touched[i]!]!);
    for (let i = 0; i < best.count; i++) {
      columns.push(best.ids[i]!);
      values.push(startWeight(sums[best.ids[i]!]!, start));
    }
    starts[query + 1] = columns.length;
  }
  return { starts, columns: Int32Array.from(columns), values: Float64Array.from(values) };
}
