// Sequential minimal optimisation with pairs chosen by second-order information (Fan, Chen and Lin, 2005). The original
// code of discriminative expansion solves the same problem with an interior-point method.

/** Curvature taken for pairs of equal rows. */
const smallestCurvature = 1e-12;

/** Largest violation of the optimality conditions that counts as none. */
const tolerance = 1e-10;

const mostSteps = 1_000_000;

/** Dual value beyond which the margin would be narrower than 1 / sqrt(2 · 1e5) = 0.0022 on each side. */
const largestValue = 1e5;

/**
 * Solves the dual of a linear support vector machine with a bias.
 *
 * ```text
 * minimise  1/2 sum over i, j of  a_i a_j y_i y_j K_ij  -  sum over i of  a_i
 * such that 0 <= a_i <= c  and  sum over i of  a_i y_i = 0
 * ```
 *
 * @param products - Inner products `K` of the `count` rows, row-major.
 * @param signs - `y`: 1 or -1 per row, at least one of each.
 * @returns The `a_i`; undefined if `c` is Infinity and no plane divides the rows with a margin, or if the steps ran out.
 */
export function solveSupportVectors(
  products: Float64Array,
  signs: Int8Array,
  count: number,
  c: number,
): Float64Array | undefined {
  const multipliers = new Float64Array(count);
  // -y_i times the gradient: how much the row asks its multiplier to move along y_i.
  const pull = Float64Array.from(signs);
  const pair = { up: -1, down: -1 };
  let value = 0;
  for (let step = 0; step < mostSteps; step++) {
    choosePair(products, signs, count, c, multipliers, pull, pair);
    const { up, down } = pair;
    if (up < 0) return multipliers;
    const curvature = curvatureOf(products, count, up, down);
    const gap = pull[up]! - pull[down]!;
    const roomUp = signs[up]! > 0 ? c - multipliers[up]! : multipliers[up]!;
    const roomDown = signs[down]! > 0 ? multipliers[down]! : c - multipliers[down]!;
    const change = Math.min(gap / curvature, roomUp, roomDown);
    multipliers[up]! += signs[up]! * change;
    multipliers[down]! -= signs[down]! * change;
    for (let i = 0; i < count; i++) {
      pull[i]! -= change * (products[up * count + i]! - products[down * count + i]!);
    }
    value += change * (gap - (curvature * change) / 2);
    if (c === Infinity && value > largestValue) return undefined;
  }
  return undefined;
}

/** The pair of multipliers whose change helps most; -1 where no pair violates the conditions. */
function choosePair(
  products: Float64Array,
  signs: Int8Array,
  count: number,
  c: number,
  multipliers: Float64Array,
  pull: Float64Array,
  pair: { up: number; down: number },
): void {
  pair.up = -1;
  pair.down = -1;
  let highest = -Infinity;
  for (let i = 0; i < count; i++) {
    const canRise = signs[i]! > 0 ? multipliers[i]! < c : multipliers[i]! > 0;
    if (!canRise || pull[i]! <= highest) continue;
    highest = pull[i]!;
    pair.up = i;
  }
  let most = 0;
  for (let i = 0; i < count; i++) {
    const canFall = signs[i]! > 0 ? multipliers[i]! > 0 : multipliers[i]! < c;
    const gap = highest - pull[i]!;
    if (!canFall || gap <= tolerance) continue;
    const gain = (gap * gap) / curvatureOf(products, count, pair.up, i);
    if (gain <= most) continue;
    most = gain;
    pair.down = i;
  }
  if (pair.down < 0) pair.up = -1;
}

function curvatureOf(products: Float64Array, count: number, a: number, b: number): number {
  const curvature = products[a * count + a]! + products[b * count + b]! - 2 * products[a * count + b]!;
  return Math.max(curvature, smallestCurvature);
}
