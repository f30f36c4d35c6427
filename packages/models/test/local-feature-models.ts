import type { LocalFeatureModel, NamedArrays } from "@lmk/models";
import type { Pixels } from "@lmk/models/images";
import {
  type CompileFunction,
  createLocalFeatureExtractor,
  type LocalFeatureExtractor,
  type LocalFeatureExtractorOptions,
} from "@lmk/models/local-features";
import * as tf from "@tensorflow/tfjs-core";
import { painted } from "./embedder-models.ts";

/** A network whose score is the red of a pixel, and its descriptor all colors times its only parameter. */
export const colors: LocalFeatureModel = {
  name: "colors",
  dimension: 3,
  shapes: { factor: [3] },
  classifier: [],
  initialize: () => ({ factor: { shape: [3], data: Float32Array.of(1, 2, 3) } }),
  apply: ({ factor }, images) => ({
    scores: tf.slice(images, [0, 0, 0, 0], [-1, -1, -1, 1]),
    descriptors: tf.mul(images, factor!) as tf.Tensor4D,
    statistics: {},
  }),
};

export const weights: NamedArrays = colors.initialize({ seed: 0 });

/** Dots of red on blue. */
export function dotted(
  width: number,
  height: number,
  dots: readonly (readonly [number, number, number])[],
): Pixels {
  const image = painted([0, 0, 255], width, height);
  for (const [x, y, red] of dots) image.data[3 * (y * width + x)] = red;
  return image;
}

/** An extractor with {@link colors}. */
export const network = (
  options: Partial<LocalFeatureExtractorOptions> & { readonly compile?: CompileFunction } = {},
): Promise<LocalFeatureExtractor> => {
  const { compile, ...others } = options;
  const method = { kind: "network", model: colors, weights } as const;
  return createLocalFeatureExtractor({
    method: compile === undefined ? method : { ...method, compile },
    ...others,
  });
};
