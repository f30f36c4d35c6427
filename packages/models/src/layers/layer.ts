import { type Tensor, type Tensor4D, tidy } from "@tensorflow/tfjs-core";
import type { Shapes } from "../model.ts";
import type { Pass } from "../pass.ts";

/** A part of a network: the shapes of its parameters, and what it does. */
export interface Layer<Input extends Tensor = Tensor4D, Output extends Tensor = Input> {
  readonly shapes: Shapes;
  readonly apply: (pass: Pass, x: Input) => Output;
}

/** Layers one after another; what is between them is freed on the way, unless the pass collects statistics. */
export function chain<T extends Tensor = Tensor4D>(...layers: readonly Layer<T>[]): Layer<T> {
  return {
    shapes: shapesOf(layers),
    apply: (pass, x) =>
      layers.reduce(
        (y, layer) =>
          pass.batchNorm === "running" ? tidy(() => layer.apply(pass, y)) : layer.apply(pass, y),
        x,
      ),
  };
}

/** The shapes of all parameters of several parts. */
export function shapesOf(parts: readonly { readonly shapes: Shapes }[]): Shapes {
  return Object.assign({}, ...parts.map(({ shapes }) => shapes));
}

/** A layer without parameters. */
export function operation<Input extends Tensor = Tensor4D, Output extends Tensor = Input>(
  apply: (x: Input) => Output,
): Layer<Input, Output> {
  return { shapes: {}, apply: (_pass, x) => apply(x) };
}
