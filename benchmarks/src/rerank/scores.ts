import {
  averagePrecisions,
  bootstrapInterval,
  meanOverQueries,
  pairedPermutationTest,
  precisionsAt,
  rankingsFromNeighbors,
} from "@lmk/eval";
import type { Neighbors } from "@lmk/index";
import { createRandom } from "../measure/random.ts";
import type { RetrievalProblem } from "./retrieval-set.ts";

/** One number per query, of all problems one after the other; NaN for queries with nothing to find. */
export interface QueryScores {
  /** Average precision of the first 100. */
  readonly averagePrecisions: Float64Array;
  /** Share of the first 10 that is right. */
  readonly precisions: Float64Array;
}

/** A mean with its interval of 95 %, and how likely a difference as large is by chance. */
export interface Score {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
  /** Of a paired permutation test against other scores; nothing for those themselves. */
  readonly pValue: number | null;
}

/** Scores the lists of one problem; the query's own row is passed over. */
export function scoreLists({ relevant, own }: RetrievalProblem, neighbors: Neighbors): QueryScores {
  const lists = rankingsFromNeighbors(neighbors);
  const rankings =
    own === undefined ? lists : lists.map((list, query) => list.filter((id) => id !== own[query]));
  return {
    averagePrecisions: averagePrecisions(rankings, relevant, { depth: 100 }),
    precisions: precisionsAt(rankings, relevant, { depth: 10 }),
  };
}

/** Scores of several problems as those of one. */
export function joinScores(parts: readonly QueryScores[]): QueryScores {
  return {
    averagePrecisions: Float64Array.from(parts.flatMap((part) => [...part.averagePrecisions])),
    precisions: Float64Array.from(parts.flatMap((part) => [...part.precisions])),
  };
}

/** The mean of one number per query, beside that of another method. */
export function summarizeScores(values: Float64Array, baseline: Float64Array | undefined): Score {
  const { estimate, low, high } = bootstrapInterval(values);
  const pValue = baseline === undefined ? null : pairedPermutationTest(values, baseline).pValue;
  return { mean: estimate, low, high, pValue };
}

/** The mean of each group's queries, groups in the order of their names. */
export function meansByGroup(values: Float64Array, groups: readonly string[]): Record<string, number> {
  const names = [...new Set(groups)].toSorted();
  const means = names.map(
    (name) => [name, meanOverQueries(values.filter((_, i) => groups[i] === name))] as const,
  );
  return Object.fromEntries(means.filter(([, mean]) => !Number.isNaN(mean)));
}

/** The place of the best mean; of equal ones the first. */
export function bestOf(variants: readonly Float64Array[]): number {
  const means = variants.map((values) => meanOverQueries(values));
  return means.indexOf(Math.max(...means));
}

/**
 * Scores without a choice on the query itself: queries are dealt into halves, and each half gets the scores of the
 * variant that is best on the other.
 */
export function chooseOnOtherHalf(variants: readonly Float64Array[], seed = 1): Float64Array {
  const random = createRandom(seed);
  const queries = Array.from(variants[0]!, (_, query) => ({ query, chance: random() }));
  const shuffled = queries.toSorted((a, b) => a.chance - b.chance).map(({ query }) => query);
  const middle = Math.ceil(shuffled.length / 2);
  const halves = [shuffled.slice(0, middle), shuffled.slice(middle)];
  const chosen = new Float64Array(shuffled.length);
  for (const [i, half] of halves.entries()) {
    const others = halves[1 - i]!;
    const best = bestOf(variants.map((values) => Float64Array.from(others, (query) => values[query]!)));
    for (const query of half) chosen[query] = variants[Math.max(best, 0)]![query]!;
  }
  return chosen;
}
