import { type Tensor, type Tensor4D, tensor, tensor4d, tidy } from "@tensorflow/tfjs-core";
import type { EmbeddingModel } from "../model.ts";
import { embedMultiScale, type MultiScaleOptions } from "../multi-scale.ts";
import type { NamedArrays, Parameters } from "../parameters.ts";
import type { Network } from "./engine.ts";

/** A function that was compiled. */
export interface CompiledFunction {
  run(
    inputs: Readonly<Record<string, Float32Array>>,
  ): Promise<Readonly<Record<string, { readonly data: ArrayLike<number> }>>>;
  dispose(): Promise<void>;
}

/**
 * Makes a fast function of a function on tensors: `compile` of `@lmk/compile`, or one that passes it options.
 *
 * @param fn - From the image batch `images` to the output `embedding`.
 * @param signature - The shape of the batch.
 */
export type CompileFunction = (
  fn: (inputs: Readonly<Record<string, Tensor>>) => { readonly outputs: Readonly<Record<string, Tensor>> },
  signature: { readonly inputs: { readonly images: { readonly shape: readonly number[] } } },
) => Promise<CompiledFunction>;

/** What is run, and how. */
export interface ModelOptions {
  readonly model: EmbeddingModel;
  readonly weights: NamedArrays;
  readonly multiScale: MultiScaleOptions | undefined;
}

/** Compiled functions that are kept, each with its own copy of the weights: those of the latest sizes. */
const keptSizes = 8;

/** Refuses weights that the model cannot run with. */
export function requireWeights(caller: string, model: EmbeddingModel, weights: NamedArrays): void {
  for (const [name, shape] of Object.entries(model.shapes)) {
    const actual = weights[name]?.shape;
    if (String(actual) === String(shape)) continue;
    const got = actual === undefined ? "none" : `[${actual}]`;
    throw new RangeError(`${caller}: expected \`weights\` to have ${name} of shape [${shape}], got ${got}`);
  }
}

/** The model on the current backend of TensorFlow.js. */
export function createEagerNetwork(options: ModelOptions): Network {
  const parameters = tensorsOf(options);
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
  const made = new Map<string, CompiledFunction>();
  const compiledFor = async (height: number, width: number): Promise<CompiledFunction> => {
    const key = `${height} × ${width}`;
    const compiled =
      made.get(key) ??
      (await compile(
        ({ images }) => ({
          outputs: { embedding: embed(options, tensorsOf(options), images as Tensor4D) },
        }),
        { inputs: { images: { shape: [batchSize, height, width, 3] } } },
      ));
    made.delete(key);
    made.set(key, compiled);
    const [oldest] = made;
    if (made.size > keptSizes && oldest !== undefined) {
      made.delete(oldest[0]);
      await oldest[1].dispose();
    }
    return compiled;
  };
  return {
    dimension: model.dimension,
    size: undefined,
    batch: batchSize,
    async runBatch(_caller, { data, height, width }) {
      const compiled = await compiledFor(height, width);
      const { embedding } = await compiled.run({ images: data });
      return new Float32Array(embedding!.data);
    },
    async dispose() {
      await Promise.all([...made.values()].map((compiled) => compiled.dispose()));
    },
  };
}

function tensorsOf({ model, weights }: ModelOptions): Parameters {
  return Object.fromEntries(
    Object.keys(model.shapes).map((name) => {
      const { data, shape } = weights[name]!;
      return [name, tensor(data, [...shape])];
    }),
  );
}

function embed({ model, multiScale }: ModelOptions, parameters: Parameters, images: Tensor4D): Tensor {
  return multiScale === undefined
    ? model.apply(parameters, images).embedding
    : embedMultiScale(model, parameters, images, multiScale);
}
