import type { Tensor, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { NamedArrays, Parameters } from "./parameters.ts";

/** Shape of each parameter, by its name in the reference; filters as `[height, width, in, out]`. */
export type Shapes = Readonly<Record<string, readonly number[]>>;

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
  /**
   * Where a model with dropout or stochastic depth gets its chance from while it is trained. The same numbers give the
   * same result.
   *
   * @defaultValue none: such a model refuses to be trained
   */
  readonly random?: RandomSource;
  /**
   * Synchronized batch norm: with `batchNorm: "batch"`, mean and variance are those of the batches of all replicas of a
   * data-parallel job together, forward and backward, as torch's SyncBatchNorm has it. All replicas must see batches of
   * the same shape. Instance norm stays what it is.
   *
   * @defaultValue none: the statistics of this batch alone
   */
  readonly replicas?: ReplicaGroup;
}

/** The replicas of a data-parallel job, as a model's function sees them. */
export interface ReplicaGroup {
  /** Which of them this one is, from 0. */
  readonly rank: number;
  /** How many there are, this one included. */
  readonly size: number;
  /**
   * The mean of a tensor over the replicas, with equal results on all; such as `replicaMean` of `@lmk/compile`. Each
   * batch norm calls it once forward and once backward.
   */
  readonly mean: <T extends Tensor>(x: T) => T;
}

/**
 * Draws a tensor of ones and zeros, each one with a probability between 0 and 1, and others at every call.
 *
 * @param shape - Sizes of the tensor.
 */
export type RandomSource = (shape: readonly number[], probability: number) => Tensor;

/** Options of a model's `initialize`. */
export interface InitializeOptions {
  /** Any whole number; the same seed gives the same weights. */
  readonly seed: number;
}

/** One of the maps of features that a {@link Backbone} gives. */
export interface Level {
  readonly channels: number;
  /** Pixels of the image per cell. */
  readonly stride: number;
}

/** A network from images to maps of features. */
export interface Backbone {
  readonly name: string;
  /** Channels of the last map. */
  readonly channels: number;
  /** Pixels of the image per cell of the last map. */
  readonly stride: number;
  /** The maps, from the finest to the last. */
  readonly levels: readonly Level[];
  readonly shapes: Shapes;
  /** Parameters of the reference's classifier: its checkpoints hold them, this network does not. */
  readonly classifier: readonly string[];
  /** Initial weights, drawn as the reference draws them. */
  readonly initialize: (options: InitializeOptions) => NamedArrays;
  /** Features `[N, ⌈H / stride⌉, ⌈W / stride⌉, channels]` of images `[N, H, W, 3]`. */
  readonly apply: (parameters: Parameters, images: Tensor4D, options?: ApplyOptions) => BackboneOutput;
}

/** What a {@link Backbone} gives back. */
export interface BackboneOutput {
  /** The last of the maps. */
  readonly features: Tensor4D;
  /** All maps, in the order of {@link Backbone.levels}. */
  readonly levels: readonly Tensor4D[];
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
  readonly shapes: Shapes;
  /** Parameters of the reference's classifier: its checkpoints hold them, this network does not. */
  readonly classifier: readonly string[];
  /** Parameters that the reference keeps at their initial values while it trains; none unless given. */
  readonly frozen?: readonly string[];
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
