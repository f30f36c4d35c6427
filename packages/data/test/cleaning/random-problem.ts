import type { Neighbors } from "@lmk/data";

/** A labelled set with neighbors, and inliers by pair. */
export interface Problem {
  readonly labels: Int32Array;
  readonly neighbors: Neighbors;
  readonly inliersOf: (row: number, neighbor: number) => number;
}

/** Random neighbors that begin with the row itself in most lists, not in all, and lack an id here and there. */
export function randomProblem(rows: number, labelCount: number, k: number): Problem {
  let state = 12345;
  const random = (below: number): number => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
  const labels = Int32Array.from({ length: rows }, () => 100 + 7 * random(labelCount));
  const ids = new Int32Array(rows * k);
  for (let row = 0; row < rows; row++) {
    const others = Array.from({ length: rows }, (_, other) => ({ other, place: random(1 << 30) }));
    const order = others.toSorted((a, b) => a.place - b.place).map(({ other }) => other);
    const own = order.indexOf(row);
    if (random(5) > 0) [order[0], order[own]] = [order[own], order[0]];
    ids.set(order.slice(0, k), row * k);
    if (random(4) === 0) ids[row * k + k - 1] = -1;
  }
  return {
    labels,
    neighbors: { ids, scores: new Float32Array(rows * k), rows, k },
    inliersOf: (row, neighbor) => (Math.imul(row * 31 + 7, neighbor * 17 + 3) >>> 3) % 60,
  };
}
