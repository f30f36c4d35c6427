import type { Backbone } from "../model.ts";
import { requireAbove, requireName } from "../require.ts";
import { defineBackbone } from "./define-backbone.ts";
import { efficientnetHead, efficientnetStages } from "./efficientnet-stages.ts";
import { type EfficientNetName, efficientnetVariants } from "./efficientnet-variants.ts";
import { depthwiseByGroups } from "./inverted-residual.ts";
import { levelMapsOf, levelsOf } from "./stages.ts";

/** Options of {@link createEfficientNet}. */
export interface EfficientNetOptions {
  /**
   * Stride of the first convolution. With 1 every map has twice the height and width, from the same weights.
   *
   * @defaultValue 2, the published networks
   */
  readonly stemStride?: 1 | 2;
  /**
   * Whether the 1 × 1 convolution after the blocks belongs to the network; without it the last map is that of the last
   * block, as with timm's `features_only`.
   *
   * @defaultValue true
   */
  readonly head?: boolean;
  /**
   * Factor of all channels, above 0.
   *
   * @defaultValue that of the name
   */
  readonly width?: number;
  /**
   * Factor of the blocks in each stage, above 0.
   *
   * @defaultValue that of the name
   */
  readonly depth?: number;
}

/**
 * An EfficientNet without its classifier, with timm's parameter names.
 *
 * Channels of B0 are multiplied by `width` and rounded to multiples of 8 no more than 10 % below; blocks are multiplied
 * by `depth` and rounded up. Each block is an inverted residual with squeeze and excitation; the activation is silu.
 * `tf_…_ns` are the networks of the Noisy Student weights, `tf_…_lite…` those with relu6, without squeeze and excitation
 * and with the stem, the head and the depth of the first and last stage left at B0's, and `efficientnet_b…` those that
 * PyTorch trained. There is no dropout and no stochastic depth: the landmark solutions use rates of 0.
 *
 * @returns A backbone of stride 16 · `stemStride`. Its levels are the maps before each halving and the last, at strides 1,
 * 2, 4, 8 and 16 times `stemStride`, and then, with `head`, the map after the last convolution, which has the stride of
 * the level before it. `apply` throws RangeError if a parameter is missing or has another shape, if images are not
 * `[N, H, W, 3]`, or if a batch norm would take the statistics of a single value.
 * @throws RangeError if `name` is not one of the published networks, `stemStride` is neither 1 nor 2, or `width` or
 * `depth` is not a finite number above 0.
 *
 * @example
 * ```ts
 * import { createEfficientNet } from "@lmk/models";
 *
 * const backbone = createEfficientNet("tf_efficientnet_b5_ns", { head: false });
 * backbone.levels.map(({ channels }) => channels); // => [24, 40, 64, 176, 512]
 * backbone.levels.map(({ stride }) => stride); // => [2, 4, 8, 16, 32]
 * createEfficientNet("tf_efficientnet_b5_ns").channels; // => 2048
 * ```
 *
 * @see {@link https://arxiv.org/abs/1905.11946 | Tan and Le, EfficientNet}
 */
export function createEfficientNet(name: EfficientNetName, options: EfficientNetOptions = {}): Backbone {
  requireName("createEfficientNet", "name", name, efficientnetVariants);
  const published = efficientnetVariants[name];
  const { stemStride = 2, head = true, width = published.width, depth = published.depth } = options;
  requireAbove("createEfficientNet", "width", width);
  requireAbove("createEfficientNet", "depth", depth);
  const config = { ...published, width, depth };
  const stages = efficientnetStages("createEfficientNet", config, stemStride);
  const levels = levelsOf(stages);
  const { channels, stride } = levels.at(-1)!;
  const top = efficientnetHead(config, channels);
  const classifier = ["classifier.weight", "classifier.bias"];
  return defineBackbone({
    name,
    levels: head ? [...levels, { channels: top.channels, stride }] : levels,
    layers: [...stages, ...(head ? [top] : [])].map(({ layer }) => layer),
    classifier: head ? classifier : [...Object.keys(top.layer.shapes), ...classifier],
    initial: depthwiseByGroups,
    forward(pass, images) {
      const maps = levelMapsOf(stages, pass, images);
      return head ? [...maps, top.layer.apply(pass, maps.at(-1)!)] : maps;
    },
  });
}
