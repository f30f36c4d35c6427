import { pytorchDefaults } from "../initialize.ts";
import { relu } from "../layers/activations.ts";
import { chain, type Layer, operation, shapesOf } from "../layers/layer.ts";
import { maxPooling } from "../layers/spatial-pooling.ts";
import type { Backbone } from "../model.ts";
import { requireDepths, requireName } from "../require.ts";
import { defineBackbone } from "./define-backbone.ts";
import { residual } from "./resnet-block.ts";
import {
  averageShortcut,
  convolutionShortcut,
  convolved,
  requireStride,
  requireWidth,
} from "./resnet-parts.ts";
import { type ResNetName, resnetVariants, widthStep } from "./resnet-variants.ts";
import { mapsOf } from "./stages.ts";

/** Options of {@link createResNet}. */
export interface ResNetOptions {
  /**
   * Channels of the stem and of the first stage's 3 × 3 convolutions in a plain network; everything else scales with
   * it. A multiple of 2 with IBN, of 4 with squeeze and excitation, of 16 in a ResNeXt of `32x4d` and of 8 in one of
   * `32x8d`, whose groups then have fewer channels.
   *
   * @defaultValue 64, the published networks
   */
  readonly width?: number;
  /**
   * Blocks of the four stages, for a network that is shallower than published.
   *
   * @defaultValue those of the network's name
   */
  readonly depths?: readonly number[];
  /**
   * Stride of the last stage. 1 keeps its map as fine as that of the stage before, without dilation, and needs no other
   * weights, as in the re-identification networks from which the landmark retrieval took it.
   *
   * @defaultValue 2
   */
  readonly lastStride?: 1 | 2;
  /**
   * How a block that strides brings its input to its output's size: `"convolution"` strides in the 1 × 1 convolution,
   * `"average"` takes the means of 2 × 2 pixels before it, and an odd last row or column by itself. The shapes are the
   * same, the names in these blocks are not: `downsample.1` and `downsample.2` for `downsample.0` and `downsample.1`.
   *
   * @defaultValue "convolution"
   */
  readonly shortcut?: "convolution" | "average";
}

const shortcuts = { convolution: convolutionShortcut, average: averageShortcut };

/**
 * A ResNet, ResNeXt, SE-ResNet or SE-ResNeXt, with or without IBN-a, without its classifier.
 *
 * Parameter names are those of torchvision and of IBN-Net, but `se_resnext101_32x4d` has those of pretrainedmodels.
 * Bottlenecks stride in their 3 × 3 convolution, as these do and the ResNet paper does not ("ResNet v1.5").
 *
 * @returns A backbone of stride 32, or 16 with `lastStride` 1, whose feature map has 8 × `width` channels, or 32 × with
 * bottlenecks; its levels are the four stages. `apply` throws RangeError if a parameter is missing or has another
 * shape, if images are not `[N, H, W, 3]`, or if a norm would take the statistics of a single value.
 * @throws RangeError if `name` is not one of the published networks, `width` is not a whole number above 0 or not a
 * multiple of what the network needs, `depths` are not four whole numbers above 0, `lastStride` is not 1 or 2, or `shortcut` is not one of its values.
 *
 * @example
 * ```ts
 * import { createResNet } from "@lmk/models";
 *
 * const backbone = createResNet("resnet50");
 * backbone.channels; // => 2048
 * Object.keys(backbone.shapes).length; // => 265
 * createResNet("se_resnet101_ibn_a", { lastStride: 1 }).stride; // => 16
 * ```
 *
 * @see {@link https://arxiv.org/abs/1512.03385 | He et al., Deep residual learning for image recognition}
 * @see {@link https://arxiv.org/abs/1611.05431 | Xie et al., Aggregated residual transformations} (ResNeXt)
 * @see {@link https://arxiv.org/abs/1709.01507 | Hu et al., Squeeze-and-excitation networks}
 * @see {@link https://arxiv.org/abs/1807.09441 | Pan et al., Two at once} (IBN-Net)
 */
export function createResNet(name: ResNetName, options: ResNetOptions = {}): Backbone {
  const { width = 64, lastStride = 2, shortcut = "convolution" } = options;
  requireName("createResNet", "name", name, resnetVariants);
  const config = resnetVariants[name];
  const { depths = config.depths } = options;
  requireDepths("createResNet", "depths", depths, 4);
  requireWidth("createResNet", name, width, widthStep(config));
  requireStride("createResNet", lastStride);
  requireName("createResNet", "shortcut", shortcut, shortcuts);

  const { block, groups, excitation, instanceNorm = false, reference = "torchvision" } = config;
  const expansion = block === "basic" ? 1 : 4;
  const channels = [1, 2, 4, 8].map((factor) => width * factor);
  const strides = [1, 2, 2, lastStride];
  const first = stem(width, reference);
  const stages = depths.map((depth, stage) => {
    const planes = channels[stage]!;
    const output = planes * expansion;
    const before = stage === 0 ? width : channels[stage - 1]! * expansion;
    const blocks = Array.from({ length: depth }, (_, index) =>
      residual(`layer${stage + 1}.${index}`, {
        block,
        input: index === 0 ? before : output,
        inner: groups ? ((planes * groups.width) / 64) * groups.count : planes,
        output,
        stride: index === 0 ? strides[stage]! : 1,
        groups: groups?.count ?? 1,
        instanceNorm: instanceNorm && stage < 3,
        excitation,
        shortcut: index === 0 && strides[stage] === 2 ? shortcuts[shortcut] : convolutionShortcut,
      }),
    );
    return chain(...blocks);
  });
  const layers = [first, ...stages];
  const torchvision = reference === "torchvision";
  const classifier = torchvision ? "fc" : "last_linear";

  return defineBackbone({
    name,
    levels: channels.map((planes, stage) => ({
      channels: planes * expansion,
      stride: stage === 3 ? 16 * lastStride : 4 * 2 ** stage,
    })),
    layers,
    classifier: [`${classifier}.weight`, `${classifier}.bias`],
    initial: pytorchDefaults(shapesOf(layers), (of) => !torchvision || of.includes(".se.")),
    forward: (pass, images) => mapsOf(layers, pass, images).slice(1),
  });
}

function stem(width: number, reference: "torchvision" | "pretrainedmodels"): Layer {
  const torchvision = reference === "torchvision";
  const at = torchvision ? "" : "layer0.";
  return chain(
    convolved(`${at}conv1`, `${at}bn1`, { in: 3, out: width, size: 7, stride: 2 }),
    operation(relu),
    maxPooling({ size: 3, stride: 2, ...(torchvision ? { padding: 1 } : { ceil: true }) }),
  );
}
