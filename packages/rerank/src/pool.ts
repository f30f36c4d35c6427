import type { Neighbors } from "./matrix.ts";
import { requireDistinctIds, requireFiniteScores, requireListShape, requireNeighbors } from "./require.ts";

/**
 * Checks a graph over a pool of queries and database, and the lists to re-rank that belong to it. Every row must list
 * at least `others` rows beside itself, or all there are.
 */
export function requirePool(caller: string, neighbors: Neighbors, graph: Neighbors, others: number): void {
  const { rows } = graph;
  requireListShape(caller, "neighbors", neighbors);
  if (rows < neighbors.rows) {
    throw new RangeError(
      `${caller}: expected \`graph.rows\` to count the ${neighbors.rows} queries and the database, got ${rows}`,
    );
  }
  requireListShape(caller, "graph", graph);
  requireNeighbors(caller, neighbors, rows - neighbors.rows);
  requireDistinctIds(caller, "neighbors", neighbors, rows - neighbors.rows);
  requireFiniteScores(caller, "neighbors", neighbors);
  requireGraphIds(caller, graph, Math.min(others, rows - 1));
  requireDistinctIds(caller, "graph", graph, rows);
  requireFiniteScores(caller, "graph", graph);
}

function requireGraphIds(caller: string, { ids, rows, k }: Neighbors, others: number): void {
  for (let row = 0; row < rows; row++) {
    let count = 0;
    for (let at = row * k; at < (row + 1) * k; at++) {
      const id = ids[at]!;
      if (id < -1 || id >= rows) {
        throw new RangeError(
          `${caller}: expected \`graph.ids\` to be -1 or a row number below ${rows}, got ${id} for row ${row}`,
        );
      }
      if (id >= 0 && id !== row) count += 1;
    }
    if (count < others) {
      throw new RangeError(
        `${caller}: expected \`graph\` to list at least ${others} rows beside itself for every row, got ${count} for row ${row}`,
      );
    }
  }
}

/** Marks the pool rows whose numbers the result depends on: the queries and all rows in their lists. */
export function markCandidates(neighbors: Neighbors, poolRows: number): Uint8Array {
  const marked = new Uint8Array(poolRows).fill(1, 0, neighbors.rows);
  for (let i = 0; i < neighbors.ids.length; i++) {
    if (neighbors.ids[i]! >= 0) marked[neighbors.rows + neighbors.ids[i]!] = 1;
  }
  return marked;
}

/** Marks the first `count` rows in the lists of all marked rows. */
export function markListed(marked: Uint8Array, lists: Int32Array, stride: number, count: number): Uint8Array {
  const listed = new Uint8Array(marked.length);
  for (let row = 0; row < marked.length; row++) {
    if (marked[row] === 0) continue;
    const end = row * stride + Math.min(count, stride);
    for (let at = row * stride; at < end; at++) listed[lists[at]!] = 1;
  }
  return listed;
}

/** For each row its own id, then its first `k` neighbors without it: rows of `k + 1` ids, -1 where fewer exist. */
export function selfFirstLists(graph: Neighbors, k: number): Int32Array {
  const lists = new Int32Array(graph.rows * (k + 1)).fill(-1);
  for (let row = 0; row < graph.rows; row++) {
    const start = row * (k + 1);
    lists[start] = row;
    let count = 1;
    for (let at = row * graph.k; at < (row + 1) * graph.k && count <= k; at++) {
      const id = graph.ids[at]!;
      if (id < 0 || id === row) continue;
      lists[start + count] = id;
      count += 1;
    }
  }
  return lists;
}

/** The similarities that go with {@link selfFirstLists}: 1 for the row itself, -Infinity where fewer exist. */
export function selfFirstScores(graph: Neighbors, k: number): Float32Array {
  const scores = new Float32Array(graph.rows * (k + 1)).fill(-Infinity);
  for (let row = 0; row < graph.rows; row++) {
    const start = row * (k + 1);
    scores[start] = 1;
    let count = 1;
    for (let at = row * graph.k; at < (row + 1) * graph.k && count <= k; at++) {
      const id = graph.ids[at]!;
      if (id < 0 || id === row) continue;
      scores[start + count] = graph.scores[at]!;
      count += 1;
    }
  }
  return scores;
}
