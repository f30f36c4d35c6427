import { hardSigmoid, hardSwish, relu } from "../layers/activations.ts";
import { chain } from "../layers/layer.ts";
import type { Backbone } from "../model.ts";
import { requireAbove, requireName } from "../require.ts";
import { defineBackbone } from "./define-backbone.ts";
import {
  type ConvolutionStyle,
  convolved,
  depthwiseByGroups,
  invertedResidual,
  roundChannels,
} from "./inverted-residual.ts";
import { levelMapsOf, levelsOf, type Stage } from "./stages.ts";

/** The published MobileNetV3, by timm's names. */
export type MobileNetV3Name =
  | "mobilenetv3_small_050"
  | "mobilenetv3_small_075"
  | "mobilenetv3_small_100"
  | "mobilenetv3_large_075"
  | "mobilenetv3_large_100";

/** What makes one MobileNetV3. */
export interface MobileNetV3Config {
  readonly size: "small" | "large";
  /** Factor of all channels, which are then rounded to a multiple of 8. */
  readonly width: number;
}

/** Options of {@link createMobileNetV3}. */
export interface MobileNetV3Options {
  /**
   * Factor of all channels, above 0. Below 0.75 the stem keeps its 16 channels.
   *
   * @defaultValue that of the name
   */
  readonly width?: number;
}

/** Sizes and widths of the published networks. */
export const mobilenetV3Variants: Readonly<Record<MobileNetV3Name, MobileNetV3Config>> = {
  mobilenetv3_small_050: { size: "small", width: 0.5 },
  mobilenetv3_small_075: { size: "small", width: 0.75 },
  mobilenetv3_small_100: { size: "small", width: 1 },
  mobilenetv3_large_075: { size: "large", width: 0.75 },
  mobilenetv3_large_100: { size: "large", width: 1 },
};

/** Expansion, size of the depthwise filter, first stride, output channels, squeeze and excitation, activation. */
type Block = readonly [number, 3 | 5, 1 | 2, number, "se" | "", "relu" | "hardSwish"];

const blocks: Readonly<Record<MobileNetV3Config["size"], readonly (readonly Block[])[]>> = {
  small: [
    [[1, 3, 2, 16, "se", "relu"]],
    [
      [4.5, 3, 2, 24, "", "relu"],
      [3.67, 3, 1, 24, "", "relu"],
    ],
    [
      [4, 5, 2, 40, "se", "hardSwish"],
      [6, 5, 1, 40, "se", "hardSwish"],
      [6, 5, 1, 40, "se", "hardSwish"],
    ],
    [
      [3, 5, 1, 48, "se", "hardSwish"],
      [3, 5, 1, 48, "se", "hardSwish"],
    ],
    [
      [6, 5, 2, 96, "se", "hardSwish"],
      [6, 5, 1, 96, "se", "hardSwish"],
      [6, 5, 1, 96, "se", "hardSwish"],
    ],
  ],
  large: [
    [[1, 3, 1, 16, "", "relu"]],
    [
      [4, 3, 2, 24, "", "relu"],
      [3, 3, 1, 24, "", "relu"],
    ],
    [
      [3, 5, 2, 40, "se", "relu"],
      [3, 5, 1, 40, "se", "relu"],
      [3, 5, 1, 40, "se", "relu"],
    ],
    [
      [6, 3, 2, 80, "", "hardSwish"],
      [2.5, 3, 1, 80, "", "hardSwish"],
      [2.3, 3, 1, 80, "", "hardSwish"],
      [2.3, 3, 1, 80, "", "hardSwish"],
    ],
    [
      [6, 3, 1, 112, "se", "hardSwish"],
      [6, 3, 1, 112, "se", "hardSwish"],
    ],
    [
      [6, 5, 2, 160, "se", "hardSwish"],
      [6, 5, 1, 160, "se", "hardSwish"],
      [6, 5, 1, 160, "se", "hardSwish"],
    ],
  ],
};
const lastChannels = { small: 576, large: 960 };
const style: ConvolutionStyle = { padding: "pytorch", epsilon: 1e-5 };

/**
 * A MobileNetV3 without its classifier, with timm's parameter names.
 *
 * Its blocks are inverted residuals, the later ones with hard swish, some with squeeze and excitation whose gate is the
 * hard sigmoid. timm's `conv_head` works on the mean over the last map, so that it belongs to the classifier: the
 * features are the map before it. There is no dropout and no stochastic depth: the landmark solutions use rates of 0.
 *
 * @returns A backbone of stride 32. Its levels are the maps before each halving and the last, at strides 2, 4, 8, 16
 * and 32. `apply` throws RangeError if a parameter is missing or has another shape, if images are not `[N, H, W, 3]`,
 * or if a batch norm would take the statistics of a single value.
 * @throws RangeError if `name` is not one of the published networks, or `width` is not a finite number above 0.
 *
 * @example
 * ```ts
 * import { createMobileNetV3 } from "@lmk/models";
 *
 * const backbone = createMobileNetV3("mobilenetv3_large_100");
 * backbone.channels; // => 960
 * backbone.levels.map(({ channels }) => channels); // => [16, 24, 40, 112, 960]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1905.02244 | Howard et al., Searching for MobileNetV3}
 */
export function createMobileNetV3(name: MobileNetV3Name, options: MobileNetV3Options = {}): Backbone {
  requireName("createMobileNetV3", "name", name, mobilenetV3Variants);
  const { size, width: published } = mobilenetV3Variants[name];
  const { width = published } = options;
  requireAbove("createMobileNetV3", "width", width);
  const stages = stagesOf({ size, width });
  return defineBackbone({
    name,
    levels: levelsOf(stages),
    layers: stages.map(({ layer }) => layer),
    classifier: ["conv_head.weight", "conv_head.bias", "classifier.weight", "classifier.bias"],
    initial: depthwiseByGroups,
    forward: (pass, images) => levelMapsOf(stages, pass, images),
  });
}

/** The stem, the stages of blocks and the last 1 × 1 convolution. */
function stagesOf({ size, width }: MobileNetV3Config): readonly Stage[] {
  const stem = width < 0.75 ? 16 : roundChannels(16 * width);
  let input = stem;
  const middle = blocks[size].map((stage, index): Stage => {
    const layers = stage.map((block, i) => {
      const { output, layer } = blockOf(`blocks.${index}.${i}`, input, block, width);
      input = output;
      return layer;
    });
    return { channels: input, stride: stage[0]![2], layer: chain(...layers) };
  });
  const last = roundChannels(lastChannels[size] * width);
  const name = `blocks.${middle.length}.0`;
  return [
    {
      channels: stem,
      stride: 2,
      layer: convolved(
        { convolution: "conv_stem", norm: "bn1" },
        { in: 3, out: stem, size: 3, stride: 2 },
        style,
        hardSwish,
      ),
    },
    ...middle,
    {
      channels: last,
      stride: 1,
      layer: convolved(
        { convolution: `${name}.conv`, norm: `${name}.bn1` },
        { in: input, out: last },
        style,
        hardSwish,
      ),
    },
  ];
}

function blockOf(name: string, input: number, block: Block, width: number) {
  const [expansion, size, stride, channels, squeeze, activation] = block;
  const inner = roundChannels(input * expansion);
  const output = roundChannels(channels * width);
  const options = {
    input,
    inner: expansion === 1 ? input : inner,
    output,
    size,
    stride,
    activation: activation === "relu" ? relu : hardSwish,
    squeezed: squeeze === "se" ? roundChannels(inner / 4) : undefined,
    gate: hardSigmoid,
  };
  return { output, layer: invertedResidual(name, options, style) };
}
