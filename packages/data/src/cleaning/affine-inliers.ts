import { createRandom } from "../random.ts";
import { requireInteger, requireLength } from "../require.ts";

/** Options of {@link affineInliers}. */
export interface AffineInliersOptions {
  /**
   * Samples of three matches that are tried.
   *
   * @defaultValue 1000, as in 2019
   */
  readonly trials?: number;
  /**
   * A match agrees whose point comes nearer than this to the other, in pixels.
   *
   * @defaultValue 20, as in 2019 for images of about 600 to 800 pixels
   */
  readonly residual?: number;
  /**
   * Seeds the samples.
   *
   * @defaultValue 0
   */
  readonly seed?: number;
  /** Samples to try in the place of random ones: three matches after three. `trials` and `seed` then say nothing. */
  readonly samples?: Int32Array;
}

/** The matches that one affine transform explains. */
export interface AffineInliers {
  readonly count: number;
  /** 1 for each match that agrees, else 0. */
  readonly inliers: Uint8Array;
}

/** Three points with a smaller sine between two of their sides lie on a line. */
const leastSine = 1e-8;

/**
 * How many matched points agree with one affine transform from the first image to the second, by RANSAC.
 *
 * ```text
 * sample: three matches        M, t with M a + t = b for each of the three
 * inliers: |M a + t - b| < residual
 * ```
 *
 * The sample with most inliers counts, of equals the one with the smallest sum of squared residuals over all matches, then
 * the earlier one; the inliers are its own, not those of a transform fitted to them. These are the rules of scikit-image's
 * `ransac`, with two differences. A sample whose points in `a` lie on a line, or whose points in `b` are one, is passed
 * over; scikit-image estimates something arbitrary from the former. And all samples are tried, each of three different
 * matches: release 0.15, of 2019, draws with replacement, and 0.25 stops early where a better sample is all but
 * impossible. Fewer than three matches have no inlier. A point that is not finite never agrees.
 *
 * @param a - x and y of each matched point in the first image, in pixels.
 * @param b - Those in the second image.
 * @throws RangeError if `a` and `b` differ in length or it is odd, `trials` is not an integer of at least 1 or `seed` of
 * at least 0, `residual` is not above 0, or `samples` does not hold threes of matches.
 *
 * @example
 * ```ts
 * import { affineInliers } from "@lmk/data";
 *
 * const a = Float32Array.of(0, 0, 100, 0, 0, 100, 100, 100, 50, 50);
 * const b = Float32Array.of(10, 0, 110, 0, 10, 100, 110, 100, 400, 300);
 * affineInliers(a, b); // => { count: 4, inliers: [1, 1, 1, 1, 0] }
 * ```
 *
 * @see Fischler and Bolles 1981, Random Sample Consensus
 */
export function affineInliers(
  a: Float32Array,
  b: Float32Array,
  options: AffineInliersOptions = {},
): AffineInliers {
  const { trials = 1000, residual = 20, seed = 0, samples } = options;
  const caller = "affineInliers";
  requireInteger(caller, "trials", trials, 1);
  requireInteger(caller, "seed", seed, 0);
  if (!(residual > 0)) {
    throw new RangeError(`${caller}: expected \`residual\` to be above 0, got ${residual}`);
  }
  requireLength(caller, "b", b.length, a.length);
  if (a.length % 2 !== 0) {
    throw new RangeError(`${caller}: expected \`a\` to hold pairs of x and y, got ${a.length} numbers`);
  }
  const matches = a.length / 2;
  if (samples !== undefined) requireSamples(samples, matches);
  if (matches < 3) return { count: 0, inliers: new Uint8Array(matches) };

  const limit = residual * residual;
  const random = createRandom(seed);
  const sample = new Int32Array(3);
  const transform = new Float64Array(6);
  const best = new Float64Array(6);
  let count = 0;
  let sum = Number.POSITIVE_INFINITY;
  const rounds = samples === undefined ? trials : samples.length / 3;
  for (let trial = 0; trial < rounds; trial++) {
    if (samples === undefined) drawInto(sample, matches, random);
    else sample.set(samples.subarray(3 * trial, 3 * trial + 3));
    if (!fitInto(transform, a, b, sample)) continue;
    const [m00, m01, t0, m10, m11, t1] = transform;
    let agreeing = 0;
    let residuals = 0;
    let match = 0;
    // Stops where all the rest could not reach the best count.
    for (; match < matches && agreeing + matches - match >= count; match++) {
      const x = a[2 * match];
      const y = a[2 * match + 1];
      const dx = m00 * x + m01 * y + t0 - b[2 * match];
      const dy = m10 * x + m11 * y + t1 - b[2 * match + 1];
      const squared = dx * dx + dy * dy;
      residuals += squared;
      if (squared < limit) agreeing += 1;
    }
    if (match < matches) continue;
    if (agreeing > count || (agreeing === count && residuals < sum)) {
      count = agreeing;
      sum = residuals;
      best.set(transform);
    }
  }
  return { count, inliers: count === 0 ? new Uint8Array(matches) : inliersOf(best, a, b, limit) };
}

/** Three different matches. */
function drawInto(sample: Int32Array, matches: number, random: () => number): void {
  const first = Math.floor(random() * matches);
  let second = Math.floor(random() * (matches - 1));
  if (second >= first) second += 1;
  let third = Math.floor(random() * (matches - 2));
  if (third >= Math.min(first, second)) third += 1;
  if (third >= Math.max(first, second)) third += 1;
  sample[0] = first;
  sample[1] = second;
  sample[2] = third;
}

/** The transform of a sample as m00, m01, t0, m10, m11, t1; false where there is none. */
function fitInto(transform: Float64Array, a: Float32Array, b: Float32Array, sample: Int32Array): boolean {
  const i = 2 * sample[0];
  const j = 2 * sample[1];
  const k = 2 * sample[2];
  const ux = a[j] - a[i];
  const uy = a[j + 1] - a[i + 1];
  const vx = a[k] - a[i];
  const vy = a[k + 1] - a[i + 1];
  const area = ux * vy - uy * vx;
  // NaN lies on a line too.
  if (!(Math.abs(area) > leastSine * Math.sqrt((ux * ux + uy * uy) * (vx * vx + vy * vy)))) return false;
  let targets = 0;
  for (let axis = 0; axis < 2; axis++) {
    const origin = b[i + axis];
    const u = b[j + axis] - origin;
    const v = b[k + axis] - origin;
    const mx = (u * vy - v * uy) / area;
    const my = (v * ux - u * vx) / area;
    transform[3 * axis] = mx;
    transform[3 * axis + 1] = my;
    transform[3 * axis + 2] = origin - mx * a[i] - my * a[i + 1];
    targets += Math.abs(u) + Math.abs(v);
  }
  return targets > 0;
}

function inliersOf(transform: Float64Array, a: Float32Array, b: Float32Array, limit: number): Uint8Array {
  const [m00, m01, t0, m10, m11, t1] = transform;
  return Uint8Array.from({ length: a.length / 2 }, (_, match) => {
    const [x, y] = [a[2 * match], a[2 * match + 1]];
    const dx = m00 * x + m01 * y + t0 - b[2 * match];
    const dy = m10 * x + m11 * y + t1 - b[2 * match + 1];
    return dx * dx + dy * dy < limit ? 1 : 0;
  });
}

function requireSamples(samples: Int32Array, matches: number): void {
  if (samples.length % 3 !== 0) {
    throw new RangeError(
      `affineInliers: expected \`samples\` to hold threes of matches, got ${samples.length} numbers`,
    );
  }
  for (const match of samples) requireInteger("affineInliers", "samples", match, 0, matches - 1);
}
