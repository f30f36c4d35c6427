import type { EmbeddingModel } from "@lmk/models";
import type { CompileFunction } from "@lmk/models/embedder";
import type { Pixels, Preprocessing } from "@lmk/models/images";
import { squash } from "@lmk/models/images";
import * as tf from "@tensorflow/tfjs-core";

/** A network that gives back the mean of each color, times its only parameter. */
export const colors: EmbeddingModel = {
  name: "colors",
  dimension: 3,
  stride: 1,
  shapes: { factor: [3] },
  classifier: [],
  initialize: () => ({ factor: { shape: [3], data: Float32Array.of(1, 1, 1) } }),
  apply: ({ factor }, images) => ({
    embedding: tf.mul(tf.mean<tf.Tensor2D>(images, [1, 2]), factor!) as tf.Tensor2D,
    statistics: {},
  }),
};

/** A network that gives back what it is given, of images of 2 × 2 pixels. */
export const echo: EmbeddingModel = {
  name: "echo",
  dimension: 12,
  stride: 1,
  shapes: {},
  classifier: [],
  initialize: () => ({}),
  apply: (_, images) => ({ embedding: tf.reshape(images, [-1, 12]) as tf.Tensor2D, statistics: {} }),
};

/** Bytes as they are, scaled to 0 to 1, at one size. */
export const plain = (width: number, height: number = width): Preprocessing => ({
  geometry: squash({ width, height }),
  kernel: "opencv-linear",
  mean: [0, 0, 0],
  std: [1, 1, 1],
});

/** Bytes as they are, scaled to 0 to 1, at each image's own size. */
export const ownSize: Preprocessing = {
  ...plain(1),
  geometry: ({ width, height }) => ({ resize: { width, height } }),
};

/** An image of one color. */
export function painted(color: readonly [number, number, number], width = 4, height = 3): Pixels {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => color[i % 3]!);
  return { data, width, height, channels: 3 };
}

/** What {@link fakeCompile} did, in order. */
export interface CompileLog {
  readonly events: string[];
}

/** Runs functions eagerly, and tells for which shapes it was called. */
export function fakeCompile(log: CompileLog): CompileFunction {
  return async (fn, { inputs }) => {
    const shape = [...inputs.images.shape];
    log.events.push(`compile ${shape.join("×")}`);
    return {
      async run({ images }) {
        if (images!.length !== tf.util.sizeFromShape(shape)) throw new Error(`got ${images!.length} values`);
        const embedding = tf.tidy(() => fn({ images: tf.tensor(images!, shape) }).outputs.embedding!);
        const data = await embedding.data();
        embedding.dispose();
        return { embedding: { data } };
      },
      async dispose() {
        log.events.push(`dispose ${shape.join("×")}`);
      },
    };
  };
}
