import type { Matrix, Neighbors, RunOptions } from "../matrix.ts";
import { requireMatrix, requireOneOf, requirePositiveInteger } from "../require.ts";
import { expandQueriesAsync } from "./alpha-query-expansion.ts";

/** Finds the neighbors of queries in the database that is expanded with. */
export type SearchQueries = (queries: Matrix) => Neighbors | Promise<Neighbors>;

/** Expands queries by their neighbors, such as {@link expandQueries} with options. */
export type ExpandFunction = (
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
) => Matrix | Promise<Matrix>;

/** Options of {@link expandQueriesRepeatedly}. */
export interface ExpandQueriesRepeatedlyOptions {
  /** How often queries are searched and expanded, 1 or more. */
  readonly passes: number;
  /**
   * How queries are expanded in each pass.
   *
   * @defaultValue {@link expandQueriesAsync} with its defaults and the signal
   */
  readonly expand?: ExpandFunction;
  /**
   * What each pass expands: the queries of the pass before (iterated expansion), or the first queries, with the
   * neighbors that the expanded ones found (multi-pass expansion, which drifts less).
   *
   * @defaultValue "previous", as PyRetri iterates
   */
  readonly base?: "previous" | "first";
  /**
   * The neighbors of `queries` in `database`, where they are at hand: the first pass then does not search.
   *
   * @defaultValue none: each pass searches
   */
  readonly neighbors?: Neighbors;
}

/**
 * Searches and expands queries several times.
 *
 * ```text
 * q_0 = q,   q_t = expand(q_(t-1), search(q_(t-1)))   or   expand(q_0, search(q_(t-1))),   t = 1 … passes
 * ```
 *
 * `search(q_0)` is `neighbors`, if given. Nothing is left out of the lists: where the database holds the queries, `search` should leave them out. The result
 * is for one more search. Progress counts passes, in the stage `"expand repeatedly"`; the signal is looked at before
 * and after each search and expansion, which can be given it, too, by the caller.
 *
 * @param queries - Embeddings of length 1, one query per row.
 * @param database - Embeddings of length 1 in which `search` searches.
 * @param search - Gives for each query its neighbors in `database`, best first; sync or async.
 * @returns The queries after the last pass.
 * @throws RangeError (as a rejection) if `passes` is not a positive integer, or as `expand` does.
 *
 * @example
 * ```ts
 * import { expandQueriesRepeatedly, expandQueriesWithDecay } from "@lmk/rerank";
 *
 * const queries = { data: Float32Array.of(1, 0), rows: 1, columns: 2 };
 * const database = { data: Float32Array.of(0, 1), rows: 1, columns: 2 };
 * const search = () => ({ ids: Int32Array.of(0), scores: Float32Array.of(0), rows: 1, k: 1 });
 *
 * const { data } = await expandQueriesRepeatedly(queries, database, search, {
 *   passes: 2,
 *   expand: (q, x, found) => expandQueriesWithDecay(q, x, found, { neighborCount: 1 }),
 * });
 * console.log([...data].map((value) => value.toFixed(4))); // => [ '0.6866', '0.7271' ]
 * ```
 *
 * @see {@link https://www.robots.ox.ac.uk/~vgg/publications/2007/Chum07b/ | Chum et al., Total Recall: Automatic Query Expansion with a Generative Feature Model for Object Retrieval, 2007}
 */
export async function expandQueriesRepeatedly(
  queries: Matrix,
  database: Matrix,
  search: SearchQueries,
  options: ExpandQueriesRepeatedlyOptions & Omit<RunOptions, "threads">,
): Promise<Matrix> {
  const { passes, expand = expandWith(options.signal), base = "previous", neighbors } = options;
  const { signal, onProgress } = options;
  requireMatrix("expandQueriesRepeatedly", "queries", queries);
  requirePositiveInteger("expandQueriesRepeatedly", "passes", passes);
  requireOneOf("expandQueriesRepeatedly", "base", base, ["previous", "first"]);
  let current = queries;
  for (let pass = 0; pass < passes; pass++) {
    signal?.throwIfAborted();
    const found = pass === 0 && neighbors !== undefined ? neighbors : await search(current);
    signal?.throwIfAborted();
    current = await expand(base === "first" ? queries : current, database, found);
    signal?.throwIfAborted();
    onProgress?.({ stage: "expand repeatedly", done: pass + 1, total: passes });
  }
  return current;
}

function expandWith(signal: AbortSignal | undefined): ExpandFunction {
  const options = signal === undefined ? {} : { signal };
  return (queries, database, neighbors) => expandQueriesAsync(queries, database, neighbors, options);
}
