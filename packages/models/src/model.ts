import type { Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { NamedArrays, Parameters } from "./parameters.ts";

/** How a model runs. */
export interface ApplyOptions {
  /**
   * Whether the model is being trained.
   *
   * @defaultValue false
   */
  readonly training?: boolean;
  /**
   * `"batch"` normalizes with the batch's own mean and variance and gives back updated running ones; `"running"`
   * normalizes with the running ones and leaves them.
   *
   * @defaultValue "batch" when training, else "running"
   */
  readonly batchNorm?: "batch" | "running";
}

/** Options of a model's `initialize`. */
export interface InitializeOptions {
  /** Any whole number; the same seed gives the same weights. */
  readonly seed: number;
}

/** A network from images to a map of features. */
export interface Backbone {
  readonly name: string;
  /** Channels of the feature map. */
  readonly channels: number;
  /** Pixels of the image per cell of the feature map. */
  readonly stride: number;
  /** Shape of each parameter, by its name in the reference; filters as `[height, width, in, out]`. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Initial weights, drawn as the reference draws them. */
  readonly initialize: (options: InitializeOptions) => NamedArrays;
  /** Features `[N, ⌈H / stride⌉, ⌈W / stride⌉, channels]` of images `[N, H, W, 3]`. */
  readonly apply: (parameters: Parameters, images: Tensor4D, options?: ApplyOptions) => BackboneOutput;
}

/** What a {@link Backbone} gives back. */
export interface BackboneOutput {
  readonly features: Tensor4D;
  /** New running means and variances by name; empty where batch norm used the running ones. */
  readonly statistics: Parameters;
}

/** A network from images to one embedding each. */
export interface EmbeddingModel {
  readonly name: string;
  /** Length of an embedding. */
  readonly dimension: number;
  /** Pixels of the image per cell of the last feature map. */
  readonly stride: number;
  /** Shape of each parameter, by its name; filters as `[height, width, in, out]`. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Initial weights, drawn as the reference draws them. */
  readonly initialize: (options: InitializeOptions) => NamedArrays;
  /** Embeddings `[N, dimension]`, not normalized, of images `[N, H, W, 3]`. */
  readonly apply: (parameters: Parameters, images: Tensor4D, options?: ApplyOptions) => EmbeddingOutput;
}

/** What an {@link EmbeddingModel} gives back. */
export interface EmbeddingOutput {
  readonly embedding: Tensor2D;
  /** New running means and variances by name; empty where batch norm used the running ones. */
  readonly statistics: Parameters;
}

/** How a forward pass goes: where weights come from, and where new running statistics go. */
export interface Pass {
  readonly parameters: Parameters;
  readonly batchNorm: "batch" | "running";
  readonly statistics: Record<string, Parameters[string]>;
}

/** Begins a forward pass, checking that every parameter is there in its shape. */
export function beginPass(
  caller: string,
  shapes: Readonly<Record<string, readonly number[]>>,
  parameters: Parameters,
  options: ApplyOptions,
): Pass {
  for (const [name, shape] of Object.entries(shapes)) {
    const actual = parameters[name]?.shape;
    if (actual === undefined || String(actual) !== String(shape)) {
      const got = actual === undefined ? "none" : `[${actual}]`;
      throw new RangeError(
        `${caller}: expected \`parameters\` to have ${name} of shape [${shape}], got ${got}`,
      );
    }
  }
  const { training = false, batchNorm = training ? "batch" : "running" } = options;
  return { parameters, batchNorm, statistics: {} };
}
