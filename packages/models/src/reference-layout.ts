import type { NamedArray, NamedArrays } from "./parameters.ts";

/**
 * Weights as PyTorch keeps them, brought into this package's layout: filters from `[out, in, height, width]` to
 * `[height, width, in, out]`. Everything else is the same in both.
 *
 * @returns New arrays; those that do not change are shared with the input.
 */
export function fromReferenceLayout(arrays: NamedArrays): NamedArrays {
  return mapFilters(arrays, [2, 3, 1, 0]);
}

/**
 * The inverse of {@link fromReferenceLayout}: filters from `[height, width, in, out]` to `[out, in, height, width]`.
 *
 * @returns New arrays; those that do not change are shared with the input.
 */
export function toReferenceLayout(arrays: NamedArrays): NamedArrays {
  return mapFilters(arrays, [3, 2, 0, 1]);
}

function mapFilters(arrays: NamedArrays, order: readonly number[]): NamedArrays {
  return Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [
      name,
      array.shape.length === 4 ? transpose(array, order) : array,
    ]),
  );
}

function transpose({ shape, data }: NamedArray, order: readonly number[]): NamedArray {
  const strides = [1, 1, 1, 1];
  for (let axis = 2; axis >= 0; axis--) strides[axis] = strides[axis + 1]! * shape[axis + 1]!;
  const [a, b, c, d] = order.map((axis) => shape[axis]!) as [number, number, number, number];
  const [sa, sb, sc, sd] = order.map((axis) => strides[axis]!) as [number, number, number, number];
  const moved = new Float32Array(data.length);
  let to = 0;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) {
      for (let k = 0; k < c; k++) {
        const from = i * sa + j * sb + k * sc;
        for (let l = 0; l < d; l++) moved[to++] = data[from + l * sd]!;
      }
    }
  }
  return { shape: [a, b, c, d], data: moved };
}
