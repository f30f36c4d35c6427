// Deviations: published codes differ in whether a row is in its own list; here it always counts once, first, with
// weight 1 before any scaling. The 2019 winners' supervised form writes over rows only after all are summed.

import type { Matrix, Neighbors, RunOptions } from "../matrix.ts";
import { selfFirstLists } from "../pool.ts";
import { requireFiniteNumber, requireOneOf, requirePositiveInteger, requireRows } from "../require.ts";
import { type Method, runMethod } from "../threads/method.ts";
import { runMethodAsync } from "../threads/run-method-async.ts";
import { givenWeights, type NeighborWeights, requireGivenWeights, weightCount } from "./given-weights.ts";
import { decayingWeights } from "./query-expansion-with-decay.ts";
import { requireExponent, requireGraph, requireUnitRows } from "./require-expansion.ts";
import { type SumWeights, weightedSums } from "./weighted-sum.ts";

/** How {@link augmentDatabase} weighs a row's neighbors: by a name, or as {@link NeighborWeights} say. */
export type AugmentationWeights = "power" | "average" | "decay" | "log-spaced" | NeighborWeights;

/** Options of {@link augmentDatabase}. */
export interface AugmentDatabaseOptions {
  /**
   * Neighbors added to each row, 1 or more; of shorter lists, all. Published code counts the row itself, too.
   *
   * @defaultValue 9: with the row itself the 10 of the 2019 and 2020 winners' code; with a list of weights as many as
   * there are; with a function `graph.k`
   */
  readonly neighborCount?: number;
  /**
   * The weight of the `j`-th of `n = neighborCount` neighbors, `j` from 1; the row itself has that of `j = 0`:
   *
   * - `"power"`: `min(s / saturation, 1)^alpha` with its similarity `s`, 1 for the row itself (αDBA);
   * - `"average"`: 1;
   * - `"decay"`: `(n + 1 - j) / (n + 1)`;
   * - `"log-spaced"`: `10^(-1.5 j / n)`, divided by the sum of all `n + 1`;
   * - a list of numbers for the neighbors, or a function of the place, from 0, and of the similarity; 1 for the row
   *   itself.
   *
   * @defaultValue "power", as in the 2019 winners' code
   */
  readonly weights?: AugmentationWeights;
  /**
   * Weight of the row itself, finite.
   *
   * @defaultValue as `weights` say
   */
  readonly ownWeight?: number;
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
   * One label per row (supervised DBA): of the first `neighborCount` neighbors those with another label than the row's
   * own are left out. The 2019 winners take 2 neighbors.
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
 * x' = w_0 x + sum over j = 1 … n of  w_j x_j,   then x' / |x'|
 * ```
 *
 * All sums are of the rows as they came in. Whether or not a row is in its own list of `graph`, it counts once.
 * Fewer neighbors than asked for, also in shorter lists, are fewer terms with unchanged weights. A sum without direction
 * leaves the row as it was. To iterate, search the result anew and augment it again.
 *
 * To augment a part of a database, pass its rows alone, with a graph among them, and write the result over them. So the
 * 2019 landmark retrieval winners did with the clean part of their train images: 2 neighbors of the row's own label.
 *
 * Queries that are to be expanded, too, take their neighbors from the database as it was: see {@link expandQueries}.
 *
 * Memory: `8 rows neighborCount + 5 rows + 8 columns` bytes besides the result; with a function as weights, which is
 * called on the calling thread, `16 rows (neighborCount + 1)` more.
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
 * const { data } = augmentDatabase(database, graph, { neighborCount: 1, weights: "average" });
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
  const named = typeof weights === "string";
  const { neighborCount = named ? 9 : weightCount(weights, graph.k) } = options;
  requireGraph(caller, database, graph);
  requirePositiveInteger(caller, "neighborCount", neighborCount);
  if (named) requireOneOf(caller, "weights", weights, ["power", "average", "decay", "log-spaced"]);
  else requireGivenWeights(caller, weights, neighborCount);
  if (options.ownWeight !== undefined) requireFiniteNumber(caller, "ownWeight", options.ownWeight);
  requireOneOf(caller, "negative", negative, ["keep", "clamp"]);
  requireExponent(caller, alpha, negative);
  if (!(saturation > 0 && saturation <= 1)) {
    throw new RangeError(`${caller}: expected \`saturation\` to be above 0 and at most 1, got ${saturation}`);
  }
  if (labels !== undefined) requireRows(caller, "labels", labels.length, database.rows);
  yield* requireUnitRows(caller, database, database, []);

  const count = Math.min(neighborCount, graph.k);
  const ids = othersOf(graph, count);
  if (labels !== undefined) dropOtherLabels(ids, count, labels);
  const lists = { ids, k: count };
  const { ownWeight = named ? ownWeightOf(weights, neighborCount) : 1 } = options;
  let chosen: SumWeights;
  if (weights === "power") {
    chosen = { kind: "power", ownWeight, alpha, saturation, clamp: negative === "clamp" };
  } else {
    const given = named ? neighborWeights(weights, neighborCount) : weights;
    chosen = yield* givenWeights(caller, database, database, lists, neighborCount, ownWeight, given);
  }
  return yield* weightedSums({
    queries: database,
    database,
    ...lists,
    count,
    weights: chosen,
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

type NamedWeights = Extract<AugmentationWeights, string>;

function ownWeightOf(weights: NamedWeights, neighborCount: number): number {
  return weights === "log-spaced" ? logSpacedWeights(1 + neighborCount)[0]! : 1;
}

function neighborWeights(weights: Exclude<NamedWeights, "power">, neighborCount: number): readonly number[] {
  switch (weights) {
    case "average":
      return new Array<number>(neighborCount).fill(1);
    case "decay":
      return [...decayingWeights(1 + neighborCount).subarray(1)];
    case "log-spaced":
      return logSpacedWeights(1 + neighborCount).slice(1);
  }
}

/** From the largest to 10^-1.5 of it, in equal ratios; they sum to 1. */
function logSpacedWeights(count: number): number[] {
  const spaced = Array.from({ length: count }, (_, j) => 10 ** ((-1.5 * j) / (count - 1)));
  const sum = spaced.reduce((total, weight) => total + weight, 0);
  return spaced.map((weight) => weight / sum);
}
