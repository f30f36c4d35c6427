import { loadWeights } from "../../checkpoints.ts";
import type { CompileFunction } from "../../networks/compiled-sizes.ts";
import { isCheckpoint, requireWeights } from "../../networks/weights.ts";
import type { NamedArrays } from "../../parameters.ts";
import { requireName, requirePositiveInteger } from "../../require.ts";
import type { ImageSource } from "../../sources/image-source.ts";
import type { Items } from "../../sources/read-ahead.ts";
import type { LocalFeatureModel } from "../alike.ts";
import { collectFeatures, type ExtractedImages } from "./collect-features.ts";
import type { Detector } from "./detector.ts";
import { type ExtractedImage, type ExtractOptions, extractImages } from "./extract-images.ts";
import { createNetworkDetector } from "./network-detector.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { createOnnxDetector } from "./onnx-detector.ts";
import type { OnnxFeatures } from "./onnx-options.ts";
import { createSiftDetector, type SiftDetectorOptions } from "./sift-detector.ts";

/** Local features by `detectSift`, with its options. */
export interface SiftMethod extends SiftDetectorOptions {
  readonly kind: "sift";
}

/** Local features of a network of this package. */
export interface NetworkFeatures {
  readonly kind: "network";
  /** Such as `createAlike` gives. It takes red, green and blue from 0 to 1. */
  readonly model: LocalFeatureModel;
  /** A checkpoint's path or bytes, or arrays by name as `initialize` and `loadWeights` give them. */
  readonly weights: string | Uint8Array | NamedArrays;
  /**
   * Makes a fast function of the model: `compile` of `@lmk/compile`. It is called once for each size of images, and the
   * functions of the 8 latest sizes are kept. Without it the model runs on the current backend of TensorFlow.js.
   */
  readonly compile?: CompileFunction;
  /**
   * Points with this score or a lower one are left out, see `detectKeypoints`.
   *
   * @defaultValue 0.2, of the authors of ALIKE
   */
  readonly threshold?: number;
  /**
   * Sides are padded to a multiple of this at the right and below, with zeros, and the maps cut back: fewer sizes to compile
   * for photos of many sizes.
   *
   * @defaultValue 32, to which ALIKE pads by itself, so that no feature changes; with a larger one they change a little
   */
  readonly multiple?: number;
}

/** Options of {@link createLocalFeatureExtractor}. */
export interface LocalFeatureExtractorOptions {
  /** What finds the features. */
  readonly method: SiftMethod | NetworkFeatures | OnnxFeatures;
  /**
   * The longest side that images are shrunk to, in pixels, by means over areas; smaller ones stay as they are. Points are in
   * pixels of the image as it came all the same.
   *
   * @defaultValue none, or the size of an ONNX file that takes no other
   */
  readonly maxSide?: number;
  /**
   * The most features of an image, those with the best scores.
   *
   * @defaultValue 1000, as the first place of 2019 took of DELF
   */
  readonly limit?: number;
  /**
   * Whether each descriptor is divided by its length. One of length 0 stays as it is.
   *
   * @defaultValue true
   */
  readonly normalize?: boolean;
  /**
   * Whether files and bytes are turned as their EXIF orientation says. Points are in pixels of the turned image.
   *
   * @defaultValue true
   */
  readonly autoOrient?: boolean;
  /**
   * Images that are read ahead of the network, at most. Each holds its pixels in memory.
   *
   * @defaultValue 8
   */
  readonly concurrency?: number;
}

/** Turns images into local features. Its runs take turns, image by image. */
export interface LocalFeatureExtractor {
  /** Length of a descriptor; undefined if an ONNX file does not say it. */
  readonly dimension: number | undefined;
  /**
   * Extracts features of a stream of images, one after the other in their order, in constant memory. An image that cannot be
   * read, or at which an ONNX file fails, is reported in its place and stops nothing.
   *
   * @throws The reason of `signal`, once it is aborted; what `images` throws; TypeError if `images` is a single string or
   * holds what is no image at all; RangeError after {@link LocalFeatureExtractor.dispose}, or if outputs of an ONNX file have
   * other shapes than features have; Error if the package sharp is missing.
   */
  extract(
    images: Items<ImageSource>,
    options?: ExtractOptions,
  ): AsyncGenerator<ExtractedImage, void, undefined>;
  /**
   * Extracts features of a list of images, in the form that `countInliers` of `@lmk/rerank/geometry` takes.
   *
   * @throws As {@link LocalFeatureExtractor.extract}.
   */
  extractAll(images: Items<ImageSource>, options?: ExtractOptions): Promise<ExtractedImages>;
  /** Frees the network, once the image under way is through. */
  dispose(): Promise<void>;
}

/**
 * Prepares SIFT or a network for turning images into local features: points, scores and descriptors.
 *
 * Images are decoded by sharp, an optional peer, as for `createEmbedder` of `@lmk/models/embedder`; ONNX files run on
 * onnxruntime-node, an optional peer. The best `limit` features of an image come best first: by the response of SIFT, the
 * score of a network. Points lie where the middle of the first pixel is 0, 0, in pixels of the image as it came:
 * `(x + 0.5) * width / shrunk width - 0.5` of one that was shrunk.
 *
 * @throws RangeError if a number is out of range, the method is unknown, weights do not fit, or an ONNX file cannot be opened
 * or its features not be told; CheckpointError if a checkpoint cannot be read or does not fit; Error if a package is missing.
 *
 * @example
 * ```ts
 * import { createLocalFeatureExtractor } from "@lmk/models/local-features";
 *
 * const data = new Uint8Array(48 * 48 * 3);
 * for (let i = 0; i < 48 * 48; i++) {
 *   data.fill(255 * Math.exp(-((i % 48) - 20) ** 2 / 18 - (Math.floor(i / 48) - 27) ** 2 / 18), 3 * i, 3 * i + 3);
 * }
 * const extractor = await createLocalFeatureExtractor({ method: { kind: "sift", upright: true } });
 * const { features } = await extractor.extractAll([{ data, width: 48, height: 48, channels: 3 }]);
 * [...features.locations].map(Math.round); // => [20, 27]
 * features.descriptors.columns; // => 128
 * ```
 */
export async function createLocalFeatureExtractor(
  options: LocalFeatureExtractorOptions,
): Promise<LocalFeatureExtractor> {
  const { limit = 1000, maxSide, normalize = true, autoOrient = true, concurrency = 8 } = options;
  requirePositiveInteger(caller, "limit", limit);
  requirePositiveInteger(caller, "concurrency", concurrency);
  if (maxSide !== undefined) requirePositiveInteger(caller, "maxSide", maxSide);
  const detector = oneAtATime(await openDetector(options.method));
  const settings = { detector, limit, maxSide, normalize, autoOrient, concurrency };
  return {
    dimension: detector.dimension,
    extract: (images, extractOptions = {}) => extractImages(settings, images, extractOptions),
    extractAll: (images, extractOptions = {}) =>
      collectFeatures(extractImages(settings, images, extractOptions), detector.dimension),
    dispose: () => detector.dispose(),
  };
}

const caller = "createLocalFeatureExtractor";

async function openDetector(method: LocalFeatureExtractorOptions["method"]): Promise<Detector> {
  requireName(caller, "method.kind", method.kind, { sift: 0, network: 0, onnx: 0 });
  if (method.kind === "onnx") return createOnnxDetector(caller, method);
  if (method.kind === "sift") {
    const { kind: _, ...options } = method;
    return createSiftDetector(options);
  }
  const { model, weights, compile, threshold, multiple = 32 } = method;
  requirePositiveInteger(caller, "multiple", multiple);
  if (threshold !== undefined && !(threshold >= 0 && threshold <= 1)) {
    throw new RangeError(`${caller}: expected \`threshold\` to be between 0 and 1, got ${threshold}`);
  }
  const arrays = isCheckpoint(weights) ? await loadWeights(model, weights) : weights;
  requireWeights(caller, model, arrays);
  return createNetworkDetector({ model, weights: arrays, compile, threshold, multiple });
}
