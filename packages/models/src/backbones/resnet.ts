import { add, type Tensor4D } from "@tensorflow/tfjs-core";
import { relu } from "../layers/activations.ts";
import { batchNormalization } from "../layers/batch-norm.ts";
import { type ConvolutionOptions, convolution } from "../layers/convolution.ts";
import { chain, type Layer, operation, shapesOf } from "../layers/layer.ts";
import { maxPooling } from "../layers/spatial-pooling.ts";
import type { Backbone } from "../model.ts";
import { requireName, requirePositiveInteger } from "../require.ts";
import { defineBackbone } from "./define-backbone.ts";

/** The published ResNets. */
export type ResNetName = "resnet18" | "resnet34" | "resnet50" | "resnet101" | "resnet152";

/** What makes one ResNet. */
export interface ResNetConfig {
  /** `"basic"` is two 3 × 3 convolutions; `"bottleneck"` is 1 × 1, 3 × 3, 1 × 1 with four times the channels at its end. */
  readonly block: "basic" | "bottleneck";
  /** Blocks in each of the four stages. */
  readonly depths: readonly [number, number, number, number];
}

/** Options of {@link createResNet}. */
export interface ResNetOptions {
  /**
   * Channels of the stem and of the first stage; each further stage has twice as many.
   *
   * @defaultValue 64, the published networks
   */
  readonly width?: number;
}

/** Blocks and depths of the published networks. */
export const resnetVariants: Readonly<Record<ResNetName, ResNetConfig>> = {
  resnet18: { block: "basic", depths: [2, 2, 2, 2] },
  resnet34: { block: "basic", depths: [3, 4, 6, 3] },
  resnet50: { block: "bottleneck", depths: [3, 4, 6, 3] },
  resnet101: { block: "bottleneck", depths: [3, 4, 23, 3] },
  resnet152: { block: "bottleneck", depths: [3, 8, 36, 3] },
};

/**
 * A ResNet without its classifier, with torchvision's parameter names.
 *
 * Bottlenecks stride in their 3 × 3 convolution, as torchvision does and the paper does not ("ResNet v1.5").
 *
 * @returns A backbone of stride 32 whose feature map has 8 × `width` channels, or 32 × with bottlenecks; its levels are
 * the four stages. `apply` throws RangeError if a parameter is missing or has another shape, if images are not
 * `[N, H, W, 3]`, or if a batch norm would take the statistics of a single value.
 * @throws RangeError if `name` is not one of the published networks, or `width` is not a whole number above 0.
 *
 * @example
 * ```ts
 * import { createResNet } from "@lmk/models";
 *
 * const backbone = createResNet("resnet50");
 * backbone.channels; // => 2048
 * Object.keys(backbone.shapes).length; // => 265
 * ```
 *
 * @see {@link https://arxiv.org/abs/1512.03385 | He et al., Deep residual learning for image recognition}
 */
export function createResNet(name: ResNetName, options: ResNetOptions = {}): Backbone {
  const { width = 64 } = options;
  requireName("createResNet", "name", name, resnetVariants);
  requirePositiveInteger("createResNet", "width", width);
  const { block, depths } = resnetVariants[name];
  const expansion = block === "basic" ? 1 : 4;
  const stem = chain(
    convolved("conv1", "bn1", { in: 3, out: width, size: 7, stride: 2 }),
    operation(relu),
    maxPooling({ size: 3, stride: 2, padding: 1 }),
  );
  let input = width;
  const stages = depths.map((depth, stage) => {
    const inner = width * 2 ** stage;
    const blocks = Array.from({ length: depth }, (_, index) => {
      const stride = stage > 0 && index === 0 ? 2 : 1;
      const layer = residual(`layer${stage + 1}.${index}`, {
        block,
        input,
        inner,
        output: inner * expansion,
        stride,
      });
      input = inner * expansion;
      return layer;
    });
    return chain(...blocks);
  });

  return defineBackbone({
    name,
    levels: stages.map((_, stage) => ({
      channels: width * expansion * 2 ** stage,
      stride: 4 * 2 ** stage,
    })),
    layers: [stem, ...stages],
    classifier: ["fc.weight", "fc.bias"],
    forward(pass, images) {
      let x = stem.apply(pass, images);
      return stages.map((stage) => {
        x = stage.apply(pass, x);
        return x;
      });
    },
  });
}

interface Block {
  readonly block: "basic" | "bottleneck";
  readonly input: number;
  readonly inner: number;
  readonly output: number;
  readonly stride: number;
}

/** `relu(x + f(x))`, with a 1 × 1 convolution of `x` where its shape changes. */
function residual(name: string, { block, input, inner, output, stride }: Block): Layer {
  const convolutions: readonly ConvolutionOptions[] =
    block === "basic"
      ? [
          { in: input, out: inner, size: 3, stride },
          { in: inner, out: output, size: 3 },
        ]
      : [
          { in: input, out: inner },
          { in: inner, out: inner, size: 3, stride },
          { in: inner, out: output },
        ];
  const branch = chain(
    ...convolutions.flatMap((options, i) => {
      const layer = convolved(`${name}.conv${i + 1}`, `${name}.bn${i + 1}`, options);
      return i === 0 ? [layer] : [operation(relu), layer];
    }),
  );
  const changes = stride !== 1 || input !== output;
  const shortcut = changes
    ? convolved(`${name}.downsample.0`, `${name}.downsample.1`, { in: input, out: output, stride })
    : chain();
  return {
    shapes: shapesOf([branch, shortcut]),
    apply: (pass, x) => relu(add<Tensor4D>(branch.apply(pass, x), shortcut.apply(pass, x))),
  };
}

/** A convolution and its batch norm. */
function convolved(name: string, norm: string, options: ConvolutionOptions): Layer {
  return chain(convolution(name, options), batchNormalization(norm, options.out));
}
