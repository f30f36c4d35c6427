import type { Embeddings, Matrix, RunOptions } from "../matrix.ts";
import { readRows, requireFiniteEmbeddings } from "../read-rows.ts";
import { requireEmbeddings } from "../require.ts";
import { runSteps, runStepsAsync, type Steps } from "../steps.ts";
import type { SqCodes } from "./codes.ts";
import { bytesPerRow, packCode, unpackRows } from "./pack-bits.ts";
import { requireScalarQuantizer, requireSqCodes, requireWidth } from "./require-quantized.ts";
import type { ScalarQuantizer } from "./scalar-quantizer.ts";

const encodeRows = 512;

/** Rounded up by this part, a float32 number is not below the double that it came from. */
const roundUp = 1 + 2 ** -23;

/**
 * Writes each number as the number of its step.
 *
 * @param quantizer - From {@link learnScalarQuantizer} or {@link sqFromBytes}.
 * @param embeddings - Rows in any precision, as wide as the quantizer; left as they are.
 * @returns Newly allocated codes, and how far each is from its row.
 * @throws RangeError if the width differs or a row holds NaN or an infinity.
 *
 * @example
 * ```ts
 * import { encodeSq } from "@lmk/index/quantization";
 *
 * const minima = Float32Array.of(0, 0);
 * const ranges = Float32Array.of(255, 25.5);
 * const quantizer = { kind: "scalar", columns: 2, bits: 8, minima, ranges } as const;
 * const codes = encodeSq(quantizer, { data: Float32Array.of(3.5, 99), rows: 1, columns: 2 });
 * console.log([...codes.data]); // => [ 3, 255 ]
 * ```
 */
export function encodeSq(quantizer: ScalarQuantizer, embeddings: Embeddings): SqCodes {
  return runSteps(encodeSteps("encodeSq", quantizer, embeddings));
}

/**
 * {@link encodeSq} in slices of 25 ms, between which the event loop turns. The result is the same.
 *
 * @param quantizer - What to encode with.
 * @param embeddings - Rows in any precision.
 * @param options - A signal, and a progress callback that is told rows.
 * @returns As {@link encodeSq}. It rejects with the signal's reason where that aborts.
 *
 * @example
 * ```ts
 * import { encodeSqAsync } from "@lmk/index/quantization";
 *
 * const quantizer = {
 *   kind: "scalar",
 *   columns: 1,
 *   bits: 8,
 *   minima: Float32Array.of(-1),
 *   ranges: Float32Array.of(2),
 * } as const;
 * const codes = await encodeSqAsync(quantizer, { data: Float32Array.of(-1, 0, 1), rows: 3, columns: 1 });
 * console.log([...codes.data]); // => [ 0, 127, 255 ]
 * ```
 */
export async function encodeSqAsync(
  quantizer: ScalarQuantizer,
  embeddings: Embeddings,
  options: RunOptions = {},
): Promise<SqCodes> {
  return runStepsAsync(encodeSteps("encodeSqAsync", quantizer, embeddings), embeddings.rows, options);
}

function* encodeSteps(caller: string, quantizer: ScalarQuantizer, embeddings: Embeddings): Steps<SqCodes> {
  requireScalarQuantizer(caller, quantizer);
  requireEmbeddings(caller, "embeddings", embeddings);
  requireWidth(caller, "embeddings", embeddings.columns, quantizer.columns);
  yield* requireFiniteEmbeddings(caller, "embeddings", embeddings);
  const { rows } = embeddings;
  const rowBytes = bytesPerRow(quantizer.columns, quantizer.bits);
  const data = new Uint8Array(rows * rowBytes);
  const errors = new Float32Array(rows);
  for (let first = 0; first < rows; first += encodeRows) {
    const end = Math.min(rows, first + encodeRows);
    const block = readRows(embeddings, first, end);
    encodeBlock(data.subarray(first * rowBytes), errors.subarray(first), block, quantizer);
    yield end - first;
  }
  return { data, rows, rowBytes, errors };
}

function encodeBlock(
  bytes: Uint8Array,
  errors: Float32Array,
  { data, rows, columns }: Matrix,
  { bits, minima, ranges }: ScalarQuantizer,
): void {
  const rowBytes = bytesPerRow(columns, bits);
  const steps = 2 ** bits - 1;
  for (let row = 0; row < rows; row++) {
    let square = 0;
    for (let i = 0; i < columns; i++) {
      const value = data[row * columns + i]!;
      const minimum = minima[i]!;
      const range = ranges[i]!;
      // Each step rounded to float32, as faiss computes.
      const part = range === 0 ? 0 : Math.fround(Math.fround(value - minimum) / range);
      const code = Math.floor(Math.fround(steps * Math.min(1, Math.max(0, part))));
      packCode(bytes, row * rowBytes, i, bits, code);
      const difference = value - decodedNumber(code, steps, minimum, range);
      square += difference * difference;
    }
    errors[row] = Math.sqrt(square) * roundUp;
  }
}

function decodedNumber(code: number, steps: number, minimum: number, range: number): number {
  return Math.fround(minimum + Math.fround((code + 0.5) / steps) * range);
}

/**
 * The rows that codes stand for: the middle of each step.
 *
 * @param quantizer - The quantizer that made the codes.
 * @param codes - From {@link encodeSq}.
 * @returns Newly allocated rows.
 * @throws RangeError if the codes are not of this quantizer's size.
 *
 * @example
 * ```ts
 * import { decodeSq } from "@lmk/index/quantization";
 *
 * const quantizer = {
 *   kind: "scalar",
 *   columns: 1,
 *   bits: 8,
 *   minima: Float32Array.of(0),
 *   ranges: Float32Array.of(255),
 * } as const;
 * const codes = { data: Uint8Array.of(3), rows: 1, rowBytes: 1, errors: Float32Array.of(0) };
 * console.log(decodeSq(quantizer, codes).data[0]); // => 3.5
 * ```
 */
export function decodeSq(quantizer: ScalarQuantizer, codes: SqCodes): Matrix {
  requireScalarQuantizer("decodeSq", quantizer);
  requireSqCodes("decodeSq", codes, quantizer);
  const { rows } = codes;
  const { columns } = quantizer;
  const data = new Float32Array(rows * columns);
  decodeRowsInto(data, quantizer, codes, 0, rows);
  return { data, rows, columns };
}

/** Rows `first` to `end`, into `target` from its start. */
export function decodeRowsInto(
  target: Float32Array,
  { columns, bits, minima, ranges }: ScalarQuantizer,
  codes: SqCodes,
  first: number,
  end: number,
): void {
  const steps = 2 ** bits - 1;
  const unpacked = new Uint8Array(columns);
  for (let row = first; row < end; row++) {
    unpackRows(unpacked, codes.data, row, row + 1, columns, bits);
    const start = (row - first) * columns;
    for (let i = 0; i < columns; i++) {
      target[start + i] = decodedNumber(unpacked[i]!, steps, minima[i]!, ranges[i]!);
    }
  }
}
