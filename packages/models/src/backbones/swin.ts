import { add, conv2d, type Tensor4D } from "@tensorflow/tfjs-core";
import { pytorchDefaults } from "../initialize.ts";
import { chain, type Layer } from "../layers/layer.ts";
import { layerNormalization } from "../layers/layer-norm.ts";
import type { Backbone } from "../model.ts";
import { requireName } from "../require.ts";
import { defineBackbone } from "./define-backbone.ts";
import { requireMultiple, swinGeometry, unitOf } from "./swin-geometry.ts";
import { asRows, swinInitial, swinStages } from "./swin-stages.ts";
import { type SwinName, swinVariants } from "./swin-variants.ts";

/** Options of {@link createSwin}. */
export interface SwinOptions {
  /**
   * Channels of the first stage, which its heads divide; each further stage has twice as many.
   *
   * @defaultValue 96 or 128, as the name says
   */
  readonly width?: number;
  /**
   * Blocks of each stage, for a network that is shallower than published: one to four stages, and as many maps.
   *
   * @defaultValue those of the network's name
   */
  readonly depths?: readonly number[];
  /**
   * Attention heads of each stage; each divides the channels of its stage.
   *
   * @defaultValue those of the network's name, for the stages that there are
   */
  readonly heads?: readonly number[];
  /**
   * Height and width of the images that the windows are made for, in pixels. Windows fit each of the maps of such an
   * image a whole number of times; a window is no larger than its map.
   *
   * @defaultValue 224 or 384, as the name says
   */
  readonly size?: number;
  /**
   * Rows and columns of a window. The tables of relative positions have `(2 · window − 1)²` rows.
   *
   * @defaultValue 7 or 12, as the name says
   */
  readonly window?: number;
  /**
   * Rate of stochastic depth in the last block, from 0 to below 1; it grows evenly from 0 in the first. Training at a
   * rate above 0 needs `random`.
   *
   * @defaultValue 0.1, as in timm
   */
  readonly dropPathRate?: number;
  /**
   * Whether the map of patches is normalized.
   *
   * @defaultValue true, as published
   */
  readonly patchNorm?: boolean;
}

/**
 * A Swin transformer without its classifier, with the parameter names of timm 0.4 to 0.6.
 *
 * Stages of attention within windows, four in the published networks, every second block with its windows shifted by half, patch merging between
 * the stages. A map no larger than a window is one window and is not shifted. Nothing is padded: images fit the windows,
 * or `apply` refuses them. Larger images than `size` are taken where they fit, as multiples of 224 do at windows of 7.
 *
 * @returns A backbone of stride 32 with 768 channels, or 1024 for the base networks, or with those of the last of `depths`;
 * its levels are the stages, the last one after the final layer norm. `apply` throws RangeError if a parameter is missing or has another shape, if images
 * are not `[N, H, W, 3]` with sides that fit the windows, or if training drops blocks and `random` is missing.
 * @throws RangeError if `name` is not one of the published networks, `width`, `size` or `window` is not a whole number above
 * 0, `depths` are not one to four of them, `heads` are not as many or do not divide their stage's channels, windows do not
 * fit `size`, or `dropPathRate` is not from 0 to below 1.
 *
 * @example
 * ```ts
 * import { createSwin } from "@lmk/models";
 *
 * const backbone = createSwin("swin_tiny_patch4_window7_224", { size: 384, window: 12 });
 * backbone.channels; // => 768
 * backbone.shapes["layers.0.blocks.0.attn.relative_position_bias_table"]; // => [529, 3]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2103.14030 | Liu et al., Swin Transformer}
 */
export function createSwin(name: SwinName, options: SwinOptions = {}): Backbone {
  requireName("createSwin", "name", name, swinVariants);
  const { width, depths, heads, windows, dropPathRate } = swinGeometry("createSwin", name, options);
  const { patchNorm = true } = options;
  const unit = unitOf(windows);
  const patches = patchEmbedding("patch_embed", width, patchNorm);
  const patchValues = pytorchDefaults(patches.shapes);
  const stages = swinStages({ caller: name, width, depths, heads, windows, dropPathRate });

  return defineBackbone({
    name,
    levels: depths.map((_, stage) => ({ channels: width * 2 ** stage, stride: 4 * 2 ** stage })),
    layers: [patches, stages],
    classifier: ["head.weight", "head.bias"],
    initial: (parameter, shape) => patchValues(parameter, shape) ?? swinInitial(parameter, shape),
    forward(pass, images) {
      const [, height, columns] = images.shape;
      requireMultiple(name, height, unit);
      requireMultiple(name, columns, unit);
      return stages.apply(pass, patches.apply(pass, images));
    },
  });
}

const patchSize = 4;

function patchEmbedding(name: string, width: number, norm: boolean): Layer {
  const project: Layer = {
    shapes: { [`${name}.proj.weight`]: [patchSize, patchSize, 3, width], [`${name}.proj.bias`]: [width] },
    apply(pass, images) {
      const filter = pass.parameters[`${name}.proj.weight`] as Tensor4D;
      return asRows(add(conv2d(images, filter, patchSize, "valid"), pass.parameters[`${name}.proj.bias`]!));
    },
  };
  return norm ? chain(project, layerNormalization(`${name}.norm`, width)) : project;
}
