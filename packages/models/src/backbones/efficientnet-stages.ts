import { type Activation, relu6, silu } from "../layers/activations.ts";
import { chain } from "../layers/layer.ts";
import type { EfficientNetConfig } from "./efficientnet-variants.ts";
import { type ConvolutionStyle, convolved, invertedResidual, roundChannels } from "./inverted-residual.ts";
import type { Stage } from "./stages.ts";

/** Blocks, size of the depthwise filter, first stride, expansion and output channels of each stage of B0. */
const stagesOfB0 = [
  [1, 3, 1, 1, 16],
  [2, 3, 2, 6, 24],
  [2, 5, 2, 6, 40],
  [3, 3, 2, 6, 80],
  [3, 5, 1, 6, 112],
  [4, 5, 2, 6, 192],
  [1, 3, 1, 6, 320],
] as const;
const stemChannels = 32;
const headChannels = 1280;

/** The stem and the seven stages of blocks, with timm's names. */
export function efficientnetStages(
  caller: string,
  config: EfficientNetConfig,
  stemStride: number,
): readonly Stage[] {
  if (stemStride !== 1 && stemStride !== 2) {
    throw new RangeError(`${caller}: expected \`stemStride\` to be 1 or 2, got ${stemStride}`);
  }
  const style = styleOf(config);
  const activation = activationOf(config);
  let input = fixedOrWidened(config, stemChannels);
  const stem: Stage = {
    channels: input,
    stride: stemStride,
    layer: convolved(
      { convolution: "conv_stem", norm: "bn1" },
      { in: 3, out: input, size: 3, stride: stemStride },
      style,
      activation,
    ),
  };
  const blocks = stagesOfB0.map(([count, size, firstStride, expansion, channels], stage): Stage => {
    const isEnd = stage === 0 || stage === stagesOfB0.length - 1;
    const output = roundChannels(channels * config.width);
    const repeats = config.lite && isEnd ? count : Math.ceil(count * config.depth);
    const layers = Array.from({ length: repeats }, (_, index) => {
      const block = {
        input,
        inner: input * expansion,
        output,
        size,
        stride: index === 0 ? firstStride : 1,
        activation,
        squeezed: config.lite ? undefined : input / 4,
        squeezeActivation: activation,
      };
      input = output;
      return invertedResidual(`blocks.${stage}.${index}`, block, style);
    });
    return { channels: output, stride: firstStride, layer: chain(...layers) };
  });
  return [stem, ...blocks];
}

/** The 1 × 1 convolution behind the last stage. */
export function efficientnetHead(config: EfficientNetConfig, input: number): Stage {
  const channels = fixedOrWidened(config, headChannels);
  const names = { convolution: "conv_head", norm: "bn2" };
  const layer = convolved(names, { in: input, out: channels }, styleOf(config), activationOf(config));
  return { channels, stride: 1, layer };
}

function styleOf({ style }: EfficientNetConfig): ConvolutionStyle {
  return { padding: style, epsilon: style === "tensorflow" ? 1e-3 : 1e-5 };
}

function activationOf({ lite }: EfficientNetConfig): Activation {
  return lite ? relu6 : silu;
}

/** Channels of stem and head, which the lite networks leave as they are. */
function fixedOrWidened({ lite, width }: EfficientNetConfig, channels: number): number {
  return lite ? channels : roundChannels(channels * width);
}
