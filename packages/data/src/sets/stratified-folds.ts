import { requireInteger } from "../require.ts";
import { Mt19937 } from "./mt19937.ts";

/** Options of {@link stratifiedFolds}. */
export interface StratifiedFoldsOptions {
  /**
   * The number of folds, at least 2.
   *
   * @defaultValue 5, as the third place of 2020
   */
  readonly folds?: number;
  /**
   * The seed of NumPy's `RandomState`, from 0 to 2³² - 1.
   *
   * @defaultValue 233, as the third place of 2020
   */
  readonly seed?: number;
}

/**
 * Deals rows into folds so that each fold has about as many rows of each class: the folds of scikit-learn's
 * `StratifiedKFold(5, shuffle=True, random_state=233)`, row for row. With the cleaned list in the order of
 * the Kaggle `train.csv` of 2020 these are the folds the published checkpoints were trained on.
 *
 * Classes take the folds in turn, one after another in the order of their first rows, which says how many
 * rows of a class each fold gets; then the folds of each class are shuffled. A class with fewer rows than
 * folds is missing in some of them.
 *
 * @param labels - The class of each row.
 * @returns The fold of each row, from 0.
 * @throws RangeError if `folds` or `seed` is out of its range, or no class has as many rows as there are
 * folds.
 *
 * @example
 * ```ts
 * import { stratifiedFolds } from "@lmk/data";
 *
 * console.log(stratifiedFolds(Int32Array.of(7, 7, 7, 9, 9, 9), { folds: 3 }));
 * // => Int32Array(6) [ 0, 2, 1, 2, 1, 0 ]
 * ```
 *
 * @see {@link https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.StratifiedKFold.html | StratifiedKFold}
 */
export function stratifiedFolds(labels: Int32Array, options: StratifiedFoldsOptions = {}): Int32Array {
  const { folds = 5, seed = 233 } = options;
  requireInteger("stratifiedFolds", "folds", folds, 2);
  requireInteger("stratifiedFolds", "seed", seed, 0, 0xffffffff);
  const classes = classesByFirstRow(labels);
  const largest = classes.counts.reduce((most, count) => Math.max(most, count), 0);
  if (largest < folds) {
    throw new RangeError(
      `stratifiedFolds: expected \`labels\` to have a class of at least ${folds} rows, got at most ${largest}`,
    );
  }

  const random = new Mt19937(seed);
  const result = new Int32Array(labels.length);
  const next = new Int32Array(classes.counts.length);
  const dealt = new Int32Array(labels.length);
  let start = 0;
  for (const [classId, count] of classes.counts.entries()) {
    const ofClass = dealt.subarray(start, start + count);
    for (let i = 0; i < count; i++) ofClass[i] = (start + i) % folds;
    ofClass.sort();
    random.shuffle(ofClass);
    next[classId] = start;
    start += count;
  }
  for (const [row, classId] of classes.ofRow.entries()) {
    result[row] = dealt[next[classId]];
    next[classId] += 1;
  }
  return result;
}

/** Classes numbered in the order of their first rows, and how many rows each has. */
function classesByFirstRow(labels: Int32Array): { ofRow: Int32Array; counts: number[] } {
  const numbers = new Map<number, number>();
  const counts: number[] = [];
  const ofRow = labels.map((label) => {
    const known = numbers.get(label);
    if (known !== undefined) {
      counts[known] += 1;
      return known;
    }
    numbers.set(label, counts.length);
    return counts.push(1) - 1;
  });
  return { ofRow, counts };
}
