import type { NamedArray } from "./parameters.ts";

/** The number of values of a row, after a check of the shape and of the row numbers. */
function checkedWidth(caller: string, rows: NamedArray, indices: Int32Array): number {
  const [count = 0, ...rest] = rows.shape;
  const width = rest.reduce((product, dimension) => product * dimension, 1);
  if (rows.shape.length === 0 || rows.data.length !== count * width) {
    throw new RangeError(
      `${caller}: expected ${rows.data.length} values to be rows, got shape [${rows.shape}]`,
    );
  }
  for (const [i, index] of indices.entries()) {
    if (index < 0 || index >= count) {
      throw new RangeError(
        `${caller}: expected \`indices[${i}]\` to be from 0 to ${count - 1}, got ${index}`,
      );
    }
  }
  return width;
}

/**
 * Copies of some rows of a matrix, one after the other.
 *
 * @param rows - `[n, …]`; with shape `[n]` a row is one number. Matrices of more than 2³¹ bytes are fine.
 * @param indices - Row numbers from 0 to n − 1, in any order, with repetitions.
 * @returns `[indices.length, …]`, row-major, a new array.
 * @throws RangeError if the shape does not fit the values or a row number is outside.
 *
 * @example
 * ```ts
 * import { gatherRows } from "@lmk/losses";
 *
 * const rows = { shape: [3, 2], data: Float32Array.of(0, 1, 2, 3, 4, 5) };
 * gatherRows(rows, Int32Array.of(2, 0)); // => [4, 5, 0, 1]
 * ```
 */
export function gatherRows(rows: NamedArray, indices: Int32Array): Float32Array {
  const width = checkedWidth("gatherRows", rows, indices);
  const gathered = new Float32Array(indices.length * width);
  for (let i = 0; i < indices.length; i++) {
    const start = indices[i]! * width;
    gathered.set(rows.data.subarray(start, start + width), i * width);
  }
  return gathered;
}

/**
 * Writes rows into a matrix, in place: the way back of {@link gatherRows}.
 *
 * @param target - `[n, …]`; its `data` is written to. Matrices of more than 2³¹ bytes are fine.
 * @param indices - Row numbers from 0 to n − 1; of a repeated one the last row stays.
 * @param values - `[indices.length, …]`, row-major.
 * @throws RangeError if the shape does not fit the values, a row number is outside, or `values` has another size.
 * Nothing is written then.
 *
 * @example
 * ```ts
 * import { scatterRows } from "@lmk/losses";
 *
 * const rows = { shape: [3, 2], data: Float32Array.of(0, 1, 2, 3, 4, 5) };
 * scatterRows(rows, Int32Array.of(2, 0), Float32Array.of(9, 8, 7, 6));
 * rows.data; // => [7, 6, 2, 3, 9, 8]
 * ```
 */
export function scatterRows(target: NamedArray, indices: Int32Array, values: Float32Array): void {
  const width = checkedWidth("scatterRows", target, indices);
  if (values.length !== indices.length * width) {
    throw new RangeError(
      `scatterRows: expected \`values\` to hold ${indices.length} rows of ${width}, got ${values.length} numbers`,
    );
  }
  for (let i = 0; i < indices.length; i++) {
    target.data.set(values.subarray(i * width, (i + 1) * width), indices[i]! * width);
  }
}
