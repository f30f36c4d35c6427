import type { Matrix } from "@lmk/index";
import { createRandom } from "./random.ts";

export function matrixFrom(rows: readonly (readonly number[])[]): Matrix {
  return { data: Float32Array.from(rows.flat()), rows: rows.length, columns: rows[0]!.length };
}

export function randomMatrix(seed: number, rows: number, columns: number): Matrix {
  const random = createRandom(seed);
  return { data: Float32Array.from({ length: rows * columns }, () => random() - 0.5), rows, columns };
}

/** Rows scattered around centers, as embeddings of classes are. */
export function clusteredMatrix(seed: number, rows: number, columns: number, clusters: number): Matrix {
  const centers = randomMatrix(77, clusters, columns);
  const random = createRandom(seed);
  const data = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const center = Math.floor(random() * clusters) * columns;
    for (let i = 0; i < columns; i++)
      data[row * columns + i] = centers.data[center + i]! + 0.5 * (random() - 0.5);
  }
  return { data, rows, columns };
}

/** Rows from `first` to `end`, as a view. */
export function slice({ data, columns }: Matrix, first: number, end: number): Matrix {
  return { data: data.subarray(first * columns, end * columns), rows: end - first, columns };
}
