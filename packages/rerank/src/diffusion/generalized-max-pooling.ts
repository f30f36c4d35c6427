import type { Matrix } from "../matrix.ts";
import { requireMatrix, requirePositiveNumber } from "../require.ts";
import { dot } from "../vectors.ts";
import { requireImages } from "./require.ts";

/** Options of {@link generalizedMaxPoolingWeights}. */
export interface GeneralizedMaxPoolingOptions {
  /**
   * Evens the weights out: with growing `lambda` they become equal; above 0.
   *
   * @defaultValue 1, as in the paper
   */
  readonly lambda?: number;
}

/**
 * The weights with which several vectors of an image are summed so that frequent ones do not drown rare ones.
 *
 * ```text
 * c = (V V^T + lambda I)^-1 1        V the vectors of one image, one per row
 * ```
 *
 * Memory: `8 * n * n` bytes for an image of `n` vectors.
 *
 * @param regions - The vectors of all images.
 * @param images - The image of each vector, a count from 0; in any order.
 * @returns One weight per vector. Weights may be negative.
 * @throws RangeError if shapes do not fit, a number is not finite, or `lambda` is not above 0.
 *
 * @example
 * ```ts
 * import { generalizedMaxPoolingWeights } from "@lmk/rerank";
 *
 * // Image 0 has the same vector twice, image 1 has one.
 * const regions = { data: Float32Array.of(1, 0, 1, 0, 0, 1), rows: 3, columns: 2 };
 *
 * const weights = generalizedMaxPoolingWeights(regions, Int32Array.of(0, 0, 1));
 * console.log([...weights].map((weight) => weight.toFixed(3)).join(" ")); // => 0.333 0.333 0.500
 * ```
 *
 * @see {@link https://arxiv.org/abs/1611.05113 | Iscen et al., Efficient Diffusion on Region Manifolds, 2017}
 */
export function generalizedMaxPoolingWeights(
  regions: Matrix,
  images: Int32Array,
  options: GeneralizedMaxPoolingOptions = {},
): Float64Array {
  const caller = "generalizedMaxPoolingWeights";
  const { lambda = 1 } = options;
  requireMatrix(caller, "regions", regions);
  requireImages(caller, "images", images, regions.rows);
  requirePositiveNumber(caller, "lambda", lambda);
  const { data, columns } = regions;
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i]!)) {
      throw new RangeError(
        `${caller}: expected \`regions\` to be finite numbers, got ${data[i]} in row ${Math.floor(i / columns)}`,
      );
    }
  }
  const order = Int32Array.from(images, (_, row) => row).sort((a, b) => images[a]! - images[b]! || a - b);
  const weights = new Float64Array(regions.rows);
  for (let start = 0, end = 0; start < order.length; start = end) {
    while (end < order.length && images[order[end]!] === images[order[start]!]) end += 1;
    solveImage(regions, order.subarray(start, end), lambda, weights);
  }
  return weights;
}

/** By Cholesky's method. */
function solveImage(
  { data, columns }: Matrix,
  rows: Int32Array,
  lambda: number,
  weights: Float64Array,
): void {
  const count = rows.length;
  const factor = new Float64Array(count * count);
  const solution = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      const product = dot(data, rows[i]! * columns, data, rows[j]! * columns, columns);
      const rest = product + (i === j ? lambda : 0) - dot(factor, i * count, factor, j * count, j);
      factor[i * count + j] = i === j ? Math.sqrt(rest) : rest / factor[j * count + j]!;
    }
    solution[i] = (1 - dot(factor, i * count, solution, 0, i)) / factor[i * count + i]!;
  }
  for (let i = count - 1; i >= 0; i--) {
    let rest = solution[i]!;
    for (let j = i + 1; j < count; j++) rest -= factor[j * count + i]! * solution[j]!;
    solution[i] = rest / factor[i * count + i]!;
    weights[rows[i]!] = solution[i]!;
  }
}
