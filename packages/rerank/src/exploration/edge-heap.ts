/** A heap of edges: the heaviest first, of equal ones the one with the smaller order. */
export interface EdgeHeap {
  weights: Float32Array;
  orders: Int32Array;
  size: number;
}

export function createEdgeHeap(): EdgeHeap {
  return { weights: new Float32Array(1024), orders: new Int32Array(1024), size: 0 };
}

export function pushEdge(heap: EdgeHeap, weight: number, order: number): void {
  if (heap.size === heap.orders.length) grow(heap);
  const { weights, orders } = heap;
  let at = heap.size++;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const parentWeight = weights[parent]!;
    if (parentWeight > weight || (parentWeight === weight && orders[parent]! <= order)) break;
    weights[at] = parentWeight;
    orders[at] = orders[parent]!;
    at = parent;
  }
  weights[at] = weight;
  orders[at] = order;
}

/** Takes the first edge away. */
export function popEdge(heap: EdgeHeap): void {
  const { weights, orders } = heap;
  const size = --heap.size;
  const weight = weights[size]!;
  const order = orders[size]!;
  let at = 0;
  for (let child = 1; child < size; child = 2 * at + 1) {
    let childWeight = weights[child]!;
    if (child + 1 < size) {
      const otherWeight = weights[child + 1]!;
      if (otherWeight > childWeight || (otherWeight === childWeight && orders[child + 1]! < orders[child]!)) {
        child += 1;
        childWeight = otherWeight;
      }
    }
    if (weight > childWeight || (weight === childWeight && order <= orders[child]!)) break;
    weights[at] = childWeight;
    orders[at] = orders[child]!;
    at = child;
  }
  weights[at] = weight;
  orders[at] = order;
}

function grow(heap: EdgeHeap): void {
  const { weights, orders } = heap;
  heap.weights = new Float32Array(2 * weights.length);
  heap.orders = new Int32Array(2 * orders.length);
  heap.weights.set(weights);
  heap.orders.set(orders);
}
