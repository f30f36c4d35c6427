import type { Shapes } from "./model.ts";
import type { NamedArray, NamedArrays } from "./parameters.ts";
import { normal, seedOf, uniform } from "./random.ts";

/** How the values of a parameter are drawn. */
export type InitialValues =
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "normal"; readonly deviation: number }
  | { readonly kind: "uniform"; readonly bound: number };

/** Chooses how a parameter is drawn; undefined leaves it to {@link referenceValues}. */
export type InitialRule = (name: string, shape: readonly number[]) => InitialValues | undefined;

/**
 * Initial values by what a parameter is, as PyTorch's networks draw them: filters normal with variance
 * `2 / (out · height · width)`, matrices normal with variance `2 / (in + out)`, norms the identity.
 */
function referenceValues(name: string, shape: readonly number[]): InitialValues {
  if (shape.length === 4) {
    const [height, width, , out] = shape as [number, number, number, number];
    return { kind: "normal", deviation: Math.sqrt(2 / (out * height * width)) };
  }
  if (shape.length === 2) return { kind: "normal", deviation: Math.sqrt(2 / (shape[0]! + shape[1]!)) };
  const isOne = name.endsWith(".running_var") || (name.endsWith(".weight") && shape.length === 1);
  return { kind: "constant", value: isOne ? 1 : 0 };
}

/**
 * Draws what PyTorch draws where a network says nothing: filters, matrices and their biases uniformly between
 * `±1 / √n`, with `n` the number of values that one output sees.
 *
 * @param shapes - Shapes of all parameters.
 * @param applies - Chooses the parameters by their names, all unless given; norms are left out anyway.
 */
export function pytorchDefaults(
  shapes: Shapes,
  applies: (name: string) => boolean = () => true,
): InitialRule {
  return (name) => {
    const weight = shapes[name.replace(/bias$/, "weight")];
    if (weight === undefined || weight.length === 1 || !applies(name)) return undefined;
    const [height, width, channels] = weight as [number, number, number];
    const seen = weight.length === 4 ? height * width * channels : width;
    return { kind: "uniform", bound: 1 / Math.sqrt(seen) };
  };
}

/** Draws every parameter; its values depend on its name and the seed alone. */
export function initializeParameters(
  shapes: Shapes,
  seed: number,
  rule: InitialRule = () => undefined,
): NamedArrays {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]): [string, NamedArray] => {
      const values = rule(name, shape) ?? referenceValues(name, shape);
      const size = shape.reduce((product, side) => product * side, 1);
      return [name, { shape, data: draw(values, size, seedOf(name, seed)) }];
    }),
  );
}

function draw(values: InitialValues, size: number, seed: number): Float32Array {
  if (values.kind === "constant") return new Float32Array(size).fill(values.value);
  if (values.kind === "normal") return normal(size, values.deviation, seed);
  return uniform(size, values.bound, seed);
}
