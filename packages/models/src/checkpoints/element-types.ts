/** Element types that become float32. */
export type ElementType = "F64" | "F32" | "F16" | "BF16" | "I64" | "I32" | "I16" | "I8" | "U8" | "BOOL";

/** Bytes of one element. */
export const bytesPerElement: Readonly<Record<ElementType, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

/**
 * Little-endian elements as float32.
 *
 * @param bytes - Whole elements, beginning at a multiple of 8 in their buffer.
 * @returns A view of the same memory for F32, a new array for the rest; nothing if an integer is not exact in float32.
 */
export function toFloat32(type: ElementType, bytes: Uint8Array): Float32Array | undefined {
  const { buffer, byteOffset } = bytes;
  const length = bytes.length / bytesPerElement[type];
  switch (type) {
    case "F32":
      return new Float32Array(buffer as ArrayBuffer, byteOffset, length);
    case "F64":
      return new Float32Array(new Float64Array(buffer, byteOffset, length));
    case "F16":
      return halvesToFloat32(new Uint16Array(buffer, byteOffset, length));
    case "BF16":
      return brainHalvesToFloat32(new Uint16Array(buffer, byteOffset, length));
    case "I64":
      return exact(new BigInt64Array(buffer, byteOffset, length));
    case "I32":
      return exact(new Int32Array(buffer, byteOffset, length));
    case "I16":
      return new Float32Array(new Int16Array(buffer, byteOffset, length));
    case "I8":
      return new Float32Array(new Int8Array(buffer, byteOffset, length));
    case "U8":
      return new Float32Array(bytes);
    case "BOOL":
      return Float32Array.from(bytes, (value) => (value === 0 ? 0 : 1));
  }
}

/** The place of the first value that is not finite, or -1. */
export function firstNotFinite(values: Float32Array): number {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) {
    if ((bits[i]! & 0x7f800000) === 0x7f800000) return i;
  }
  return -1;
}

function exact(values: Int32Array | BigInt64Array): Float32Array | undefined {
  const result = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    result[i] = Number(values[i]);
    const same = typeof values[i] === "bigint" ? BigInt(result[i]!) === values[i] : result[i] === values[i];
    if (!same) return;
  }
  return result;
}

function brainHalvesToFloat32(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let i = 0; i < bits.length; i++) bits[i] = halves[i]! << 16;
  return new Float32Array(bits.buffer);
}

function halvesToFloat32(halves: Uint16Array): Float32Array {
  const values = new Float32Array(halves.length);
  for (let i = 0; i < values.length; i++) values[i] = halfToNumber(halves[i]!);
  return values;
}

function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
