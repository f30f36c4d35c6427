import type { Tensor2D } from "@tensorflow/tfjs-core";
import { type InitialRule, type InitialValues, initializeParameters } from "../initialize.ts";
import { chain, type Layer } from "../layers/layer.ts";
import type { VectorLayer } from "../layers/vector-layer.ts";

/** The layers of a model behind its pooling; {@link linearNeck} and the others beside it describe one. */
export interface Neck {
  /** The neck for vectors of so many values. */
  readonly layer: (channels: number) => NeckLayer;
}

/** A neck for vectors of one length. */
export interface NeckLayer extends VectorLayer {
  /** Parameters that its solution keeps at their initial values. */
  readonly frozen: readonly string[];
}

/** Names that a neck's linear layer and batch norm have in a checkpoint. */
export interface NeckNames {
  readonly linear: string;
  readonly norm: string;
}

/** A neck from its layers. */
export function neckLayer(
  layers: readonly Layer<Tensor2D>[],
  made: {
    readonly dimension: number;
    readonly initial?: InitialRule;
    readonly frozen?: readonly string[];
  },
): NeckLayer {
  const { dimension, initial, frozen = [] } = made;
  const { shapes, apply } = chain(...layers);
  return {
    dimension,
    shapes,
    frozen,
    initialize: ({ seed }) => initializeParameters(shapes, seed, initial),
    apply,
  };
}

/** Draws a parameter as PyTorch draws a linear layer: weight and bias between ± 1 / √in. */
export const pytorchLinear = (channels: number): InitialValues => ({
  kind: "uniform",
  bound: 1 / Math.sqrt(channels),
});

/** Draws a parameter after Glorot and Bengio, evenly, with variance `2 / (in + out)`. */
export const glorotUniform = (channels: number, dimension: number): InitialValues => ({
  kind: "uniform",
  bound: Math.sqrt(6 / (channels + dimension)),
});
