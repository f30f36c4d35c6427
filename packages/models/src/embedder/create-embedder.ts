import { loadWeights } from "../checkpoints.ts";
import { squash } from "../images/geometry.ts";
import type { Preprocessing } from "../images/preprocessing.ts";
import { preprocessings } from "../images/preprocessing.ts";
import type { EmbeddingModel } from "../model.ts";
import { type MultiScaleOptions, requireMultiScale } from "../multi-scale.ts";
import type { CompileFunction } from "../networks/compiled-sizes.ts";
import { isCheckpoint, requireWeights } from "../networks/weights.ts";
import type { NamedArrays } from "../parameters.ts";
import { requireName, requirePositiveInteger } from "../require.ts";
import type { ImageSource } from "../sources/image-source.ts";
import type { Items } from "../sources/read-ahead.ts";
import { collectRows, type EmbeddedImages } from "./collect-rows.ts";
import { type EmbeddedBatch, type EmbedOptions, embedImages, embedPrepared } from "./embed-images.ts";
import { createEngine, type Network, type PreparedImages } from "./engine.ts";
import { createCompiledNetwork, createEagerNetwork } from "./model-networks.ts";
import { createOnnxNetwork, type OnnxModel } from "./onnx-network.ts";
import type { EmbeddingRows, Storage } from "./rows.ts";

/** Options of {@link createEmbedder}. */
export interface EmbedderOptions<S extends Storage = "float32"> {
  /** A model of this package, such as `createEmbeddingModel` gives, or an ONNX file. */
  readonly model: EmbeddingModel | OnnxModel;
  /**
   * The model's weights: a checkpoint's path or bytes, or arrays by name as `initialize` and `loadWeights` give them. An
   * ONNX file brings its own.
   */
  readonly weights?: string | Uint8Array | NamedArrays;
  /**
   * Side of the square that images are warped to, in pixels, with OpenCV's bilinear filter and ImageNet's mean and
   * deviation. For any other way give `preprocessing`.
   *
   * @defaultValue the size of an ONNX file that takes no other, else 224
   */
  readonly size?: number;
  /**
   * How an image becomes the network's input, such as `preprocessings.gld2019("L2")` of `@lmk/models/images`.
   *
   * @defaultValue the square of `size`
   */
  readonly preprocessing?: Preprocessing;
  /**
   * Embeds images at several scales, as {@link embedMultiScale} does; a list of factors stands for the 2019 winners' way
   * with these scales. Not with an ONNX file.
   *
   * @defaultValue one scale, as it is
   */
  readonly scales?: readonly number[] | MultiScaleOptions;
  /**
   * Makes a fast function of the model: `compile` of `@lmk/compile`. It is called once for each size of images, and the
   * functions of the 8 latest sizes are kept. Without it the model runs on the current backend of TensorFlow.js.
   */
  readonly compile?: CompileFunction;
  /**
   * Images that go through the network together.
   *
   * @defaultValue 8
   */
  readonly batchSize?: number;
  /**
   * Whether each embedding is divided by its length. One of length 0 stays as it is.
   *
   * @defaultValue true
   */
  readonly normalize?: boolean;
  /**
   * How embeddings are kept: `"float16"` halves their memory, see {@link toFloat16} for what it loses.
   *
   * @defaultValue "float32"
   */
  readonly storage?: S;
  /**
   * Whether files and bytes are turned as their EXIF orientation says, as OpenCV does and Pillow does not.
   *
   * @defaultValue true
   */
  readonly autoOrient?: boolean;
  /**
   * Images that are read ahead of the network, at most. Each holds its pixels in memory until it is resized.
   *
   * @defaultValue twice `batchSize`, at least 8
   */
  readonly concurrency?: number;
}

/** Turns images into embeddings. Its runs take turns, batch by batch. */
export interface Embedder<S extends Storage = "float32"> {
  /** Length of an embedding; undefined if an ONNX file does not say it. */
  readonly dimension: number | undefined;
  /**
   * Embeds a stream of images, batch by batch, in constant memory.
   *
   * Images of the same size go together, so batches come as they fill up: `rows` says which images they hold. When 8
   * batches' worth of images wait in batches of several sizes, the oldest of these goes as it is. An image that cannot be
   * read is reported in `failures` of a later batch and stops nothing.
   *
   * @throws The reason of `signal`, once it is aborted; what `images` throws; TypeError if `images` is a single string or
   * holds what is no image at all; RangeError after {@link Embedder.dispose}, if `preprocessing` makes images of a size that
   * an ONNX file or the model refuses (a Swin those that do not fit its windows), or if an ONNX file's output is not
   * `[N, D]`; Error if the package sharp is missing.
   */
  embed(
    images: Items<ImageSource>,
    options?: EmbedOptions,
  ): AsyncGenerator<EmbeddedBatch<S>, void, undefined>;
  /**
   * Embeds a list of images, in its order.
   *
   * @throws As {@link Embedder.embed}.
   */
  embedAll(images: Items<ImageSource>, options?: EmbedOptions): Promise<EmbeddedImages<S>>;
  /**
   * Embeds images that are prepared already, such as a data loader's batches. A compiled network runs them `batchSize` at
   * a time, an ONNX file as many as it takes, any other all at once.
   *
   * @param images - `count × height × width × 3` normalized values at least, RGB.
   * @returns A row for each image, in the form that `normalize` and `storage` say.
   * @throws RangeError if `count` is not a whole number of at least 0 or a side not one above 0, if there are fewer values,
   * if the network takes another size or an ONNX file's output is not `[N, D]`, or after {@link Embedder.dispose}.
   */
  embedPrepared(images: PreparedImages): Promise<EmbeddingRows<S>>;
  /** Frees the network, once the batch under way is through. */
  dispose(): Promise<void>;
}

/**
 * Prepares a network for turning images into embeddings.
 *
 * Images are decoded by sharp, an optional peer, at their full size, and then resized by this package as the solution's
 * library does it; see `resizePixels` of `@lmk/models/images`. They become red, green and blue of 8 bits, as with OpenCV
 * and Pillow: gray is repeated, transparency dropped, color profiles are passed over, and of an animation the first
 * picture is taken. A sharp object brings its own settings. Decoding runs on sharp's threads, ahead of the network. ONNX
 * files run on onnxruntime-node, an optional peer.
 *
 * @throws RangeError if a number is out of range, `scales` are such as {@link embedMultiScale} refuses, weights are
 * missing, do not fit or are given with an ONNX file, both `size` and `preprocessing` are given, or an ONNX file cannot be
 * opened or has no such input or output; CheckpointError if a checkpoint cannot be read or does not fit; Error if a package
 * is missing.
 *
 * @example
 * ```ts
 * import "@tensorflow/tfjs-backend-cpu";
 * import { createEmbeddingModel, createResNet } from "@lmk/models";
 * import { createEmbedder } from "@lmk/models/embedder";
 *
 * const model = createEmbeddingModel({ backbone: createResNet("resnet18", { width: 4 }) });
 * const embedder = await createEmbedder({ model, weights: model.initialize({ seed: 1 }), size: 64 });
 * const photo = { data: new Uint8Array(80 * 60 * 3).fill(128), width: 80, height: 60, channels: 3 };
 * const { embeddings, rows } = await embedder.embedAll([photo, photo]);
 * [embeddings.rows, embeddings.columns, ...rows]; // => [2, 512, 0, 1]
 * ```
 */
export async function createEmbedder<S extends Storage = "float32">(
  options: EmbedderOptions<S>,
): Promise<Embedder<S>> {
  const { batchSize = 8, normalize = true, autoOrient = true, size } = options;
  const { concurrency = Math.max(8, 2 * batchSize), storage = "float32" as S } = options;
  requirePositiveInteger("createEmbedder", "batchSize", batchSize);
  requirePositiveInteger("createEmbedder", "concurrency", concurrency);
  requireName("createEmbedder", "storage", storage, { float32: 0, float16: 0 });
  if (size !== undefined) requirePositiveInteger("createEmbedder", "size", size);
  if (size !== undefined && options.preprocessing !== undefined) {
    throw new RangeError("createEmbedder: expected `size` or `preprocessing`, got both");
  }
  const engine = createEngine(await openNetwork(options, batchSize));
  const square = preprocessings.gld2021First(size ?? 224);
  const whole = engine.size === undefined ? {} : { geometry: squash(engine.size) };
  const preprocessing = options.preprocessing ?? (size === undefined ? { ...square, ...whole } : square);
  const settings = { engine, preprocessing, batchSize, concurrency, normalize, storage, autoOrient };
  return {
    dimension: engine.dimension,
    embed: (images, embedOptions = {}) => embedImages(settings, images, embedOptions),
    embedAll: (images, embedOptions = {}) =>
      collectRows(embedImages(settings, images, embedOptions), storage, engine.dimension),
    embedPrepared: (images) => embedPrepared("embedPrepared", settings, images),
    dispose: () => engine.dispose(),
  };
}

async function openNetwork(options: EmbedderOptions<Storage>, batchSize: number): Promise<Network> {
  const { model, weights, scales, compile } = options;
  if ("onnx" in model) {
    const refused = Object.entries({ weights, scales, compile }).find(([, value]) => value !== undefined);
    if (refused === undefined) return createOnnxNetwork("createEmbedder", model);
    throw new RangeError(`createEmbedder: expected no \`${refused[0]}\` with an ONNX file, got some`);
  }
  if (weights === undefined) {
    throw new RangeError("createEmbedder: expected `weights` to be a checkpoint or arrays by name, got none");
  }
  const multiScale = isList(scales) ? { scales } : scales;
  if (multiScale !== undefined) requireMultiScale("createEmbedder", multiScale);
  const arrays = isCheckpoint(weights) ? await loadWeights(model, weights) : weights;
  requireWeights("createEmbedder", model, arrays);
  const modelOptions = { model, weights: arrays, multiScale };
  if (compile === undefined) return createEagerNetwork(modelOptions);
  return createCompiledNetwork({ ...modelOptions, compile, batchSize });
}

function isList(scales: EmbedderOptions["scales"]): scales is readonly number[] {
  return Array.isArray(scales);
}
