import type { Neighbors } from "./matrix.ts";
import { requirePositiveInteger } from "./require.ts";

/** Options of {@link mergeNeighbors}. */
export interface MergeNeighborsOptions {
  /**
   * Neighbors per query in the result: 1 or more, and no more than any part has, since a part that kept fewer may
   * have dropped one of the best.
   *
   * @defaultValue the smallest `k` of the parts
   */
  readonly k?: number;
  /**
   * What is added to the ids of each part: the number that its first row has in the whole database.
   *
   * @defaultValue 0 for each part: ids are numbers of the whole database already
   */
  readonly offsets?: readonly number[];
}

/**
 * Merges what the same queries found in disjoint parts of a database into what they find in all of it.
 *
 * Scores are compared as they are and not changed, so parts that {@link exactSearch} searched give the bits of one
 * search: of equal scores the smaller id comes first. Time grows with `rows * k * parts.length`.
 *
 * @param parts - One or more results with equally many queries; each list best first, of equal scores the smaller id
 * first, then -1 and -Infinity, as every search of this package gives them.
 * @returns One list per query, newly allocated; -1 and -Infinity where all parts together hold fewer than `k`.
 * @throws RangeError if there is no part, shapes do not fit, `k` is more than a part has, a list is out of order or
 * holds NaN, or an id is found in two parts.
 *
 * @example
 * ```ts
 * import { mergeNeighbors } from "@lmk/index";
 *
 * const first = { ids: Int32Array.of(1, 0), scores: Float32Array.of(0.9, 0.2), rows: 1, k: 2 };
 * const second = { ids: Int32Array.of(2, 0), scores: Float32Array.of(0.9, 0.5), rows: 1, k: 2 };
 *
 * const merged = mergeNeighbors([first, second], { offsets: [0, 3] });
 * console.log([...merged.ids]); // => [ 1, 5 ]
 * ```
 */
export function mergeNeighbors(parts: readonly Neighbors[], options: MergeNeighborsOptions = {}): Neighbors {
  const { k = leastK(parts), offsets = parts.map(() => 0) } = options;
  const rows = requireParts(parts, k, offsets);
  const overlap = mayOverlap(parts.map((part, i) => requireOrderedLists(part, i, offsets[i]!)));
  const merged = mergeLists(parts, rows, k, offsets);
  if (overlap) {
    for (let row = 0; row < rows; row++) requireDistinct(merged.ids, row, k);
  }
  return merged;
}

/** {@link mergeNeighbors} of parts that are known to hold lists, of disjoint rows. */
export function mergeLists(
  parts: readonly Neighbors[],
  rows: number,
  k: number,
  offsets: readonly number[],
): Neighbors {
  const ids = new Int32Array(rows * k).fill(-1);
  const scores = new Float32Array(rows * k).fill(-Infinity);
  const heads = new Int32Array(parts.length);
  for (let row = 0; row < rows; row++) {
    for (const [i, part] of parts.entries()) heads[i] = row * part.k;
    for (let at = row * k; at < (row + 1) * k; at++) {
      const best = bestHead(parts, offsets, heads, row);
      if (best < 0) break;
      const head = heads[best]!++;
      ids[at] = parts[best]!.ids[head]! + offsets[best]!;
      scores[at] = parts[best]!.scores[head]!;
    }
  }
  return { ids, scores, rows, k };
}

/** The part whose next neighbor is the best one, -1 if all lists of the query are at their ends. */
function bestHead(
  parts: readonly Neighbors[],
  offsets: readonly number[],
  heads: Int32Array,
  row: number,
): number {
  let best = -1;
  let bestId = 0;
  let bestScore = 0;
  for (let i = 0; i < parts.length; i++) {
    const { ids, scores, k } = parts[i]!;
    const head = heads[i]!;
    if (head === (row + 1) * k || ids[head] === -1) continue;
    const id = ids[head]! + offsets[i]!;
    const score = scores[head]!;
    if (best < 0 || score > bestScore || (score === bestScore && id < bestId)) {
      best = i;
      bestId = id;
      bestScore = score;
    }
  }
  return best;
}

/**
 * The first query whose list is not one: scores rising or NaN, equal scores without rising ids, an id below -1, or
 * something after the first -1. Gives -1 if there is none.
 */
export function firstDisorderedList({ ids, scores, rows, k }: Neighbors): number {
  for (let row = 0; row < rows; row++) {
    let lastId = -1;
    let lastScore = Infinity;
    let ended = false;
    for (let at = row * k; at < (row + 1) * k; at++) {
      const id = ids[at]!;
      const score = scores[at]!;
      if (id === -1) {
        if (score !== -Infinity) return row;
        ended = true;
        continue;
      }
      const follows = score < lastScore || (score === lastScore && id > lastId);
      if (ended || id < 0 || !follows) return row;
      lastId = id;
      lastScore = score;
    }
  }
  return -1;
}

interface IdRange {
  readonly least: number;
  readonly most: number;
}

function requireOrderedLists(part: Neighbors, i: number, offset: number): IdRange {
  const row = firstDisorderedList(part);
  if (row >= 0) {
    throw new RangeError(
      `mergeNeighbors: expected list ${row} of \`parts[${i}]\` to be best first, ties by smaller id, then -1 and -Infinity, got another order`,
    );
  }
  let least = Infinity;
  let most = -1;
  for (const id of part.ids) {
    if (id === -1) continue;
    if (id < least) least = id;
    if (id > most) most = id;
  }
  if (most + offset > 2 ** 31 - 1) {
    throw new RangeError(
      `mergeNeighbors: expected ids to be below 2^31 with \`offsets[${i}]\` added, got ${most + offset}`,
    );
  }
  return { least: least + offset, most: most === -1 ? -1 : most + offset };
}

/** Whether parts have ranges of ids that overlap, so that one id may be in two of them. */
function mayOverlap(ranges: readonly IdRange[]): boolean {
  const sorted = ranges.filter(({ most }) => most >= 0).toSorted((a, b) => a.least - b.least);
  return sorted.some(({ least }, i) => i > 0 && least <= sorted[i - 1]!.most);
}

function requireDistinct(ids: Int32Array, row: number, k: number): void {
  const sorted = ids.slice(row * k, (row + 1) * k).sort();
  const twice = sorted.find((id, i) => id >= 0 && id === sorted[i + 1]);
  if (twice !== undefined) {
    throw new RangeError(
      `mergeNeighbors: expected \`parts\` to be of disjoint rows, got id ${twice} twice for query ${row}`,
    );
  }
}

function leastK(parts: readonly Neighbors[]): number {
  return parts.reduce((least, { k }) => Math.min(least, k), Infinity);
}

/** Checks shapes and gives the number of queries. */
function requireParts(parts: readonly Neighbors[], k: number, offsets: readonly number[]): number {
  const [head] = parts;
  if (head === undefined) {
    throw new RangeError("mergeNeighbors: expected `parts` to hold at least one part, got none");
  }
  requirePositiveInteger("mergeNeighbors", "k", k);
  for (const [i, part] of parts.entries()) {
    requirePositiveInteger("mergeNeighbors", `parts[${i}].k`, part.k);
    if (part.rows !== head.rows) {
      throw new RangeError(
        `mergeNeighbors: expected \`parts[${i}]\` to have ${head.rows} queries like \`parts[0]\`, got ${part.rows}`,
      );
    }
    for (const field of ["ids", "scores"] as const) {
      if (part[field].length === part.rows * part.k) continue;
      throw new RangeError(
        `mergeNeighbors: expected \`parts[${i}].${field}\` to hold ${part.rows} x ${part.k} = ${part.rows * part.k} numbers, got ${part[field].length}`,
      );
    }
    if (part.k < k) {
      throw new RangeError(
        `mergeNeighbors: expected \`parts[${i}]\` to have at least \`k\` = ${k} neighbors per query, got ${part.k}`,
      );
    }
  }
  if (offsets.length !== parts.length) {
    throw new RangeError(
      `mergeNeighbors: expected \`offsets\` to have one number for each of ${parts.length} parts, got ${offsets.length}`,
    );
  }
  for (const [i, offset] of offsets.entries()) {
    if (Number.isInteger(offset) && offset >= 0) continue;
    throw new RangeError(
      `mergeNeighbors: expected \`offsets[${i}]\` to be a non-negative integer, got ${offset}`,
    );
  }
  return head.rows;
}
