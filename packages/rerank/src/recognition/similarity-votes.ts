import type { Neighbors } from "../matrix.ts";

/**
 * What a neighbor at rank `r`, from 1, with cosine `s` and squared distance `d² = 2 - 2 s` adds to its label.
 *
 * - `cosine`: `s`;
 * - `squared-l2`: `1 - d²`;
 * - `below-farthest`: `D - d²` with the largest `d²` of all neighbors that vote, of all images;
 * - `rank`: `exp(-sqrt(r))`.
 */
export type SimilarityVote = "cosine" | "squared-l2" | "below-farthest" | "rank";

/** The vote of each of the first `length` places of every list, list after list; 0 where there is no neighbor. */
export function similarityVotes(lists: Neighbors, length: number, vote: SimilarityVote): Float64Array {
  const { ids, scores, rows, k } = lists;
  const votes = new Float64Array(rows * length);
  const least = vote === "below-farthest" ? leastScore(lists, length) : 0;
  for (let row = 0; row < rows; row++) {
    for (let place = 0; place < length; place++) {
      const at = row * k + place;
      if (ids[at]! >= 0) votes[row * length + place] = similarityVote(vote, scores[at]!, least, place);
    }
  }
  return votes;
}

function similarityVote(vote: SimilarityVote, score: number, least: number, place: number): number {
  switch (vote) {
    case "cosine":
      return score;
    case "squared-l2":
      return 2 * score - 1;
    case "below-farthest":
      return 2 * (score - least);
    case "rank":
      return Math.exp(-Math.sqrt(place + 1));
  }
}

function leastScore({ ids, scores, rows, k }: Neighbors, length: number): number {
  let least = Infinity;
  for (let row = 0; row < rows; row++) {
    for (let at = row * k; at < row * k + length; at++) {
      if (ids[at]! >= 0 && scores[at]! < least) least = scores[at]!;
    }
  }
  return least;
}
