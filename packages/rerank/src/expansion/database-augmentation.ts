// Deviations: published codes differ in whether a row is in its own list; here it always counts once, first, with
// weight 1 before any scaling. The 2019 winners' supervised form writes over rows only after all are summed.

import type { Matrix, Neighbors, RunOptions } from "../matrix.ts";
import { selfFirstLists } from "../pool.ts";
import { requireAtMost, requireOneOf, requirePositiveInteger, requireRows } from "../require.ts";
import { type Method, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { decayingWeights } from "./query-expansion-with-decay.ts";
import { requireExponent, requireFiniteWeights, requireGraph, requireUnitRows } from "./require-expansion.ts";
import { type SumWeights, weightedSums } from "./weighted-sum.ts";

/** How {@link augmentDatabase} weighs a row's neighbors. */
export type AugmentationWeights = "power" | "average" | "decay" | "log-spaced" | readonly number[];

/** Options of {@link augmentDatabase}. */
export interface AugmentDatabaseOptions {
  /**
   * Rows that are summed, the row itself among them: 2 adds its nearest neighbor. From 1 to `graph.k + 1`.
   *
   * @defaultValue 10, as in the 2019 and 2020 winners' code; with an array of weights, its length
   */
  readonly neighborCount?: number;
  /**
   * The weight of the `j`-th row, `j` from 0 for the row itself, of `n = neighborCount`:
   *
   * - `"power"`: `min(s / saturation, 1)^alpha` with its similarity `s` (αDBA);
   * - `"average"`: 1;
   * - `"decay"`: `(n - j) / n`;
   * - `"log-spaced"`: `10^(-1.5 j / (n - 1))`, divided by the sum of all `n`;
   * - an array: `n` finite numbers.
   *
   * @defaultValue "power", as in the 2019 winners' code
   */
  readonly weights?: AugmentationWeights;
  /**
   * Exponent of `"power"`, 0 or more.
   *
   * @defaultValue 3, as in the 2019 winners' code
   */
  readonly alpha?: number;
  /**
   * Similarity from which on `"power"` weighs 1, above 0 and at most 1; the 2019 winners' code also knows 0.8.
   *
   * @defaultValue 1
   */
  readonly saturation?: number;
  /**
   * What `"power"` does with neighbors of negative similarity, as in {@link expandQueries}.
   *
   * @defaultValue "keep", as published code does
   */
  readonly negative?: "keep" | "clamp";
  /**
   * One label per row (supervised DBA): of the first `neighborCount` rows those with another label than the row's own
   * get weight 0. The 2019 winners take 3 rows.
   *
   * @defaultValue none: labels are not looked at
   */
  readonly labels?: Int32Array;
  /**
   * Whether sums are scaled to length 1. The 2020 code with log-spaced weights does not.
   *
   * @defaultValue true
   */
  readonly normalize?: boolean;
}

/**
 * Replaces each row of a database by a weighted sum of itself and its nearest neighbors (DBA), for another search.
 *
 * ```text
 * x' = sum over j = 0 … n - 1 of  w_j x_j,   x_0 = x,   then x' / |x'|
 * ```
 *
 * All sums are of the rows as they came in. Whether or not a row is in its own list of `graph`, it counts once.
 * Fewer neighbors than asked for are fewer terms with unchanged weights. A sum without direction leaves the row as it
 * was. To iterate, search the result anew and augment it again.
 *
 * Queries that are to be expanded, too, take their neighbors from the database as it was: see {@link expandQueries}.
 *
 * Memory: `4 rows neighborCount + rows + 8 columns` bytes besides the result.
 *
 * @param database - Embeddings of length 1.
 * @param graph - For each database row its nearest database rows, best first; scores are not read.
 * @returns The augmented database, newly allocated.
 * @throws RangeError if shapes do not fit, a row has not length 1 within 0.0005, or an option is out of range.
 *
 * @example
 * ```ts
 * import { augmentDatabase } from "@lmk/rerank";
 *
 * const database = { data: Float32Array.of(1, 0, 0.6, 0.8), rows: 2, columns: 2 };
 * const graph = { ids: Int32Array.of(1, 0), scores: Float32Array.of(0.6, 0.6), rows: 2, k: 1 };
 *
 * const { data } = augmentDatabase(database, graph, { neighborCount: 2, weights: "average" });
 * console.log([...data].map((value) => value.toFixed(4))); // => [ '0.8944', '0.4472', '0.8944', '0.4472' ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1610.07940 | Gordo et al., End-to-end Learning of Deep Visual Representations for Image Retrieval, 2017}
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo, Large-scale Landmark Retrieval/Recognition under a Noisy and Diverse Dataset, 2019}
 */
export function augmentDatabase(
  database: Matrix,
  graph: Neighbors,
  options: AugmentDatabaseOptions = {},
): Matrix {
  return runMethod(augmentation("augmentDatabase", database, graph, options));
}

/**
 * Augments a database as {@link augmentDatabase} does, the same bits, in worker threads.
 *
 * @param database - Embeddings of length 1.
 * @param graph - For each database row its nearest database rows, best first.
 * @returns The augmented database; rejects as {@link augmentDatabase} throws, or with the signal's reason.
 */
export function augmentDatabaseAsync(
  database: Matrix,
  graph: Neighbors,
  options: AugmentDatabaseOptions & RunOptions = {},
): Promise<Matrix> {
  return runMethodAsync(
    "augmentDatabaseAsync",
    augmentation("augmentDatabaseAsync", database, graph, options),
    options,
  );
}

function* augmentation(
  caller: string,
  database: Matrix,
  graph: Neighbors,
  options: AugmentDatabaseOptions,
): Method<Matrix> {
  const {
    weights = "power",
    alpha = 3,
    saturation = 1,
    negative = "keep",
    labels,
    normalize = true,
  } = options;
  const given = typeof weights === "string" ? undefined : weights;
  const { neighborCount = given?.length ?? 10 } = options;
  requireGraph(caller, database, graph);
  requirePositiveInteger(caller, "neighborCount", neighborCount);
  requireAtMost(caller, "neighborCount", neighborCount, graph.k + 1, "graph.k + 1");
  if (given !== undefined) {
    requireFiniteWeights(caller, "weights", given);
    if (given.length !== neighborCount) {
      throw new RangeError(
        `${caller}: expected \`weights\` to hold \`neighborCount\` = ${neighborCount} numbers, got ${given.length}`,
      );
    }
  } else if (typeof weights === "string") {
    requireOneOf(caller, "weights", weights, ["power", "average", "decay", "log-spaced"]);
  }
  requireOneOf(caller, "negative", negative, ["keep", "clamp"]);
  requireExponent(caller, alpha, negative);
  if (!(saturation > 0 && saturation <= 1)) {
    throw new RangeError(`${caller}: expected \`saturation\` to be above 0 and at most 1, got ${saturation}`);
  }
  if (labels !== undefined) requireRows(caller, "labels", labels.length, database.rows);
  yield* requireUnitRows(caller, database, database, []);

  const count = neighborCount - 1;
  const ids = othersOf(graph, count);
  if (labels !== undefined) dropOtherLabels(ids, count, labels);
  const table: SumWeights =
    weights === "power"
      ? { kind: "power", ownWeight: 1, alpha, saturation, clamp: negative === "clamp" }
      : { kind: "table", table: weightsByRank(weights, neighborCount), stride: 0 };
  return yield* weightedSums({
    queries: database,
    database,
    ids,
    k: count,
    count,
    weights: table,
    normalize,
  });
}

/** The first `count` of each list without the row itself, -1 where there are fewer. */
function othersOf(graph: Neighbors, count: number): Int32Array {
  const lists = selfFirstLists(graph, count);
  const others = new Int32Array(graph.rows * count);
  for (let row = 0; row < graph.rows; row++) {
    const start = row * (count + 1);
    others.set(lists.subarray(start + 1, start + 1 + count), row * count);
  }
  return others;
}

function dropOtherLabels(ids: Int32Array, count: number, labels: Int32Array): void {
  for (let at = 0; at < ids.length; at++) {
    const row = Math.floor(at / count);
    if (ids[at]! >= 0 && labels[ids[at]!] !== labels[row]) ids[at] = -1;
  }
}

function weightsByRank(weights: Exclude<AugmentationWeights, "power">, count: number): Float64Array {
  if (weights === "average") return new Float64Array(count).fill(1);
  if (weights === "decay") return decayingWeights(count);
  if (weights !== "log-spaced") return Float64Array.from(weights);
  const steps = Math.max(1, count - 1);
  const spaced = Float64Array.from({ length: count }, (_, j) => 10 ** ((-1.5 * j) / steps));
  const sum = spaced.reduce((total, weight) => total + weight, 0);
  return spaced.map((weight) => weight / sum);
}
