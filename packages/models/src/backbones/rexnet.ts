import { add, pad, type Tensor4D } from "@tensorflow/tfjs-core";
import { pytorchDefaults } from "../initialize.ts";
import { relu6, silu } from "../layers/activations.ts";
import { batchNormalization } from "../layers/batch-norm.ts";
import { type ConvolutionOptions, convolution } from "../layers/convolution.ts";
import { chain, type Layer, operation, shapesOf } from "../layers/layer.ts";
import { squeezeExcitation } from "../layers/squeeze-excitation.ts";
import type { Backbone } from "../model.ts";
import { requireName } from "../require.ts";
import { roundHalfToEven } from "../round-half-to-even.ts";
import { defineBackbone } from "./define-backbone.ts";
import { levelMapsOf, levelsOf, type Stage } from "./stages.ts";

/** The published ReXNets. */
export type ReXNetName = "rexnet_100" | "rexnet_130" | "rexnet_150" | "rexnet_200" | "rexnet_300";

/** What makes one ReXNet. */
export interface ReXNetConfig {
  /** Factor of all channels, which are then rounded to whole numbers. */
  readonly width: number;
}

/** Options of {@link createReXNet}. */
export interface ReXNetOptions {
  /**
   * Factor of all channels, at least 1 / 1280. Below 1 the stem and the first block keep theirs.
   *
   * @defaultValue that of the name
   */
  readonly width?: number;
}

/** Widths of the published networks. */
export const rexnetVariants: Readonly<Record<ReXNetName, ReXNetConfig>> = {
  rexnet_100: { width: 1.0 },
  rexnet_130: { width: 1.3 },
  rexnet_150: { width: 1.5 },
  rexnet_200: { width: 2.0 },
  rexnet_300: { width: 3.0 },
};

/** Stride of each block. */
const strides = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1, 1, 1, 1];
/** Blocks without squeeze and excitation, at the beginning. */
const plainBlocks = 3;
const expansion = 6;
const squeeze = 12;
const stemChannels = 32;
const firstChannels = 16;
/** Channels that all blocks together add, at width 1. */
const addedChannels = 180;
const lastChannels = 1280;

/**
 * A ReXNet without its classifier, with the parameter names of clovaai's `ReXNetV1`.
 *
 * Its 16 blocks are inverted residuals whose channels grow by the same step from block to block: block i has
 * `round((16 + 11.25 i) · width)`, halves rounded to even numbers. Each block adds its input to the first channels of its
 * output, if it does not stride. Squeeze and excitation, from the fourth block on, has a batch norm of its own, which in
 * training needs two images at least. There is no dropout: it is part of the classifier.
 *
 * @returns A backbone of stride 32 with `⌊1280 · width⌋` channels. Its levels are the maps before each halving and the
 * last block's, at strides 2, 4, 8, 16 and 32, and then the map after the last convolution. `apply` throws RangeError if
 * a parameter is missing or has another shape, if images are not `[N, H, W, 3]`, or if a batch norm would take the
 * statistics of a single value.
 * @throws RangeError if `name` is not one of the published networks, or `width` is not a finite number of at least
 * 1 / 1280.
 *
 * @example
 * ```ts
 * import { createReXNet } from "@lmk/models";
 *
 * const backbone = createReXNet("rexnet_200");
 * backbone.channels; // => 2560
 * backbone.levels.map(({ channels }) => channels); // => [32, 77, 122, 257, 370, 2560]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2007.00992 | Han et al., Rethinking channel dimensions for efficient model design}
 */
export function createReXNet(name: ReXNetName, options: ReXNetOptions = {}): Backbone {
  requireName("createReXNet", "name", name, rexnetVariants);
  const { width = rexnetVariants[name].width } = options;
  if (!Number.isFinite(width) || lastChannels * width < 1) {
    throw new RangeError(
      `createReXNet: expected \`width\` to be a finite number of at least 1 / ${lastChannels}, got ${width}`,
    );
  }
  const channels = channelsOf(width);
  const stem = roundHalfToEven((width < 1 ? stemChannels / width : stemChannels) * width);
  const stages: readonly Stage[] = [
    {
      channels: stem,
      stride: 2,
      layer: sequential("features", [
        convolved({ in: 3, out: stem, size: 3, stride: 2 }),
        ...normalizedSilu(stem),
      ]),
    },
    ...channels.map((output, index) => {
      const stride = strides[index]!;
      const input = index === 0 ? stem : channels[index - 1]!;
      const layer = block(`features.${index + 3}.out`, { input, output, stride, index });
      return { channels: output, stride, layer };
    }),
  ];
  const levels = levelsOf(stages);
  const last = levels.at(-1)!;
  const top = { channels: Math.trunc(lastChannels * width), stride: last.stride };
  const head = sequential(
    "features",
    [convolved({ in: last.channels, out: top.channels }), ...normalizedSilu(top.channels)],
    strides.length + 3,
  );
  const layers = [...stages.map(({ layer }) => layer), head];
  return defineBackbone({
    name,
    levels: [...levels, top],
    layers,
    classifier: ["output.1.weight", "output.1.bias"],
    initial: pytorchDefaults(shapesOf(layers)),
    forward(pass, images) {
      const maps = levelMapsOf(stages, pass, images);
      return [...maps, head.apply(pass, maps.at(-1)!)];
    },
  });
}

/** Output channels of the blocks; the sums are formed one step after another, as the reference does. */
function channelsOf(width: number): readonly number[] {
  let channels = width < 1 ? firstChannels / width : firstChannels;
  return strides.map(() => {
    const rounded = roundHalfToEven(channels * width);
    channels += addedChannels / strides.length;
    return rounded;
  });
}

interface Block {
  readonly index: number;
  readonly input: number;
  readonly output: number;
  readonly stride: number;
}

function block(name: string, { index, input, output, stride }: Block): Layer {
  const inner = index === 0 ? input : input * expansion;
  const branch = sequential(name, [
    ...(index === 0 ? [] : [convolved({ in: input, out: inner }), ...normalizedSilu(inner)]),
    convolved({ in: inner, out: inner, groups: inner, size: 3, stride }),
    normalized(inner),
    ...(index < plainBlocks ? [] : [excitation(inner)]),
    () => operation(relu6),
    convolved({ in: inner, out: output }),
    normalized(output),
  ]);
  return stride === 1 && input <= output ? partialResidual(branch, output - input) : branch;
}

/** Adds `x` to the first channels of the branch. */
function partialResidual({ shapes, apply }: Layer, more: number): Layer {
  const widen = (x: Tensor4D): Tensor4D =>
    pad(x, [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, more],
    ]);
  return { shapes, apply: (pass, x) => add<Tensor4D>(apply(pass, x), more === 0 ? x : widen(x)) };
}

type NamedLayer = (name: string) => Layer;

/** Layers one after another, named by their position, as in PyTorch's `Sequential`. */
function sequential(name: string, layers: readonly NamedLayer[], first = 0): Layer {
  return chain(...layers.map((layer, index) => layer(`${name}.${first + index}`)));
}

function convolved(options: ConvolutionOptions): NamedLayer {
  return (name) => convolution(name, options);
}

function normalized(channels: number): NamedLayer {
  return (name) => batchNormalization(name, channels);
}

function normalizedSilu(channels: number): readonly NamedLayer[] {
  return [normalized(channels), () => operation(silu)];
}

function excitation(channels: number): NamedLayer {
  const squeezed = Math.floor(channels / squeeze);
  return (name) =>
    squeezeExcitation({
      reduce: chain(
        convolution(`${name}.fc.0`, { in: channels, out: squeezed, bias: true }),
        batchNormalization(`${name}.fc.1`, squeezed),
      ),
      expand: convolution(`${name}.fc.3`, { in: squeezed, out: channels, bias: true }),
    });
}
