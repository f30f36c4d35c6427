import type { RecognitionSolution, RetrievalSolution } from "../readers/landmark-data.ts";
import { requireInteger, requireLength } from "../require.ts";
import { Mt19937 } from "./mt19937.ts";

/** Rows to train on and rows to look at while training. */
export interface Holdout {
  readonly train: Int32Array;
  readonly validation: Int32Array;
}

/** Options of {@link holdOutFold}. */
export interface HoldOutFoldOptions {
  /** The fold to hold out, from 0. */
  readonly fold: number;
  /**
   * Of the rows of the fold, the first and then each one after so many is validated on.
   *
   * @defaultValue 15, as the third place of 2020; about 21,000 of the cleaned images of Google Landmarks v2
   */
  readonly every?: number;
}

/**
 * Holds out a fold of the cleaned images, as the third place of 2020: rows of other folds and rows without
 * a fold, which are not on the cleaned list, are trained on. The rows of the fold that `every` leaves out
 * are in neither part.
 *
 * @param folds - The fold of each row, or -1 for an image that is not on the cleaned list.
 * @returns Positions in `folds`, ascending.
 * @throws RangeError if `fold` is not an integer of at least 0 or `every` not of at least 1.
 *
 * @example
 * ```ts
 * import { holdOutFold } from "@lmk/data";
 *
 * const { train, validation } = holdOutFold(Int32Array.of(0, 1, -1, 0, 0), { fold: 0, every: 2 });
 * console.log(train, validation); // => Int32Array(2) [ 1, 2 ] Int32Array(2) [ 0, 4 ]
 * ```
 */
export function holdOutFold(folds: Int32Array, options: HoldOutFoldOptions): Holdout {
  const { fold, every = 15 } = options;
  requireInteger("holdOutFold", "fold", fold, 0);
  requireInteger("holdOutFold", "every", every, 1);
  const rows = folds.map((_, row) => row);
  return {
    train: rows.filter((row) => folds[row] !== fold),
    validation: rows.filter((row) => folds[row] === fold).filter((_, i) => i % every === 0),
  };
}

/** Options of {@link holdOutAtRandom}. */
export interface HoldOutAtRandomOptions {
  /**
   * The part of the rows to validate on, between 0 and 1; rounded up to whole rows.
   *
   * @defaultValue 0.1, as the 2019 solution's model v7
   */
  readonly part?: number;
  /**
   * The seed of NumPy's `RandomState`, from 0 to 2³² - 1.
   *
   * @defaultValue 77777, as the 2019 solution
   */
  readonly seed?: number;
}

/**
 * Holds out rows at random: the two parts of scikit-learn's `train_test_split(rows, test_size=0.1,
 * random_state=77777)`, in its order.
 *
 * @param rows - The number of rows.
 * @throws RangeError if `rows` or `seed` is out of its range, `part` is not between 0 and 1, or no row is
 * left to train on.
 *
 * @example
 * ```ts
 * import { holdOutAtRandom } from "@lmk/data";
 *
 * const { train, validation } = holdOutAtRandom(20);
 * console.log(train.length, validation); // => 18 Int32Array(2) [ 6, 13 ]
 * ```
 *
 * @see {@link https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.train_test_split.html | train_test_split}
 */
export function holdOutAtRandom(rows: number, options: HoldOutAtRandomOptions = {}): Holdout {
  const { part = 0.1, seed = 77777 } = options;
  requireInteger("holdOutAtRandom", "rows", rows, 1, 0x7fffffff);
  if (!(part > 0 && part < 1)) {
    throw new RangeError(`holdOutAtRandom: expected \`part\` to be a number between 0 and 1, got ${part}`);
  }
  requireInteger("holdOutAtRandom", "seed", seed, 0, 0xffffffff);
  const count = Math.ceil(part * rows);
  if (count === rows) {
    throw new RangeError(
      `holdOutAtRandom: expected \`part\` to leave rows to train on, got ${count} of ${rows} held out`,
    );
  }
  const order = Int32Array.from({ length: rows }, (_, row) => row);
  new Mt19937(seed).shuffle(order);
  return { train: order.slice(count), validation: order.slice(0, count) };
}

/** Test images and the class each is validated against. */
export interface LabelledTestImages {
  /** For each image its row in `test`. */
  readonly rows: Int32Array;
  /**
   * For each image its class; the number of classes where it shows no landmark, and -1 where its landmark
   * is none of the classes.
   */
  readonly classIds: Int32Array;
}

/**
 * The labels of test images by which the first place of 2021 validates recognition on the test images of
 * 2019: the class of an image's first landmark.
 *
 * @param recognition - The solution.
 * @param landmarkIds - The landmark of each class.
 * @returns One row per query of the solution, in its order.
 *
 * @example
 * ```ts
 * import { labelTestImages } from "@lmk/data";
 *
 * const queries = Int32Array.of(4, 5, 6);
 * const landmarkIds = [Int32Array.of(70, 5), Int32Array.of(), Int32Array.of(8)];
 * const { classIds } = labelTestImages({ queries, landmarkIds }, Int32Array.of(5, 70));
 * console.log(classIds); // => Int32Array(3) [ 1, 2, -1 ]
 * ```
 */
export function labelTestImages(
  recognition: Pick<RecognitionSolution, "queries" | "landmarkIds">,
  landmarkIds: Int32Array,
): LabelledTestImages {
  const { queries, landmarkIds: landmarksOfQuery } = recognition;
  requireLength("labelTestImages", "recognition.landmarkIds", landmarksOfQuery.length, queries.length);
  const classOf = new Map(Array.from(landmarkIds, (landmarkId, classId) => [landmarkId, classId]));
  const classIds = Int32Array.from(landmarksOfQuery, (landmarks) => {
    return landmarks.length === 0 ? landmarkIds.length : (classOf.get(landmarks[0]) ?? -1);
  });
  return { rows: queries.slice(), classIds };
}

/**
 * The index images that are right for at least one query, to which the first place of 2021 restricts its
 * validation of retrieval.
 *
 * @param retrieval - The solution.
 * @returns Rows of the index, ascending, each once.
 *
 * @example
 * ```ts
 * import { matchedIndexRows } from "@lmk/data";
 *
 * const relevant = [Int32Array.of(8, 2), Int32Array.of(), Int32Array.of(8)];
 * console.log(matchedIndexRows({ relevant })); // => Int32Array(2) [ 2, 8 ]
 * ```
 */
export function matchedIndexRows(retrieval: Pick<RetrievalSolution, "relevant">): Int32Array {
  const rows = new Set<number>();
  for (const ofQuery of retrieval.relevant) {
    for (const row of ofQuery) rows.add(row);
  }
  return Int32Array.from(rows).sort();
}
