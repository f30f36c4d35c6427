import { createTopK } from "../exact/top-k.ts";
import type { Embeddings, Neighbors, RunOptions } from "../matrix.ts";
import { requirePositiveInteger } from "../require.ts";
import { runSteps, runStepsAsync, type Steps } from "../steps.ts";
import type { PqCodes } from "./codes.ts";
import { unpackRows } from "./pack-bits.ts";
import type { ProductQuantizer } from "./product-quantizer.ts";
import { requirePqCodes, requireProductQuantizer } from "./require-quantized.ts";
import { rotateRows } from "./rotation.ts";
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

/** The rows themselves, to score the best candidates again. */
export interface PqRescore {
  /** The rows that were encoded, in the same order, in any precision. Only candidates are read and checked. */
  readonly vectors: Embeddings;
  /**
   * `k * factor` candidates are found by their codes.
   *
   * @defaultValue 10
   */
  readonly factor?: number;
}

/** Options of {@link searchPq}. */
export interface SearchPqOptions extends CodeSearchOptions {
  /**
   * Scores the best candidates again with the rows themselves and gives these scores.
   *
   * @defaultValue scores are those of the codes
   */
  readonly rescore?: PqRescore;
}

/** Options of {@link searchPqAsync}. Its progress counts queries. */
export interface SearchPqAsyncOptions extends SearchPqOptions, RunOptions {}

/** Queries whose tables are in memory together: 64 KiB each with 64 subspaces of 8 bits. */
const queriesPerTurn = 8;
const rowsPerTurn = 4096;

/**
 * Finds the `k` most alike codes of each query by comparing it with all of them (asymmetric distance computation).
 *
 * The query is not quantized: a table holds the score of each of its parts with each centroid, and a row's score
 * is a sum of one table entry per subspace, whatever the number of columns.
 *
 * ```text
 * "dot"     score(q, x) = sum_m q_m · c_(m, code_m)
 * "cosine"  the same, divided by |q| and by the length of the decoded row
 * "l2"      score(q, x) = -sum_m |q_m - c_(m, code_m)|²
 * ```
 *
 * Tables are float32, sums are double and are rounded once. So a score is that of the decoded row to about 1e-6 of
 * its terms, and does not depend on what else is searched. Of equal scores the smaller id comes first.
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
 * import { searchPq } from "@lmk/index/quantization";
 *
 * const codebooks = Float32Array.from({ length: 2 * 16 }, (_, i) => i % 16);
 * const quantizer = { kind: "product", columns: 2, subspaces: 2, bits: 4, codebooks } as const;
 * const codes = { data: Uint8Array.of(0x11, 0x23, 0xf0), rows: 3, rowBytes: 1 };
 * const query = { data: Float32Array.of(3, 3), rows: 1, columns: 2 };
 * const found = searchPq(query, codes, quantizer, { k: 2, metric: "l2" });
 * console.log([...found.ids], [...found.scores]); // => [ 1, 0 ] [ -1, -8 ]
 * ```
 *
 * @see {@link https://doi.org/10.1109/TPAMI.2010.57 | Jégou et al. 2011, Product quantization for nearest neighbor search}
 */
export function searchPq(
  queries: Embeddings,
  codes: PqCodes,
  quantizer: ProductQuantizer,
  options: SearchPqOptions,
): Neighbors {
  return runSteps(searchSteps("searchPq", queries, codes, quantizer, options));
}

/**
 * {@link searchPq} in slices of 25 ms, between which the event loop turns. The result is the same.
 *
 * @param queries - One query per row, in any precision.
 * @param codes - Rows to be found.
 * @param quantizer - The quantizer that made the codes.
 * @param options - Those of {@link searchPq}, a signal and a progress callback.
 * @returns As {@link searchPq}. It rejects with the signal's reason where that aborts.
 *
 * @example
 * ```ts
 * import { searchPqAsync } from "@lmk/index/quantization";
 *
 * const codebooks = Float32Array.from({ length: 2 * 16 }, (_, i) => i % 16);
 * const quantizer = { kind: "product", columns: 2, subspaces: 2, bits: 4, codebooks } as const;
 * const codes = { data: Uint8Array.of(0x11, 0x23, 0xf0), rows: 3, rowBytes: 1 };
 * const query = { data: Float32Array.of(0, 1), rows: 1, columns: 2 };
 * console.log([...(await searchPqAsync(query, codes, quantizer, { k: 1 })).ids]); // => [ 2 ]
 * ```
 */
export async function searchPqAsync(
  queries: Embeddings,
  codes: PqCodes,
  quantizer: ProductQuantizer,
  options: SearchPqAsyncOptions,
): Promise<Neighbors> {
  const steps = searchSteps("searchPqAsync", queries, codes, quantizer, options);
  return runStepsAsync(steps, queries.rows, options);
}

function* searchSteps(
  caller: string,
  queries: Embeddings,
  codes: PqCodes,
  quantizer: ProductQuantizer,
  options: SearchPqOptions,
): Steps<Neighbors> {
  requireProductQuantizer(caller, quantizer);
  requirePqCodes(caller, codes, quantizer);
  const search = prepareSearch(caller, queries, quantizer.columns, codes.rows, options);
  const { rescore } = options;
  if (rescore === undefined) return neighborsOf(yield* searchCodes(search, codes, quantizer, search.k));
  const { vectors, factor = 10 } = rescore;
  requireVectors(caller, vectors, codes.rows, quantizer.columns);
  requirePositiveInteger(caller, "rescore.factor", factor);
  const candidates = Math.max(1, Math.min(codes.rows, search.k * factor));
  const top = yield* searchCodes(search, codes, quantizer, candidates);
  return yield* rescoreCandidates(search, (query) => idsOf(top, query), vectors);
}

function* searchCodes(
  { queries, querySquares, metric, excluded }: CodeSearch,
  codes: PqCodes,
  quantizer: ProductQuantizer,
  k: number,
): Steps<ReturnType<typeof createTopK>> {
  const { rotation, subspaces, codebooks, columns } = quantizer;
  const rotated = rotation === undefined ? queries : yield* rotateRows(queries, rotation.data);
  const squares = metric === "cosine" ? squaresOf(codebooks, columns / subspaces) : undefined;
  const top = createTopK(queries.rows, k);
  const size = codebooks.length / (columns / subspaces);
  const tables = new Float32Array(queriesPerTurn * size);
  const unpacked = new Uint8Array(rowsPerTurn * subspaces);
  const sums = new Float64Array(rowsPerTurn);
  const lengths = new Float64Array(rowsPerTurn);
  for (let first = 0; first < queries.rows; first += queriesPerTurn) {
    const end = Math.min(queries.rows, first + queriesPerTurn);
    for (let query = first; query < end; query++) {
      const table = tables.subarray((query - first) * size, (query - first + 1) * size);
      fillTable(table, rotated.data, query * columns, quantizer, metric === "l2");
    }
    for (let row = 0; row < codes.rows; row += rowsPerTurn) {
      const count = Math.min(rowsPerTurn, codes.rows - row);
      unpackRows(unpacked, codes.data, row, row + count, subspaces, quantizer.bits);
      if (squares !== undefined) sumEntries(lengths, squares, unpacked, count, subspaces);
      for (let query = first; query < end; query++) {
        const table = tables.subarray((query - first) * size, (query - first + 1) * size);
        sumEntries(sums, table, unpacked, count, subspaces);
        if (metric === "l2") negate(sums, count);
        if (metric === "cosine") divideByLengths(sums, lengths, count, Math.sqrt(querySquares[query]!));
        offerScores(top, query, row, sums, count, excluded[query]!);
        yield 0;
      }
    }
    yield end - first;
  }
  return top;
}

/** For each subspace and centroid, what it adds to a score. */
function fillTable(
  table: Float32Array,
  queries: Float32Array,
  start: number,
  { codebooks, columns, subspaces }: ProductQuantizer,
  isDistance: boolean,
): void {
  const subColumns = columns / subspaces;
  const count = table.length / subspaces;
  for (let entry = 0; entry < table.length; entry++) {
    const part = start + Math.floor(entry / count) * subColumns;
    const centroid = entry * subColumns;
    let sum = 0;
    for (let i = 0; i < subColumns; i++) {
      const a = queries[part + i]!;
      const b = codebooks[centroid + i]!;
      sum += isDistance ? (a - b) * (a - b) : a * b;
    }
    table[entry] = sum;
  }
}

/**
 * `sums[i]` becomes the sum of the entries that the codes of row `i` name, first subspace first. Four rows at a
 * time, as sums that do not wait for one another.
 */
function sumEntries(
  sums: Float64Array,
  table: Float32Array,
  codes: Uint8Array,
  count: number,
  subspaces: number,
): void {
  const centroids = table.length / subspaces;
  const last = (count - 1) * subspaces;
  for (let row = 0; row < count; row += 4) {
    let at0 = row * subspaces;
    let at1 = Math.min(at0 + subspaces, last);
    let at2 = Math.min(at1 + subspaces, last);
    let at3 = Math.min(at2 + subspaces, last);
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    for (let start = 0; start < table.length; start += centroids) {
      s0 += table[start + codes[at0++]!]!;
      s1 += table[start + codes[at1++]!]!;
      s2 += table[start + codes[at2++]!]!;
      s3 += table[start + codes[at3++]!]!;
    }
    sums[row] = s0;
    if (row + 1 < count) sums[row + 1] = s1;
    if (row + 2 < count) sums[row + 2] = s2;
    if (row + 3 < count) sums[row + 3] = s3;
  }
}

function squaresOf(codebooks: Float32Array, subColumns: number): Float32Array {
  return Float32Array.from({ length: codebooks.length / subColumns }, (_, centroid) => {
    let square = 0;
    for (let i = centroid * subColumns; i < (centroid + 1) * subColumns; i++) square += codebooks[i]! ** 2;
    return square;
  });
}

function negate(sums: Float64Array, count: number): void {
  for (let i = 0; i < count; i++) sums[i] = 0 - sums[i]!;
}

function divideByLengths(sums: Float64Array, squares: Float64Array, count: number, length: number): void {
  for (let i = 0; i < count; i++) {
    sums[i] = squares[i] === 0 ? 0 : sums[i]! / (length * Math.sqrt(squares[i]!));
  }
}
