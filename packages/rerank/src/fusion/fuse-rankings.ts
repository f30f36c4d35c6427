// Fox and Shaw's CombSUM and CombMNZ and Cormack's reciprocal rank fusion. All three read an id that a ranking lacks
// as 0 from that ranking; the lists need not be complete.
import type { Neighbors } from "../matrix.ts";
import { emptyNeighbors, writeBest } from "../ranking.ts";
import { requireOneOf, requirePositiveInteger, requireRows } from "../require.ts";
import { type RankingNormalization, writeParts } from "./ranking-parts.ts";

/** What {@link fuseRankings} adds up: scores, scores times the count of rankings, or reciprocals of ranks. */
export type FusionMethod = "sum" | "sum-times-count" | "reciprocal-rank";

/** Options of {@link fuseRankings}. */
export interface FuseRankingsOptions {
  /**
   * `"sum"`: the weighted sum of the scores (CombSUM). `"sum-times-count"`: that sum times the number of rankings
   * that hold the id (CombMNZ). `"reciprocal-rank"`: the weighted sum of `1 / (rankOffset + rank)`, which needs no
   * comparable scores.
   *
   * @defaultValue `"sum"`, as the winners of 2021 merge eight models
   */
  readonly method?: FusionMethod;
  /**
   * How the scores of each list are made comparable first. `"min-max"`: from 0 to 1 (all alike: 1). `"z-score"`: mean
   * 0 and standard deviation 1 (all alike: 0), so that an absent id counts like the list's mean. Must be `"none"` for
   * reciprocal ranks.
   *
   * @defaultValue `"none"`
   */
  readonly normalization?: RankingNormalization;
  /**
   * One finite factor per ranking.
   *
   * @defaultValue 1 for each
   */
  readonly weights?: readonly number[];
  /**
   * Added to each rank, counted from 1, before its reciprocal is taken; 0 or more. The larger, the less the first
   * ranks stand out.
   *
   * @defaultValue 60, from the paper
   */
  readonly rankOffset?: number;
  /**
   * Length of the lists that come back.
   *
   * @defaultValue the largest `k` of `rankings`
   */
  readonly k?: number;
}

/**
 * Merges several rankings of the same queries and the same database into one.
 *
 * ```text
 * sum                score(x) =             sum over r of  w_r s_r(x)
 * sum-times-count    score(x) = |{r : x}| · sum over r of  w_r s_r(x)
 * reciprocal-rank    score(x) =             sum over r of  w_r / (rankOffset + rank_r(x))
 * ```
 *
 * where the sums run over the rankings `r` that hold `x` (an absent id adds 0) and `s_r` is the score after
 * normalization. Sums are in double precision in the order of `rankings`; scores that are equal in single precision are
 * in the order of ids. Entries of -1 are skipped; an id that a list repeats counts once, at its first place. The lists
 * may differ in length.
 *
 * Memory: `4 (largest id + 1) + 20 · (sum of all k)` bytes besides the result.
 *
 * @param rankings - One or more results for the same queries; ids number the same database, best first.
 * @param options - What to add up.
 * @returns The best `k` of each query, newly allocated; -1 and -Infinity where fewer ids were found.
 * @throws RangeError if no ranking is given, shapes differ, a score is not finite or an option is out of range.
 *
 * @example
 * ```ts
 * import { fuseRankings } from "@lmk/rerank";
 *
 * const first = { ids: Int32Array.of(7, 3), scores: Float32Array.of(0.75, 0.5), rows: 1, k: 2 };
 * const second = { ids: Int32Array.of(3, 9), scores: Float32Array.of(0.5, 0.25), rows: 1, k: 2 };
 *
 * const fused = fuseRankings([first, second], { k: 3 });
 * console.log([...fused.ids], [...fused.scores]); // => [ 3, 7, 9 ] [ 1, 0.75, 0.25 ]
 * ```
 *
 * @see {@link https://dl.acm.org/doi/10.1145/1571941.1572114 | Cormack et al., Reciprocal Rank Fusion Outperforms Condorcet and Individual Rank Learning Methods, 2009}
 * @see {@link https://trec.nist.gov/pubs/trec2/papers/txt/23.txt | Fox and Shaw, Combination of Multiple Searches, 1994}
 */
export function fuseRankings(rankings: readonly Neighbors[], options: FuseRankingsOptions = {}): Neighbors {
  const { method = "sum", normalization = "none", weights, rankOffset = 60 } = options;
  const caller = "fuseRankings";
  requireRankings(caller, rankings);
  requireOneOf(caller, "method", method, ["sum", "sum-times-count", "reciprocal-rank"]);
  const byRank = method === "reciprocal-rank";
  requireOneOf(caller, "normalization", normalization, ["none", "min-max", "z-score"]);
  if (byRank && normalization !== "none") {
    throw new RangeError(
      `${caller}: expected \`normalization\` to be "none" for reciprocal ranks, got "${normalization}"`,
    );
  }
  const factors = weights ?? rankings.map(() => 1);
  requireWeights(caller, factors, rankings.length);
  if (!Number.isFinite(rankOffset) || rankOffset < 0) {
    throw new RangeError(`${caller}: expected \`rankOffset\` to be 0 or more, got ${rankOffset}`);
  }
  const { k = Math.max(...rankings.map((ranking) => ranking.k)) } = options;
  requirePositiveInteger(caller, "k", k);

  const rows = rankings[0]!.rows;
  const longest = Math.max(...rankings.map((ranking) => ranking.k));
  const capacity = rankings.reduce((sum, ranking) => sum + ranking.k, 0);
  const slotOf = new Int32Array(largestId(rankings) + 1).fill(-1);
  const ids = new Int32Array(capacity);
  const sums = new Float64Array(capacity);
  const counts = new Int32Array(capacity);
  const lastSeen = new Int32Array(capacity);
  const parts = new Float64Array(longest);
  const result = emptyNeighbors(rows, k);
  for (let row = 0; row < rows; row++) {
    let found = 0;
    for (let r = 0; r < rankings.length; r++) {
      const ranking = rankings[r]!;
      const start = row * ranking.k;
      const weight = factors[r]!;
      if (byRank) writeReciprocals(ranking.k, rankOffset, parts);
      else writeParts(ranking, row, normalization, parts);
      for (let i = 0; i < ranking.k; i++) {
        const id = ranking.ids[start + i]!;
        if (id < 0) continue;
        let slot = slotOf[id]!;
        if (slot < 0) {
          slot = found++;
          slotOf[id] = slot;
          ids[slot] = id;
          sums[slot] = 0;
          counts[slot] = 0;
        } else if (lastSeen[slot] === r) continue;
        lastSeen[slot] = r;
        sums[slot]! += weight * parts[i]!;
        counts[slot]! += 1;
      }
    }
    for (let slot = 0; slot < found; slot++) {
      slotOf[ids[slot]!] = -1;
      if (method === "sum-times-count") sums[slot]! *= counts[slot]!;
    }
    writeBest(result, row, ids, sums, found);
  }
  return result;
}

function writeReciprocals(count: number, rankOffset: number, parts: Float64Array): void {
  for (let i = 0; i < count; i++) parts[i] = 1 / (rankOffset + i + 1);
}

function largestId(rankings: readonly Neighbors[]): number {
  let largest = -1;
  for (const { ids } of rankings) {
    for (let i = 0; i < ids.length; i++) if (ids[i]! > largest) largest = ids[i]!;
  }
  return largest;
}

function requireRankings(caller: string, rankings: readonly Neighbors[]): void {
  if (rankings.length === 0) {
    throw new RangeError(`${caller}: expected \`rankings\` to hold at least one ranking, got none`);
  }
  for (const [r, { ids, scores, rows, k }] of rankings.entries()) {
    const argument = `rankings[${r}]`;
    requirePositiveInteger(caller, `${argument}.k`, k);
    if (!Number.isInteger(rows) || rows < 0) {
      throw new RangeError(`${caller}: expected \`${argument}.rows\` to be a count, got ${rows}`);
    }
    requireRows(caller, argument, rows, rankings[0]!.rows);
    if (ids.length !== rows * k || scores.length !== rows * k) {
      throw new RangeError(
        `${caller}: expected \`${argument}\` to hold ${rows} x ${k} = ${rows * k} ids and scores, got ${ids.length} and ${scores.length}`,
      );
    }
    for (let i = 0; i < ids.length; i++) {
      if (ids[i]! < -1) {
        throw new RangeError(
          `${caller}: expected \`${argument}.ids\` to be -1 or a row number, got ${ids[i]} for query ${Math.floor(i / k)}`,
        );
      }
      if (ids[i]! >= 0 && !Number.isFinite(scores[i]!)) {
        throw new RangeError(
          `${caller}: expected \`${argument}.scores\` to be finite, got ${scores[i]} for query ${Math.floor(i / k)}`,
        );
      }
    }
  }
}

function requireWeights(caller: string, weights: readonly number[], count: number): void {
  if (weights.length !== count) {
    throw new RangeError(
      `${caller}: expected \`weights\` to hold ${count} numbers like \`rankings\`, got ${weights.length}`,
    );
  }
  for (const [r, weight] of weights.entries()) {
    if (!Number.isFinite(weight)) {
      throw new RangeError(`${caller}: expected \`weights[${r}]\` to be finite, got ${weight}`);
    }
  }
}
