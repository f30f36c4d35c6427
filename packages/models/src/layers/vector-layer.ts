import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core";
import type { InitializeOptions, Shapes } from "../model.ts";
import type { NamedArrays } from "../parameters.ts";
import { type Layer, shapesOf } from "./layer.ts";

/** A part of a network that gives one vector per image. */
export interface VectorLayer<Input extends Tensor = Tensor2D> extends Layer<Input, Tensor2D> {
  /** Length of the vectors that come out. */
  readonly dimension: number;
  /** Initial values of its parameters. */
  readonly initialize: (options: InitializeOptions) => NamedArrays;
}

/** Several parts' parameters together, and the length of their vectors one after another. */
export function together<Input extends Tensor>(
  caller: string,
  parts: readonly VectorLayer<Input>[],
): Omit<VectorLayer<Input>, "apply"> {
  requireOwnNames(caller, parts);
  return {
    dimension: parts.reduce((sum, { dimension }) => sum + dimension, 0),
    shapes: shapesOf(parts),
    initialize: (options) => Object.assign({}, ...parts.map((part) => part.initialize(options))),
  };
}

/** Refuses parts of which two have a parameter of the same name. */
export function requireOwnNames(caller: string, parts: readonly { readonly shapes: Shapes }[]): void {
  const seen = new Set<string>();
  for (const name of parts.flatMap(({ shapes }) => Object.keys(shapes))) {
    if (seen.has(name))
      throw new RangeError(
        `${caller}: expected each parameter to have a name of its own, got ${name} twice; give poolings and necks other names`,
      );
    seen.add(name);
  }
}
