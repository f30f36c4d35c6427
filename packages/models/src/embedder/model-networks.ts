import { type Tensor, type Tensor4D, tensor4d, tidy } from "@tensorflow/tfjs-core";
import type { EmbeddingModel } from "../model.ts";
import { embedMultiScale, type MultiScaleOptions } from "../multi-scale.ts";
import { type CompileFunction, compiledSizes } from "../networks/compiled-sizes.ts";
import { tensorsOf } from "../networks/weights.ts";
import type { NamedArrays, Parameters } from "../parameters.ts";
import type { Network } from "./engine.ts";

/** What is run, and how. */
export interface ModelOptions {
  readonly model: EmbeddingModel;
  readonly weights: NamedArrays;
  readonly multiScale: MultiScaleOptions | undefined;
}

/** The model on the current backend of TensorFlow.js. */
export function createEagerNetwork(options: ModelOptions): Network {
  const parameters = tensorsOf(options.model.shapes, options.weights);
  return {
    dimension: options.model.dimension,
    size: undefined,
    batch: undefined,
    async runBatch(_caller, { data, count, height, width }) {
      const images = data.subarray(0, count * height * width * 3);
      const embedding = tidy(() => embed(options, parameters, tensor4d(images, [count, height, width, 3])));
      const values = await embedding.data();
      embedding.dispose();
      return values as Float32Array;
    },
    async dispose() {
      for (const parameter of Object.values(parameters)) parameter.dispose();
    },
  };
}

/** The model compiled for each size of images, for batches of a fixed length. */
export function createCompiledNetwork(
  options: ModelOptions & { readonly compile: CompileFunction; readonly batchSize: number },
): Network {
  const { model, compile, batchSize } = options;
  const sizes = compiledSizes(compile, ({ images }) => ({
    outputs: {
      embedding: embed(options, tensorsOf(options.model.shapes, options.weights), images as Tensor4D),
    },
  }));
  return {
    dimension: model.dimension,
    size: undefined,
    batch: batchSize,
    async runBatch(_caller, { data, height, width }) {
      const compiled = await sizes.at([batchSize, height, width, 3]);
      const { embedding } = await compiled.run({ images: data });
      return new Float32Array(embedding!.data);
    },
    dispose: sizes.dispose,
  };
}

function embed({ model, multiScale }: ModelOptions, parameters: Parameters, images: Tensor4D): Tensor {
  return multiScale === undefined
    ? model.apply(parameters, images).embedding
    : embedMultiScale(model, parameters, images, multiScale);
}
