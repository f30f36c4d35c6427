/**
 * Numbers as IEEE 754 half precision, two bytes each, rounded to the nearest and to even at a tie.
 *
 * By size, 65,520 and more becomes infinite; 2⁻²⁵ and less becomes zero. Components of embeddings of length 1 lose at
 * most 2⁻¹¹ of themselves, or 2⁻²⁵ where they are below 2⁻¹⁴.
 *
 * @returns The bits of each number.
 *
 * @example
 * ```ts
 * import { toFloat16 } from "@lmk/models/embedder";
 *
 * toFloat16(Float32Array.of(1, -2, 0.1)); // => Uint16Array [15360, 49152, 11878]
 * ```
 */
export function toFloat16(values: Float32Array): Uint16Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const halves = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) {
    const word = bits[i]!;
    const sign = (word >>> 16) & 0x8000;
    const size = word & 0x7fffffff;
    halves[i] = sign | halfOfSize(size);
  }
  return halves;
}

/** The half of a number that is not negative, given by its bits. */
function halfOfSize(size: number): number {
  if (size > 0x7f800000) return 0x7e00;
  if (size >= 0x47800000) return 0x7c00;
  // Up to 2⁻²⁵, the half of the smallest number there is, everything rounds to zero.
  if (size <= 0x33000000) return 0;
  const exponent = size >>> 23;
  const [digits, dropped] =
    exponent >= 113 ? [size - (112 << 23), 13] : [(size & 0x7fffff) | 0x800000, 126 - exponent];
  const kept = digits >>> dropped;
  const rest = digits & ((1 << dropped) - 1);
  const half = 1 << (dropped - 1);
  return kept + (rest > half || (rest === half && (kept & 1) === 1) ? 1 : 0);
}

/**
 * The inverse of {@link toFloat16}, which is exact: every half has a float32 of its own.
 *
 * @param halves - The bits of each number.
 *
 * @example
 * ```ts
 * import { fromFloat16 } from "@lmk/models/embedder";
 *
 * fromFloat16(Uint16Array.of(15360, 49152, 11878)); // => Float32Array [1, -2, 0.0999755859375]
 * ```
 */
export function fromFloat16(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const size = half & 0x7fff;
    const sign = (half & 0x8000) << 16;
    if (size >= 0x7c00) bits[i] = sign | 0x7f800000 | ((size & 0x3ff) << 13);
    else if (size >= 0x400) bits[i] = sign | ((size << 13) + (112 << 23));
    else values[i] = (sign === 0 ? size : -size) * 2 ** -24;
  }
  return values;
}
