import { mean, mul, type Tensor4D } from "@tensorflow/tfjs-core";
import { type Activation, relu, sigmoid } from "./activations.ts";
import { type Layer, shapesOf } from "./layer.ts";

/** What makes a squeeze and excitation. */
export interface SqueezeExcitationOptions {
  /** From the means of the channels `[N, 1, 1, C]` to fewer: a 1 × 1 convolution or a linear layer, with a norm or not. */
  readonly reduce: Layer;
  /** Back to all channels. */
  readonly expand: Layer;
  /** Between the two; `relu` unless given. */
  readonly activation?: Activation;
  /** Makes factors of the last values; `sigmoid` unless given. */
  readonly gate?: Activation;
}

/** `x · gate(expand(activation(reduce(mean of x over its pixels))))`: a factor for each channel of each image. */
export function squeezeExcitation(options: SqueezeExcitationOptions): Layer {
  const { reduce, expand, activation = relu, gate = sigmoid } = options;
  return {
    shapes: shapesOf([reduce, expand]),
    apply: (pass, x) => {
      const averages = mean(x, [1, 2], true) as Tensor4D;
      const reduced = activation(reduce.apply(pass, averages));
      return mul(x, gate(expand.apply(pass, reduced)));
    },
  };
}
