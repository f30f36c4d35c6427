import type { Neighbors } from "./matrix.ts";

/** The best of the rows offered so far: a heap with the worst of them on top. Scores are rounded to single precision. */
export interface BestScores {
  readonly ids: Int32Array;
  readonly scores: Float32Array;
  count: number;
}

export function createBestScores(k: number): BestScores {
  return { ids: new Int32Array(k), scores: new Float32Array(k), count: 0 };
}

/** Offers a row; of scores that are equal once rounded the smaller id is better. */
export function offer(best: BestScores, id: number, exactScore: number): void {
  const { ids, scores, count } = best;
  const score = Math.fround(exactScore);
  if (count < ids.length) {
    best.count = count + 1;
    siftUp(ids, scores, count, id, score);
  } else if (isWorse(scores[0]!, ids[0]!, score, id)) {
    siftDown(ids, scores, count, id, score);
  }
}

/** Puts the offered rows in order, best first, and forgets them; gives how many they are. */
export function sortBestScores(best: BestScores): number {
  const { ids, scores } = best;
  const total = best.count;
  // Takes the worst away again and again.
  for (let count = total - 1; count > 0; count--) {
    const id = ids[0]!;
    const score = scores[0]!;
    siftDown(ids, scores, count, ids[count]!, scores[count]!);
    ids[count] = id;
    scores[count] = score;
  }
  best.count = 0;
  return total;
}

/**
 * Writes the offered rows into a row of `target`, best first, and forgets them. Rows of the first list that were not
 * offered have score 0 and stand, in their first order, behind offered rows of at least 0.
 */
export function writeBestScores(
  best: BestScores,
  target: Neighbors,
  row: number,
  firstIds: Int32Array | undefined,
): void {
  const { ids, scores } = best;
  const total = sortBestScores(best);
  const start = row * target.k;
  let written = 0;
  let next = 0;
  while (next < total && scores[next]! >= 0) next += 1;
  for (; written < next; written++) {
    target.ids[start + written] = ids[written]!;
    target.scores[start + written] = scores[written]!;
  }
  if (written === target.k) return;
  if (firstIds !== undefined) {
    const offered = new Set(ids.subarray(0, total));
    for (let i = 0; i < firstIds.length && written < target.k; i++) {
      const id = firstIds[i]!;
      if (id < 0 || offered.has(id)) continue;
      target.ids[start + written] = id;
      target.scores[start + written] = 0;
      written += 1;
    }
  }
  for (; next < total && written < target.k; next++) {
    target.ids[start + written] = ids[next]!;
    target.scores[start + written] = scores[next]!;
    written += 1;
  }
}

function isWorse(score: number, id: number, otherScore: number, otherId: number): boolean {
  return score < otherScore || (score === otherScore && id > otherId);
}

function siftUp(ids: Int32Array, scores: Float32Array, from: number, id: number, score: number): void {
  let at = from;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isWorse(score, id, scores[parent]!, ids[parent]!)) break;
    ids[at] = ids[parent]!;
    scores[at] = scores[parent]!;
    at = parent;
  }
  ids[at] = id;
  scores[at] = score;
}

/** Puts a row on top of the first `count` and lets it sink. */
function siftDown(ids: Int32Array, scores: Float32Array, count: number, id: number, score: number): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= count) break;
    if (child + 1 < count && isWorse(scores[child + 1]!, ids[child + 1]!, scores[child]!, ids[child]!)) {
      child += 1;
    }
    if (!isWorse(scores[child]!, ids[child]!, score, id)) break;
    ids[at] = ids[child]!;
    scores[at] = scores[child]!;
    at = child;
  }
  ids[at] = id;
  scores[at] = score;
}
