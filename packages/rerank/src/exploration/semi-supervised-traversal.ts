// The published program compares the entries of its queue by weights that rise while they wait, and does not move them
// then: the heaviest is not always first. This queue does the same; it sifts like java.util.PriorityQueue.
import type { Neighbors } from "../matrix.ts";
import { emptyNeighbors } from "../ranking.ts";
import type { RowTask } from "../threads/method.ts";
import type { Edges } from "./edges.ts";
import { doubled } from "./traversal.ts";

/** One traversal per query, on a graph in which queries are reached too. */
export interface SemiSupervisedInput extends Edges {
  readonly k: number;
  readonly threshold: number;
}

export const semiSupervisedTask: RowTask<SemiSupervisedInput, Neighbors> = {
  name: "traverse graph with stale order",
  run: traverse,
};

/** Entries in the order of their making, and a heap of their numbers. */
interface Queue {
  nodes: Int32Array;
  count: number;
  heap: Int32Array;
  size: number;
}

function traverse(input: SemiSupervisedInput, first: number, end: number): Neighbors {
  const { starts, ids, weights, databaseRows, k } = input;
  const threshold = Math.fround(input.threshold);
  const result = emptyNeighbors(end - first, k);
  const nodes = starts.length - 1;
  const best = new Float32Array(nodes).fill(-Infinity);
  const explored = new Uint8Array(nodes);
  const frontier = new Int32Array(nodes);
  const queue: Queue = { nodes: new Int32Array(1024), count: 0, heap: new Int32Array(1024), size: 0 };
  for (let row = first; row < end; row++) {
    const offset = (row - first) * k;
    const query = databaseRows + row;
    let found = 0;
    let lowest = Infinity;
    let frontierCount = 1;
    frontier[0] = query;
    explored[query] = 1;
    queue.count = 0;
    queue.size = 0;
    do {
      for (let i = 0; i < frontierCount; i++) {
        const node = frontier[i]!;
        const stop = starts[node + 1]!;
        for (let at = starts[node]!; at < stop; at++) {
          const next = ids[at]!;
          if (best[next]! >= weights[at]!) continue;
          best[next] = weights[at]!;
          push(queue, next, best);
        }
      }
      frontierCount = 0;
      if (queue.size === 0) break;
      do {
        const node = pop(queue, best);
        if (explored[node] === 1) continue;
        explored[node] = 1;
        frontier[frontierCount++] = node;
        if (best[node]! < lowest) lowest = best[node]!;
        if (node >= databaseRows) continue;
        result.ids[offset + found] = node;
        result.scores[offset + found] = lowest;
        found += 1;
      } while (found < k && queue.size > 0 && best[queue.nodes[queue.heap[0]!]!]! > threshold);
    } while (found < k);
    explored[query] = 0;
    for (let i = 0; i < queue.count; i++) {
      best[queue.nodes[i]!] = -Infinity;
      explored[queue.nodes[i]!] = 0;
    }
  }
  return result;
}

function push(queue: Queue, node: number, best: Float32Array): void {
  if (queue.count === queue.nodes.length) queue.nodes = doubled(queue.nodes);
  if (queue.size === queue.heap.length) queue.heap = doubled(queue.heap);
  const { nodes, heap } = queue;
  const entry = queue.count++;
  nodes[entry] = node;
  const weight = best[node]!;
  let at = queue.size++;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    // The new entry is the youngest: it stands behind those of its weight.
    if (best[nodes[heap[parent]!]!]! >= weight) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = entry;
}

function pop(queue: Queue, best: Float32Array): number {
  const { nodes, heap } = queue;
  const top = nodes[heap[0]!]!;
  const size = --queue.size;
  const entry = heap[size]!;
  const weight = best[nodes[entry]!]!;
  let at = 0;
  for (let child = 1; child < size; child = 2 * at + 1) {
    let childWeight = best[nodes[heap[child]!]!]!;
    if (child + 1 < size) {
      const otherWeight = best[nodes[heap[child + 1]!]!]!;
      if (otherWeight > childWeight || (otherWeight === childWeight && heap[child + 1]! < heap[child]!)) {
        child += 1;
        childWeight = otherWeight;
      }
    }
    if (weight > childWeight || (weight === childWeight && entry <= heap[child]!)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = entry;
  return top;
}
