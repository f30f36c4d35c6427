/** A ranking of which item `i` is relevant where `hits[i]` is 1, with as many relevant items as `total` says. */
export function fromRelevance(
  hits: readonly number[],
  total: number,
): { readonly ranking: Int32Array; readonly relevant: number[] } {
  const ranking = Int32Array.from(hits, (_, i) => i);
  const found = [...ranking].filter((i) => hits[i] === 1);
  const missed = Array.from({ length: total - found.length }, (_, i) => 1000 + i);
  return { ranking, relevant: [...found, ...missed] };
}

/** The same for several queries. */
export function allFromRelevance(
  hits: readonly (readonly number[])[],
  totals: readonly number[],
): { readonly rankings: Int32Array[]; readonly relevant: number[][] } {
  const queries = hits.map((list, query) => fromRelevance(list, totals[query]!));
  return { rankings: queries.map((q) => q.ranking), relevant: queries.map((q) => q.relevant) };
}
