import type { Neighbors } from "../matrix.ts";

/** How the scores of one list are made comparable with those of other lists. */
export type RankingNormalization = "none" | "min-max" | "z-score";

/** Writes the scores of one list, normalized over its entries that exist; entries of -1 keep any value. */
export function writeParts(
  ranking: Neighbors,
  row: number,
  normalization: RankingNormalization,
  parts: Float64Array,
): void {
  const { ids, scores, k } = ranking;
  const start = row * k;
  let shift = 0;
  let scale = 1;
  let flat = 0;
  if (normalization === "min-max") {
    let least = Infinity;
    let most = -Infinity;
    for (let i = start; i < start + k; i++) {
      if (ids[i]! < 0) continue;
      least = Math.min(least, scores[i]!);
      most = Math.max(most, scores[i]!);
    }
    shift = least;
    scale = most - least;
    flat = 1;
  }
  if (normalization === "z-score") {
    let count = 0;
    let sum = 0;
    for (let i = start; i < start + k; i++) {
      if (ids[i]! < 0) continue;
      count += 1;
      sum += scores[i]!;
    }
    shift = sum / count;
    let squares = 0;
    for (let i = start; i < start + k; i++) {
      if (ids[i]! >= 0) squares += (scores[i]! - shift) ** 2;
    }
    scale = Math.sqrt(squares / count);
  }
  for (let i = 0; i < k; i++) {
    if (ids[start + i]! < 0) continue;
    parts[i] = scale > 0 ? (scores[start + i]! - shift) / scale : flat;
  }
}
