/** For each of some queries its best ids so far, best first; -1 and -Infinity where there are fewer. */
export interface BestLists {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
  readonly k: number;
}

export function createBestLists(rows: number, k: number): BestLists {
  return {
    ids: new Int32Array(rows * k).fill(-1),
    scores: new Float32Array(rows * k).fill(-Infinity),
    k,
  };
}

/** Enters an id into the list of a query; of equal scores the smaller id is better. */
export function insertBest({ ids, scores, k }: BestLists, row: number, id: number, score: number): void {
  const rounded = Math.fround(score);
  const first = row * k;
  let at = first + k - 1;
  if (!isBetter(rounded, id, scores[at]!, ids[at]!)) return;
  for (; at > first && isBetter(rounded, id, scores[at - 1]!, ids[at - 1]!); at--) {
    scores[at] = scores[at - 1]!;
    ids[at] = ids[at - 1]!;
  }
  scores[at] = rounded;
  ids[at] = id;
}

/** How many ids the list of a query holds. */
export function listLength({ ids, k }: BestLists, row: number): number {
  let length = 0;
  while (length < k && ids[row * k + length] !== -1) length += 1;
  return length;
}

export function clearList({ ids, scores, k }: BestLists, row: number): void {
  ids.fill(-1, row * k, (row + 1) * k);
  scores.fill(-Infinity, row * k, (row + 1) * k);
}

function isBetter(score: number, id: number, otherScore: number, otherId: number): boolean {
  return score > otherScore || (score === otherScore && (otherId === -1 || id < otherId));
}
