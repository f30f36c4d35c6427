// Bounded lists of the best, and what decides whether a pair enters one: its exact score.
import {
  columns,
  excluded,
  floors,
  ids,
  isSymmetric,
  k,
  metric,
  queries,
  relativeError,
  rows,
  Side,
  scores,
  sizes,
} from "./state";

/** What a product must exceed: sets the limits of all queries and, if symmetric, of all rows. */
export function setLimits(): void {
  setLimitsOf(queries, rows);
  if (isSymmetric) setLimitsOf(rows, queries);
}

function setLimitsOf(side: Side, other: Side): void {
  for (let i = 0; i < side.count; i++) setLimit(side, i, other);
  // Rows that only fill up a tile never enter.
  const end = (side.count + 11) / 12 * 12;
  for (let i = side.count; i < end; i++) store<f32>(side.limits + (<usize>i << 2), f32.MAX_VALUE);
}

/**
 * The limit of a list: below it, a product in float32 proves that the exact score is below the worst of the list.
 *
 * A product of n columns, summed in any order, is wrong by at most (n + 1) 2^-24 |q| |x| and what underflows. Scores
 * are rounded to float32 once; so is the limit itself. NaN, which nothing is below, where a list still takes all, and
 * where numbers are so large that sums in float32 could overflow, or rows so short that one over their length could.
 */
function setLimit(side: Side, i: i32, other: Side): void {
  const at = side.limits + (<usize>i << 2);
  const list = side.first + i;
  let worst = <f64>load<f32>(floors + (<usize>list << 2));
  if (load<i32>(sizes + (<usize>list << 2)) == k) {
    worst = max(worst, <f64>load<f32>(scores + (<usize>list * <usize>k << 2)));
  } else if (worst == -Infinity) {
    store<f32>(at, f32.NaN);
    return;
  }
  const square = load<f64>(side.squares + (<usize>i << 3));
  const length = sqrt(square);
  let limit = worst - abs(worst) * 1.2e-7 - 1e-44;
  let error = relativeError * length * other.longest + <f64>columns * 1e-37;
  if (metric == 1) {
    limit *= length;
    error = relativeError * length + <f64>columns * 1e-37 / other.shortest;
  } else if (metric == 2) {
    limit = 0.5 * (limit + square) - square * 1e-14;
    error += relativeError * other.longest * other.longest;
  }
  limit -= error;
  limit -= abs(limit) * 1.2e-7 + 1e-44;
  const largest = max(length, other.longest);
  const isBound = largest * largest < 1e36 && (metric != 1 || other.shortest > 1e-38);
  store<f32>(at, isBound ? <f32>limit : f32.NaN);
}

/** A pair whose product, as float32, may be above a limit: if it is, computes its score and enters it. */
export function considerPair(query: i32, row: i32, product: f32): void {
  const queryAt = <usize>query << 2;
  const rowAt = <usize>row << 2;
  const forQuery = mayEnter(product, rows, rowAt, queries, queryAt);
  const forRow = isSymmetric && mayEnter(product, queries, queryAt, rows, rowAt);
  if (!forQuery && !forRow) return;
  const score = exactScore(query, row);
  if (forQuery) offer(queries, query, rows.first + row, score, rows);
  if (forRow) offer(rows, row, queries.first + query, score, queries);
}

@inline
function mayEnter(product: f32, side: Side, at: usize, other: Side, otherAt: usize): bool {
  const value = product * load<f32>(side.factors + at) - load<f32>(side.offsets + at);
  return !(value <= load<f32>(other.limits + otherAt));
}

/** A score as it is returned: summed in float64 in the one order of {@link exactProduct}, rounded once. */
function exactScore(query: i32, row: i32): f32 {
  const rowBytes = <usize>columns << 2;
  const product = exactProduct(queries.data + <usize>query * rowBytes, rows.data + <usize>row * rowBytes);
  if (metric == 0) return <f32>product;
  const querySquare = load<f64>(queries.squares + (<usize>query << 3));
  const rowSquare = load<f64>(rows.squares + (<usize>row << 3));
  if (metric == 1) return <f32>(product / (sqrt(querySquare) * sqrt(rowSquare)));
  return <f32>(0 - max<f64>(0, querySquare + rowSquare - 2 * product));
}

/**
 * Inner product in float64: eight sums, of the columns 0, 8, 16 …, 1, 9, 17 … and so on, added up as
 * ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7)).
 */
export function exactProduct(a: usize, b: usize): f64 {
  let s0 = f64x2.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  const end = a + (<usize>columns << 2);
  while (a < end) {
    s0 = f64x2.add(s0, f64x2.mul(doubles(a), doubles(b)));
    s1 = f64x2.add(s1, f64x2.mul(doubles(a + 8), doubles(b + 8)));
    s2 = f64x2.add(s2, f64x2.mul(doubles(a + 16), doubles(b + 16)));
    s3 = f64x2.add(s3, f64x2.mul(doubles(a + 24), doubles(b + 24)));
    a += 32;
    b += 32;
  }
  const sum = f64x2.add(f64x2.add(s0, s2), f64x2.add(s1, s3));
  return f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
}

@inline
function doubles(at: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(at));
}

/** Squared lengths of rows, as {@link exactProduct} of a row with itself. */
export function squareRows(data: usize, count: i32, squares: usize): void {
  const rowBytes = <usize>columns << 2;
  for (let i = 0; i < count; i++) {
    store<f64>(squares + (<usize>i << 3), exactProduct(data, data));
    data += rowBytes;
  }
}

/** Enters an id into a list if it is better than the list's worst: a higher score, or the same and a smaller id. */
function offer(side: Side, i: i32, id: i32, score: f32, other: Side): void {
  const list = side.first + i;
  if (excluded != 0 && load<i32>(excluded + (<usize>list << 2)) == id) return;
  const sizeAt = sizes + (<usize>list << 2);
  const size = load<i32>(sizeAt);
  const listIds = ids + (<usize>list * <usize>k << 2);
  const listScores = scores + (<usize>list * <usize>k << 2);
  if (size == k) {
    if (!isWorse(load<f32>(listScores), load<i32>(listIds), score, id)) return;
    sink(listIds, listScores, k, id, score);
  } else {
    rise(listIds, listScores, size, id, score);
    store<i32>(sizeAt, size + 1);
    if (size + 1 < k) return;
  }
  setLimit(side, i, other);
}

/** Turns the heaps into lists from best to worst. */
export function sortLists(count: i32): void {
  for (let list = 0; list < count; list++) {
    const listIds = ids + (<usize>list * <usize>k << 2);
    const listScores = scores + (<usize>list * <usize>k << 2);
    for (let last = load<i32>(sizes + (<usize>list << 2)) - 1; last > 0; last--) {
      const at = <usize>last << 2;
      const id = load<i32>(listIds + at);
      const score = load<f32>(listScores + at);
      store<i32>(listIds + at, load<i32>(listIds));
      store<f32>(listScores + at, load<f32>(listScores));
      sink(listIds, listScores, last, id, score);
    }
  }
}

/** Places an entry at the end of a heap of `size` entries, and lets it rise over better ones. */
function rise(listIds: usize, listScores: usize, size: i32, id: i32, score: f32): void {
  let at = size;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const parentScore = load<f32>(listScores + (<usize>parent << 2));
    const parentId = load<i32>(listIds + (<usize>parent << 2));
    if (!isWorse(score, id, parentScore, parentId)) break;
    store<f32>(listScores + (<usize>at << 2), parentScore);
    store<i32>(listIds + (<usize>at << 2), parentId);
    at = parent;
  }
  store<f32>(listScores + (<usize>at << 2), score);
  store<i32>(listIds + (<usize>at << 2), id);
}

/** Places an entry at the root of a heap of `size` entries, and lets worse ones rise over it. */
function sink(listIds: usize, listScores: usize, size: i32, id: i32, score: f32): void {
  let at = 0;
  for (let child = 1; child < size; child = 2 * at + 1) {
    let childScore = load<f32>(listScores + (<usize>child << 2));
    let childId = load<i32>(listIds + (<usize>child << 2));
    if (child + 1 < size) {
      const rightScore = load<f32>(listScores + (<usize>child << 2), 4);
      const rightId = load<i32>(listIds + (<usize>child << 2), 4);
      if (isWorse(rightScore, rightId, childScore, childId)) {
        child++;
        childScore = rightScore;
        childId = rightId;
      }
    }
    if (!isWorse(childScore, childId, score, id)) break;
    store<f32>(listScores + (<usize>at << 2), childScore);
    store<i32>(listIds + (<usize>at << 2), childId);
    at = child;
  }
  store<f32>(listScores + (<usize>at << 2), score);
  store<i32>(listIds + (<usize>at << 2), id);
}

@inline
function isWorse(score: f32, id: i32, otherScore: f32, otherId: i32): bool {
  return score < otherScore || (score == otherScore && id > otherId);
}
