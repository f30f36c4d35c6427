import {
  add,
  customGrad,
  type GradSaveFunc,
  mean,
  mul,
  neg,
  rsqrt,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import type { Pass } from "../pass.ts";
import type { Layer } from "./layer.ts";
import type { Affine, Normalized } from "./normalized.ts";
import { normalizeByReplicas } from "./synchronized-batch-norm.ts";

/** Options of {@link batchNorm}. */
export interface BatchNormOptions {
  /** Added to the variance; 1e-5 unless given. */
  readonly epsilon?: number;
  /** How far running statistics move towards those of a batch; 0.1 unless given. */
  readonly momentum?: number;
}

/** {@link batchNorm} with its parameters `NAME.weight`, `.bias`, `.running_mean`, `.running_var`. */
export function batchNormalization<T extends Tensor = Tensor4D>(
  name: string,
  channels: number,
  options: BatchNormOptions = {},
): Layer<T> {
  return {
    shapes: batchNormShapes(name, channels),
    apply: (pass, x) => batchNorm(pass, name, x, options),
  };
}

/** Shapes of a batch norm's parameters and statistics. */
function batchNormShapes(name: string, channels: number): Record<string, readonly number[]> {
  return {
    [`${name}.weight`]: [channels],
    [`${name}.bias`]: [channels],
    [`${name}.running_mean`]: [channels],
    [`${name}.running_var`]: [channels],
  };
}

/**
 * Batch normalization over all axes but the last, as PyTorch computes it: running statistics that move a part of the
 * way, an unbiased running variance. With replicas, the batch is that of all of them.
 */
export function batchNorm<T extends Tensor>(
  pass: Pass,
  name: string,
  x: T,
  options: BatchNormOptions = {},
): T {
  const { epsilon = 1e-5, momentum = 0.1 } = options;
  const weight = pass.parameters[`${name}.weight`] as Tensor1D;
  const bias = pass.parameters[`${name}.bias`] as Tensor1D;
  const runningMean = pass.parameters[`${name}.running_mean`]!;
  const runningVariance = pass.parameters[`${name}.running_var`]!;
  if (pass.batchNorm === "running") {
    const factor = mul(weight, rsqrt(add(runningVariance, epsilon)));
    return add(mul(x, factor), sub(bias, mul(runningMean, factor))) as T;
  }

  const { replicas } = pass;
  const count = (x.size / x.shape.at(-1)!) * (replicas?.size ?? 1);
  if (count < 2) {
    throw new RangeError(
      `batchNorm: expected \`${name}\` to see more than one value per channel, got ${count}; use a larger batch or batchNorm: "running"`,
    );
  }
  const axes = x.shape.map((_, axis) => axis).slice(0, -1);
  const affine = { weight, bias, epsilon };
  const { average, variance, normalized } =
    replicas === undefined
      ? normalizeByBatch(x, axes, affine)
      : normalizeByReplicas(x, axes, affine, replicas);
  const unbiased = mul(variance, count / (count - 1));
  pass.statistics[`${name}.running_mean`] = add(mul(runningMean, 1 - momentum), mul(average, momentum));
  pass.statistics[`${name}.running_var`] = add(mul(runningVariance, 1 - momentum), mul(unbiased, momentum));
  return normalized as T;
}

function normalizeByBatch(x: Tensor, axes: number[], { weight, bias, epsilon }: Affine): Normalized {
  // One mean over all axes at once: in this form @lmk/compile makes one node of the whole.
  const average = mean(x, axes);
  const centered = sub(x, average);
  const variance = mean(square(centered), axes);
  const normalized = normalize(x, weight, bias, centered, rsqrt(add(variance, epsilon)), axes);
  return { average, variance, normalized };
}

/**
 * `weight · centered · inverse + bias`, with the gradient written out.
 *
 * ```text
 * dx = weight · inverse · (dy − mean(dy) − centered · inverse² · mean(dy · centered))
 * ```
 *
 * The tape would walk back through mean, variance and root and read the feature map about three times as often.
 */
function normalize(
  x: Tensor,
  weight: Tensor1D,
  bias: Tensor1D,
  centered: Tensor,
  inverse: Tensor,
  axes: number[],
): Tensor {
  const count = x.size / x.shape.at(-1)!;
  const forward = customGrad((_x, w, b, save) => {
    (save as GradSaveFunc)([centered, inverse, w as Tensor]);
    const value = add(mul(centered, mul(w as Tensor, inverse)), b as Tensor);
    const gradFunc = (dy: Tensor, saved: Tensor[]): Tensor[] => {
      const [from, scale, factor] = saved as [Tensor, Tensor, Tensor];
      const total = sum(dy, axes);
      const along = sum(mul(dy, from), axes);
      const slope = mul(factor, scale);
      const back = neg(mul(slope, mul(square(scale), mul(along, 1 / count))));
      const shift = neg(mul(slope, mul(total, 1 / count)));
      return [add(mul(dy, slope), add(mul(from, back), shift)), mul(along, scale), total];
    };
    return { value, gradFunc };
  });
  return forward(x, weight, bias);
}
