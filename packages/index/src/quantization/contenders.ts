import { createTopK, enter, type TopK } from "../exact/top-k.ts";
import type { Metric } from "../matrix.ts";
import { floorOf } from "./search.ts";

/** What float32 may change in a score and in the bounds of it, as a part of them. */
const scoreRounding = 2 ** -20;

/** And what it may change in numbers too small for its full precision. */
const smallestRounding = 2 ** -147;

/** What double precision may change in a sum of up to 8192 products, as a part of the lengths that they came from. */
const sumRounding = 2 ** -40;

/** Lists shorter than this are not pruned before the end. */
const smallestLimit = 1024;

/** Rows that may be among the `k` best of each query, while scores with known errors come in. */
export interface Contenders {
  /** The `k` best of the scores that rows have at least. */
  readonly certain: TopK;
  readonly ids: readonly number[][];
  /** The score that each row in `ids` has at most. */
  readonly most: readonly number[][];
  /** How long each list may grow before rows below the floor leave it. */
  readonly limits: Float64Array;
}

/** Scores of consecutive rows with one query, and what bounds their errors. */
export interface ScoredRows {
  readonly query: number;
  readonly row: number;
  readonly scores: Float64Array;
  /** For each row, the distance from its decoded form. */
  readonly errors: Float32Array;
  /** The squared lengths of the decoded rows. */
  readonly squares: Float64Array;
  readonly metric: Metric;
  readonly queryLength: number;
}

export function createContenders(queries: number, k: number): Contenders {
  return {
    certain: createTopK(queries, k),
    ids: Array.from({ length: queries }, () => []),
    most: Array.from({ length: queries }, () => []),
    limits: new Float64Array(queries).fill(Math.max(smallestLimit, 2 * k)),
  };
}

/** Rows come in ascending order. */
export function offerContenders(contenders: Contenders, scored: ScoredRows, excluded: number): void {
  const { query, row, scores, errors, squares, metric, queryLength } = scored;
  const { certain, limits } = contenders;
  const ids = contenders.ids[query]!;
  const most = contenders.most[query]!;
  const bounds = new Float64Array(2);
  let floor = floorOf(certain, query);
  for (let i = 0; i < errors.length; i++) {
    if (row + i === excluded) continue;
    const score = scores[i]!;
    const error = errors[i]!;
    const length = Math.sqrt(squares[i]!);
    if (metric === "dot") addBounds(bounds, score, queryLength * error, queryLength * length);
    else if (metric === "cosine") addBounds(bounds, score, cosineBound(error, length), 1);
    else distanceBounds(bounds, score, error, queryLength + length + error);
    const least = bounds[0]!;
    const greatest = bounds[1]!;
    if (greatest < floor) continue;
    ids.push(row + i);
    most.push(greatest);
    if (least > floor) {
      enter(certain, query, row + i, Math.fround(least));
      floor = floorOf(certain, query);
    }
  }
  if (ids.length < limits[query]!) return;
  prune(contenders, query, floor);
  limits[query] = Math.max(limits[query]!, 2 * ids.length);
}

/** Keeps the rows of a list that may still be among the best. */
function prune({ ids, most }: Contenders, query: number, floor: number): void {
  const rows = ids[query]!;
  const bounds = most[query]!;
  let kept = 0;
  for (let i = 0; i < rows.length; i++) {
    if (bounds[i]! < floor) continue;
    rows[kept] = rows[i]!;
    bounds[kept] = bounds[i]!;
    kept++;
  }
  rows.length = kept;
  bounds.length = kept;
}

/** The contenders of a query that no `k` others beat for certain, in ascending order. */
export function remainingContenders(contenders: Contenders, query: number): Int32Array {
  prune(contenders, query, floorOf(contenders.certain, query));
  return Int32Array.from(contenders.ids[query]!);
}

function addBounds(bounds: Float64Array, score: number, error: number, size: number): void {
  const slack = (Math.abs(score) + error) * scoreRounding + size * sumRounding + smallestRounding;
  bounds[0] = score - error - slack;
  bounds[1] = score + error + slack;
}

function cosineBound(error: number, length: number): number {
  return length === 0 ? 2 : Math.min(2, (2 * error) / length);
}

/** The distance is off by the row's error at most; squared, it also lost digits to the squared lengths. */
function distanceBounds(bounds: Float64Array, score: number, error: number, size: number): void {
  const distance = Math.sqrt(-score);
  const farthest = (distance + error) ** 2;
  const nearest = Math.max(0, distance - error) ** 2;
  const lost = sumRounding * size ** 2;
  const slack = farthest * scoreRounding + 2 * lost + 2 * error * Math.sqrt(lost) + smallestRounding;
  bounds[0] = -farthest - slack;
  bounds[1] = slack - nearest;
}
