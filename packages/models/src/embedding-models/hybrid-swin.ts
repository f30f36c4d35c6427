import { mean, type Tensor2D, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import { type EfficientNetName, efficientnetVariants } from "../backbones/efficientnet-variants.ts";
import { swinGeometry } from "../backbones/swin-geometry.ts";
import { asRows, swinInitial, swinStages } from "../backbones/swin-stages.ts";
import { type SwinName, swinVariants } from "../backbones/swin-variants.ts";
import { initializeParameters, pytorchDefaults } from "../initialize.ts";
import { convolution } from "../layers/convolution.ts";
import { chain, operation, shapesOf } from "../layers/layer.ts";
import { layerNormalization } from "../layers/layer-norm.ts";
import type { EmbeddingModel } from "../model.ts";
import { type NeckOption, optionNeck } from "../necks/option-neck.ts";
import { beginPass } from "../pass.ts";
import { requireName, requireShape } from "../require.ts";
import { efficientnetUpTo } from "./hybrid-embedder.ts";
import { prefixed } from "./prefixed.ts";

/** Options of {@link createHybridSwin}. */
export interface HybridSwinOptions {
  /** The EfficientNet that makes the tokens; the winners took B3, B5 and B6. */
  readonly embedder: EfficientNetName;
  /**
   * Which of the EfficientNet's five maps the tokens are made of, from 0; each has twice the stride of the one before it.
   * Blocks behind it are left out.
   *
   * @defaultValue 3, the map of stride 16
   */
  readonly tap?: 0 | 1 | 2 | 3 | 4;
  /**
   * Stride of the EfficientNet's first convolution; 1 halves the stride of all its maps.
   *
   * @defaultValue 2
   */
  readonly stemStride?: 1 | 2;
  /**
   * Factor of all channels of the EfficientNet, above 0.
   *
   * @defaultValue that of the EfficientNet's name
   */
  readonly embedderWidth?: number;
  /**
   * Factor of the blocks in each stage of the EfficientNet, above 0.
   *
   * @defaultValue that of the EfficientNet's name
   */
  readonly embedderDepth?: number;
  /**
   * The Swin transformer behind it.
   *
   * @defaultValue "swin_base_patch4_window7_224"
   */
  readonly transformer?: SwinName;
  /**
   * Channels of a token and of the transformer's first stage, which its heads divide; each further stage has twice as many.
   *
   * @defaultValue 96 or 128, as the transformer's name says
   */
  readonly width?: number;
  /**
   * Blocks of each stage of the transformer, for one that is shallower than published: one to four stages. Each stage but the
   * last halves the grid, so fewer of them take a coarser one.
   *
   * @defaultValue those of the transformer's name
   */
  readonly depths?: readonly number[];
  /**
   * Attention heads of each stage of the transformer; each divides the channels of its stage.
   *
   * @defaultValue those of the transformer's name, for the stages that there are
   */
  readonly heads?: readonly number[];
  /**
   * Height and width, in pixels, of the images that the transformer by itself would take: four times its grid of tokens.
   *
   * @defaultValue 224 or 384, as the transformer's name says
   */
  readonly size?: number;
  /**
   * Rows and columns of a window.
   *
   * @defaultValue 7 or 12, as the transformer's name says
   */
  readonly window?: number;
  /**
   * Rate of stochastic depth in the transformer's last block, from 0 to below 1; it grows evenly from 0 in the first.
   * Training at a rate above 0 needs `random`.
   *
   * @defaultValue 0.1, as in timm
   */
  readonly dropPathRate?: number;
  /**
   * Whether tokens are normalized before the first block, by a layer norm `backbone.patch_embed.norm`.
   *
   * @defaultValue false, the winners' code, which loses Swin's norm with the patches
   */
  readonly patchNorm?: boolean;
  /**
   * The layers behind the pooling: see {@link optionNeck}.
   *
   * @defaultValue "D", the winners' configurations
   */
  readonly neck?: NeckOption;
}

const prefix = "backbone.";
const dimension = 512;

/**
 * A Swin transformer over the map of an EfficientNet in place of patches, as in the 2021 recognition challenge's first
 * place, with its parameter names.
 *
 * One of the EfficientNet's maps goes through a 1 × 1 convolution and is the grid of tokens; after the transformer's stages
 * come layer norm, the mean over all tokens and the neck. The winners' paper also speaks of a virtual token; no published
 * code has one, and there is none here.
 *
 * @returns A model of 512 values whose stride is 8 times that of the tokens, or less with fewer stages. It takes images of
 * one size only, which make the transformer's grid of tokens: 56 × 56 or 96 × 96 for the published ones. `classifier` also
 * names the blocks that are left out and the power of a pooling that the winners' checkpoints hold and never use. `apply`
 * throws RangeError if a parameter is missing or has another shape, if images are not `[N, H, W, 3]` or of another size, if
 * a batch norm would take the statistics of a single value, or if training drops values and `random` is missing.
 * @throws RangeError if `embedder`, `transformer` or `neck` is not one of the published ones, `tap` is not from 0 to 4,
 * `stemStride` is neither 1 nor 2, `embedderWidth` or `embedderDepth` is not a finite number above 0, `width` is not a whole
 * number above 0, `depths` are not one to four of them, `heads` are not as many or do not divide their stage's channels,
 * `size` and `window` do not fit, or `dropPathRate` is not from 0 to below 1.
 *
 * @example
 * ```ts
 * import { createHybridSwin } from "@lmk/models";
 *
 * const model = createHybridSwin({ embedder: "tf_efficientnet_b3_ns" }); // images of 896 × 896
 * model.shapes["backbone.patch_embed.proj.weight"]; // => [1, 1, 136, 128]
 * model.stride; // => 128
 * ```
 *
 * @see {@link https://arxiv.org/abs/2110.03786 | Henkel, Efficient large-scale image retrieval with deep feature
 * orthogonality and hybrid-swin-transformers}
 */
export function createHybridSwin(options: HybridSwinOptions): EmbeddingModel {
  const caller = "createHybridSwin";
  const { tap = 3, stemStride = 2, patchNorm = false, neck: neckOption = "D" } = options;
  const { transformer = "swin_base_patch4_window7_224" } = options;
  requireName(caller, "embedder", options.embedder, efficientnetVariants);
  requireName(caller, "transformer", transformer, swinVariants);
  const { width, depths, heads, size, windows, dropPathRate } = swinGeometry(caller, transformer, options);
  if (![0, 1, 2, 3, 4].includes(tap)) {
    throw new RangeError(`${caller}: expected \`tap\` to be a whole number from 0 to 4, got ${tap}`);
  }
  const name = `${options.embedder}_${transformer}`;
  const { embedderWidth, embedderDepth } = options;
  const network = efficientnetUpTo(options.embedder, {
    caller,
    stemStride,
    tap,
    width: embedderWidth,
    depth: embedderDepth,
  });
  const embedder = prefixed(`${prefix}patch_embed.backbone.`, network);
  const { channels, stride } = network;
  const tokens = chain(
    convolution(`${prefix}patch_embed.proj`, { in: channels, out: width, bias: true }),
    operation(asRows),
    ...(patchNorm ? [layerNormalization(`${prefix}patch_embed.norm`, width)] : []),
  );
  const stages = swinStages({ caller: name, prefix, width, depths, heads, windows, dropPathRate });
  // From the first stage to the last, the grid shrinks and channels grow by this.
  const growth = 2 ** (depths.length - 1);
  const neck = optionNeck(neckOption, { dimension }).layer(growth * width);
  const shapes = shapesOf([embedder, tokens, stages, neck]);
  const grid = size / 4;

  return {
    name,
    dimension,
    stride: growth * stride,
    classifier: ["head.weight", "global_pool.p", ...embedder.classifier],
    shapes,
    initialize: (seed) => ({
      ...embedder.initialize(seed),
      ...initializeParameters(tokens.shapes, seed.seed, pytorchDefaults(tokens.shapes)),
      ...initializeParameters(stages.shapes, seed.seed, swinInitial),
      ...neck.initialize(seed),
    }),
    apply(parameters, images, applyOptions = {}) {
      requireShape(name, "images", images.shape, ["N", "H", "W", 3]);
      const [, height, columns] = images.shape;
      if (Math.ceil(height / stride) !== grid || Math.ceil(columns / stride) !== grid) {
        const side = grid * stride;
        throw new RangeError(
          `${name}: expected \`images\` to make ${grid} × ${grid} tokens, as ${side} × ${side} pixels do, got ${height} × ${columns}`,
        );
      }
      return tidy(() => {
        const pass = beginPass(name, shapes, parameters, applyOptions);
        const { features, statistics } = embedder.apply(parameters, images, applyOptions);
        const last = stages.apply(pass, tokens.apply(pass, features)).at(-1) as Tensor4D;
        const pooled: Tensor2D = mean(last, [1, 2]);
        const embedding = neck.apply(pass, pooled);
        return { embedding, statistics: { ...statistics, ...pass.statistics } };
      });
    },
  };
}
