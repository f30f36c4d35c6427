import { requireSameLength } from "../require.ts";

/**
 * Mean of one number per query, leaving out those that are NaN because the query has nothing relevant to find.
 *
 * @param values - One number per query.
 * @returns The mean; NaN if all are NaN.
 *
 * @example
 * ```ts
 * import { meanOverQueries } from "@lmk/eval";
 *
 * console.log(meanOverQueries([1, Number.NaN, 0.5])); // => 0.75
 * ```
 */
export function meanOverQueries(values: ArrayLike<number>): number {
  let sum = 0;
  let count = 0;
  for (let query = 0; query < values.length; query++) {
    const value = values[query]!;
    if (Number.isNaN(value)) continue;
    sum += value;
    count += 1;
  }
  return sum / count;
}

/** What {@link averageByLabel} finds: parallel lists, a label each. */
export interface LabelAverages<Label extends string | number> {
  /** The labels in the order in which they first occur. */
  readonly labels: readonly Label[];
  /** Mean over the queries of each label; NaN for a label whose queries all have NaN. */
  readonly means: Float64Array;
  /** How many queries of each label were counted. */
  readonly counts: Int32Array;
  /** Mean of `means` that are not NaN: every label counts alike, however many queries it has. */
  readonly meanOfMeans: number;
}

/**
 * Averages one number per query by the label of the query, leaving out NaN.
 *
 * @param values - One number per query, such as {@link averagePrecisions}.
 * @param labels - Landmark or category of each query.
 * @returns The averages; lists of length 0 and NaN without queries.
 * @throws RangeError if `values` and `labels` differ in length.
 *
 * @example
 * ```ts
 * import { averageByLabel } from "@lmk/eval";
 *
 * const { labels, means, meanOfMeans } = averageByLabel([1, 0, 1], ["church", "bridge", "bridge"]);
 * console.log(labels, means, meanOfMeans); // => [ 'church', 'bridge' ] Float64Array(2) [ 1, 0.5 ] 0.75
 * ```
 */
export function averageByLabel<Label extends string | number>(
  values: ArrayLike<number>,
  labels: ArrayLike<Label>,
): LabelAverages<Label> {
  requireSameLength("averageByLabel", ["values", values], ["labels", labels]);
  const rows = new Map<Label, number>();
  for (let query = 0; query < labels.length; query++) {
    const label = labels[query]!;
    if (!rows.has(label)) rows.set(label, rows.size);
  }
  const means = new Float64Array(rows.size);
  const counts = new Int32Array(rows.size);
  for (let query = 0; query < values.length; query++) {
    if (Number.isNaN(values[query]!)) continue;
    const row = rows.get(labels[query]!)!;
    means[row]! += values[query]!;
    counts[row]! += 1;
  }
  for (let row = 0; row < means.length; row++) means[row]! /= counts[row]!;
  return { labels: [...rows.keys()], means, counts, meanOfMeans: meanOverQueries(means) };
}
