import type { Matrix, Neighbors, RunOptions } from "../matrix.ts";
import { requirePositiveInteger } from "../require.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { requireExpansion, requireUnitRows } from "./require-expansion.ts";
import { weightedSumTask } from "./weighted-sum.ts";

/** What a model is shown: queries with their neighbors, padded to one length. */
export interface ExpansionBatch {
  /** `rows x length x columns` numbers: of each query itself, then its neighbors, best first; zeros where none is. */
  readonly vectors: Float32Array;
  /** `rows x length` numbers: 1 where there is a vector, 0 where none is. */
  readonly present: Uint8Array;
  /** Queries in the batch. */
  readonly rows: number;
  /** Vectors per query: 1 for itself and `neighborCount`. */
  readonly length: number;
  readonly columns: number;
  /** The row of the batch's first query in `queries`. */
  readonly first: number;
}

/** Gives `rows x length` finite weights for a batch; those of vectors that are not present are not read. */
export type WeighBatch = (batch: ExpansionBatch) => ArrayLike<number> | Promise<ArrayLike<number>>;

/** Options of {@link expandQueriesWithModel}. */
export interface ExpandQueriesWithModelOptions {
  /**
   * Neighbors shown to the model with each query, 1 or more; of shorter lists, all, and padding.
   *
   * @defaultValue `neighbors.k`
   */
  readonly neighborCount?: number;
  /**
   * Queries per call of the model; the last call may have fewer.
   *
   * @defaultValue 32, which takes 200 MB with 768 neighbors of 2,048 columns
   */
  readonly batchSize?: number;
}

/**
 * Expands each query by its neighbors, with weights that a learned model gives (such as LAttQE).
 *
 * ```text
 * q' = w_0 q + sum over j = 1 … n of  w_j x_j,   then q' / |q'|
 * ```
 *
 * The model sees the vectors and gives weights; these are applied to the vectors as they are, so the expanded query is
 * compared with the database that there is. Any model serves, such as a session of ONNX Runtime. Batches go to it one
 * after another; each is added up on the calling thread before the next. Weights that cancel a query out leave it as it
 * was. Progress counts queries, in the stage `"weigh neighbors"`. The signal is looked at before and after each call of
 * the model, which runs to its end unless it is given the signal, too.
 *
 * Memory: `batchSize (1 + neighborCount) (4 columns + 10)` bytes and one per database row besides the result.
 *
 * @param queries - Embeddings of length 1, one query per row.
 * @param database - Embeddings of length 1 that `neighbors.ids` number.
 * @param neighbors - For each query its neighbors in `database`, best first; scores are not read.
 * @param weigh - The model; its arrays are its own to keep or change.
 * @returns The expanded queries, of length 1, newly allocated.
 * @throws RangeError (as a rejection) if shapes do not fit, a used row has not length 1 within 0.0005, an option is out
 * of range, or the model gives another number of weights or one that is not finite.
 *
 * @example
 * ```ts
 * import { expandQueriesWithModel } from "@lmk/rerank";
 *
 * const queries = { data: Float32Array.of(1, 0), rows: 1, columns: 2 };
 * const database = { data: Float32Array.of(0, 1), rows: 1, columns: 2 };
 * const neighbors = { ids: Int32Array.of(0), scores: Float32Array.of(0), rows: 1, k: 1 };
 *
 * // Stands in for: (await session.run({ vectors, present })).weights.data
 * const weigh = async ({ rows }: { rows: number }) => new Float32Array(rows * 2).fill(0.5);
 * const { data } = await expandQueriesWithModel(queries, database, neighbors, weigh);
 * console.log([...data].map((value) => value.toFixed(4))); // => [ '0.7071', '0.7071' ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2007.08019 | Gordo et al., Attention-Based Query Expansion Learning, 2020}
 */
export async function expandQueriesWithModel(
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  weigh: WeighBatch,
  options: ExpandQueriesWithModelOptions & Omit<RunOptions, "threads"> = {},
): Promise<Matrix> {
  const { neighborCount = neighbors.k, batchSize = 32, signal, onProgress } = options;
  const caller = "expandQueriesWithModel";
  requireExpansion(caller, queries, database, neighbors, neighborCount);
  requirePositiveInteger(caller, "batchSize", batchSize);
  const lists = [{ ids: neighbors.ids, k: neighbors.k, count: neighborCount }];
  const checkOptions = signal === undefined ? { threads: 0 } : { threads: 0, signal };
  await runMethodAsync(caller, requireUnitRows(caller, queries, database, lists), checkOptions);
  const { rows, columns } = queries;
  const data = new Float32Array(rows * columns);
  for (let first = 0; first < rows; first += batchSize) {
    signal?.throwIfAborted();
    const end = Math.min(first + batchSize, rows);
    const batch = gatherBatch(queries, database, neighbors, neighborCount, first, end - first);
    const present = batch.present.slice();
    const weights = await weigh(batch);
    signal?.throwIfAborted();
    requireWeights(caller, weights, present, 1 + neighborCount, first);
    data.set(expandBatch(queries, database, neighbors, neighborCount, first, weights), first * columns);
    onProgress?.({ stage: "weigh neighbors", done: end, total: rows });
  }
  return { data, rows, columns };
}

/** Applies weights to the queries from `first` on. */
function expandBatch(
  queries: Matrix,
  database: Matrix,
  { ids, k }: Neighbors,
  count: number,
  first: number,
  weights: ArrayLike<number>,
): Float32Array {
  const stride = 1 + count;
  const rows = weights.length / stride;
  const { columns } = queries;
  const input = {
    queries: queries.data.subarray(first * columns, (first + rows) * columns),
    database: database.data,
    columns,
    ids: ids.subarray(first * k, (first + rows) * k),
    k,
    count,
    weights: { kind: "table", table: Float64Array.from(weights), stride },
    normalize: true,
  } as const;
  return weightedSumTask.run(input, 0, rows);
}

function gatherBatch(
  queries: Matrix,
  database: Matrix,
  neighbors: Neighbors,
  neighborCount: number,
  first: number,
  rows: number,
): ExpansionBatch {
  const { columns } = queries;
  const length = 1 + neighborCount;
  const listed = Math.min(neighborCount, neighbors.k);
  const vectors = new Float32Array(rows * length * columns);
  const present = new Uint8Array(rows * length);
  for (let row = 0; row < rows; row++) {
    const query = first + row;
    vectors.set(queries.data.subarray(query * columns, (query + 1) * columns), row * length * columns);
    present[row * length] = 1;
    for (let rank = 0; rank < listed; rank++) {
      const id = neighbors.ids[query * neighbors.k + rank]!;
      if (id < 0) continue;
      const slot = row * length + 1 + rank;
      vectors.set(database.data.subarray(id * columns, (id + 1) * columns), slot * columns);
      present[slot] = 1;
    }
  }
  return { vectors, present, rows, length, columns, first };
}

function requireWeights(
  caller: string,
  weights: ArrayLike<number>,
  present: Uint8Array,
  length: number,
  first: number,
): void {
  if (weights.length !== present.length) {
    throw new RangeError(
      `${caller}: expected \`weigh\` to give ${present.length / length} x ${length} = ${present.length} weights, got ${weights.length}`,
    );
  }
  for (let i = 0; i < present.length; i++) {
    if (present[i] === 0 || Number.isFinite(weights[i])) continue;
    throw new RangeError(
      `${caller}: expected \`weigh\` to give finite weights, got ${weights[i]} for query ${first + Math.floor(i / length)}`,
    );
  }
}
