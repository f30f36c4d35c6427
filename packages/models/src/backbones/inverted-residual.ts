import { add, type Tensor4D } from "@tensorflow/tfjs-core";
import type { InitialRule } from "../initialize.ts";
import { type Activation, relu, sigmoid } from "../layers/activations.ts";
import { batchNormalization } from "../layers/batch-norm.ts";
import { type ConvolutionOptions, convolution } from "../layers/convolution.ts";
import { chain, type Layer, operation } from "../layers/layer.ts";
import { squeezeExcitation } from "../layers/squeeze-excitation.ts";

/** What all convolutions of one network have in common. */
export interface ConvolutionStyle {
  /** `"pytorch"` pads both sides alike; `"tensorflow"` as many as the stride needs, the odd one at the end. */
  readonly padding: "pytorch" | "tensorflow";
  /** Added to the variances of batch norms. */
  readonly epsilon: number;
}

/** What makes an inverted residual. */
export interface InvertedResidualOptions {
  readonly input: number;
  /** Channels of the depthwise convolution; as many as `input` leaves out the expansion before it. */
  readonly inner: number;
  readonly output: number;
  /** Height and width of the depthwise filter. */
  readonly size: number;
  readonly stride: number;
  readonly activation: Activation;
  /** Channels that squeeze and excitation goes down to; it is left out unless given. */
  readonly squeezed?: number | undefined;
  /** Within squeeze and excitation; `relu` unless given. */
  readonly squeezeActivation?: Activation;
  /** Makes squeeze and excitation's factors; `sigmoid` unless given. */
  readonly gate?: Activation;
}

/** A multiple of 8, at least 8, near `channels` and never below 90 % of it. */
export function roundChannels(channels: number): number {
  const rounded = Math.max(8, Math.floor((channels + 4) / 8) * 8);
  return rounded < 0.9 * channels ? rounded + 8 : rounded;
}

/** A convolution, its batch norm and, where given, an activation. */
export function convolved(
  names: { readonly convolution: string; readonly norm: string },
  options: ConvolutionOptions,
  { padding, epsilon }: ConvolutionStyle,
  activation?: Activation,
): Layer {
  const padded = padding === "tensorflow" && (options.stride ?? 1) > 1;
  return chain(
    convolution(names.convolution, padded ? { ...options, padding: "same" } : options),
    batchNormalization(names.norm, options.out, { epsilon }),
    ...(activation === undefined ? [] : [operation(activation)]),
  );
}

/**
 * A 1 × 1 convolution to more channels, a depthwise one, squeeze and excitation, and a 1 × 1 convolution to the output,
 * which `x` is added to where it has the same shape. Its names are timm's, which differ without the expansion.
 */
export function invertedResidual(
  name: string,
  options: InvertedResidualOptions,
  style: ConvolutionStyle,
): Layer {
  const { input, inner, output, size, stride, activation } = options;
  const part = (field: string, norm: string) => ({
    convolution: `${name}.${field}`,
    norm: `${name}.${norm}`,
  });
  const depthwise = { in: inner, out: inner, groups: inner, size, stride };
  const project = { in: inner, out: output };
  const squeeze = excitation(`${name}.se`, options);
  const branch =
    inner === input
      ? chain(
          convolved(part("conv_dw", "bn1"), depthwise, style, activation),
          squeeze,
          convolved(part("conv_pw", "bn2"), project, style),
        )
      : chain(
          convolved(part("conv_pw", "bn1"), { in: input, out: inner }, style, activation),
          convolved(part("conv_dw", "bn2"), depthwise, style, activation),
          squeeze,
          convolved(part("conv_pwl", "bn3"), project, style),
        );
  return stride === 1 && input === output ? residual(branch) : branch;
}

function residual({ shapes, apply }: Layer): Layer {
  return { shapes, apply: (pass, x) => add<Tensor4D>(apply(pass, x), x) };
}

function excitation(name: string, options: InvertedResidualOptions): Layer {
  const { inner, squeezed, squeezeActivation = relu, gate = sigmoid } = options;
  if (squeezed === undefined) return chain();
  return squeezeExcitation({
    reduce: convolution(`${name}.conv_reduce`, { in: inner, out: squeezed, bias: true }),
    expand: convolution(`${name}.conv_expand`, { in: squeezed, out: inner, bias: true }),
    activation: squeezeActivation,
    gate,
  });
}

/** Filters are normal with variance `2 / (height · width · out / groups)`, as timm draws them. */
export const depthwiseByGroups: InitialRule = (name, shape) => {
  if (!name.endsWith(".conv_dw.weight")) return undefined;
  return { kind: "normal", deviation: Math.sqrt(2 / (shape[0]! * shape[1]!)) };
};
