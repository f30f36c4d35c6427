/** The `k` best scored ids of each of many lists, in bounded heaps that live inside the result. */
export interface TopK {
  readonly ids: Int32Array<ArrayBuffer>;
  readonly scores: Float32Array<ArrayBuffer>;
  readonly sizes: Int32Array;
  readonly k: number;
}

export function createTopK(rows: number, k: number): TopK {
  return {
    ids: new Int32Array(rows * k).fill(-1),
    scores: new Float32Array(rows * k).fill(-Infinity),
    sizes: new Int32Array(rows),
    k,
  };
}

/** Enters an id into a list if it is better than the list's worst: a higher score, or the same and a smaller id. */
export function enter(top: TopK, row: number, id: number, score: number): void {
  const { ids, scores, sizes, k } = top;
  const base = row * k;
  if (sizes[row] === k) {
    if (isWorse(scores[base]!, ids[base]!, score, id)) sink(ids, scores, base, k, score, id);
    return;
  }
  let at = sizes[row]!++;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isWorse(score, id, scores[base + parent]!, ids[base + parent]!)) break;
    scores[base + at] = scores[base + parent]!;
    ids[base + at] = ids[base + parent]!;
    at = parent;
  }
  scores[base + at] = score;
  ids[base + at] = id;
}

/** Turns the heap of a list into a list from best to worst. */
export function sortList(top: TopK, row: number): void {
  const { ids, scores, sizes, k } = top;
  const base = row * k;
  for (let size = sizes[row]! - 1; size > 0; size--) {
    const score = scores[base + size]!;
    const id = ids[base + size]!;
    scores[base + size] = scores[base]!;
    ids[base + size] = ids[base]!;
    sink(ids, scores, base, size, score, id);
  }
}

/** Places an entry at the root, which holds the worst, and lets worse ones rise over it. */
function sink(
  ids: Int32Array,
  scores: Float32Array,
  base: number,
  size: number,
  score: number,
  id: number,
): void {
  let at = 0;
  for (let child = 1; child < size; child = 2 * at + 1) {
    const right = child + 1;
    if (
      right < size &&
      isWorse(scores[base + right]!, ids[base + right]!, scores[base + child]!, ids[base + child]!)
    ) {
      child = right;
    }
    if (!isWorse(scores[base + child]!, ids[base + child]!, score, id)) break;
    scores[base + at] = scores[base + child]!;
    ids[base + at] = ids[base + child]!;
    at = child;
  }
  scores[base + at] = score;
  ids[base + at] = id;
}

function isWorse(score: number, id: number, otherScore: number, otherId: number): boolean {
  return score < otherScore || (score === otherScore && id > otherId);
}
