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
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { batchNormalization } from "./batch-norm.ts";
import { type Layer, shapesOf } from "./layer.ts";

/**
 * IBN-a: instance norm on the first half of the channels, batch norm on the others; parameters `NAME.IN.weight`,
 * `NAME.IN.bias`, and `NAME.BN` with those of a batch norm.
 */
export function instanceBatchNormalization(name: string, channels: number): Layer {
  const half = Math.floor(channels / 2);
  const instance = instanceNormalization(`${name}.IN`, half);
  const batch = batchNormalization(`${name}.BN`, channels - half);
  return {
    shapes: shapesOf([instance, batch]),
    apply: (pass, x) => {
      const [first, second] = split<Tensor4D>(x, [half, channels - half], 3);
      return concat([instance.apply(pass, first!), batch.apply(pass, second!)], 3);
    },
  };
}

/** Normalization by the mean and variance of each channel of each image, in training and after. */
function instanceNormalization(name: string, channels: number, epsilon = 1e-5): Layer {
  return {
    shapes: { [`${name}.weight`]: [channels], [`${name}.bias`]: [channels] },
    apply: (pass, x) => {
      if (x.shape[1] * x.shape[2] < 2) {
        throw new RangeError(
          `instanceNorm: expected \`${name}\` to see more than one value per channel, got 1; use larger images`,
        );
      }
      const centered = sub(x, mean(x, [1, 2], true));
      const inverse = rsqrt(add(mean(square(centered), [1, 2], true), epsilon));
      const [weight, bias] = [pass.parameters[`${name}.weight`]!, pass.parameters[`${name}.bias`]!];
      return scaled(x, weight, bias, centered, inverse) as Tensor4D;
    },
  };
}

/**
 * `weight · centered · inverse + bias` with the gradients written out.
 *
 * ```text
 * dx = weight · inverse · (dy − mean(dy) − centered · inverse² · mean(dy · centered))
 * ```
 *
 * The tape would walk back through mean, variance and root and read the map about three times as often.
 */
function scaled(x: Tensor, weight: Tensor, bias: Tensor, centered: Tensor, inverse: Tensor): Tensor {
  return customGrad((_x, w, b, save) => {
    (save as GradSaveFunc)([centered, inverse, w as Tensor]);
    return {
      value: add(mul(centered, mul(w as Tensor, inverse)), b as Tensor),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const [from, scale, factor] = saved as [Tensor, Tensor, Tensor];
        const share = 1 / (from.shape[1]! * from.shape[2]!);
        const total = sum(dy, [1, 2], true);
        const along = sum(mul(dy, from), [1, 2], true);
        const slope = mul(factor, scale);
        const back = mul(mul(slope, square(scale)), mul(along, -share));
        const shift = mul(slope, mul(total, -share));
        return [
          add(mul(dy, slope), add(mul(from, back), shift)),
          sum(mul(along, scale), [0, 1, 2]),
          sum(total, [0, 1, 2]),
        ];
      },
    };
  })(x, weight, bias);
}
