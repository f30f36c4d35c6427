import {
  concat,
  maximum,
  mean,
  mul,
  rsqrt,
  softplus,
  square,
  sum,
  type Tensor4D,
  tile,
} from "@tensorflow/tfjs-core";
import { relu } from "../layers/activations.ts";
import { batchNormalization } from "../layers/batch-norm.ts";
import { convolution } from "../layers/convolution.ts";
import { chain, type Layer, operation, shapesOf } from "../layers/layer.ts";

/** What makes the convolutions of a local branch. */
export interface LocalBranchOptions {
  readonly in: number;
  /** An even number: each part has half as many channels. */
  readonly out: number;
  readonly dilations: readonly [number, number, number];
}

/** Three dilated 3 × 3 convolutions `NAME.d0` to `.d2` side by side, `NAME.conv1` over them, and relu. */
export function multiAtrous(name: string, options: LocalBranchOptions): Layer {
  const { in: input, out, dilations } = options;
  const parts = dilations.map((dilation, i) =>
    convolution(`${name}.d${i}`, { in: input, out: out / 2, size: 3, dilation, bias: true }),
  );
  return sideBySide(parts, convolution(`${name}.conv1`, { in: 3 * (out / 2), out, bias: true }));
}

/**
 * The pyramid of DOLG's authors: the map's mean through a 1 × 1 convolution `NAME.im_pool.1` and relu, a 1 × 1
 * convolution `NAME.aspp.0`, three dilated ones `NAME.aspp.1` to `.3`, `NAME.conv_after.0` over all five, and relu.
 */
export function atrousPyramid(name: string, options: LocalBranchOptions): Layer {
  const { in: input, out, dilations } = options;
  const part = { in: input, out: out / 2, bias: true };
  const average = chain(
    operation((x) => mean<Tensor4D>(x, [1, 2], true)),
    convolution(`${name}.im_pool.1`, part),
    operation(relu),
  );
  const everywhere: Layer = {
    shapes: average.shapes,
    apply: (pass, x) => tile(average.apply(pass, x), [1, x.shape[1], x.shape[2], 1]),
  };
  const dilated = dilations.map((dilation, i) =>
    convolution(`${name}.aspp.${i + 1}`, { ...part, size: 3, dilation }),
  );
  const parts = [everywhere, convolution(`${name}.aspp.0`, part), ...dilated];
  return sideBySide(
    parts,
    convolution(`${name}.conv_after.0`, { in: parts.length * (out / 2), out, bias: true }),
  );
}

function sideBySide(parts: readonly Layer[], over: Layer): Layer {
  return {
    shapes: shapesOf([...parts, over]),
    apply(pass, x) {
      const maps = parts.map((part) => part.apply(pass, x));
      return relu(over.apply(pass, concat(maps, 3)));
    },
  };
}

/**
 * Features of length 1 at each place, times a weight above 0 of the place.
 *
 * `y = NAME.bn(NAME.conv1(x))` gives both: its direction, and the weight `softplus(NAME.conv2(relu(y)))`.
 */
export function spatialAttention(name: string, channels: number): Layer {
  const normed = chain(
    convolution(`${name}.conv1`, { in: channels, out: channels, bias: true }),
    batchNormalization(`${name}.bn`, channels),
  );
  const score = convolution(`${name}.conv2`, { in: channels, out: 1, bias: true });
  return {
    shapes: shapesOf([normed, score]),
    apply(pass, x) {
      const y = normed.apply(pass, x);
      const inverse = rsqrt(maximum(sum(square(y), 3, true), 1e-24));
      const weight = softplus(score.apply(pass, relu(y)));
      return mul(y, mul(inverse, weight));
    },
  };
}
