import { reshape, type Tensor2D, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import { createEfficientNet } from "../backbones/efficientnet.ts";
import { type EfficientNetName, efficientnetVariants } from "../backbones/efficientnet-variants.ts";
import { initializeParameters, pytorchDefaults } from "../initialize.ts";
import { silu } from "../layers/activations.ts";
import { batchNormalization } from "../layers/batch-norm.ts";
import { convolution } from "../layers/convolution.ts";
import { chain, operation, shapesOf } from "../layers/layer.ts";
import type { EmbeddingModel } from "../model.ts";
import { optionNeck } from "../necks/option-neck.ts";
import type { Pass } from "../pass.ts";
import { beginPass } from "../pass.ts";
import { gem } from "../pooling/pooling.ts";
import { requireEven, requireName, requirePositiveInteger, requireShape } from "../require.ts";
import { type FusionNorm, fusionNorms, pooledFusion } from "./dolg-fusion.ts";
import { atrousPyramid, multiAtrous, spatialAttention } from "./dolg-local.ts";
import { prefixed } from "./prefixed.ts";

/** Options of {@link createDolg}. */
export interface DolgOptions {
  /** The EfficientNet that both branches begin with; the winners took B5, B6 and B7. */
  readonly backbone: EfficientNetName;
  /**
   * Stride of the backbone's first convolution; 1 doubles height and width of all maps, with the same weights.
   *
   * @defaultValue 2
   */
  readonly stemStride?: 1 | 2;
  /**
   * Factor of all channels of the backbone, above 0.
   *
   * @defaultValue that of the backbone's name
   */
  readonly width?: number;
  /**
   * Factor of the blocks in each stage of the backbone, above 0.
   *
   * @defaultValue that of the backbone's name
   */
  readonly depth?: number;
  /**
   * Channels of both branches where they meet, an even number; each part of the local branch has half as many.
   *
   * @defaultValue 1024, as published
   */
  readonly channels?: number;
  /**
   * Distances of the values of the local branch's three 3 × 3 filters.
   *
   * @defaultValue [6, 12, 18], the winners' B5 and the paper; their B6 and B7 have [3, 6, 9]
   */
  readonly dilations?: readonly [number, number, number];
  /**
   * What the projection on the global descriptor divides by: see {@link FusionNorm}.
   *
   * @defaultValue "l2", the winners' code
   */
  readonly fusionNorm?: FusionNorm;
  /**
   * Whether the global branch projects each place to `channels` and then pools, or pools and then projects.
   *
   * @defaultValue "project_bn_silu_then_gem", the winners' code; their paper draws the other
   */
  readonly globalOrder?: DolgGlobalOrder;
  /**
   * The local branch's convolutions: three dilated ones, or the five parts of DOLG's authors, which add a 1 × 1 convolution
   * and the mean of the map. The five are named as their authors do, below `mam`.
   *
   * @defaultValue "3dilated", the winners' code
   */
  readonly localBranch?: DolgLocalBranch;
}

/** Order of the global branch of {@link createDolg}. */
export type DolgGlobalOrder = "project_bn_silu_then_gem" | "gem_then_project";

/** Convolutions of the local branch of {@link createDolg}. */
export type DolgLocalBranch = "3dilated" | "aspp5";

const globalOrders: Readonly<Record<DolgGlobalOrder, true>> = {
  project_bn_silu_then_gem: true,
  gem_then_project: true,
};
const localBranches: Readonly<Record<DolgLocalBranch, typeof multiAtrous>> = {
  "3dilated": multiAtrous,
  aspp5: atrousPyramid,
};

const dimension = 512;

/**
 * DOLG on an EfficientNet, as in the 2021 recognition challenge's first place, with its parameter names.
 *
 * The map of stride 16 goes through dilated convolutions and attention to local features, that of stride 32 through a
 * 1 × 1 convolution, batch norm, silu and GeM with a learned power to a global descriptor. The part of the local features
 * along the descriptor is taken off, the rest is averaged, and both pass a linear layer, batch norm and a PReLU.
 *
 * @returns A model of 512 values whose stride is 32, or 16 with `stemStride` 1. `apply` throws RangeError if a parameter
 * is missing or has another shape, if images are not `[N, H, W, 3]`, or if a batch norm would take the statistics of a
 * single value.
 * @throws RangeError if `backbone`, `fusionNorm`, `globalOrder` or `localBranch` is not one of those above, `stemStride` is
 * neither 1 nor 2, `width` or `depth` is not a finite number above 0, `channels` is not an even whole number above 0, or
 * `dilations` are not three whole numbers above 0.
 *
 * @example
 * ```ts
 * import { createDolg } from "@lmk/models";
 *
 * const model = createDolg({ backbone: "tf_efficientnet_b7_ns", dilations: [3, 6, 9] });
 * model.shapes["conv_g.weight"]; // => [1, 1, 640, 1024]
 * model.dimension; // => 512
 * ```
 *
 * @see {@link https://arxiv.org/abs/2110.03786 | Henkel, Efficient large-scale image retrieval with deep feature
 * orthogonality and hybrid-swin-transformers}
 * @see {@link https://arxiv.org/abs/2108.02927 | Yang et al., DOLG}
 */
export function createDolg(options: DolgOptions): EmbeddingModel {
  const { stemStride = 2, dilations = [6, 12, 18], channels = 1024 } = options;
  const { fusionNorm = "l2", globalOrder = "project_bn_silu_then_gem", localBranch = "3dilated" } = options;
  requireName("createDolg", "backbone", options.backbone, efficientnetVariants);
  requireName("createDolg", "fusionNorm", fusionNorm, fusionNorms);
  requireName("createDolg", "globalOrder", globalOrder, globalOrders);
  requireName("createDolg", "localBranch", localBranch, localBranches);
  requireShape("createDolg", "dilations", [dilations.length], [3]);
  for (const dilation of dilations) requirePositiveInteger("createDolg", "dilations", dilation);
  requireEven("createDolg", "channels", channels);
  const name = `dolg_${options.backbone}`;
  const published = efficientnetVariants[options.backbone];
  const { width = published.width, depth = published.depth } = options;
  const network = createEfficientNet(options.backbone, { head: false, stemStride, width, depth });
  const backbone = prefixed("backbone.", network);
  const [fine, coarse] = backbone.levels.slice(-2).map((level) => level.channels) as [number, number];

  const local = chain(
    localBranches[localBranch]("mam", { in: fine, out: channels, dilations }),
    spatialAttention("attention2d", channels),
  );
  const project = chain(
    convolution("conv_g", { in: coarse, out: channels, bias: true }),
    batchNormalization("bn_g", channels, { epsilon: 1e-3 }),
    operation(silu),
  );
  const projectsFirst = globalOrder === "project_bn_silu_then_gem";
  const pooling = gem({ learnable: true, name: "global_pool" }).layer("", projectsFirst ? channels : coarse);
  const globalOf = (pass: Pass, x: Tensor4D): Tensor2D => {
    if (projectsFirst) return pooling.apply(pass, project.apply(pass, x));
    const pooled = reshape(pooling.apply(pass, x), [-1, 1, 1, coarse]) as Tensor4D;
    return reshape(project.apply(pass, pooled), [-1, channels]);
  };
  const neck = optionNeck("D", { dimension }).layer(2 * channels);
  const branches = shapesOf([local, project]);
  const shapes = shapesOf([backbone, { shapes: branches }, pooling, neck]);

  return {
    name,
    dimension,
    stride: 16 * stemStride,
    classifier: ["head.weight"],
    shapes,
    initialize: (seed) => ({
      ...backbone.initialize(seed),
      ...initializeParameters(branches, seed.seed, pytorchDefaults(branches)),
      ...pooling.initialize(seed),
      ...neck.initialize(seed),
    }),
    apply(parameters, images, applyOptions = {}) {
      requireShape(name, "images", images.shape, ["N", "H", "W", 3]);
      return tidy(() => {
        const pass = beginPass(name, shapes, parameters, applyOptions);
        const { levels, statistics } = backbone.apply(parameters, images, applyOptions);
        const [middle, last] = levels.slice(-2) as [Tensor4D, Tensor4D];
        const fused = pooledFusion(local.apply(pass, middle), globalOf(pass, last), fusionNorm);
        const embedding = neck.apply(pass, fused);
        return { embedding, statistics: { ...statistics, ...pass.statistics } };
      });
    },
  };
}
