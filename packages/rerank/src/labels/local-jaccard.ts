/**
 * Jaccard distances from the first of `count` items to all, by k-reciprocal encoding among these items alone.
 *
 * @param products - Cosines of all pairs, row-major.
 * @param k1 - Neighbors beside the item itself that must be mutual.
 * @param k2 - Encodings that are averaged, those of the first items of each list.
 */
export function localJaccard(products: Float32Array, count: number, k1: number, k2: number): Float64Array {
  const depth = Math.min(count, Math.max(k1 + 1, k2));
  const ranks = firstRanks(products, count, depth);
  const encoded: Encoding[] = [];
  for (let item = 0; item < count; item++) encoded.push(encode(products, count, ranks, depth, item, k1));
  const query = new Float64Array(count);
  addMean(query, encoded, ranks, depth, 0, k2);
  const distances = new Float64Array(count);
  const other = new Float64Array(count);
  for (let item = 0; item < count; item++) {
    other.fill(0);
    addMean(other, encoded, ranks, depth, item, k2);
    let common = 0;
    for (let i = 0; i < count; i++) common += Math.min(query[i]!, other[i]!);
    distances[item] = 1 - common / (2 - common);
  }
  return distances;
}

interface Encoding {
  readonly items: Int32Array;
  /** Sum to 1. */
  readonly weights: Float64Array;
}

/** For each item the `depth` most similar ones, itself among them; of equal ones the lower number first. */
function firstRanks(products: Float32Array, count: number, depth: number): Int32Array {
  const ranks = new Int32Array(count * depth);
  const best = new Float64Array(depth);
  for (let item = 0; item < count; item++) {
    const start = item * depth;
    let filled = 0;
    for (let other = 0; other < count; other++) {
      const product = products[item * count + other]!;
      if (filled === depth && product <= best[depth - 1]!) continue;
      let at = filled < depth ? filled++ : depth - 1;
      for (; at > 0 && best[at - 1]! < product; at--) {
        best[at] = best[at - 1]!;
        ranks[start + at] = ranks[start + at - 1]!;
      }
      best[at] = product;
      ranks[start + at] = other;
    }
  }
  return ranks;
}

/** Those of the first `length` of an item's list whose own first `length` hold the item. */
function mutual(ranks: Int32Array, depth: number, item: number, length: number): number[] {
  const found: number[] = [];
  const used = Math.min(length, depth);
  for (let at = item * depth; at < item * depth + used; at++) {
    const other = ranks[at]!;
    if (holds(ranks, other * depth, used, item)) found.push(other);
  }
  return found;
}

function holds(ranks: Int32Array, start: number, length: number, item: number): boolean {
  for (let at = start; at < start + length; at++) if (ranks[at] === item) return true;
  return false;
}

function encode(
  products: Float32Array,
  count: number,
  ranks: Int32Array,
  depth: number,
  item: number,
  k1: number,
): Encoding {
  const reciprocal = mutual(ranks, depth, item, k1 + 1);
  const expanded = new Set(reciprocal);
  for (const candidate of reciprocal) {
    const others = mutual(ranks, depth, candidate, halfToEven(k1) + 1);
    const shared = others.filter((other) => reciprocal.includes(other)).length;
    if (3 * shared > 2 * others.length) for (const other of others) expanded.add(other);
  }
  const items = Int32Array.from(expanded).sort();
  const weights = new Float64Array(items.length);
  let sum = 0;
  for (let i = 0; i < items.length; i++) {
    weights[i] = Math.exp((products[item * count + items[i]!]! - 1) / 2);
    sum += weights[i]!;
  }
  for (let i = 0; i < items.length; i++) weights[i]! /= sum;
  return { items, weights };
}

/** Half of a count, halves to the even neighbor, as numpy rounds. */
function halfToEven(count: number): number {
  const down = Math.floor(count / 2);
  return count % 2 === 0 || down % 2 === 0 ? down : down + 1;
}

/** Adds the mean encoding of the first `k2` of an item's list. */
function addMean(
  target: Float64Array,
  encoded: readonly Encoding[],
  ranks: Int32Array,
  depth: number,
  item: number,
  k2: number,
): void {
  const used = Math.min(k2, depth);
  if (k2 === 1) {
    // One encoding is the item's own, whoever stands first in its list.
    addEncoding(target, encoded[item]!, 1);
    return;
  }
  for (let at = item * depth; at < item * depth + used; at++) addEncoding(target, encoded[ranks[at]!]!, used);
}

function addEncoding(target: Float64Array, { items, weights }: Encoding, divisor: number): void {
  for (let i = 0; i < items.length; i++) target[items[i]!]! += weights[i]! / divisor;
}
