import type { Neighbors } from "../matrix.ts";
import { compareScores, emptyNeighbors } from "../ranking.ts";
import { fuseScores, type PairFusion } from "./score-fusion.ts";

/**
 * Orders the first `depth` neighbors of each query by their new scores; the others follow as they are, their scores
 * lowered alike where the first of them exceeds the last before it.
 *
 * @param pairs - The scores of the pairs, `rows` x `depth`; those of missing neighbors are not read.
 */
export function rerankHead(
  caller: string,
  neighbors: Neighbors,
  depth: number,
  pairs: Float64Array,
  fusion: PairFusion,
): Neighbors {
  const { ids, scores, rows, k } = neighbors;
  const result = emptyNeighbors(rows, k);
  for (let row = 0; row < rows; row++) {
    const start = row * k;
    let length = 0;
    while (length < k && ids[start + length]! >= 0) length += 1;
    const head = Math.min(depth, length);
    const own = pairs.subarray(row * depth, row * depth + head);
    const first = scores.subarray(start, start + head);
    const tail = head < length ? scores[start + head] : undefined;
    if (fusion.kind === "rescale-below-tail") requireDistances(caller, own, tail, fusion.origin ?? 1, row);
    const fused = fuseScores(fusion, first, own, tail);
    const byFirst = fusion.kind === "inliers-first";
    const order = Int32Array.from({ length: head }, (_, rank) => rank).sort(
      (a, b) =>
        compareScores(fused[a]!, fused[b]!) ||
        (byFirst ? compareScores(first[a]!, first[b]!) : 0) ||
        ids[start + a]! - ids[start + b]!,
    );
    for (let rank = 0; rank < head; rank++) {
      result.ids[start + rank] = ids[start + order[rank]!]!;
      result.scores[start + rank] = fused[order[rank]!]!;
    }
    if (tail === undefined) continue;
    const last = result.scores[start + head - 1]!;
    const excess = Math.max(0, tail - last);
    for (let rank = head; rank < length; rank++) {
      result.ids[start + rank] = ids[start + rank]!;
      result.scores[start + rank] = Math.min(last, scores[start + rank]! - excess);
    }
  }
  return result;
}

/** How far a score may be above that of distance 0, as a share: cosines in single precision can pass 1. */
const rounding = 1e-5;

/** Distances are not negative. */
function requireDistances(
  caller: string,
  pairs: Float64Array,
  tail: number | undefined,
  origin: number,
  row: number,
): void {
  for (let i = 0; i <= pairs.length; i++) {
    const score = i < pairs.length ? pairs[i]! : (tail ?? origin);
    if (score > origin + rounding * Math.abs(origin)) {
      throw new RangeError(
        `${caller}: expected scores to be at most \`fusion.origin\` = ${origin}, got ${score} for query ${row}`,
      );
    }
  }
}
