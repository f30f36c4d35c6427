import {
  add,
  concat,
  customGrad,
  type GradSaveFunc,
  mean,
  mul,
  rsqrt,
  split,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  tensor2d,
} from "@tensorflow/tfjs-core";
import type { ReplicaGroup } from "../model.ts";
import type { Affine, Normalized } from "./normalized.ts";

/**
 * Batch normalization with the mean and variance of all replicas' batches, which have equal sizes:
 *
 * ```text
 * mean = meanᵣ(meanᵣ)     variance = meanᵣ(varᵣ + (meanᵣ − mean)²)
 * ```
 *
 * One exchange, in which each replica gets the others' two numbers per channel. Of the shorter E[x²] − E[x]² little would
 * be left where a mean is large beside its deviation.
 */
export function normalizeByReplicas(
  x: Tensor,
  axes: number[],
  affine: Affine,
  replicas: ReplicaGroup,
): Normalized {
  const ownMean = mean(x, axes);
  const ownVariance = mean(square(sub(x, ownMean)), axes);
  const [means, variances] = gather(replicas, ownMean, ownVariance);
  const average = mean(means, 0);
  const variance = mean(add(variances, square(sub(means, average))), 0);
  const inverse = rsqrt(add(variance, affine.epsilon));
  return { average, variance, normalized: scaled(x, axes, affine, sub(x, average), inverse, replicas) };
}

/** Two vectors of every replica, `[replicas, channels]` each: means of slots of which each replica fills its own. */
function gather(
  { rank, size, mean: meanOfAll }: ReplicaGroup,
  first: Tensor,
  second: Tensor,
): [Tensor, Tensor] {
  const own = tensor2d(
    Float32Array.from({ length: size }, (_, slot) => (slot === rank ? size : 0)),
    [size, 1],
  );
  const both = meanOfAll(mul(own, concat([first as Tensor1D, second as Tensor1D])));
  return split(both, 2, 1) as [Tensor, Tensor];
}

/**
 * `weight · centered · inverse + bias`, with the gradient written out: that of the mean of the replicas' losses, in
 * which every replica's `x` has part in the statistics of all. One exchange of two numbers per channel.
 *
 * ```text
 * dx = weight · inverse · (dy − meanᵣ(mean(dy)) − centered · inverse² · meanᵣ(mean(dy · centered)))
 * ```
 *
 * The gradients of weight and bias are this replica's own: whoever trains averages those of all parameters.
 */
function scaled(
  x: Tensor,
  axes: number[],
  { weight, bias }: Affine,
  centered: Tensor,
  inverse: Tensor,
  replicas: ReplicaGroup,
): Tensor {
  const share = x.shape.at(-1)! / x.size;
  const forward = customGrad((_x, w, b, save) => {
    (save as GradSaveFunc)([centered, inverse, w as Tensor]);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [from, scale, factor] = saved as [Tensor, Tensor, Tensor];
      const total = sum(dy, axes);
      const along = sum(mul(dy, from), axes);
      const [shift, tilt] = exchange(replicas, mul(total, share), mul(along, share));
      const slope = mul(factor, scale);
      const back = mul(mul(slope, square(scale)), tilt);
      const dx = sub(sub(mul(dy, slope), mul(from, back)), mul(slope, shift));
      return [dx, mul(along, scale), total];
    };
    return { value: add(mul(centered, mul(w as Tensor, inverse)), b as Tensor), gradFunc };
  });
  return forward(x, weight, bias);
}

/** The means over the replicas of two vectors of equal length. */
function exchange(replicas: ReplicaGroup, first: Tensor, second: Tensor): [Tensor, Tensor] {
  const both = replicas.mean(concat([first as Tensor1D, second as Tensor1D]));
  const half = both.size / 2;
  return split(both, [half, half]) as [Tensor, Tensor];
}
