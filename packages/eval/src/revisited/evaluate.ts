import { requireSameLength } from "../require.ts";
import { setOf } from "../retrieval/relevant-positions.ts";
import {
  kindsOf,
  type RelevantAndIgnored,
  type RevisitedProtocol,
  type RevisitedTruth,
  type Role,
  rolesOf,
} from "./ground-truth.ts";
import {
  labelledEntries,
  type ProtocolOptions,
  type ProtocolReport,
  protocolSettings,
  scoreProtocol,
} from "./protocol-scores.ts";

/** Scores under the three protocols of the revisited sets. */
export interface RevisitedReport extends Readonly<Record<RevisitedProtocol, ProtocolReport>> {
  /** The ranks for which precision and recall are reported. */
  readonly ranks: readonly number[];
}

/**
 * Scores rankings on revisited Oxford or Paris, under the easy, medium and hard protocols.
 *
 * | protocol | right | ignored |
 * |---|---|---|
 * | `easy` | easy | junk, hard |
 * | `medium` | easy, hard | junk |
 * | `hard` | hard | junk, easy |
 *
 * Ignored images are taken out of the ranking before ranks are counted. Average precision is by the trapezoid rule:
 * {@link averagePrecisionTrapezoid}. Precision at rank k divides by k, or by the rank of the last relevant image if
 * that is less, so that it is not the ordinary precision for queries that are done early. A query that has nothing
 * relevant under a protocol has NaN there and is left out of the means (two of the 70 easy queries of Oxford). Lists
 * may be cut short or empty: {@link ProtocolOptions.truncated}.
 *
 * Memory: 8 * queries * (2 * ranks + 1) bytes a protocol, and a few words for each labelled entry.
 *
 * @param rankings - For each query, the images found, best first: row numbers or names.
 * @param groundTruth - What each query is to find, in the same order of queries.
 * @returns The scores of each protocol.
 * @throws RangeError if `rankings` and `groundTruth` differ in length, a query names an image twice, or an option is
 * out of range.
 *
 * @example
 * ```ts
 * import { evaluateRevisited } from "@lmk/eval";
 *
 * const rankings = [Int32Array.of(3, 0, 2, 1)];
 * const { easy, hard } = evaluateRevisited(rankings, [{ easy: [0], hard: [1], junk: [3] }]);
 * console.log(easy.meanAveragePrecision, hard.meanAveragePrecision); // => 1 0.25
 * console.log(easy.evaluated, hard.meanPrecisions); // => 1 Float64Array(3) [ 0, 0.5, 0.5 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1803.11285 | Radenović et al., Revisiting Oxford and Paris, 2018}
 */
export function evaluateRevisited<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  groundTruth: RevisitedTruth<Id>,
  options: ProtocolOptions = {},
): RevisitedReport {
  const settings = protocolSettings("evaluateRevisited", options);
  const kinds = kindsOf("evaluateRevisited", groundTruth);
  requireSameLength("evaluateRevisited", ["rankings", rankings], ["groundTruth", kinds]);
  const entries = kinds.map((map, query) => labelledEntries(rankings[query]!, map));
  const score = (protocol: RevisitedProtocol): ProtocolReport => {
    const roles = rolesOf[protocol];
    const queries = entries.map((found, query) => ({
      entries: found,
      total: countRelevant(kinds[query]!, roles),
    }));
    return scoreProtocol(queries, roles, settings);
  };
  return { ranks: settings.ranks, easy: score("easy"), medium: score("medium"), hard: score("hard") };
}

/**
 * Scores rankings by the rules of the Oxford and Paris buildings, with images that are neither right nor wrong: the
 * classic sets (`readOxfordParis` of `@lmk/data` gives what is relevant and ignored), or one protocol of the
 * revisited sets by itself.
 *
 * Rules and options are those of {@link evaluateRevisited}. An id that is both relevant and ignored is ignored, so
 * that a query can be taken out of its own results.
 *
 * @param rankings - For each query, the ids found, best first.
 * @param groundTruth - What is relevant and what is ignored, in the same order of queries.
 * @returns The scores.
 * @throws RangeError if the lists differ in length, or an option is out of range.
 *
 * @example
 * ```ts
 * import { evaluateProtocol } from "@lmk/eval";
 *
 * const truth = { relevant: [["a", "b"]], ignored: [["query"]] };
 * console.log(evaluateProtocol([["query", "a", "x", "b"]], truth).meanAveragePrecision); // => 0.7916666666666666
 * ```
 *
 * @see {@link https://www.robots.ox.ac.uk/~vgg/data/oxbuildings/ | Philbin et al., Object retrieval with large
 * vocabularies and fast spatial matching, 2007}
 */
export function evaluateProtocol<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  groundTruth: RelevantAndIgnored<Id>,
  options: ProtocolOptions = {},
): ProtocolReport {
  const settings = protocolSettings("evaluateProtocol", options);
  const { relevant, ignored } = groundTruth;
  requireSameLength("evaluateProtocol", ["rankings", rankings], ["relevant", relevant]);
  requireSameLength("evaluateProtocol", ["relevant", relevant], ["ignored", ignored]);
  const roles = { relevant: "relevant", ignored: "ignored" } as const;
  const queries = relevant.map((ids, query) => {
    const kinds = new Map<Id, Role>();
    for (const id of setOf(ids)) kinds.set(id, "relevant");
    for (const id of setOf(ignored[query]!)) kinds.set(id, "ignored");
    return {
      entries: labelledEntries(rankings[query]!, kinds),
      total: countRelevant(kinds, roles),
    };
  });
  return scoreProtocol(queries, roles, settings);
}

/** How many ids have the role "relevant". */
export function countRelevant<Kind extends string>(
  kinds: ReadonlyMap<unknown, Kind>,
  roles: Readonly<Record<Kind, Role>>,
): number {
  let count = 0;
  for (const kind of kinds.values()) if (roles[kind] === "relevant") count += 1;
  return count;
}
