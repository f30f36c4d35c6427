import { tensor } from "@tensorflow/tfjs-core";
import type { Shapes } from "../model.ts";
import type { NamedArrays, Parameters } from "../parameters.ts";

/** Refuses weights that the model cannot run with. */
export function requireWeights(
  caller: string,
  model: { readonly shapes: Shapes },
  weights: NamedArrays,
): void {
  for (const [name, shape] of Object.entries(model.shapes)) {
    const actual = weights[name]?.shape;
    if (String(actual) === String(shape)) continue;
    const got = actual === undefined ? "none" : `[${actual}]`;
    throw new RangeError(`${caller}: expected \`weights\` to have ${name} of shape [${shape}], got ${got}`);
  }
}

/** Whether weights are a checkpoint, to be read first. */
export function isCheckpoint(weights: string | Uint8Array | NamedArrays): weights is string | Uint8Array {
  return typeof weights === "string" || weights instanceof Uint8Array;
}

/** Weights as tensors of the current backend. */
export function tensorsOf(shapes: Shapes, weights: NamedArrays): Parameters {
  return Object.fromEntries(
    Object.keys(shapes).map((name) => {
      const { data, shape } = weights[name]!;
      return [name, tensor(data, [...shape])];
    }),
  );
}
