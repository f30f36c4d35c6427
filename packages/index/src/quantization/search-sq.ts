import { exactProduct, scoreOf } from "../exact/exact-product.ts";
import { createTopK, type TopK } from "../exact/top-k.ts";
import type { Embeddings, Neighbors, RunOptions } from "../matrix.ts";
import { requirePositiveInteger } from "../require.ts";
import { runSteps, runStepsAsync, type Steps } from "../steps.ts";
import type { SqCodes } from "./codes.ts";
import { createContenders, offerContenders, remainingContenders } from "./contenders.ts";
import { requireScalarQuantizer, requireSqCodes } from "./require-quantized.ts";
import type { ScalarQuantizer } from "./scalar-quantizer.ts";
import {
  type CodeSearch,
  type CodeSearchOptions,
  idsOf,
  neighborsOf,
  offerScores,
  prepareSearch,
  requireVectors,
  rescoreCandidates,
} from "./search.ts";
import { decodeRowsInto } from "./sq-codes.ts";

/** The rows themselves, to score the best candidates again. */
export interface SqRescore {
  /** The rows that were encoded, in the same order. Only candidates are read and checked. */
  readonly vectors: Embeddings;
  /**
   * `k * factor` candidates are found by their codes; or `"exact"`: every row that may be among the `k` best by
   * what is known of its error. Then the result is that of a search of the rows themselves, provided that
   * `vectors` holds exactly the numbers that were encoded.
   *
   * @defaultValue "exact"
   */
  readonly factor?: number | "exact";
}

/** Options of {@link searchSq}. */
export interface SearchSqOptions extends CodeSearchOptions {
  /**
   * Scores the best candidates again with the rows themselves and gives these scores.
   *
   * @defaultValue scores are those of the codes
   */
  readonly rescore?: SqRescore;
}

/** Options of {@link searchSqAsync}. Its progress counts queries. */
export interface SearchSqAsyncOptions extends SearchSqOptions, RunOptions {}

const queriesPerTurn = 16;

/** Floats of decoded rows that are worked on together: 512 KiB. */
const floatsPerTurn = 131_072;

/**
 * Finds the `k` most alike codes of each query by comparing it with all of them. The query is not quantized; a
 * row's score is that of its decoded form, summed in double precision and rounded once to float32. Of equal scores
 * the smaller id comes first.
 *
 * With `rescore` the rows themselves decide among the candidates. `factor: "exact"` uses the error `e` that
 * {@link encodeSq} noted for each row:
 *
 * ```text
 * "dot"     |q · x - q · decoded| <= |q| e
 * "l2"      | |q - x| - |q - decoded| | <= e
 * "cosine"  |cos(q, x) - cos(q, decoded)| <= 2 e / |decoded|
 * ```
 *
 * A row is a candidate unless `k` others are better for certain.
 *
 * @param queries - One query per row, in any precision.
 * @param codes - Rows to be found; ids are their numbers.
 * @param quantizer - The quantizer that made the codes.
 * @param options - `k`, the metric, and whether candidates are scored again.
 * @returns `queries.rows` lists of `k`, newly allocated.
 * @throws RangeError if widths or sizes differ, or a query or a candidate holds NaN or an infinity (with `"cosine"`
 * also one of zeros).
 *
 * @example
 * ```ts
 * import { encodeSq, learnScalarQuantizer, searchSq } from "@lmk/index/quantization";
 *
 * const vectors = { data: Float32Array.of(1, 0, 0.6, 0.8, 0.61, 0.79), rows: 3, columns: 2 };
 * const quantizer = learnScalarQuantizer(vectors, { bits: 4 });
 * const codes = encodeSq(quantizer, vectors);
 * const query = { data: Float32Array.of(0, 1), rows: 1, columns: 2 };
 * const found = searchSq(query, codes, quantizer, { k: 2, rescore: { vectors } });
 * console.log([...found.ids], found.scores[0]); // => [ 1, 2 ] 0.800000011920929
 * ```
 */
export function searchSq(
  queries: Embeddings,
  codes: SqCodes,
  quantizer: ScalarQuantizer,
  options: SearchSqOptions,
): Neighbors {
  return runSteps(searchSteps("searchSq", queries, codes, quantizer, options));
}

/**
 * {@link searchSq} in slices of 25 ms, between which the event loop turns. The result is the same.
 *
 * @param queries - One query per row, in any precision.
 * @param codes - Rows to be found.
 * @param quantizer - The quantizer that made the codes.
 * @param options - Those of {@link searchSq}, a signal and a progress callback.
 * @returns As {@link searchSq}. It rejects with the signal's reason where that aborts.
 *
 * @example
 * ```ts
 * import { encodeSq, learnScalarQuantizer, searchSqAsync } from "@lmk/index/quantization";
 *
 * const vectors = { data: Float32Array.of(1, 0, 0, 1), rows: 2, columns: 2 };
 * const quantizer = learnScalarQuantizer(vectors);
 * const codes = encodeSq(quantizer, vectors);
 * const found = await searchSqAsync(vectors, codes, quantizer, { k: 1 });
 * console.log([...found.ids]); // => [ 0, 1 ]
 * ```
 */
export async function searchSqAsync(
  queries: Embeddings,
  codes: SqCodes,
  quantizer: ScalarQuantizer,
  options: SearchSqAsyncOptions,
): Promise<Neighbors> {
  const steps = searchSteps("searchSqAsync", queries, codes, quantizer, options);
  return runStepsAsync(steps, queries.rows, options);
}

function* searchSteps(
  caller: string,
  queries: Embeddings,
  codes: SqCodes,
  quantizer: ScalarQuantizer,
  options: SearchSqOptions,
): Steps<Neighbors> {
  requireScalarQuantizer(caller, quantizer);
  requireSqCodes(caller, codes, quantizer);
  const search = prepareSearch(caller, queries, quantizer.columns, codes.rows, options);
  const { rescore } = options;
  if (rescore === undefined) return neighborsOf(yield* searchCodes(search, codes, quantizer, search.k));
  const { vectors, factor = "exact" } = rescore;
  requireVectors(caller, vectors, codes.rows, quantizer.columns);
  if (factor === "exact") return yield* searchRows(search, codes, quantizer, vectors);
  requirePositiveInteger(caller, "rescore.factor", factor);
  const count = Math.max(1, Math.min(codes.rows, search.k * factor));
  const top = yield* searchCodes(search, codes, quantizer, count);
  return yield* rescoreCandidates(search, (query) => idsOf(top, query), vectors);
}

function* searchCodes(
  search: CodeSearch,
  codes: SqCodes,
  quantizer: ScalarQuantizer,
  k: number,
): Steps<TopK> {
  const top = createTopK(search.queries.rows, k);
  yield* scan(search, codes, quantizer, (query, row, scores, count) => {
    offerScores(top, query, row, scores, count, search.excluded[query]!);
  });
  return top;
}

/** Scores all rows again that may be among the best; some queries at a time, since these may be many rows. */
function* searchRows(
  search: CodeSearch,
  codes: SqCodes,
  quantizer: ScalarQuantizer,
  vectors: Embeddings,
): Steps<Neighbors> {
  const { k, queries } = search;
  const { rows, columns } = queries;
  const ids = new Int32Array(rows * k);
  const scores = new Float32Array(rows * k);
  for (let first = 0; first < rows; first += queriesPerTurn) {
    const end = Math.min(rows, first + queriesPerTurn);
    const data = queries.data.subarray(first * columns, end * columns);
    const turn = {
      ...search,
      queries: { data, rows: end - first, columns },
      querySquares: search.querySquares.subarray(first, end),
      excluded: search.excluded.subarray(first, end),
    };
    const candidates = yield* possibleNeighbors(turn, codes, quantizer);
    const found = yield* rescoreCandidates(turn, (query) => candidates[query]!, vectors);
    ids.set(found.ids, first * k);
    scores.set(found.scores, first * k);
  }
  return { ids, scores, rows, k };
}

/** For each query, the rows that may be among its `k` best, in ascending order. */
function* possibleNeighbors(
  search: CodeSearch,
  codes: SqCodes,
  quantizer: ScalarQuantizer,
): Steps<readonly Int32Array[]> {
  const { queries, querySquares, metric, k, excluded } = search;
  const contenders = createContenders(queries.rows, k);
  const queryLengths = querySquares.map(Math.sqrt);
  yield* scan(search, codes, quantizer, (query, row, scores, count, squares) => {
    const errors = codes.errors.subarray(row, row + count);
    const queryLength = queryLengths[query]!;
    const scored = { query, row, scores, errors, squares, metric, queryLength };
    offerContenders(contenders, scored, excluded[query]!);
  });
  return Array.from({ length: queries.rows }, (_, query) => remainingContenders(contenders, query));
}

type Visit = (query: number, row: number, scores: Float64Array, count: number, squares: Float64Array) => void;

/** Scores every decoded row with every query, block by block; rows come in ascending order. */
function* scan(search: CodeSearch, codes: SqCodes, quantizer: ScalarQuantizer, visit: Visit): Steps<void> {
  const { queries } = search;
  const { columns } = quantizer;
  const blockRows = Math.max(1, Math.floor(floatsPerTurn / columns));
  const decoded = new Float32Array(blockRows * columns);
  const squares = new Float64Array(blockRows);
  const scores = new Float64Array(blockRows);
  for (let first = 0; first < queries.rows; first += queriesPerTurn) {
    const end = Math.min(queries.rows, first + queriesPerTurn);
    for (let row = 0; row < codes.rows; row += blockRows) {
      const count = Math.min(blockRows, codes.rows - row);
      decodeRowsInto(decoded, quantizer, codes, row, row + count);
      squaresInto(squares, decoded, count, columns);
      for (let query = first; query < end; query++) {
        scoresInto(scores, search, query, decoded, squares, count);
        visit(query, row, scores, count, squares);
      }
      yield 0;
    }
    yield end - first;
  }
}

function scoresInto(
  scores: Float64Array,
  { queries, querySquares, metric }: CodeSearch,
  query: number,
  decoded: Float32Array,
  squares: Float64Array,
  count: number,
): void {
  const { data, columns } = queries;
  const start = query * columns;
  const square = querySquares[query]!;
  for (let i = 0; i < count; i++) {
    const product = exactProduct(data, start, decoded, i * columns, columns);
    const hasDirection = metric !== "cosine" || squares[i]! > 0;
    scores[i] = hasDirection ? scoreOf(metric, product, square, squares[i]!) : 0;
  }
}

function squaresInto(squares: Float64Array, decoded: Float32Array, count: number, columns: number): void {
  for (let i = 0; i < count; i++) {
    squares[i] = exactProduct(decoded, i * columns, decoded, i * columns, columns);
  }
}
