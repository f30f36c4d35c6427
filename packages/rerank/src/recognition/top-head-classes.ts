// The third place's code adds 1 to classes of the gallery and then takes 1 from all, in float32, which rounds every score
// to a multiple of 6e-8 or more; here classes outside the gallery are lowered and the others stay as they are.

import type { Matrix, Neighbors } from "../matrix.ts";
import { emptyNeighbors } from "../ranking.ts";
import { requireAtMost, requireMatrix, requirePositiveInteger } from "../require.ts";
import { requireAmount } from "./penalties.ts";

/** Options of {@link topHeadClasses}. */
export interface TopHeadClassesOptions {
  /**
   * Classes given for each image, from 1 to `logits.columns`.
   *
   * @defaultValue 5, the third place's number
   */
  readonly classCount?: number;
  /**
   * The label of each class, one per column of `logits`, 0 or more, none twice.
   *
   * @defaultValue the number of the column
   */
  readonly classLabels?: Int32Array;
  /**
   * By how much classes are lowered that no gallery image has, 0 or more. Cosines lie between -1 and 1, so 2 puts them
   * behind all others; the third place took 1.
   *
   * @defaultValue 1, the third place's number
   */
  readonly outsidePenalty?: number;
}

/**
 * Gives the best classes of a classifier for each image, with classes lowered that the gallery lacks.
 *
 * ```text
 * q(c) = logits(c)                    where a gallery image has the label of class c
 *        logits(c) - outsidePenalty   elsewhere
 * ```
 *
 * The classes with the highest q come first, of equal ones the smaller column. Takes 9 bytes per class beside the result.
 *
 * @param logits - Cosines of images (rows) and class centers (columns), without scale and margin; of several models
 * their mean.
 * @param galleryLabels - The labels that occur in the gallery, in any order and as often as they occur.
 * @returns For each image `classCount` classes: ids are labels, scores are q.
 * @throws RangeError if shapes do not fit, a logit is not finite, a class label is negative or given twice, or an
 * option is out of range.
 *
 * @example
 * ```ts
 * import { topHeadClasses } from "@lmk/rerank/recognition";
 *
 * const logits = { data: Float32Array.of(0.25, 0.5, 0.75), rows: 1, columns: 3 };
 * const { ids, scores } = topHeadClasses(logits, Int32Array.of(1, 0, 1), { classCount: 2 });
 * console.log([...ids], [...scores]); // => [ 1, 0 ] [ 0.5, 0.25 ]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2010.05350 | Ha et al., Google Landmark Recognition 2020 Competition Third Place Solution, 2020}
 */
export function topHeadClasses(
  logits: Matrix,
  galleryLabels: Int32Array,
  options: TopHeadClassesOptions = {},
): Neighbors {
  const { classCount = 5, classLabels, outsidePenalty = 1 } = options;
  requireMatrix("topHeadClasses", "logits", logits);
  requirePositiveInteger("topHeadClasses", "classCount", classCount);
  requireAtMost("topHeadClasses", "classCount", classCount, logits.columns, "logits.columns");
  requireAmount("topHeadClasses", "outsidePenalty", outsidePenalty);
  if (classLabels !== undefined) requireClassLabels(classLabels, logits.columns);

  const { data, rows, columns } = logits;
  const gallery = new Set(galleryLabels);
  const lowering = new Float64Array(columns);
  for (let column = 0; column < columns; column++) {
    if (!gallery.has(classLabels?.[column] ?? column)) lowering[column] = outsidePenalty;
  }
  const best = emptyNeighbors(rows, classCount);
  const bestScores = new Float64Array(classCount);
  const bestColumns = new Int32Array(classCount);
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    bestScores.fill(-Infinity);
    let worst = -Infinity;
    let zero = 0;
    for (let column = 0; column < columns; column++) {
      const score = data[start + column]! - lowering[column]!;
      zero += score * 0;
      if (score <= worst) continue;
      let place = classCount - 1;
      for (; place > 0 && bestScores[place - 1]! < score; place--) {
        bestScores[place] = bestScores[place - 1]!;
        bestColumns[place] = bestColumns[place - 1]!;
      }
      bestScores[place] = score;
      bestColumns[place] = column;
      worst = bestScores[classCount - 1]!;
    }
    // NaN where any logit is not finite.
    if (zero !== 0) refuseLogits(data.subarray(start, start + columns), row);
    for (let place = 0; place < classCount; place++) {
      const column = bestColumns[place]!;
      best.ids[row * classCount + place] = classLabels?.[column] ?? column;
      best.scores[row * classCount + place] = bestScores[place]!;
    }
  }
  return best;
}

function refuseLogits(logits: Float32Array, row: number): void {
  const value = logits.find((logit) => !Number.isFinite(logit));
  throw new RangeError(`topHeadClasses: expected \`logits\` to be finite, got ${value} in row ${row}`);
}

function requireClassLabels(classLabels: Int32Array, columns: number): void {
  if (classLabels.length !== columns) {
    throw new RangeError(
      `topHeadClasses: expected \`classLabels\` to hold ${columns} labels, got ${classLabels.length}`,
    );
  }
  const seen = new Set<number>();
  for (const label of classLabels) {
    if (label < 0 || seen.has(label)) {
      throw new RangeError(
        `topHeadClasses: expected \`classLabels\` to be 0 or more and none twice, got ${label}${label < 0 ? "" : " twice"}`,
      );
    }
    seen.add(label);
  }
}
