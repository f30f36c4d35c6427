import { createBestScores, offer, sortBestScores } from "./best-scores.ts";
import type { Neighbors } from "./matrix.ts";

/** Lists without entries. */
export function emptyNeighbors(rows: number, k: number): Neighbors {
  return {
    ids: new Int32Array(rows * k).fill(-1),
    scores: new Float32Array(rows * k).fill(-Infinity),
    rows,
    k,
  };
}

/** Puts lists of `k` below one another. */
export function joinNeighbors(parts: readonly Neighbors[], k: number): Neighbors {
  if (parts.length === 1) return parts[0]!;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const joined = { ids: new Int32Array(rows * k), scores: new Float32Array(rows * k), rows, k };
  let row = 0;
  for (const part of parts) {
    joined.ids.set(part.ids, row * k);
    joined.scores.set(part.scores, row * k);
    row += part.rows;
  }
  return joined;
}

/**
 * Writes the best of `count` candidates into a row of `target`, which holds none yet: the highest score first, of equal
 * ones the smaller id. Scores are compared as they are written, in single precision, so that results show what orders
 * them and the last digits of a sum decide nothing. Candidates with id -1 are passed over.
 */
export function writeBest(
  target: Neighbors,
  row: number,
  ids: ArrayLike<number>,
  scores: ArrayLike<number>,
  count: number,
): void {
  const best = createBestScores(Math.min(target.k, count));
  for (let i = 0; i < count; i++) if (ids[i]! >= 0) offer(best, ids[i]!, scores[i]!);
  const total = sortBestScores(best);
  const start = row * target.k;
  target.ids.set(best.ids.subarray(0, total), start);
  target.scores.set(best.scores.subarray(0, total), start);
}

/** Below 0 where `a` comes first; unlike a difference right for infinities. */
export function compareScores(a: number, b: number): number {
  if (a === b) return 0;
  return a > b ? -1 : 1;
}
