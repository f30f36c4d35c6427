// Deviations from the third place's code: negative cosines count as 0 (there p^9 of a negative one is negative and q^10
// positive; `negative: "keep"`), and all powers are taken in double precision. Their gallery is 9 vectors of length 1
// side by side and not scaled to length 1 again, so that their neighbors' scores are 3 times the cosine and their
// confidences 3^9 times those here, which changes no order.

import type { LabelPredictions } from "../labels/label-predictions.ts";
import { addToLabel, emptyPredictions, requireLabels, writeBestLabel } from "../labels/label-predictions.ts";
import type { Neighbors } from "../matrix.ts";
import {
  requireFiniteScores,
  requireNeighbors,
  requireOneOf,
  requirePositiveInteger,
  requireRows,
} from "../require.ts";
import { idLimit, requireAmount } from "./penalties.ts";

/** Options of {@link fuseHeadAndNeighbors}. */
export interface FuseHeadAndNeighborsOptions {
  /**
   * Neighbors that vote, 1 or more; of shorter lists, all.
   *
   * @defaultValue 5, the third place's number
   */
  readonly neighborCount?: number;
  /**
   * Power of a neighbor's cosine, above 0.
   *
   * @defaultValue 9, as submitted; the write-up's best for a single model is 8
   */
  readonly neighborPower?: number;
  /**
   * Power of a class's score, above 0.
   *
   * @defaultValue 10, as submitted; the write-up's best for a single model is 12
   */
  readonly headPower?: number;
  /**
   * Stands for the score of a class that is not in `head`, from 0; it moves neighbors with which the head disagrees to
   * the end.
   *
   * @defaultValue 1e-8, the third place's number
   */
  readonly missing?: number;
  /**
   * What becomes of negative cosines: `clamp` takes them as 0, `keep` raises them as they are, for powers that are
   * whole numbers.
   *
   * @defaultValue "clamp"; their code keeps them
   */
  readonly negative?: "clamp" | "keep";
}

/**
 * Recognises landmarks by nearest neighbors and a classifier together, as the third place of landmark recognition 2020
 * did.
 *
 * ```text
 * S(l)  = sum over neighbors x with label l of  p(x)^neighborPower * q(l)^headPower
 * p(x)  = cosine of the query and x
 * q(l)  = score of class l in `head`, or `missing`
 * label = the l with the highest S;   score = S(label)
 * ```
 *
 * Scores are tiny where the head disagrees, 1e-80 and less with the defaults: double precision holds them, float32
 * would not. Powers that double precision does not hold are refused. Of equal scores the label met first, at the
 * nearest neighbor, wins. An image without any neighbor gets label -1 and score -Infinity. Takes no memory beside the
 * result.
 *
 * @param neighbors - For each image its nearest labelled images, best first; scores are cosines.
 * @param labels - The label of each database row, 0 or more.
 * @param head - For each image the best classes of the classifier: ids are labels, scores cosines to class centers, as
 * {@link topHeadClasses} gives them. All `head.k` of them count; the third place used 5.
 * @returns One prediction per row of `neighbors`.
 * @throws RangeError if shapes do not fit, a label is negative, a score is not finite, or an option is out of range.
 *
 * @example
 * ```ts
 * import { fuseHeadAndNeighbors } from "@lmk/rerank/recognition";
 *
 * const neighbors = { ids: Int32Array.of(0, 1), scores: Float32Array.of(0.75, 0.5), rows: 1, k: 2 };
 * const head = { ids: Int32Array.of(4, 7), scores: Float32Array.of(1, 0.5), rows: 1, k: 2 };
 *
 * const options = { neighborCount: 2, neighborPower: 1, headPower: 1 };
 * const { labels, scores } = fuseHeadAndNeighbors(neighbors, Int32Array.of(7, 4), head, options);
 * console.log(labels[0], scores[0]); // => 4 0.5
 * ```
 *
 * @see {@link https://arxiv.org/abs/2010.05350 | Ha et al., Google Landmark Recognition 2020 Competition Third Place Solution, 2020}
 */
export function fuseHeadAndNeighbors(
  neighbors: Neighbors,
  labels: Int32Array,
  head: Neighbors,
  options: FuseHeadAndNeighborsOptions = {},
): LabelPredictions {
  const {
    neighborCount = 5,
    neighborPower = 9,
    headPower = 10,
    missing = 1e-8,
    negative = "clamp",
  } = options;
  requireNeighbors("fuseHeadAndNeighbors", neighbors, labels.length);
  requireFiniteScores("fuseHeadAndNeighbors", "neighbors", neighbors);
  requireLabels("fuseHeadAndNeighbors", "labels", labels);
  requireNeighbors("fuseHeadAndNeighbors", head, idLimit, "head");
  requireFiniteScores("fuseHeadAndNeighbors", "head", head);
  requireRows("fuseHeadAndNeighbors", "head", head.rows, neighbors.rows);
  requirePositiveInteger("fuseHeadAndNeighbors", "neighborCount", neighborCount);
  requireOneOf("fuseHeadAndNeighbors", "negative", negative, ["clamp", "keep"]);
  requirePower("neighborPower", neighborPower, negative);
  requirePower("headPower", headPower, negative);
  requireAmount("fuseHeadAndNeighbors", "missing", missing);
  const missingFactor = missing ** headPower;
  if (missing > 0 && !(missingFactor >= smallestFactor && missingFactor < Infinity)) {
    throw new RangeError(
      `fuseHeadAndNeighbors: expected \`missing\` to the power of \`headPower\` to be 0 or at least ${smallestFactor}, got ${missingFactor}`,
    );
  }

  const { ids, scores, rows, k } = neighbors;
  const length = Math.min(neighborCount, k);
  const lowest = negative === "clamp" ? 0 : -Infinity;
  const predictions = emptyPredictions(rows);
  const sums = new Map<number, number>();
  for (let row = 0; row < rows; row++) {
    sums.clear();
    for (let at = row * k; at < row * k + length; at++) {
      if (ids[at]! < 0) continue;
      const label = labels[ids[at]!]!;
      const place = placeOfClass(head, row, label);
      const factor = place < 0 ? missingFactor : Math.max(lowest, head.scores[place]!) ** headPower;
      addToLabel(sums, label, Math.max(lowest, scores[at]!) ** neighborPower * factor);
    }
    writeBestLabel(predictions, row, sums);
  }
  return predictions;
}

/** Leaves room for the neighbors' factor above the smallest number of full precision, 2.2e-308. */
const smallestFactor = 1e-250;

function placeOfClass({ ids, k }: Neighbors, row: number, label: number): number {
  for (let at = row * k; at < (row + 1) * k; at++) if (ids[at] === label) return at;
  return -1;
}

function requirePower(argument: string, power: number, negative: "clamp" | "keep"): void {
  if (!(power > 0 && power < Infinity)) {
    throw new RangeError(
      `fuseHeadAndNeighbors: expected \`${argument}\` to be finite and above 0, got ${power}`,
    );
  }
  if (negative === "keep" && !Number.isInteger(power)) {
    throw new RangeError(
      `fuseHeadAndNeighbors: expected \`${argument}\` to be a whole number where negative cosines are kept, got ${power}`,
    );
  }
}
