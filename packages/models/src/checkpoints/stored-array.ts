import { bytesPerElement, type ElementType } from "./element-types.ts";

/** A run of elements of one type in a file, not read yet. */
export interface Storage {
  /** What messages call it. */
  readonly name: string;
  readonly type: ElementType;
  /** Elements. */
  readonly length: number;
  readonly littleEndian: boolean;
  /** All its bytes; `owned` says whether they may be written and kept. */
  readonly load: () => Promise<{ readonly bytes: Uint8Array; readonly owned: boolean }>;
}

/** An array as a view of a storage; offset and strides count elements. */
export interface StoredArray {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** The element type has no float32 form, such as complex numbers; such an array is skipped by name. */
export interface UnreadableArray {
  readonly type: string;
}

/** Values of a shape; `Infinity` or an inexact number beyond 2⁵³. */
export function sizeOf(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, side) => product * side, 1);
}

/** Strides of a row-major array. */
export function rowMajor(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = strides[axis + 1]! * Math.max(1, shape[axis + 1]!);
  }
  return strides;
}

/** Whether the values lie one after the other. */
export function isContiguous({ shape, strides }: StoredArray): boolean {
  const dense = rowMajor(shape);
  return shape.includes(0) || shape.every((side, axis) => side === 1 || strides[axis] === dense[axis]);
}

/** Elements from the array's first to its last, both included. */
export function extentOf({ shape, strides }: StoredArray): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((extent, side, axis) => extent + (side - 1) * strides[axis]!, 1);
}

/** The array's elements one after the other in new memory; `bytes` are a whole storage from a multiple of 8 in its buffer. */
export function gather(array: StoredArray, bytes: Uint8Array): Uint8Array {
  const size = bytesPerElement[array.storage.type];
  if (isContiguous(array)) {
    return new Uint8Array(bytes.subarray(array.offset * size, (array.offset + sizeOf(array.shape)) * size));
  }
  const source = wordsOf(size, bytes);
  const target = wordsOf(size, new Uint8Array(sizeOf(array.shape) * size));
  const rank = array.shape.length;
  const inner = array.shape[rank - 1]!;
  const innerStride = array.strides[rank - 1]!;
  const position = new Array<number>(rank - 1).fill(0);
  for (let to = 0; to < target.length; to += inner) {
    let at = position.reduce((sum, place, axis) => sum + place * array.strides[axis]!, array.offset);
    for (let i = 0; i < inner; i++, at += innerStride) target[to + i] = source[at]!;
    for (let axis = rank - 2; axis >= 0 && ++position[axis]! === array.shape[axis]; axis--)
      position[axis] = 0;
  }
  return new Uint8Array(target.buffer);
}

/** Turns big-endian elements into little-endian ones, in place. */
export function swapBytesInto(bytes: Uint8Array, size: number): void {
  if (size === 1) return;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (size === 2) buffer.swap16();
  else if (size === 4) buffer.swap32();
  else buffer.swap64();
}

/** Float64Array copies 8 bytes at a time; a signalling NaN may change its bits, but it stays NaN. */
function wordsOf(size: number, bytes: Uint8Array): Uint8Array | Uint16Array | Uint32Array | Float64Array {
  const { buffer, byteOffset, length } = bytes;
  if (size === 1) return bytes;
  if (size === 2) return new Uint16Array(buffer, byteOffset, length / 2);
  return size === 4
    ? new Uint32Array(buffer, byteOffset, length / 4)
    : new Float64Array(buffer, byteOffset, length / 8);
}
