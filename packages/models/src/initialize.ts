import type { NamedArray, NamedArrays } from "./parameters.ts";
import { normal, seedOf } from "./random.ts";

/**
 * Initial values by what a parameter is, as PyTorch and the 2019 winners draw them: filters normal with variance
 * `2 / (out · height · width)`, matrices normal with variance `2 / (in + out)`, batch norm the identity.
 */
export function initializeParameters(
  shapes: Readonly<Record<string, readonly number[]>>,
  seed: number,
): NamedArrays {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]): [string, NamedArray] => [
      name,
      { shape, data: initialValues(name, shape, seed) },
    ]),
  );
}

function initialValues(name: string, shape: readonly number[], seed: number): Float32Array {
  const size = shape.reduce((product, side) => product * side, 1);
  if (shape.length === 4) {
    const [height, width, , out] = shape as [number, number, number, number];
    return normal(size, Math.sqrt(2 / (out * height * width)), seedOf(name, seed));
  }
  if (shape.length === 2) return normal(size, Math.sqrt(2 / (shape[0]! + shape[1]!)), seedOf(name, seed));
  const isOne = name.endsWith(".running_var") || (name.endsWith(".weight") && shape.length === 1);
  return new Float32Array(size).fill(isOne ? 1 : 0);
}
