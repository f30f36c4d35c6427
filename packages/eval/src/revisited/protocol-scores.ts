// Two defects of the original program are not repeated by default: it stops with an error where a list has nothing
// relevant, and on lists cut short it divides precision@k by the rank of the last relevant image that was found, as
// if all had been (which they have in the full rankings it is meant for).
import { requireOneOf, requirePositiveInteger } from "../require.ts";
import { trapezoids } from "../retrieval/average-precision-trapezoid.ts";
import { meanOverQueries } from "../retrieval/means.ts";
import { marksOf } from "../retrieval/relevant-positions.ts";
import type { Role } from "./ground-truth.ts";

/** Options of {@link evaluateRevisited} and {@link evaluateProtocol}. */
export interface ProtocolOptions {
  /**
   * The ranks for which precision and recall are reported, each 1 or more.
   *
   * @defaultValue [1, 5, 10], as in the paper
   */
  readonly ranks?: readonly number[];
  /**
   * What lists that end before all relevant images are found mean. All agree on full rankings.
   *
   * - `"penalize"`: what is missing was not found. Average precision and recall divide by all relevant images, and
   *   precision@k divides by less than k only if all were found before, so that for k up to the length of the list
   *   it is what the full ranking has.
   * - `"revisitop"`: the original program. Precision@k divides by the rank of the last relevant image in the list if
   *   that is less than k.
   * - `"delf"`: the code of DELG. As `"revisitop"`, and average precision and recall divide by the relevant images in
   *   the list: too high on short lists.
   * - `"ames"`: the code of AMES. As `"revisitop"`, and average precision and recall divide by the relevant images or
   *   the length of the list, junk included, whichever is less.
   *
   * A list without any relevant image has 0 in every one.
   *
   * @defaultValue "penalize"
   */
  readonly truncated?: "penalize" | "revisitop" | "delf" | "ames";
  /**
   * What a relevant id listed again is: `"first"`, wrong, with its rank used up; `"repeat"`, right again, as in the
   * original programs, which can give more than 1. Ignored ids are taken out every time.
   *
   * @defaultValue "first"
   */
  readonly duplicates?: "first" | "repeat";
}

/** Scores under one protocol. */
export interface ProtocolReport {
  /** Mean of `averagePrecisions` over the evaluated queries, from 0 to 1; NaN if there are none. */
  readonly meanAveragePrecision: number;
  /** Mean precision at each of the ranks, over the evaluated queries. */
  readonly meanPrecisions: Float64Array;
  /** Mean recall at each of the ranks, over the evaluated queries. */
  readonly meanRecalls: Float64Array;
  /** Average precision of each query by the trapezoid rule; NaN for one that has nothing relevant. */
  readonly averagePrecisions: Float64Array;
  /** Precision of each query at each of the ranks, a query after the other; NaN as above. */
  readonly precisions: Float64Array;
  /** Recall of each query at each of the ranks, a query after the other; NaN as above. */
  readonly recalls: Float64Array;
  /** How many queries have something relevant. */
  readonly evaluated: number;
  /** How many ignored entries were taken out of the lists before a re-ranker saw them; 0 if that was not done. */
  readonly removedBeforeReranking: number;
}

/** Options with their defaults, checked. */
export interface ProtocolSettings {
  readonly ranks: readonly number[];
  readonly truncated: "penalize" | "revisitop" | "delf" | "ames";
  readonly duplicates: "first" | "repeat";
}

export function protocolSettings(caller: string, options: ProtocolOptions): ProtocolSettings {
  const { ranks = [1, 5, 10], truncated = "penalize", duplicates = "first" } = options;
  for (const rank of ranks) requirePositiveInteger(caller, "ranks", rank);
  requireOneOf(caller, "truncated", truncated, ["penalize", "revisitop", "delf", "ames"]);
  requireOneOf(caller, "duplicates", duplicates, ["first", "repeat"]);
  return { ranks, truncated, duplicates };
}

/** Those entries of a list that have a kind: parallel arrays. */
export interface LabelledEntries<Kind> {
  /** Ranks from 0, ascending. */
  readonly ranks: readonly number[];
  readonly kinds: readonly Kind[];
  /** Whether the same id was listed before. */
  readonly repeats: readonly boolean[];
  /** Length of the whole list. */
  readonly length: number;
}

export function labelledEntries<Id extends string | number, Kind>(
  ranking: ArrayLike<Id>,
  kinds: ReadonlyMap<Id, Kind>,
): LabelledEntries<Kind> {
  const { length } = ranking;
  const ranks = ranksOfKnown(ranking, kinds);
  const seen = new Set<Id>();
  const repeats = ranks.map((rank) => {
    const repeated = seen.has(ranking[rank]!);
    seen.add(ranking[rank]!);
    return repeated;
  });
  return { ranks, kinds: ranks.map((rank) => kinds.get(ranking[rank]!)!), repeats, length };
}

function ranksOfKnown<Id extends string | number>(
  ranking: ArrayLike<Id>,
  kinds: ReadonlyMap<Id, unknown>,
): number[] {
  const { length } = ranking;
  const ranks: number[] = [];
  const marks = marksOf(ranking, kinds, length);
  if (marks === undefined) {
    for (let i = 0; i < length; i++) if (kinds.has(ranking[i]!)) ranks.push(i);
    return ranks;
  }
  const rows = ranking as ArrayLike<number>;
  for (let i = 0; i < length; i++) {
    if (rows[i]! >>> 0 < marks.length && marks[rows[i]!] === 1) ranks.push(i);
  }
  return ranks;
}

/** A query under a protocol: what it found and how much there is to find. */
export interface ProtocolQuery<Kind> {
  readonly entries: LabelledEntries<Kind>;
  readonly total: number;
}

/** Scores queries of which each kind of id has a role. */
export function scoreProtocol<Kind extends string>(
  queries: readonly ProtocolQuery<Kind>[],
  roles: Readonly<Record<Kind, Role>>,
  settings: ProtocolSettings,
  removedBeforeReranking = 0,
): ProtocolReport {
  const { ranks } = settings;
  const columns = ranks.length;
  const averagePrecisions = new Float64Array(queries.length).fill(Number.NaN);
  const precisions = new Float64Array(queries.length * columns).fill(Number.NaN);
  const recalls = new Float64Array(queries.length * columns).fill(Number.NaN);
  let evaluated = 0;
  for (const [query, { entries, total }] of queries.entries()) {
    if (total === 0) continue;
    evaluated += 1;
    const positions = adjustedPositions(entries, roles, settings.duplicates);
    const divisor = divisorOf(settings.truncated, positions.length, total, entries.length);
    averagePrecisions[query] = positions.length === 0 ? 0 : trapezoids(positions) / divisor;
    const complete = settings.truncated !== "penalize" || positions.length >= total;
    for (let column = 0; column < columns; column++) {
      const found = countBelow(positions, ranks[column]!);
      const last = complete && positions.length > 0 ? positions.at(-1)! + 1 : Infinity;
      precisions[query * columns + column] = found / Math.min(last, ranks[column]!);
      recalls[query * columns + column] = found === 0 ? 0 : found / divisor;
    }
  }
  return {
    meanAveragePrecision: meanOverQueries(averagePrecisions),
    meanPrecisions: columnMeans(precisions, columns),
    meanRecalls: columnMeans(recalls, columns),
    averagePrecisions,
    precisions,
    recalls,
    evaluated,
    removedBeforeReranking,
  };
}

/** Ranks of the relevant entries, from 0, in the list without the ignored ones. */
function adjustedPositions<Kind extends string>(
  { ranks, kinds, repeats }: LabelledEntries<Kind>,
  roles: Readonly<Record<Kind, Role>>,
  duplicates: "first" | "repeat",
): number[] {
  const positions: number[] = [];
  let ignored = 0;
  for (let i = 0; i < ranks.length; i++) {
    if (roles[kinds[i]!] === "ignored") ignored += 1;
    else if (duplicates === "repeat" || !repeats[i]) positions.push(ranks[i]! - ignored);
  }
  return positions;
}

function divisorOf(
  truncated: ProtocolSettings["truncated"],
  found: number,
  total: number,
  length: number,
): number {
  if (truncated === "delf") return found;
  return truncated === "ames" ? Math.min(total, length) : total;
}

function countBelow(positions: readonly number[], end: number): number {
  let count = 0;
  while (count < positions.length && positions[count]! < end) count += 1;
  return count;
}

function columnMeans(values: Float64Array, columns: number): Float64Array {
  return Float64Array.from({ length: columns }, (_, column) => {
    return meanOverQueries(values.filter((_value, i) => i % columns === column));
  });
}
