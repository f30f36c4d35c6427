import type { Tensor } from "@tensorflow/tfjs-core";

/** Weights by the name the reference checkpoint uses. */
export type Parameters = Readonly<Record<string, Tensor>>;

/** One array of float32 values with its shape, row-major. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Weights outside TensorFlow.js, by name: initial values and checkpoints. */
export type NamedArrays = Readonly<Record<string, NamedArray>>;
