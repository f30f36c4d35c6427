import type { Embeddings, HalfMatrix, Int8Matrix, Matrix } from "./matrix.ts";
import { requireEmbeddings, requireFiniteRows } from "./require.ts";
import { viewRows } from "./sources.ts";

/** Rows that are widened at a time where they are narrowed again. */
const blockRows = 1024;

const scratch: Float32Array = new Float32Array(1);
const scratchBits: Uint32Array = new Uint32Array(scratch.buffer);

/** Moves the exponent of float16 bits, shifted into their place in a float32, from bias 15 to bias 127. */
const halfScale = 2 ** 112;
/** The smallest float32 with full precision, 2^-126; also the smallest scale of a row of int8 numbers. */
const smallestNormal = 2 ** -126;

/**
 * The number that 16 bits stand for as IEEE 754 binary16 (float16). Nothing is rounded: every float16 is a float32.
 *
 * ```text
 * exponent 1 to 30:  (-1)^sign 2^(exponent - 15) (1 + mantissa / 1024)
 * exponent 0:        (-1)^sign 2^-14 (mantissa / 1024)
 * exponent 31:       an infinity where the mantissa is 0, else NaN
 * ```
 *
 * @param bits - A whole number from 0 to 65535: 1 bit sign, 5 bits exponent, 10 bits mantissa.
 * @returns The number; -0, infinities and NaN included.
 *
 * @example
 * ```ts
 * import { halfToFloat } from "@lmk/index";
 *
 * console.log(halfToFloat(0x3c00), halfToFloat(0xc100)); // => 1 -2.5
 * ```
 */
export function halfToFloat(bits: number): number {
  const exponent = (bits >>> 10) & 31;
  const mantissa = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return mantissa === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * mantissa * 2 ** -24;
  return sign * (1024 + mantissa) * 2 ** (exponent - 25);
}

/**
 * The IEEE 754 binary16 (float16) number nearest to a float32 number, as its bits. Halves go to the even neighbor.
 *
 * Numbers of 65520 and more become infinite, those up to 2^-25 zero; NaN becomes the bits 0x7e00. The sign of zero is
 * kept.
 *
 * @param value - Any number; it is rounded to float32 first.
 * @returns A whole number from 0 to 65535.
 *
 * @example
 * ```ts
 * import { floatToHalf, halfToFloat } from "@lmk/index";
 *
 * console.log(floatToHalf(-2.5).toString(16), halfToFloat(floatToHalf(0.1))); // => c100 0.0999755859375
 * ```
 */
export function floatToHalf(value: number): number {
  scratch[0] = value;
  return halfBits(scratchBits[0]!);
}

/** Float16 bits of float32 bits. */
function halfBits(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return 0x7e00;
  // 65520, halfway from the largest float16 to the next power of two.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude >= 0x38800000) {
    // From 2^-14: drop 13 bits of mantissa, rounded to even; a carry runs into the exponent as it should.
    const rebiased = magnitude - 0x38000000;
    return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
  }
  // 2^-25 itself lies halfway from 0 to the smallest float16 and goes to 0.
  if (magnitude <= 0x33000000) return sign;
  const exponent = magnitude >>> 23;
  const mantissa = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - exponent;
  const kept = mantissa >>> shift;
  const rest = mantissa - (kept << shift);
  const half = 1 << (shift - 1);
  return sign | (rest > half || (rest === half && kept & 1) ? kept + 1 : kept);
}

/**
 * Embeddings of any precision as float32 numbers.
 *
 * Infinities and NaN of float16 rows stay what they are.
 *
 * @param embeddings - Rows in float32, float16 or int8.
 * @returns Float32 rows: `embeddings` itself where they are float32 already, else a new matrix.
 * @throws RangeError or TypeError if the shape does not fit or a scale is not a finite number above 0.
 *
 * @example
 * ```ts
 * import { toFloat32 } from "@lmk/index";
 *
 * const half = { data: Uint16Array.of(0x3c00, 0xc100), rows: 1, columns: 2 };
 * const int8 = { data: Int8Array.of(127, -64), rows: 1, columns: 2, scales: Float32Array.of(0.5) };
 * console.log([...toFloat32(half).data], [...toFloat32(int8).data]); // => [ 1, -2.5 ] [ 63.5, -32 ]
 * ```
 */
export function toFloat32(embeddings: Embeddings): Matrix {
  requireEmbeddings("toFloat32", "embeddings", embeddings);
  if (isFloat32(embeddings)) return embeddings;
  const { rows, columns } = embeddings;
  const data = new Float32Array(rows * columns);
  if (isHalf(embeddings)) widenHalves(embeddings.data, data);
  else widenInt8(embeddings, data);
  return { data, rows, columns };
}

function widenHalves(halves: Uint16Array, data: Float32Array): void {
  const bits = new Uint32Array(data.buffer);
  for (let i = 0; i < bits.length; i++) {
    const half = halves[i]!;
    const finite = (half & 0x7c00) !== 0x7c00;
    bits[i] = ((half & 0x8000) << 16) | ((half & 0x7fff) << 13) | (finite ? 0 : 0x7f800000);
  }
  // A product with a power of two is exact, and turns subnormal float16 numbers into normal ones.
  for (let i = 0; i < data.length; i++) data[i]! *= halfScale;
}

function widenInt8({ data: codes, rows, columns, scales }: Int8Matrix, data: Float32Array): void {
  for (let row = 0; row < rows; row++) {
    const scale = scales[row]!;
    const end = (row + 1) * columns;
    for (let i = row * columns; i < end; i++) data[i] = codes[i]! * scale;
  }
}

/**
 * Embeddings as float16 numbers: half the memory of float32.
 *
 * Each number goes to the nearest float16, halves to the even neighbor: its relative error is at most 2^-11 (0.05 %),
 * and for numbers below 2^-14 its absolute error at most 2^-25.
 *
 * @param embeddings - Rows in float32, float16 or int8.
 * @returns Float16 rows: `embeddings` itself where they are float16 already, else a new matrix. Beside it 1024 rows of
 * int8 are held as float32 at a time.
 * @throws RangeError if the shape does not fit, if a row holds NaN or an infinity, or if it holds a number that
 * rounds to more than 65504, the largest float16; the message names the row.
 *
 * @example
 * ```ts
 * import { toFloat32, toHalf } from "@lmk/index";
 *
 * const half = toHalf({ data: Float32Array.of(1, 0.1), rows: 1, columns: 2 });
 * console.log(half.data, [...toFloat32(half).data]); // => Uint16Array(2) [ 15360, 11878 ] [ 1, 0.0999755859375 ]
 * ```
 */
export function toHalf(embeddings: Embeddings): HalfMatrix {
  requireEmbeddings("toHalf", "embeddings", embeddings);
  if (isHalf(embeddings)) {
    requireFiniteHalves(embeddings);
    return embeddings;
  }
  const { rows, columns } = embeddings;
  const halves = new Uint16Array(rows * columns);
  for (let first = 0; first < rows; first += blockRows) {
    const block = toFloat32(viewRows(embeddings, first, Math.min(first + blockRows, rows)));
    requireFiniteRows("toHalf", "embeddings", block, false, first);
    narrowToHalves(halves, block, first);
  }
  return { data: halves, rows, columns };
}

function narrowToHalves(halves: Uint16Array, { data, columns }: Matrix, firstRow: number): void {
  const start = firstRow * columns;
  for (let i = 0; i < data.length; i++) {
    const half = floatToHalf(data[i]!);
    if ((half & 0x7fff) === 0x7c00) {
      const row = Math.floor(i / columns);
      throw new RangeError(
        `toHalf: expected row ${firstRow + row} of \`embeddings\` to hold numbers from -65504 to 65504, got ${data[i]} in column ${i - row * columns}`,
      );
    }
    halves[start + i] = half;
  }
}

/** Without a float32 copy of all rows, which would take twice their memory. */
function requireFiniteHalves({ data, rows, columns }: HalfMatrix): void {
  for (let row = 0; row < rows; row++) {
    const cells = data.subarray(row * columns, (row + 1) * columns);
    if (cells.every((half) => (half & 0x7c00) !== 0x7c00)) continue;
    requireFiniteRows("toHalf", "embeddings", toFloat32({ data: cells, rows: 1, columns }), false, row);
  }
}

/**
 * Embeddings as whole numbers from -127 to 127 with one scale per row: a quarter of the memory of float32.
 *
 * ```text
 * scale_i = max(max_j |x_ij| / 127, 2^-126), rounded to float32;  1 for a row of zeros
 * c_ij    = x_ij / scale_i, rounded to the nearest whole number, halves away from zero
 * ```
 *
 * The error of a number is at most half its row's scale (1/254 of the row's largest magnitude), plus the rounding of
 * float32. So `toInt8` of a row's negative is the negative of its `toInt8`.
 *
 * @param embeddings - Rows in float32, float16 or int8.
 * @returns Int8 rows: `embeddings` itself where they are int8 already, else a new matrix. Beside it 1024 rows of
 * float16 are held as float32 at a time.
 * @throws RangeError if the shape does not fit, or if a row holds NaN or an infinity; the message names the row.
 *
 * @example
 * ```ts
 * import { toInt8 } from "@lmk/index";
 *
 * const int8 = toInt8({ data: Float32Array.of(127, -63.5, 0.4), rows: 1, columns: 3 });
 * console.log(int8.data, int8.scales[0]); // => Int8Array(3) [ 127, -64, 0 ] 1
 * ```
 */
export function toInt8(embeddings: Embeddings): Int8Matrix {
  requireEmbeddings("toInt8", "embeddings", embeddings);
  if (isInt8(embeddings)) return embeddings;
  const { rows, columns } = embeddings;
  const data = new Int8Array(rows * columns);
  const scales = new Float32Array(rows);
  const int8 = { data, rows, columns, scales };
  for (let first = 0; first < rows; first += blockRows) {
    const end = Math.min(first + blockRows, rows);
    const block = toFloat32(viewRows(embeddings, first, end));
    requireFiniteRows("toInt8", "embeddings", block, false, first);
    narrowToInt8(int8, block, first);
  }
  return int8;
}

function narrowToInt8(
  { data: codes, scales }: Int8Matrix,
  { data, rows, columns }: Matrix,
  firstRow: number,
): void {
  for (let row = 0; row < rows; row++) {
    const start = row * columns;
    const end = start + columns;
    let largest = 0;
    for (let i = start; i < end; i++) largest = Math.max(largest, Math.abs(data[i]!));
    scales[firstRow + row] = largest === 0 ? 1 : Math.max(largest / 127, smallestNormal);
    const scale = scales[firstRow + row]!;
    const shift = firstRow * columns;
    for (let i = start; i < end; i++) {
      const quotient = data[i]! / scale;
      codes[shift + i] = quotient < 0 ? -Math.floor(0.5 - quotient) : Math.floor(quotient + 0.5);
    }
  }
}

function isFloat32(embeddings: Embeddings): embeddings is Matrix {
  return embeddings.data instanceof Float32Array;
}

function isHalf(embeddings: Embeddings): embeddings is HalfMatrix {
  return embeddings.data instanceof Uint16Array;
}

function isInt8(embeddings: Embeddings): embeddings is Int8Matrix {
  return embeddings.data instanceof Int8Array;
}
