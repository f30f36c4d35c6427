import { concat, type Tensor4D } from "@tensorflow/tfjs-core";
import { pytorchDefaults } from "../initialize.ts";
import { relu } from "../layers/activations.ts";
import { batchNormalization } from "../layers/batch-norm.ts";
import { type ConvolutionOptions, convolution } from "../layers/convolution.ts";
import { chain, type Layer, operation, shapesOf } from "../layers/layer.ts";
import { maxPooling } from "../layers/spatial-pooling.ts";
import { doubled } from "../layers/upsampling.ts";
import type { Backbone } from "../model.ts";
import { requireDepths, requireName } from "../require.ts";
import { defineBackbone } from "./define-backbone.ts";
import { bottlenecks, bridge } from "./fishnet-blocks.ts";

/** The published FishNets. */
export type FishNetName = "fishnet99" | "fishnet150" | "fishnet201";

/** What makes one FishNet. */
export interface FishNetConfig {
  /** Bottlenecks of the ten stages: three of the tail, the bridge, three of the body, three of the head. */
  readonly depths: readonly number[];
  /** Bottlenecks on the way of earlier features into the six stages of body and head. */
  readonly transferDepths: readonly number[];
}

/** Options of {@link createFishNet}. */
export interface FishNetOptions {
  /**
   * Channels of the stem, a multiple of 4; those of all stages go with it.
   *
   * @defaultValue 64, the published networks
   */
  readonly width?: number;
  /**
   * Bottlenecks of the ten stages, for a network that is shallower than published.
   *
   * @defaultValue those of {@link fishnetVariants}
   */
  readonly depths?: readonly number[];
  /**
   * Bottlenecks on the way of earlier features into the six stages of body and head.
   *
   * @defaultValue those of {@link fishnetVariants}
   */
  readonly transferDepths?: readonly number[];
}

/** Depths of the published networks. */
export const fishnetVariants: Readonly<Record<FishNetName, FishNetConfig>> = {
  fishnet99: { depths: [2, 2, 6, 2, 1, 1, 1, 1, 2, 2], transferDepths: [1, 1, 1, 1, 1, 4] },
  fishnet150: { depths: [2, 4, 8, 4, 2, 2, 2, 2, 2, 4], transferDepths: [2, 2, 2, 2, 2, 4] },
  fishnet201: { depths: [3, 4, 12, 4, 2, 2, 2, 2, 3, 10], transferDepths: [2, 2, 2, 2, 2, 9] },
};

/** Channels of the stages of tail and bridge, as multiples of the stem's. */
const tail = [2, 4, 8] as const;

/** Channels of the stages of body and head, as multiples of the stem's, and the earlier map that joins each. */
const stages = [
  { output: 8, from: 2 },
  { output: 6, from: 1 },
  { output: 4, from: 0 },
  { output: 5, from: 6 },
  { output: 13, from: 5 },
  { output: 25, from: 4 },
] as const;

/**
 * A FishNet without its classifier, with the parameter names of its authors' code.
 *
 * A tail shrinks the map as a ResNet does, a body widens it again, and a head shrinks it once more; at every step earlier
 * features of the same size join. Sides of images must be multiples of 32 or up to 3 less, since maps that were halved and
 * doubled have to meet those that were not.
 *
 * @returns A backbone of stride 32 whose levels are the body's last map and the three of the head: 320, 832, 1600 and 2112
 * channels at strides 4, 8, 16 and 32. The last batch norms and convolutions before the classifier are left out with it, as in
 * the 2019 landmark system, which pools all four maps. `apply` throws RangeError if a parameter is missing or has another
 * shape, if images are not `[N, H, W, 3]` or have other sides, or if a batch norm would take the statistics of a single
 * value.
 * @throws RangeError if `name` is not one of the published networks, `width` is not a multiple of 4 above 0, `depths` are not
 * ten whole numbers above 0 or `transferDepths` not six.
 *
 * @example
 * ```ts
 * import { createFishNet } from "@lmk/models";
 *
 * const backbone = createFishNet("fishnet150");
 * backbone.levels.map(({ channels }) => channels); // => [320, 832, 1600, 2112]
 * ```
 *
 * @see {@link https://arxiv.org/abs/1901.03495 | Sun et al., FishNet: a versatile backbone for image, region, and pixel
 * level prediction}
 */
export function createFishNet(name: FishNetName, options: FishNetOptions = {}): Backbone {
  const { width = 64 } = options;
  requireName("createFishNet", "name", name, fishnetVariants);
  if (!(width > 0 && width % 4 === 0)) {
    throw new RangeError(`createFishNet: expected \`width\` to be a multiple of 4 above 0, got ${width}`);
  }
  const { depths, transferDepths } = { ...fishnetVariants[name], ...options };
  requireDepths("createFishNet", "depths", depths, 10);
  requireDepths("createFishNet", "transferDepths", transferDepths, 6);
  const half = width / 2;
  const stem = chain(
    convolved("conv1", { in: 3, out: half, size: 3, stride: 2 }),
    convolved("conv2", { in: half, out: half, size: 3 }),
    convolved("conv3", { in: half, out: width, size: 3 }),
    maxPooling({ size: 3, stride: 2, padding: 1 }),
  );

  const channels: number[] = [width];
  const shrink = maxPooling({ size: 2, stride: 2 });
  const tailStages = tail.map((times, i) => {
    const layer = bottlenecks(`fish.fish.${i}.0`, {
      input: channels[i]!,
      output: times * width,
      depth: depths[i]!,
    });
    channels.push(times * width);
    return chain(layer, shrink);
  });
  const middle = bridge("fish.fish.3", 8 * width, depths[3]!);
  channels.push(8 * width);

  const joins = stages.map(({ output, from }, i): Join => {
    const [input, earlier] = [channels.at(-1)!, channels[from]!];
    const isBody = i < 3;
    const depth = depths[4 + i]!;
    channels.push(output * width + earlier);
    return {
      from,
      trunk: bottlenecks(`fish.fish.${4 + i}.0`, {
        input,
        output: output * width,
        depth,
        ...(isBody ? { dilation: 2 ** i, sums: true } : {}),
      }),
      transfer: bottlenecks(`fish.fish.${4 + i}.1`, {
        input: earlier,
        output: earlier,
        depth: transferDepths[i]!,
      }),
      resize: isBody ? operation(doubled) : shrink,
    };
  });

  const layers = [stem, ...tailStages, middle, ...joins.flatMap(({ trunk, transfer }) => [trunk, transfer])];
  return defineBackbone({
    name,
    levels: channels.slice(7).map((count, i) => ({ channels: count, stride: 4 * 2 ** i })),
    layers,
    classifier,
    initial: pytorchDefaults(shapesOf(layers), (of) => of.endsWith(".bias")),
    forward(pass, images) {
      requireSides(name, images);
      const maps = [stem.apply(pass, images)];
      for (const stage of [...tailStages, middle]) maps.push(stage.apply(pass, maps.at(-1)!));
      for (const { from, trunk, transfer, resize } of joins) {
        const x = resize.apply(pass, trunk.apply(pass, maps.at(-1)!));
        maps.push(concat([x, transfer.apply(pass, maps[from]!)], 3));
      }
      return maps.slice(7);
    },
  });
}

/** A stage of body or head: its own features, resized, beside earlier ones. */
interface Join {
  readonly from: number;
  readonly trunk: Layer;
  readonly transfer: Layer;
  readonly resize: Layer;
}

const classifier: readonly string[] = [
  ...["0.weight", "0.bias", "0.running_mean", "0.running_var", "2.weight"].map(
    (part) => `fish.fish.9.3.${part}`,
  ),
  ...["weight", "bias", "running_mean", "running_var"].map((part) => `fish.fish.9.3.3.${part}`),
  "fish.fish.9.4.1.weight",
  "fish.fish.9.4.1.bias",
];

/** A convolution, its batch norm and a ReLU. */
function convolved(name: string, options: ConvolutionOptions): Layer {
  return chain(
    convolution(`${name}.0`, options),
    batchNormalization(`${name}.1`, options.out),
    operation(relu),
  );
}

function requireSides(name: string, images: Tensor4D): void {
  const [, height, width] = images.shape;
  const fits = (side: number): boolean => side > 0 && Math.ceil(side / 4) % 8 === 0;
  if (fits(height) && fits(width)) return;
  throw new RangeError(
    `${name}: expected \`images\` to have sides that are multiples of 32 or up to 3 less, got ${height} × ${width}`,
  );
}
