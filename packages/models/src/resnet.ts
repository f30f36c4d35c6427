import { add, conv2d, maxPool, relu, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import { batchNorm, batchNormShapes } from "./batch-norm.ts";
import { initializeParameters } from "./initialize.ts";
import { type ApplyOptions, type Backbone, beginPass, type Pass } from "./model.ts";
import { requireName, requirePositiveInteger, requireShape } from "./require.ts";

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

/** One block with everything that follows from its place. */
interface Block {
  readonly name: string;
  readonly stride: number;
  readonly convolutions: readonly Convolution[];
  readonly hasShortcut: boolean;
  readonly input: number;
  readonly output: number;
}

interface Convolution {
  readonly name: string;
  readonly norm: string;
  readonly size: number;
  readonly stride: number;
  readonly input: number;
  readonly output: number;
}

/**
 * A ResNet without its classifier, with torchvision's parameter names.
 *
 * Bottlenecks stride in their 3 × 3 convolution, as torchvision does and the paper does not ("ResNet v1.5").
 *
 * @returns A backbone of stride 32 whose feature map has 8 × `width` channels, or 32 × with bottlenecks.
 * `apply` throws RangeError if a parameter is missing or has another shape, if images are not `[N, H, W, 3]`, or if a
 * batch norm would take the statistics of a single value.
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
  const blocks = blocksOf(resnetVariants[name], width);
  const shapes: Record<string, readonly number[]> = {
    "conv1.weight": [7, 7, 3, width],
    ...batchNormShapes("bn1", width),
  };
  for (const block of blocks) Object.assign(shapes, blockShapes(block));

  return {
    name,
    channels: blocks.at(-1)!.output,
    stride: 32,
    shapes,
    initialize: ({ seed }) => initializeParameters(shapes, seed),
    apply(parameters, images, applyOptions: ApplyOptions = {}) {
      requireShape(name, "images", images.shape, ["N", "H", "W", 3]);
      return tidy(() => {
        const pass = beginPass(name, shapes, parameters, applyOptions);
        const stem = convolve(pass, images, {
          name: "conv1",
          norm: "bn1",
          size: 7,
          stride: 2,
          input: 3,
          output: width,
        });
        // Every value is at least 0 here, so that padding of any value up to 0 leaves the maxima alone.
        const pooled = maxPool(relu(stem), 3, 2, 1);
        const features = blocks.reduce((x, block) => applyBlock(pass, block, x), pooled);
        return { features, statistics: pass.statistics };
      });
    },
  };
}

function blocksOf({ block, depths }: ResNetConfig, width: number): Block[] {
  const blocks: Block[] = [];
  let input = width;
  depths.forEach((depth, stage) => {
    const inner = width * 2 ** stage;
    const output = block === "basic" ? inner : inner * 4;
    for (let index = 0; index < depth; index++) {
      const stride = stage > 0 && index === 0 ? 2 : 1;
      const name = `layer${stage + 1}.${index}`;
      const sizes = block === "basic" ? [3, 3] : [1, 3, 1];
      const channels = block === "basic" ? [input, inner, inner] : [input, inner, inner, output];
      const strided = block === "basic" ? 0 : 1;
      const convolutions = sizes.map((size, i) => ({
        name: `${name}.conv${i + 1}`,
        norm: `${name}.bn${i + 1}`,
        size,
        stride: i === strided ? stride : 1,
        input: channels[i]!,
        output: channels[i + 1]!,
      }));
      blocks.push({
        name,
        stride,
        convolutions,
        hasShortcut: stride !== 1 || input !== output,
        input,
        output,
      });
      input = output;
    }
  });
  return blocks;
}

function shortcutOf({ name, stride, input, output }: Block): Convolution {
  return { name: `${name}.downsample.0`, norm: `${name}.downsample.1`, size: 1, stride, input, output };
}

function blockShapes(block: Block): Record<string, readonly number[]> {
  const convolutions = block.hasShortcut ? [...block.convolutions, shortcutOf(block)] : block.convolutions;
  return Object.assign(
    {},
    ...convolutions.map(({ name, norm, size, input, output }) => ({
      [`${name}.weight`]: [size, size, input, output],
      ...batchNormShapes(norm, output),
    })),
  );
}

function applyBlock(pass: Pass, block: Block, x: Tensor4D): Tensor4D {
  const last = block.convolutions.length - 1;
  const residual = block.convolutions.reduce((y, convolution, i) => {
    const normalized = convolve(pass, y, convolution);
    return i === last ? normalized : relu(normalized);
  }, x);
  return relu(add(residual, block.hasShortcut ? convolve(pass, x, shortcutOf(block)) : x)) as Tensor4D;
}

function convolve(pass: Pass, x: Tensor4D, { name, norm, size, stride }: Convolution): Tensor4D {
  const filter = pass.parameters[`${name}.weight`] as Tensor4D;
  return batchNorm(pass, norm, conv2d(x, filter, stride, (size - 1) / 2));
}
