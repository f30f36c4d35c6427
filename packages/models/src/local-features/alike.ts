import { add, concat, image, maxPool, pad, slice, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import { initializeParameters } from "../initialize.ts";
import { relu, sigmoid } from "../layers/activations.ts";
import { batchNormalization } from "../layers/batch-norm.ts";
import { convolution } from "../layers/convolution.ts";
import { chain, type Layer, operation, shapesOf } from "../layers/layer.ts";
import type { ApplyOptions, InitializeOptions, Shapes } from "../model.ts";
import type { NamedArrays, Parameters } from "../parameters.ts";
import { beginPass } from "../pass.ts";
import { requireName, requireShape } from "../require.ts";

/** The published networks, from tiny to large. */
export type AlikeName = "alike-t" | "alike-s" | "alike-n" | "alike-l";

/** What makes one ALIKE network. */
export interface AlikeConfig {
  /** Channels of the four blocks; as many as the last one has a descriptor. */
  readonly channels: readonly [number, number, number, number];
  /** Length of a descriptor. */
  readonly dimension: number;
  /** Convolutions of the head: 1, or 2 in the large network. */
  readonly headLayers: 1 | 2;
}

/** The published networks. */
export const alikeVariants: Readonly<Record<AlikeName, AlikeConfig>> = {
  "alike-t": { channels: [8, 16, 32, 64], dimension: 64, headLayers: 1 },
  "alike-s": { channels: [8, 16, 48, 96], dimension: 96, headLayers: 1 },
  "alike-n": { channels: [16, 32, 64, 128], dimension: 128, headLayers: 1 },
  "alike-l": { channels: [32, 64, 128, 128], dimension: 128, headLayers: 2 },
};

/** A network from images to a score and a descriptor for every pixel. */
export interface LocalFeatureModel {
  readonly name: string;
  /** Length of a descriptor. */
  readonly dimension: number;
  readonly shapes: Shapes;
  /** Parameters of a reference checkpoint that this network leaves out. */
  readonly classifier: readonly string[];
  readonly initialize: (options: InitializeOptions) => NamedArrays;
  /** Maps of images `[N, H, W, 3]` of any size. */
  readonly apply: (parameters: Parameters, images: Tensor4D, options?: ApplyOptions) => LocalFeatureMaps;
}

/** What a {@link LocalFeatureModel} gives back. */
export interface LocalFeatureMaps {
  /** How likely each pixel is a keypoint, between 0 and 1: `[N, H, W, 1]`. */
  readonly scores: Tensor4D;
  /** The descriptor of each pixel, not normalized: `[N, H, W, dimension]`. */
  readonly descriptors: Tensor4D;
  /** New running means and variances by name; empty where batch norm used the running ones. */
  readonly statistics: Parameters;
}

/**
 * ALIKE, a light network that scores and describes every pixel, with the names of its authors' checkpoints.
 *
 * Four blocks see the image at strides 1, 2, 8 and 32; their maps are brought to a quarter of the descriptor's channels
 * each, enlarged bilinearly with aligned corners, and joined; one or two 1 × 1 convolutions give descriptor and score.
 * Images are RGB between 0 and 1, without mean and deviation. Sides that 32 does not divide are padded with zeros at
 * their end, and the maps cut back.
 *
 * Keypoints come of the maps by {@link detectKeypoints}, their descriptors by {@link sampleDescriptors}.
 *
 * @returns The network. `apply` throws RangeError if a parameter is missing or has another shape, or if images are not
 * `[N, H, W, 3]`.
 * @throws RangeError if `name` is not one of the published networks.
 *
 * @example
 * ```ts
 * import { createAlike } from "@lmk/models";
 *
 * const model = createAlike("alike-t");
 * model.dimension; // => 64
 * model.shapes["convhead2.weight"]; // => [1, 1, 64, 65]
 * ```
 *
 * @see {@link https://arxiv.org/abs/2112.02906 | Zhao et al., ALIKE: accurate and lightweight keypoint detection and
 * descriptor extraction}
 */
export function createAlike(name: AlikeName): LocalFeatureModel {
  requireName("createAlike", "name", name, alikeVariants);
  const { channels, dimension, headLayers } = alikeVariants[name];
  const [c1, c2, c3, c4] = channels;
  const blocks = [
    chain(convolved("block1", 1, 3, c1), convolved("block1", 2, c1, c1)),
    residual("block2", c1, c2),
    residual("block3", c2, c3),
    residual("block4", c3, c4),
  ];
  const quarters = channels.map((input, i) =>
    chain(convolution(`conv${i + 1}`, { in: input, out: dimension / 4 }), operation(relu)),
  );
  const head = chain(
    ...(headLayers === 2
      ? [convolution("convhead1", { in: dimension, out: dimension }), operation(relu)]
      : []),
    convolution("convhead2", { in: dimension, out: dimension + 1 }),
  );
  const shapes = shapesOf([...blocks, ...quarters, head]);

  return {
    name,
    dimension,
    shapes,
    classifier: [],
    initialize: ({ seed }) => initializeParameters(shapes, seed),
    apply(parameters, images, options = {}) {
      requireShape(name, "images", images.shape, ["N", "H", "W", 3]);
      return tidy(() => {
        const pass = beginPass(name, shapes, parameters, options);
        const [batch, height, width] = images.shape;
        let x = paddedTo32(images);
        const [, rows, columns] = x.shape;
        const maps = blocks.map((block, i) => {
          const shrink = [1, 2, 4, 4][i]!;
          x = block.apply(pass, shrink === 1 ? x : maxPool(x, shrink, shrink, 0));
          const quarter = quarters[i]!.apply(pass, x);
          return i === 0 ? quarter : image.resizeBilinear(quarter, [rows, columns], true);
        });
        const joined = head.apply(pass, concat(maps, 3));
        const shown = slice(joined, [0, 0, 0, 0], [batch, height, width, dimension + 1]);
        return {
          scores: sigmoid(slice(shown, [0, 0, 0, dimension], [batch, height, width, 1])),
          descriptors: slice(shown, [0, 0, 0, 0], [batch, height, width, dimension]),
          statistics: pass.statistics,
        };
      });
    },
  };
}

function convolved(block: string, index: number, input: number, output: number): Layer {
  return chain(
    convolution(`${block}.conv${index}`, { in: input, out: output, size: 3 }),
    batchNormalization(`${block}.bn${index}`, output),
    operation(relu),
  );
}

/** `relu(shortcut(x) + f(x))` with two 3 × 3 convolutions; the shortcut is a 1 × 1 convolution with bias. */
function residual(name: string, input: number, output: number): Layer {
  const first = convolved(name, 1, input, output);
  const second = chain(
    convolution(`${name}.conv2`, { in: output, out: output, size: 3 }),
    batchNormalization(`${name}.bn2`, output),
  );
  const shortcut = convolution(`${name}.downsample`, { in: input, out: output, bias: true });
  return {
    shapes: shapesOf([first, second, shortcut]),
    apply: (pass, x) => {
      const branch = second.apply(pass, first.apply(pass, x));
      return relu(add<Tensor4D>(branch, shortcut.apply(pass, x)));
    },
  };
}

function paddedTo32(images: Tensor4D): Tensor4D {
  const [, height, width] = images.shape;
  const missing = (side: number): number => (32 - (side % 32)) % 32;
  if (missing(height) + missing(width) === 0) return images;
  return pad(images, [
    [0, 0],
    [0, missing(height)],
    [0, missing(width)],
    [0, 0],
  ]);
}
