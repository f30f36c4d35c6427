// The winning code's names speak of one place of this step, but it runs in two: on the lists of each model before they
// are merged (submitted) or once on the merged lists. Here both are the same function on other lists.

import type { Neighbors } from "../matrix.ts";
import { emptyNeighbors, writeBest } from "../ranking.ts";
import {
  requireFiniteNumber,
  requireFiniteScores,
  requireNeighbors,
  requirePositiveInteger,
  requireRows,
} from "../require.ts";
import { requireTags, type TagVotes } from "./tag-votes.ts";

/** What one model says of landmarks and countries. */
export interface LandmarkEvidence {
  /** Landmarks of the queries, from {@link voteTags}. */
  readonly queryLandmarks: TagVotes;
  /** Countries of the queries, from {@link voteTags} with the same neighbors. */
  readonly queryCountries: TagVotes;
  /** The landmark of each index image, that of its nearest reference; -1 for none. */
  readonly indexLandmarks: Int32Array;
  /** The country of each index image, that of its nearest reference; -1 for none. */
  readonly indexCountries: Int32Array;
}

/** Options of {@link rerankByLandmarkAndCountry}. */
export interface RerankByLandmarkAndCountryOptions {
  /**
   * Factor of a landmark's share (α); finite.
   *
   * @defaultValue 1, the number of the second place of 2021
   */
  readonly landmarkWeight?: number;
  /**
   * Factor of a country's share (β); finite.
   *
   * @defaultValue 0.1, the number of the second place of 2021
   */
  readonly countryWeight?: number;
  /**
   * Length of the lists that come back, 1 or more.
   *
   * @defaultValue `neighbors.k`
   */
  readonly k?: number;
}

/**
 * Moves images up whose landmark or country is among those of the query (landmark-country aware re-ranking of the second
 * place of 2021).
 *
 * ```text
 * s'(q, i) = s(q, i) + sum over models of  landmarkWeight share_q(landmark(i)) + countryWeight share_q(country(i))
 * ```
 *
 * Tags of index images are those of their nearest reference: {@link predictLabels} with `neighborCount: 1`, once with
 * landmarks and once with countries. Tags of queries are votes of three references: {@link voteTags} of
 * {@link rerankByFastKReciprocal}.
 *
 * With several models, re-rank each one's lists by its own evidence and add them up with {@link fuseRankings} (before
 * merging, as submitted), or add the lists up first and re-rank once with the evidence of all (after merging); with
 * complete lists and weights of 1 both are the same.
 *
 * The winners score all index images. Of lists that are cut, an image that was cut off cannot come back, so search
 * for more than `k`: a landmark alone can add 1 to a cosine.
 *
 * @param neighbors - Search results of the queries in the index, best first; scores are cosines or sums of them.
 * @param evidence - One for each model.
 * @returns Lists of `k`, newly allocated: the highest score first, of equal ones the smaller id.
 * @throws RangeError if shapes do not fit, an id is no row of the index tags, a score is not finite, or an option is
 * out of range.
 *
 * @example
 * ```ts
 * import { rerankByLandmarkAndCountry } from "@lmk/rerank";
 *
 * const neighbors = { ids: Int32Array.of(1, 0), scores: Float32Array.of(0.5, 0.25), rows: 1, k: 2 };
 * const queryLandmarks = { tags: Int32Array.of(7), shares: Float64Array.of(1), rows: 1, count: 1 };
 * const queryCountries = { tags: Int32Array.of(3), shares: Float64Array.of(1), rows: 1, count: 1 };
 * const indexLandmarks = Int32Array.of(7, 4);
 * const indexCountries = Int32Array.of(3, 3);
 *
 * const { ids, scores } = rerankByLandmarkAndCountry(neighbors, [
 *   { queryLandmarks, queryCountries, indexLandmarks, indexCountries },
 * ]);
 * console.log([...ids], [...scores].map((score) => score.toFixed(2))); // => [ 0, 1 ] [ '1.35', '0.60' ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2110.04294 | Zhang et al., 2nd Place Solution to Google Landmark Retrieval 2021}
 */
export function rerankByLandmarkAndCountry(
  neighbors: Neighbors,
  evidence: readonly LandmarkEvidence[],
  options: RerankByLandmarkAndCountryOptions = {},
): Neighbors {
  const { landmarkWeight = 1, countryWeight = 0.1, k = neighbors.k } = options;
  const caller = "rerankByLandmarkAndCountry";
  requireNeighbors(caller, neighbors, evidence[0]?.indexLandmarks.length ?? Infinity);
  requireFiniteScores(caller, "neighbors", neighbors);
  for (const [model, votes] of evidence.entries()) {
    requireEvidence(caller, `evidence[${model}]`, votes, neighbors, evidence[0]!);
  }
  requireFiniteNumber(caller, "landmarkWeight", landmarkWeight);
  requireFiniteNumber(caller, "countryWeight", countryWeight);
  requirePositiveInteger(caller, "k", k);

  const { rows, k: length } = neighbors;
  const result = emptyNeighbors(rows, k);
  const scores = new Float64Array(length);
  for (let row = 0; row < rows; row++) {
    const ids = neighbors.ids.subarray(row * length, (row + 1) * length);
    scores.set(neighbors.scores.subarray(row * length, (row + 1) * length));
    for (const votes of evidence) {
      addShares(scores, ids, votes.queryLandmarks, row, votes.indexLandmarks, landmarkWeight);
      addShares(scores, ids, votes.queryCountries, row, votes.indexCountries, countryWeight);
    }
    writeBest(result, row, ids, scores, length);
  }
  return result;
}

function addShares(
  scores: Float64Array,
  ids: Int32Array,
  votes: TagVotes,
  row: number,
  indexTags: Int32Array,
  weight: number,
): void {
  for (let at = row * votes.count; at < (row + 1) * votes.count; at++) {
    const tag = votes.tags[at]!;
    if (tag < 0) continue;
    for (let i = 0; i < ids.length; i++) {
      if (ids[i]! >= 0 && indexTags[ids[i]!] === tag) scores[i]! += weight * votes.shares[at]!;
    }
  }
}

function requireEvidence(
  caller: string,
  argument: string,
  evidence: LandmarkEvidence,
  neighbors: Neighbors,
  first: LandmarkEvidence,
): void {
  const { queryLandmarks, queryCountries, indexLandmarks, indexCountries } = evidence;
  const indexRows = first.indexLandmarks.length;
  requireVotes(caller, `${argument}.queryLandmarks`, queryLandmarks, neighbors.rows);
  requireVotes(caller, `${argument}.queryCountries`, queryCountries, neighbors.rows);
  requireRows(caller, `${argument}.indexLandmarks`, indexLandmarks.length, indexRows);
  requireTags(caller, `${argument}.indexLandmarks`, indexLandmarks);
  requireRows(caller, `${argument}.indexCountries`, indexCountries.length, indexRows);
  requireTags(caller, `${argument}.indexCountries`, indexCountries);
}

function requireVotes(caller: string, argument: string, votes: TagVotes, rows: number): void {
  requireRows(caller, argument, votes.rows, rows);
  requirePositiveInteger(caller, `${argument}.count`, votes.count);
  const size = rows * votes.count;
  if (votes.tags.length !== size || votes.shares.length !== size) {
    throw new RangeError(
      `${caller}: expected \`${argument}\` to hold ${rows} x ${votes.count} = ${size} tags and shares, got ${votes.tags.length} and ${votes.shares.length}`,
    );
  }
  const bad = votes.shares.findIndex((share) => !Number.isFinite(share));
  if (bad < 0) return;
  throw new RangeError(
    `${caller}: expected \`${argument}.shares\` to be finite, got ${votes.shares[bad]} for query ${Math.floor(bad / votes.count)}`,
  );
}
