import type { Embeddings, Matrix, RunOptions } from "../matrix.ts";
import { readRows, requireFiniteEmbeddings } from "../read-rows.ts";
import { requireEmbeddings } from "../require.ts";
import { rowsPerStep, runSteps, runStepsAsync, type Steps } from "../steps.ts";
import type { PqCodes } from "./codes.ts";
import { type Centroids, createCentroids, nearestInto } from "./nearest.ts";
import { bytesPerRow, packCode, unpackRows } from "./pack-bits.ts";
import type { ProductQuantizer } from "./product-quantizer.ts";
import { requirePqCodes, requireProductQuantizer, requireWidth } from "./require-quantized.ts";
import { rotateRows, unrotateInto } from "./rotation.ts";

const encodeRows = 1024;

/**
 * Writes each row as the numbers of its parts' nearest centroids.
 *
 * Of equally near centroids the first counts. Distances are computed in double precision.
 *
 * @param quantizer - From {@link learnProductQuantizer} or {@link pqFromBytes}.
 * @param embeddings - Rows in any precision, as wide as the quantizer; left as they are.
 * @returns Newly allocated codes, row by row.
 * @throws RangeError if the width differs or a row holds NaN or an infinity.
 *
 * @example
 * ```ts
 * import { encodePq } from "@lmk/index/quantization";
 *
 * const codebooks = Float32Array.from({ length: 2 * 16 }, (_, i) => i % 16);
 * const quantizer = { kind: "product", columns: 2, subspaces: 2, bits: 4, codebooks } as const;
 * const codes = encodePq(quantizer, { data: Float32Array.of(1.2, 14.9), rows: 1, columns: 2 });
 * console.log(codes.data[0].toString(16)); // => f1
 * ```
 */
export function encodePq(quantizer: ProductQuantizer, embeddings: Embeddings): PqCodes {
  return runSteps(encodeSteps("encodePq", quantizer, embeddings));
}

/**
 * {@link encodePq} in slices of 25 ms, between which the event loop turns. The result is the same.
 *
 * @param quantizer - What to encode with.
 * @param embeddings - Rows in any precision.
 * @param options - A signal, and a progress callback that is told rows.
 * @returns As {@link encodePq}. It rejects with the signal's reason where that aborts.
 *
 * @example
 * ```ts
 * import { encodePqAsync } from "@lmk/index/quantization";
 *
 * const codebooks = Float32Array.from({ length: 2 * 16 }, (_, i) => i % 16);
 * const quantizer = { kind: "product", columns: 2, subspaces: 2, bits: 4, codebooks } as const;
 * const codes = await encodePqAsync(quantizer, { data: Float32Array.of(3, 4), rows: 1, columns: 2 });
 * console.log(codes.data[0].toString(16)); // => 43
 * ```
 */
export async function encodePqAsync(
  quantizer: ProductQuantizer,
  embeddings: Embeddings,
  options: RunOptions = {},
): Promise<PqCodes> {
  return runStepsAsync(encodeSteps("encodePqAsync", quantizer, embeddings), embeddings.rows, options);
}

function* encodeSteps(caller: string, quantizer: ProductQuantizer, embeddings: Embeddings): Steps<PqCodes> {
  requireProductQuantizer(caller, quantizer);
  requireEmbeddings(caller, "embeddings", embeddings);
  requireWidth(caller, "embeddings", embeddings.columns, quantizer.columns);
  yield* requireFiniteEmbeddings(caller, "embeddings", embeddings);
  const { rows } = embeddings;
  const rowBytes = bytesPerRow(quantizer.subspaces, quantizer.bits);
  const data = new Uint8Array(rows * rowBytes);
  const books = codebooksOf(quantizer);
  for (let first = 0; first < rows; first += encodeRows) {
    const end = Math.min(rows, first + encodeRows);
    let block = readRows(embeddings, first, end);
    if (quantizer.rotation !== undefined) block = yield* rotateRows(block, quantizer.rotation.data);
    yield* encodeBlock(data.subarray(first * rowBytes, end * rowBytes), block, quantizer, books);
    yield end - first;
  }
  return { data, rows, rowBytes };
}

function codebooksOf({ codebooks, columns, subspaces }: ProductQuantizer): readonly Centroids[] {
  const length = codebooks.length / subspaces;
  return Array.from({ length: subspaces }, (_, subspace) => {
    const values = codebooks.subarray(subspace * length, (subspace + 1) * length);
    return createCentroids(values, columns / subspaces);
  });
}

function* encodeBlock(
  bytes: Uint8Array,
  { data, rows, columns: stride }: Matrix,
  { subspaces, bits }: ProductQuantizer,
  books: readonly Centroids[],
): Steps<void> {
  const rowBytes = bytesPerRow(subspaces, bits);
  const nearest = new Int32Array(rows);
  const distances = new Float64Array(rows);
  for (const [subspace, book] of books.entries()) {
    const { columns } = book;
    const slice = { data, stride, offset: subspace * columns, rows, columns };
    const stepRows = rowsPerStep(book.values.length);
    for (let first = 0; first < rows; first += stepRows) {
      nearestInto(nearest, distances, slice, first, Math.min(rows, first + stepRows), book);
      yield 0;
    }
    for (let row = 0; row < rows; row++) packCode(bytes, row * rowBytes, subspace, bits, nearest[row]!);
  }
}

/**
 * The rows that codes stand for: the centroids of their parts, rotated back where the quantizer rotates.
 *
 * @param quantizer - The quantizer that made the codes.
 * @param codes - From {@link encodePq}.
 * @returns Newly allocated rows.
 * @throws RangeError if the codes are not of this quantizer's size.
 *
 * @example
 * ```ts
 * import { decodePq } from "@lmk/index/quantization";
 *
 * const codebooks = Float32Array.from({ length: 2 * 16 }, (_, i) => i % 16);
 * const quantizer = { kind: "product", columns: 2, subspaces: 2, bits: 4, codebooks } as const;
 * const rows = decodePq(quantizer, { data: Uint8Array.of(0xf1), rows: 1, rowBytes: 1 });
 * console.log([...rows.data]); // => [ 1, 15 ]
 * ```
 */
export function decodePq(quantizer: ProductQuantizer, codes: PqCodes): Matrix {
  requireProductQuantizer("decodePq", quantizer);
  requirePqCodes("decodePq", codes, quantizer);
  const { codebooks, columns, subspaces, bits, rotation } = quantizer;
  const subColumns = columns / subspaces;
  const length = codebooks.length / subspaces;
  const data = new Float32Array(codes.rows * columns);
  const unpacked = new Uint8Array(subspaces);
  for (let row = 0; row < codes.rows; row++) {
    unpackRows(unpacked, codes.data, row, row + 1, subspaces, bits);
    for (let subspace = 0; subspace < subspaces; subspace++) {
      const start = subspace * length + unpacked[subspace]! * subColumns;
      data.set(codebooks.subarray(start, start + subColumns), row * columns + subspace * subColumns);
    }
  }
  if (rotation !== undefined) unrotateInto(data, data, rotation.data, columns);
  return { data, rows: codes.rows, columns };
}
