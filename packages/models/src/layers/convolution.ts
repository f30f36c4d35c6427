import {
  add,
  concat,
  conv2d,
  depthwiseConv2d,
  split,
  type Tensor1D,
  type Tensor4D,
  transpose,
} from "@tensorflow/tfjs-core";
import type { Pass } from "../pass.ts";
import { dilatedConvolution } from "./dilated-convolution.ts";
import type { Layer } from "./layer.ts";

/** What makes a convolution. */
export interface ConvolutionOptions {
  readonly in: number;
  readonly out: number;
  /** Height and width of the filter; 1 unless given. */
  readonly size?: number;
  /** 1 unless given. */
  readonly stride?: number;
  /** Parts that channels fall into, each seen by its own filters; 1 unless given. */
  readonly groups?: number;
  /** Distance of a filter's values; 1 unless given. */
  readonly dilation?: number;
  /**
   * Zeros at every border, or `"same"`: TensorFlow's padding, which depends on the size of the map and puts the odd
   * row or column at the end. `dilation · (size − 1) / 2` unless given, as PyTorch's networks have it.
   */
  readonly padding?: number | "same";
  /** Whether a bias is added; not unless given. */
  readonly bias?: boolean;
}

/** A convolution with parameters `NAME.weight` of shape `[size, size, in / groups, out]` and `NAME.bias`. */
export function convolution(name: string, options: ConvolutionOptions): Layer {
  const { in: input, out, size = 1, groups = 1, bias = false } = options;
  return {
    shapes: {
      [`${name}.weight`]: [size, size, input / groups, out],
      ...(bias ? { [`${name}.bias`]: [out] } : {}),
    },
    apply: (pass, x) => withBias(pass, name, bias, convolve(pass, name, x, options)),
  };
}

function convolve(pass: Pass, name: string, x: Tensor4D, options: ConvolutionOptions): Tensor4D {
  const { in: input, out, size = 1, stride = 1, groups = 1, dilation = 1 } = options;
  const { padding = (dilation * (size - 1)) / 2 } = options;
  const filter = pass.parameters[`${name}.weight`] as Tensor4D;
  // tfjs differentiates dilated convolutions only in this form.
  const dense = (part: Tensor4D, weights: Tensor4D): Tensor4D =>
    dilation > 1 && stride === 1 && padding !== "same"
      ? dilatedConvolution(part, weights, padding, dilation)
      : conv2d(part, weights, stride, padding, "NHWC", dilation);
  if (groups === 1) return dense(x, filter);
  if (groups === input && groups === out) {
    const perChannel = transpose(filter, [0, 1, 3, 2]);
    return depthwiseConv2d(x, perChannel, stride, padding, "NHWC", dilation);
  }
  const filters = split<Tensor4D>(filter, groups, 3);
  const parts = split<Tensor4D>(x, groups, 3).map((part, i) => dense(part, filters[i]!));
  return concat(parts, 3);
}

function withBias(pass: Pass, name: string, bias: boolean, x: Tensor4D): Tensor4D {
  return bias ? add(x, pass.parameters[`${name}.bias`] as Tensor1D) : x;
}
