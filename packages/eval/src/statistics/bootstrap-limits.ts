// Where scipy gives NaN we give limits: the acceleration of a sample that does not vary is taken as 0, and an
// estimate beyond all values of the distribution as half a value away from its end.
import { normalDistribution, normalQuantile } from "./normal.ts";

/** A number computed from resamples, in ascending order, and from the sample itself. */
export interface Resampled {
  readonly distribution: Float64Array;
  readonly estimate: number;
}

/** The limits that leave out equal shares of the distribution on both sides. */
export function percentileLimits({ distribution }: Resampled, level: number): [number, number] {
  const alpha = (1 - level) / 2;
  return [quantile(distribution, alpha), quantile(distribution, 1 - alpha)];
}

/** Bias-corrected and accelerated limits; `jackknife` holds the number computed without one item each. */
export function acceleratedLimits(
  resampled: Resampled,
  jackknife: Float64Array,
  level: number,
): [number, number] {
  const { distribution } = resampled;
  const bias = normalQuantile(shareBelow(resampled));
  const acceleration = accelerationOf(jackknife);
  const limit = (probability: number): number => {
    const shifted = bias + normalQuantile(probability);
    return quantile(distribution, normalDistribution(bias + shifted / (1 - acceleration * shifted)));
  };
  const alpha = (1 - level) / 2;
  return [limit(alpha), limit(1 - alpha)];
}

/** The share of the distribution below the estimate, half of what equals it included. */
function shareBelow({ distribution, estimate }: Resampled): number {
  let below = 0;
  let equal = 0;
  for (let i = 0; i < distribution.length; i++) {
    if (distribution[i]! < estimate) below += 1;
    else if (distribution[i] === estimate) equal += 1;
  }
  const { length } = distribution;
  const share = (below + equal / 2) / length;
  return Math.min(Math.max(share, 0.5 / length), 1 - 0.5 / length);
}

function accelerationOf(jackknife: Float64Array): number {
  let mean = 0;
  for (let i = 0; i < jackknife.length; i++) mean += jackknife[i]! / jackknife.length;
  let squares = 0;
  let cubes = 0;
  for (let i = 0; i < jackknife.length; i++) {
    const difference = mean - jackknife[i]!;
    squares += difference ** 2;
    cubes += difference ** 3;
  }
  return squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
}

/** Quantile of ascending values, interpolated linearly as numpy does. */
function quantile(ascending: Float64Array, probability: number): number {
  const place = probability * (ascending.length - 1);
  const below = ascending[Math.floor(place)]!;
  return below + (ascending[Math.ceil(place)]! - below) * (place - Math.floor(place));
}
