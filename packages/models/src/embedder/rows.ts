import { toFloat16 } from "./float16.ts";

/** Embeddings of float32, row after row: row `i` is `data.subarray(i * columns, (i + 1) * columns)`. */
export interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** Embeddings of half precision, row after row, each number by its bits; see {@link fromFloat16}. */
export interface HalfMatrix {
  readonly data: Uint16Array;
  readonly rows: number;
  readonly columns: number;
}

/** How embeddings are kept. */
export type Storage = "float32" | "float16";

/** Embeddings as they are kept: a {@link Matrix}, or with `"float16"` a {@link HalfMatrix}. */
export type EmbeddingRows<S extends Storage = "float32"> = S extends "float16" ? HalfMatrix : Matrix;

/** Room for embeddings. */
export function emptyRows<S extends Storage>(storage: S, rows: number, columns: number): EmbeddingRows<S> {
  const size = rows * columns;
  const data = storage === "float16" ? new Uint16Array(size) : new Float32Array(size);
  return { data, rows, columns } as EmbeddingRows<S>;
}

/** Embeddings in the asked form. */
export function storeRows<S extends Storage>(storage: S, matrix: Matrix): EmbeddingRows<S> {
  const { data, rows, columns } = matrix;
  return (storage === "float16" ? { data: toFloat16(data), rows, columns } : matrix) as EmbeddingRows<S>;
}

/** Each row divided by its length; a row of length 0 stays. */
export function unitRows({ data, rows, columns }: Matrix): Matrix {
  const unit = new Float32Array(data.length);
  for (let row = 0; row < rows; row++) {
    const [from, to] = [row * columns, (row + 1) * columns];
    let sum = 0;
    for (let i = from; i < to; i++) sum += data[i]! ** 2;
    const factor = sum === 0 ? 1 : 1 / Math.sqrt(sum);
    for (let i = from; i < to; i++) unit[i] = data[i]! * factor;
  }
  return { data: unit, rows, columns };
}
