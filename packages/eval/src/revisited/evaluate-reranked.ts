// DELG's protocol: a re-ranker that looks at the first results must not spend its places on images that will not
// count. Junk is therefore taken out of the list before, which is a small help that other work does not take; the
// report says that it was done.
import { type Neighbors, rankingsFromNeighbors, requireNeighbors } from "../rankings.ts";
import { requireSameLength } from "../require.ts";
import { type Relevant, setOf } from "../retrieval/relevant-positions.ts";
import { countRelevant, type RevisitedReport } from "./evaluate.ts";
import { kindsOf, protocols, type RevisitedProtocol, type RevisitedTruth, rolesOf } from "./ground-truth.ts";
import {
  labelledEntries,
  type ProtocolOptions,
  type ProtocolReport,
  protocolSettings,
  scoreProtocol,
} from "./protocol-scores.ts";

/** Lists without the ignored entries, and how many there were. */
export interface FilteredNeighbors extends Neighbors {
  /** How many entries of each row were taken out. */
  readonly removed: Int32Array;
}

/**
 * Takes what is ignored out of the result of a search, before a re-ranker sees it.
 *
 * What is left moves up in its order; rows end in -1 and -Infinity. Ask the search for more than the re-ranker is to
 * see, or for everything, so that enough is left.
 *
 * @param neighbors - Result of a search.
 * @param ignored - For each query the ids to take out.
 * @returns New lists of the same size.
 * @throws RangeError if the arrays do not hold `rows * k` entries, or `ignored` has another number of queries.
 *
 * @example
 * ```ts
 * import { removeIgnored } from "@lmk/eval";
 *
 * const neighbors = { ids: Int32Array.of(5, 2, 7), scores: Float32Array.of(3, 2, 1), rows: 1, k: 3 };
 * const { ids, scores, removed } = removeIgnored(neighbors, [[2]]);
 * console.log(ids, removed); // => Int32Array(3) [ 5, 7, -1 ] Int32Array(1) [ 1 ]
 * console.log(scores); // => Float32Array(3) [ 3, 1, -Infinity ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2001.05027 | Cao, Araujo and Sim, Unifying Deep Local and Global Features, 2020}
 */
export function removeIgnored(neighbors: Neighbors, ignored: readonly Relevant<number>[]): FilteredNeighbors {
  requireNeighbors("removeIgnored", "neighbors", neighbors);
  requireSameLength("removeIgnored", ["neighbors", { length: neighbors.rows }], ["ignored", ignored]);
  return withoutIds(neighbors, ignored.map(setOf));
}

function withoutIds(neighbors: Neighbors, ignored: readonly ReadonlySet<number>[]): FilteredNeighbors {
  const { rows, k } = neighbors;
  const ids = new Int32Array(rows * k).fill(-1);
  const scores = new Float32Array(rows * k).fill(-Infinity);
  const removed = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const names = ignored[row]!;
    let place = row * k;
    for (let i = row * k; i < (row + 1) * k; i++) {
      const id = neighbors.ids[i]!;
      if (id < 0) break;
      if (names.has(id)) {
        removed[row]! += 1;
        continue;
      }
      ids[place] = id;
      scores[place] = neighbors.scores[i]!;
      place += 1;
    }
  }
  return { ids, scores, rows, k, removed };
}

/**
 * Scores a re-ranker on revisited Oxford or Paris: under each protocol it gets the lists without what that protocol
 * ignores, and the lists it gives back are scored as {@link evaluateRevisited} does.
 *
 * So the re-ranker runs three times, on lists that differ. `removedBeforeReranking` of each report says how many
 * entries were taken out.
 *
 * @param neighbors - Result of a search, ids as in the ground truth.
 * @param groundTruth - What each query is to find.
 * @param rerank - Gives the new lists, at once or later: the same number of rows, any k.
 * @returns The scores of each protocol.
 * @throws RangeError (as rejection) for whatever {@link evaluateRevisited} refuses; whatever `rerank` throws.
 *
 * @example
 * ```ts
 * import { evaluateReranked } from "@lmk/eval";
 *
 * const neighbors = { ids: Int32Array.of(3, 2, 0), scores: Float32Array.of(3, 2, 1), rows: 1, k: 3 };
 * const truth = [{ easy: [0], hard: [], junk: [3] }];
 * const reversed = await evaluateReranked(neighbors, truth, ({ rows, k }) => {
 *   return { ids: Int32Array.of(0, 2, -1), scores: Float32Array.of(2, 1, -Infinity), rows, k };
 * });
 * const { meanAveragePrecision, removedBeforeReranking } = reversed.easy;
 * console.log(meanAveragePrecision, removedBeforeReranking); // => 1 1
 * ```
 */
export async function evaluateReranked(
  neighbors: Neighbors,
  groundTruth: RevisitedTruth<number>,
  rerank: (neighbors: Neighbors, protocol: RevisitedProtocol) => Neighbors | Promise<Neighbors>,
  options: ProtocolOptions = {},
): Promise<RevisitedReport> {
  const settings = protocolSettings("evaluateReranked", options);
  const kinds = kindsOf("evaluateReranked", groundTruth);
  requireNeighbors("evaluateReranked", "neighbors", neighbors);
  requireSameLength("evaluateReranked", ["neighbors", { length: neighbors.rows }], ["groundTruth", kinds]);
  const reports: ProtocolReport[] = [];
  for (const protocol of protocols) {
    const roles = rolesOf[protocol];
    const ignored = kinds.map((map) => {
      return new Set([...map].filter(([, kind]) => roles[kind] === "ignored").map(([id]) => id));
    });
    const { removed, ...filtered } = withoutIds(neighbors, ignored);
    const reranked = await rerank(filtered, protocol);
    requireNeighbors("evaluateReranked", "rerank", reranked);
    const rankings = rankingsFromNeighbors(reranked);
    requireSameLength("evaluateReranked", ["rerank", rankings], ["groundTruth", kinds]);
    const queries = kinds.map((map, query) => ({
      entries: labelledEntries(rankings[query]!, map),
      total: countRelevant(map, roles),
    }));
    const total = removed.reduce((sum, count) => sum + count, 0);
    reports.push(scoreProtocol(queries, roles, settings, total));
  }
  return { ranks: settings.ranks, easy: reports[0]!, medium: reports[1]!, hard: reports[2]! };
}
