import {
  add,
  customGrad,
  type GradSaveFunc,
  mean,
  mul,
  rsqrt,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import type { Layer } from "./layer.ts";

/** Layer normalization over the last axis, with parameters `NAME.weight` and `NAME.bias`. */
export function layerNormalization<T extends Tensor = Tensor4D>(
  name: string,
  channels: number,
  epsilon = 1e-5,
): Layer<T> {
  return {
    shapes: { [`${name}.weight`]: [channels], [`${name}.bias`]: [channels] },
    apply: (pass, x) => {
      const centered = sub(x, mean(x, -1, true));
      const inverse = rsqrt(add(mean(square(centered), -1, true), epsilon));
      const [weight, bias] = [pass.parameters[`${name}.weight`]!, pass.parameters[`${name}.bias`]!];
      return scaled(x, weight, bias, mul(centered, inverse), inverse) as T;
    },
  };
}

/**
 * `weight · normalized + bias` with the gradients written out.
 *
 * ```text
 * dx = (dy·weight − mean(dy·weight) − normalized · mean(dy·weight · normalized)) · inverse
 * ```
 *
 * The tape would walk back through mean, variance and root and read the map about three times as often.
 */
function scaled(x: Tensor, weight: Tensor, bias: Tensor, normalized: Tensor, inverse: Tensor): Tensor {
  const others = x.shape.slice(1).map((_, axis) => axis);
  return customGrad((_x, w, b, save) => {
    (save as GradSaveFunc)([normalized, w as Tensor, inverse]);
    return {
      value: add(mul(normalized, w as Tensor), b as Tensor),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [y, factor, scale] = saved as [Tensor, Tensor, Tensor];
        const slope = mul(dy, factor);
        const along = mean(mul(slope, y), -1, true);
        const centered = sub(sub(slope, mean(slope, -1, true)), mul(y, along));
        return [mul(centered, scale), sum(mul(dy, y), others), sum(dy, others)];
      },
    };
  })(x, weight, bias);
}
