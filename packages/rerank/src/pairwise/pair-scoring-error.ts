/** The error of a pair scorer, with the pairs it was to score; `cause` is what it threw. */
export class PairScoringError extends Error {
  override readonly name = "PairScoringError";
  /** Recognises the error also where two copies of the package are loaded. */
  readonly code = "pair-scoring-failed";
  /** Queries of the pairs of the batch. */
  readonly queries: Int32Array;
  /** Database rows of the pairs. */
  readonly ids: Int32Array;

  constructor(queries: Int32Array, ids: Int32Array, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`rerankPairwise: \`score\` failed for ${describePairs(queries, ids)}: ${reason}`, { cause });
    this.queries = queries;
    this.ids = ids;
  }
}

/** Names a batch by its first and last pair. */
export function describePairs(queries: Int32Array, ids: Int32Array): string {
  const last = queries.length - 1;
  return `${queries.length} pairs from query ${queries[0]} and id ${ids[0]} to query ${queries[last]} and id ${ids[last]}`;
}
