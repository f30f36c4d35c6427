import type { Neighbors } from "../matrix.ts";
import { emptyNeighbors } from "../ranking.ts";
import type { RowTask } from "../threads/method.ts";
import { createEdgeHeap, popEdge, pushEdge } from "./edge-heap.ts";
import type { Edges } from "./edges.ts";

/** One traversal per query. */
export interface TraversalInput extends Edges {
  readonly k: number;
  readonly threshold: number;
  /** Whether edges of equal weight stay in the order in which their nodes, not they themselves, were first met. */
  readonly orderByNode: boolean;
}

export const traversalTask: RowTask<TraversalInput, Neighbors> = {
  name: "traverse graph",
  run: traverse,
};

/**
 * Explore-exploit traversal. `best` is the weight with which a node waits, -Infinity before it is met and Infinity once
 * it is taken, so that one comparison tells whether an edge is worth an entry in the heap. Entries of weights that were
 * bettered stay there and are passed over when their turn comes.
 */
function traverse(input: TraversalInput, first: number, end: number): Neighbors {
  const { starts, ids, weights, databaseRows, k, orderByNode } = input;
  const threshold = Math.fround(input.threshold);
  const result = emptyNeighbors(end - first, k);
  const nodes = starts.length - 1;
  const best = new Float32Array(nodes).fill(-Infinity);
  const firstEntry = new Int32Array(orderByNode ? nodes : 0);
  const frontier = new Int32Array(Math.min(k, databaseRows) + nodes - databaseRows + 1);
  const heap = createEdgeHeap();
  let entryNodes = new Int32Array(1024);
  for (let row = first; row < end; row++) {
    const offset = (row - first) * k;
    let entries = 0;
    let found = 0;
    let lowest = Infinity;
    let frontierCount = 1;
    const query = databaseRows + row;
    frontier[0] = query;
    best[query] = Infinity;
    heap.size = 0;
    do {
      for (let i = 0; i < frontierCount; i++) {
        const node = frontier[i]!;
        const stop = starts[node + 1]!;
        for (let at = starts[node]!; at < stop; at++) {
          const next = ids[at]!;
          const weight = weights[at]!;
          const known = best[next]!;
          if (known >= weight) continue;
          if (entries === entryNodes.length) entryNodes = doubled(entryNodes);
          let order = entries;
          if (orderByNode) {
            if (known === -Infinity) firstEntry[next] = entries;
            order = firstEntry[next]!;
          }
          entryNodes[entries] = next;
          entries += 1;
          best[next] = weight;
          pushEdge(heap, weight, order);
        }
      }
      frontierCount = 0;
      if (heap.size === 0) break;
      do {
        const weight = heap.weights[0]!;
        const node = entryNodes[heap.orders[0]!]!;
        popEdge(heap);
        if (best[node]! === Infinity) continue;
        best[node] = Infinity;
        frontier[frontierCount++] = node;
        if (weight < lowest) lowest = weight;
        // Other queries are walked through, not listed.
        if (node >= databaseRows) continue;
        result.ids[offset + found] = node;
        result.scores[offset + found] = lowest;
        found += 1;
      } while (found < k && heap.size > 0 && heap.weights[0]! > threshold);
    } while (found < k);
    best[query] = -Infinity;
    for (let i = 0; i < entries; i++) best[entryNodes[i]!] = -Infinity;
  }
  return result;
}

/** A copy of twice the length. */
export function doubled(values: Int32Array): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(2 * values.length);
  copy.set(values);
  return copy;
}
