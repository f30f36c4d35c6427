import { add, mean, mul, split, sub, type Tensor4D } from "@tensorflow/tfjs-core";
import { pytorchDefaults } from "../initialize.ts";
import { relu, sigmoid } from "../layers/activations.ts";
import { batchNormalization } from "../layers/batch-norm.ts";
import { convolution } from "../layers/convolution.ts";
import { chain, type Layer, operation, shapesOf } from "../layers/layer.ts";
import { averagePooling, maxPooling } from "../layers/spatial-pooling.ts";
import type { Backbone } from "../model.ts";
import { requireDepths, requireName } from "../require.ts";
import { defineBackbone } from "./define-backbone.ts";
import { averageShortcut, convolved, requireStride, requireWidth } from "./resnet-parts.ts";
import { mapsOf } from "./stages.ts";

/** The published ResNeSts. */
export type ResNeStName = "resnest50" | "resnest101" | "resnest200" | "resnest269";

/** What makes one ResNeSt. */
export interface ResNeStConfig {
  /** Blocks in each of the four stages. */
  readonly depths: readonly [number, number, number, number];
  /** Channels of the stem's first two convolutions at `width` 64; its third has twice as many. */
  readonly stem: number;
}

/** Options of {@link createResNeSt}. */
export interface ResNeStOptions {
  /**
   * Channels of the first stage's split attentions, a multiple of 2; all others scale with it.
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
   * Stride of the last stage. 1 keeps its map as fine as that of the stage before and dilates the 3 × 3 convolutions of
   * all its blocks but the first by 2; the weights are the same.
   *
   * @defaultValue 2
   */
  readonly lastStride?: 1 | 2;
}

/** Depths and stems of the published networks. */
export const resnestVariants: Readonly<Record<ResNeStName, ResNeStConfig>> = {
  resnest50: { depths: [3, 4, 6, 3], stem: 32 },
  resnest101: { depths: [3, 4, 23, 3], stem: 64 },
  resnest200: { depths: [3, 24, 36, 3], stem: 64 },
  resnest269: { depths: [3, 30, 48, 8], stem: 64 },
};

/**
 * A ResNeSt without its classifier, with the parameter names of its authors' code, which timm has too.
 *
 * A stem of three convolutions; bottlenecks whose 3 × 3 convolution is a split attention of radix 2, followed by an
 * average pooling in the first block of the second to fourth stages; shortcuts that average 2 × 2 pixels.
 *
 * @returns A backbone of stride 32, or 16 with `lastStride` 1, with 32 × `width` channels; its levels are the four stages.
 * `apply` throws RangeError if a parameter is missing or has another shape, if images are not `[N, H, W, 3]`, or if a
 * batch norm would take the statistics of a single value: with those of the batch, it needs two images.
 * @throws RangeError if `name` is not one of the published networks, `width` is not a whole number above 0 that 2
 * divides, `depths` are not four whole numbers above 0, or `lastStride` is not 1 or 2.
 *
 * @example
 * ```ts
 * import { createResNeSt } from "@lmk/models";
 *
 * createResNeSt("resnest269").channels; // => 2048
 * createResNeSt("resnest101", { lastStride: 1 }).stride; // => 16
 * ```
 *
 * @see {@link https://arxiv.org/abs/2004.08955 | Zhang et al., ResNeSt: Split-attention networks}
 */
export function createResNeSt(name: ResNeStName, options: ResNeStOptions = {}): Backbone {
  const { width = 64, lastStride = 2 } = options;
  requireName("createResNeSt", "name", name, resnestVariants);
  requireWidth("createResNeSt", name, width, 2);
  requireStride("createResNeSt", lastStride);
  const { depths = resnestVariants[name].depths } = options;
  requireDepths("createResNeSt", "depths", depths, 4);

  const { stem: published } = resnestVariants[name];
  const strides = [1, 2, 2, lastStride];
  const widths = [1, 2, 4, 8].map((factor) => factor * width);
  const begin = (published * width) / 64;
  const first = stem(begin);
  const stages = depths.map((depth, stage) => {
    const inner = widths[stage]!;
    const before = stage === 0 ? begin * 2 : widths[stage - 1]! * 4;
    const blocks = Array.from({ length: depth }, (_, index) =>
      block(`layer${stage + 1}.${index}`, {
        input: index === 0 ? before : inner * 4,
        width: inner,
        stride: index === 0 ? strides[stage]! : 1,
        dilation: index > 0 && stage === 3 && lastStride === 1 ? 2 : 1,
        pooled: index === 0 && stage > 0,
      }),
    );
    return chain(...blocks);
  });
  const layers = [first, ...stages];

  return defineBackbone({
    name,
    levels: widths.map((inner, stage) => ({
      channels: inner * 4,
      stride: stage === 3 ? 16 * lastStride : 4 * 2 ** stage,
    })),
    layers,
    classifier: ["fc.weight", "fc.bias"],
    initial: pytorchDefaults(shapesOf(layers), (of) => of.endsWith(".bias")),
    forward: (pass, images) => mapsOf(layers, pass, images).slice(1),
  });
}

function stem(width: number): Layer {
  return chain(
    convolved("conv1.0", "conv1.1", { in: 3, out: width, size: 3, stride: 2 }),
    operation(relu),
    convolved("conv1.3", "conv1.4", { in: width, out: width, size: 3 }),
    operation(relu),
    convolved("conv1.6", "bn1", { in: width, out: width * 2, size: 3 }),
    operation(relu),
    maxPooling({ size: 3, stride: 2, padding: 1 }),
  );
}

interface Block {
  readonly input: number;
  /** Channels of the split attention; a fourth of the block's output. */
  readonly width: number;
  readonly stride: number;
  readonly dilation: number;
  /** Whether a 3 × 3 average pooling, which then has the stride, follows the split attention. */
  readonly pooled: boolean;
}

function block(name: string, { input, width, stride, dilation, pooled }: Block): Layer {
  const output = width * 4;
  const branch = chain(
    convolved(`${name}.conv1`, `${name}.bn1`, { in: input, out: width }),
    operation(relu),
    splitAttention(`${name}.conv2`, width, dilation),
    ...(pooled ? [averagePooling({ size: 3, stride, padding: 1 })] : []),
    convolved(`${name}.conv3`, `${name}.bn3`, { in: width, out: output }),
  );
  const shortcut =
    input === output ? chain() : averageShortcut(`${name}.downsample`, { in: input, out: output, stride });
  return {
    shapes: shapesOf([branch, shortcut]),
    apply: (pass, x) => relu(add<Tensor4D>(branch.apply(pass, x), shortcut.apply(pass, x))),
  };
}

/**
 * Two maps by a 3 × 3 convolution of two groups, mixed for each channel with weights that sum to 1 and depend on the
 * means of both.
 *
 * The softmax of two values is the sigmoid of their difference: `a · x + (1 − a) · y = y + a · (x − y)`.
 */
function splitAttention(name: string, channels: number, dilation: number): Layer {
  const between = Math.max(channels / 2, 32);
  const both = chain(
    convolved(`${name}.conv`, `${name}.bn0`, {
      in: channels,
      out: channels * 2,
      size: 3,
      groups: 2,
      dilation,
    }),
    operation(relu),
  );
  const weigh = chain(
    convolution(`${name}.fc1`, { in: channels, out: between, bias: true }),
    batchNormalization(`${name}.bn1`, between),
    operation(relu),
    convolution(`${name}.fc2`, { in: between, out: channels * 2, bias: true }),
  );
  return {
    shapes: shapesOf([both, weigh]),
    apply: (pass, input) => {
      const maps = both.apply(pass, input);
      const [x, y] = split<Tensor4D>(maps, 2, 3) as [Tensor4D, Tensor4D];
      const [ofX, ofY] = split<Tensor4D>(mean(maps, [1, 2], true), 2, 3);
      const [one, other] = split<Tensor4D>(weigh.apply(pass, add<Tensor4D>(ofX!, ofY!)), 2, 3);
      return add(y, mul(sigmoid(sub(one!, other!)), sub(x, y)));
    },
  };
}
