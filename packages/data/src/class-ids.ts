import { createRandom, shuffleInPlace } from "./random.ts";
import { requireInteger } from "./require.ts";

/** Options of {@link assignClassIds}. */
export interface AssignClassIdsOptions {
  /**
   * The rows to consider, such as those of a cleaned list.
   *
   * @defaultValue all rows
   */
  readonly rows?: Int32Array;
  /**
   * Keeps this many landmarks, those with the most images (of equal ones those with the smaller id); all
   * where there are not more. Takes precedence over `leastFrequency`.
   *
   * @defaultValue not given: no such choice
   */
  readonly classTopK?: number;
  /**
   * Keeps the landmarks with at least this many images.
   *
   * @defaultValue 1
   */
  readonly leastFrequency?: number;
  /**
   * Keeps at most this many images of each landmark, drawn at random.
   *
   * @defaultValue not given: all of them, as in the 2019 solution
   */
  readonly limitPerClass?: number;
  /**
   * Chooses the images that `limitPerClass` keeps.
   *
   * @defaultValue 0
   */
  readonly seed?: number;
}

/** The images to classify and the numbers of their classes. */
export interface ClassIds {
  /** The rows that are kept, in the order they were given in. */
  readonly rows: Int32Array;
  /** The class of each kept row, from 0 to `landmarkIds.length - 1`. */
  readonly classIds: Int32Array;
  /** The landmark of each class, ascending. */
  readonly landmarkIds: Int32Array;
}

/**
 * Numbers the classes of a training set as the 2019 winners did: landmarks are chosen by how many images
 * they have, and a landmark's class is its rank among the chosen ones in ascending order of landmark id.
 *
 * The 2019 code drew the images of `limitPerClass` by pandas' sampler, and never used it; here the draw is
 * our own, and a landmark's draw does not depend on the other landmarks.
 *
 * @param landmarkIds - The landmark of each image of the train table.
 * @returns The kept rows with their classes.
 * @throws RangeError if a number of the options is not an integer of at least 1 (`seed`: 0), or a row does
 * not exist.
 *
 * @example
 * ```ts
 * import { assignClassIds } from "@lmk/data";
 *
 * const classes = assignClassIds(Int32Array.of(70, 5, 70, 5, 9), { leastFrequency: 2 });
 * console.log(classes.rows, classes.classIds, classes.landmarkIds);
 * // => Int32Array(4) [ 0, 1, 2, 3 ] Int32Array(4) [ 1, 0, 1, 0 ] Int32Array(2) [ 5, 70 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1906.04087 | Ozaki and Yokoo 2019, Large-scale Landmark Retrieval/Recognition}
 */
export function assignClassIds(landmarkIds: Int32Array, options: AssignClassIdsOptions = {}): ClassIds {
  const { rows: considered, classTopK, leastFrequency = 1, limitPerClass, seed = 0 } = options;
  if (classTopK !== undefined) requireInteger("assignClassIds", "classTopK", classTopK, 1);
  requireInteger("assignClassIds", "leastFrequency", leastFrequency, 1);
  if (limitPerClass !== undefined) requireInteger("assignClassIds", "limitPerClass", limitPerClass, 1);
  requireInteger("assignClassIds", "seed", seed, 0);
  for (const row of considered ?? [])
    requireInteger("assignClassIds", "rows", row, 0, landmarkIds.length - 1);

  const candidates = considered ?? landmarkIds.map((_, row) => row);
  const chosen = chooseLandmarks(landmarkIds, candidates, classTopK, leastFrequency).sort((a, b) => a - b);
  const classOf = new Map(chosen.map((landmarkId, classId) => [landmarkId, classId]));
  const ofChosen = candidates.filter((row) => classOf.has(landmarkIds[row]));
  const rows = limitPerClass === undefined ? ofChosen : limitRows(landmarkIds, ofChosen, limitPerClass, seed);
  return {
    rows,
    classIds: rows.map((row) => classOf.get(landmarkIds[row]) as number),
    landmarkIds: Int32Array.from(chosen),
  };
}

function chooseLandmarks(
  landmarkIds: Int32Array,
  rows: Int32Array,
  classTopK: number | undefined,
  leastFrequency: number,
): number[] {
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(landmarkIds[row], (counts.get(landmarkIds[row]) ?? 0) + 1);
  const entries = [...counts];
  if (classTopK === undefined) {
    return entries.filter(([, count]) => count >= leastFrequency).map(([landmarkId]) => landmarkId);
  }
  entries.sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  return entries.slice(0, classTopK).map(([landmarkId]) => landmarkId);
}

function limitRows(landmarkIds: Int32Array, rows: Int32Array, limit: number, seed: number): Int32Array {
  const positions = new Map<number, number[]>();
  for (const [position, row] of rows.entries()) {
    const list = positions.get(landmarkIds[row]);
    if (list === undefined) positions.set(landmarkIds[row], [position]);
    else list.push(position);
  }
  const keep = new Uint8Array(rows.length);
  for (const [landmarkId, list] of positions) {
    const order = Int32Array.from(list);
    if (order.length > limit) shuffleInPlace(order, createRandom(seed, landmarkId));
    for (const position of order.subarray(0, limit)) keep[position] = 1;
  }
  return rows.filter((_, position) => keep[position] === 1);
}
