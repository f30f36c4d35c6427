import {
  add,
  div,
  exp,
  log,
  max,
  maximum,
  mul,
  reshape,
  type Scalar,
  slice,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  topk,
} from "@tensorflow/tfjs-core";
import { ownClass } from "../own-class.ts";
import { withoutGradient } from "../without-gradient.ts";
import { ownCosines } from "./own-cosines.ts";

/** Scales are held at this or more: with few classes, all far from the embeddings, the formula would give less. */
const smallestScale = 0.1;

/** Refuses anything but an angle between 0 and π/2. */
export function requireClip(caller: string, clipAngle: number): void {
  if (clipAngle > 0 && clipAngle < Math.PI / 2) return;
  throw new RangeError(`${caller}: expected \`clipAngle\` to be above 0 and below π/2, got ${clipAngle}`);
}

/**
 * The fixed scale of AdaCos, with which the dynamic one starts: `s = ln(C − 1) / cos θ₀`.
 *
 * @param classes - C, a whole number above 2.
 * @param clipAngle - θ₀, above 0 and below π/2. π/4, the default, gives the paper's `√2 · ln(C − 1)`; the 2019 winners
 * used 1.25.
 * @throws RangeError if `classes` is not a whole number above 2 or `clipAngle` is out of range.
 *
 * @example
 * ```ts
 * import { adaCosScale } from "@lmk/losses";
 *
 * adaCosScale(81313); // => 15.989, the 2020 retrieval winners' for the cleaned classes
 * adaCosScale(14950, 1.25); // => 30.484, the 2019 winners'
 * ```
 */
export function adaCosScale(classes: number, clipAngle: number = Math.PI / 4): number {
  if (!(Number.isInteger(classes) && classes > 2)) {
    throw new RangeError(`adaCosScale: expected \`classes\` to be a whole number above 2, got ${classes}`);
  }
  requireClip("adaCosScale", clipAngle);
  return Math.log(classes - 1) / Math.cos(clipAngle);
}

/** What the scale of a batch depends on besides its cosines. */
interface BatchScaleOptions {
  readonly clipAngle?: number;
  readonly medianOf?: "own" | "all";
}

/** Lower median of the angles whose cosines are given, as its cosine. */
function medianCosine(cosine: Tensor): Scalar {
  // The lower median of angles is the upper of cosines, which come out of topk falling.
  const rank = Math.floor((cosine.size - 1) / 2);
  const { values } = topk(reshape(cosine, [-1]), rank + 1);
  return reshape(slice(values, [rank], [1]), []);
}

/** The scale of a batch, without a gradient. */
export function batchScale(
  cosines: Tensor2D,
  labels: Tensor1D,
  previous: Scalar,
  { clipAngle = Math.PI / 4, medianOf = "own" }: BatchScaleOptions,
): Scalar {
  return withoutGradient([cosines, previous], (cosine, running) => {
    const own = ownClass(labels, cosine.shape[1]!);
    // Own cosines sink below all others, so that the largest other one is taken out before the exponential.
    const others = sub(cosine, mul(own, 4));
    const top = max(others);
    const total = sum(mul(sub(1, own), exp(mul(running, sub(others, top)))));
    const logMean = add(mul(running, top), log(div(total, cosine.shape[0]!)));
    const median = medianCosine(medianOf === "all" ? cosine : ownCosines(cosine as Tensor2D, own));
    return maximum(div(logMean, maximum(median, Math.cos(clipAngle))), smallestScale) as Scalar;
  });
}
