import type { Neighbors } from "../matrix.ts";
import { requireNeighbors, requirePositiveInteger } from "../require.ts";

/**
 * Checks a graph over a pool of queries and database, and the lists to re-rank that belong to it. Every row must list
 * at least `others` rows beside itself, or all there are.
 */
export function requirePool(caller: string, neighbors: Neighbors, graph: Neighbors, others: number): void {
  const { ids, scores, rows, k } = graph;
  requirePositiveInteger(caller, "graph.k", k);
  if (!Number.isInteger(rows) || rows < neighbors.rows) {
    throw new RangeError(
      `${caller}: expected \`graph.rows\` to count the ${neighbors.rows} queries and the database, got ${rows}`,
    );
  }
  if (ids.length !== rows * k || scores.length !== rows * k) {
    throw new RangeError(
      `${caller}: expected \`graph\` to hold ${rows} x ${k} = ${rows * k} ids and scores, got ${ids.length} and ${scores.length}`,
    );
  }
  requireNeighbors(caller, neighbors, rows - neighbors.rows);
  requireFinite(caller, "neighbors.scores", neighbors);
  requireGraphIds(caller, graph, Math.min(others, rows - 1));
  requireFinite(caller, "graph.scores", graph);
}

function requireGraphIds(caller: string, { ids, rows, k }: Neighbors, others: number): void {
  for (let row = 0; row < rows; row++) {
    let count = 0;
    for (let at = row * k; at < (row + 1) * k; at++) {
      const id = ids[at];
      if (id < -1 || id >= rows) {
        throw new RangeError(
          `${caller}: expected \`graph.ids\` to be -1 or a row number below ${rows}, got ${id} for row ${row}`,
        );
      }
      if (id >= 0 && id !== row) count++;
    }
    if (count < others) {
      throw new RangeError(
        `${caller}: expected \`graph\` to list at least ${others} rows beside itself for every row, got ${count} for row ${row}`,
      );
    }
  }
}

function requireFinite(caller: string, argument: string, { ids, scores, k }: Neighbors): void {
  for (let i = 0; i < ids.length; i++) {
    if (ids[i] >= 0 && !Number.isFinite(scores[i])) {
      throw new RangeError(
        `${caller}: expected \`${argument}\` to be finite where there is an id, got ${scores[i]} for row ${Math.floor(i / k)}`,
      );
    }
  }
}

/** Marks the pool rows whose numbers the result depends on: the queries and all rows in their lists. */
export function markCandidates(neighbors: Neighbors, poolRows: number): Uint8Array {
  const marked = new Uint8Array(poolRows).fill(1, 0, neighbors.rows);
  for (let i = 0; i < neighbors.ids.length; i++) {
    if (neighbors.ids[i] >= 0) marked[neighbors.rows + neighbors.ids[i]] = 1;
  }
  return marked;
}

/** Marks the first `count` rows in the lists of all marked rows. */
export function markListed(marked: Uint8Array, lists: Int32Array, stride: number, count: number): Uint8Array {
  const listed = new Uint8Array(marked.length);
  for (let row = 0; row < marked.length; row++) {
    if (marked[row] === 0) continue;
    const end = row * stride + Math.min(count, stride);
    for (let at = row * stride; at < end; at++) listed[lists[at]] = 1;
  }
  return listed;
}
