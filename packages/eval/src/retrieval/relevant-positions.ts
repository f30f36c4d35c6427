import { requireDepth, requireSameLength } from "../require.ts";

/** What is right for a query: a set of ids, or a list of them in which order and repeats do not matter. */
export type Relevant<Id extends string | number = number> = ReadonlySet<Id> | ArrayLike<Id>;

/** Options of {@link relevantPositions}. */
export interface RelevantPositionsOptions {
  /**
   * Ranks after this one are ignored; 1 or more, or Infinity.
   *
   * @defaultValue Infinity: the whole list
   */
  readonly depth?: number;
}

/**
 * Ranks of the relevant results of each query, counted from 0, ascending: what every measure here is made of.
 *
 * A repeated id counts at its first rank only, and its later ranks stay used up.
 *
 * @param rankings - For each query, the ids found, best first: arrays of strings or numbers, or typed arrays.
 * @param relevant - For each query, the ids that are right, in the same order of queries.
 * @returns One list per query, empty for a query that finds nothing.
 * @throws RangeError if `rankings` and `relevant` differ in length, or `depth` is neither a positive integer nor
 * Infinity.
 *
 * @example
 * ```ts
 * import { averagePrecisionTrapezoid, relevantPositions } from "@lmk/eval";
 *
 * const [positions] = relevantPositions([Int32Array.of(7, 3, 9, 7)], [[7, 9, 4]]);
 * console.log(positions); // => Int32Array(2) [ 0, 2 ]
 * console.log(averagePrecisionTrapezoid(positions!, 3)); // => 0.5277777777777778
 * ```
 */
export function relevantPositions<Id extends string | number>(
  rankings: readonly ArrayLike<Id>[],
  relevant: readonly Relevant<Id>[],
  options: RelevantPositionsOptions = {},
): Int32Array[] {
  const { depth = Infinity } = options;
  requireSameLength("relevantPositions", ["rankings", rankings], ["relevant", relevant]);
  requireDepth("relevantPositions", "depth", depth);
  return relevant.map((answers, query) => positionsOf(rankings[query]!, setOf(answers), depth));
}

/** The ids as a set; a set is given back as it is. */
export function setOf<Id extends string | number>(ids: Relevant<Id>): ReadonlySet<Id> {
  if (typeof ids === "object" && "has" in ids) return ids;
  return new Set(Array.from(ids));
}

/** Ranks from 0 of the first occurrences of answers within the depth; stops when all are found. */
export function positionsOf<Id extends string | number>(
  ranking: ArrayLike<Id>,
  answers: ReadonlySet<Id>,
  depth: number,
): Int32Array {
  const end = Math.min(ranking.length, depth);
  const positions = new Int32Array(Math.min(answers.size, end));
  const marks = marksOf(ranking, answers, end);
  const count =
    marks === undefined
      ? fillPositions(positions, ranking, answers, end)
      : fillMarkedPositions(positions, ranking as ArrayLike<number>, marks, end);
  return positions.subarray(0, count);
}

function fillPositions<Id extends string | number>(
  positions: Int32Array,
  ranking: ArrayLike<Id>,
  answers: ReadonlySet<Id>,
  end: number,
): number {
  const seen = new Set<Id>();
  let count = 0;
  for (let i = 0; i < end && count < positions.length; i++) {
    const id = ranking[i]!;
    if (!answers.has(id) || seen.has(id)) continue;
    seen.add(id);
    positions[count] = i;
    count += 1;
  }
  return count;
}

function fillMarkedPositions(
  positions: Int32Array,
  ranking: ArrayLike<number>,
  marks: Uint8Array,
  end: number,
): number {
  let count = 0;
  for (let i = 0; i < end && count < positions.length; i++) {
    const id = ranking[i]!;
    if (id >>> 0 >= marks.length || marks[id] === 0) continue;
    marks[id] = 0;
    positions[count] = i;
    count += 1;
  }
  return count;
}

/**
 * For long lists of row numbers: a 1 for each known id, which is many times faster to ask than a set. Undefined where
 * that would take more memory than the list, or ids are something else.
 */
export function marksOf(
  ranking: ArrayLike<unknown>,
  known: { keys(): Iterable<unknown> },
  end: number,
): Uint8Array | undefined {
  if (!(ranking instanceof Int32Array) || end < 1000) return undefined;
  let last = -1;
  for (const id of known.keys()) {
    if (!Number.isInteger(id) || (id as number) < 0 || (id as number) >= 4 * end) return undefined;
    last = Math.max(last, id as number);
  }
  const marks = new Uint8Array(last + 1);
  for (const id of known.keys()) marks[id as number] = 1;
  return marks;
}
