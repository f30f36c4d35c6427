import type { Initializer } from "./graph.ts";

/** Which constants are outside the model, and where. */
export interface ExternalLayout {
  /** The file's path, relative to the model's folder. */
  readonly location: string;
  /** The first byte of each constant that is in the file. */
  readonly offsets: ReadonlyMap<string, number>;
  /** The file's content, in order: the constants' own memory, and zeros between. */
  readonly chunks: readonly Uint8Array[];
}

/** Where the model alone would reach what protobuf can read, 2 GiB, with 64 MiB left for nodes. */
export const modelByteLimit: number = 2 ** 31 - 2 ** 26;

/** Offsets that memory can be mapped from on every system; smaller constants stay in the model. */
const alignment = 65_536;

/**
 * Places the constants of a graph outside the model if together they are larger than `limit` bytes, or gives
 * undefined.
 */
export function layOutExternalData(
  initializers: readonly Initializer[],
  location: string,
  limit: number,
): ExternalLayout | undefined {
  const total = initializers.reduce((bytes, { data }) => bytes + data.byteLength, 0);
  if (total <= limit) return undefined;
  const offsets = new Map<string, number>();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (const { name, data } of initializers) {
    if (data.byteLength < alignment) continue;
    const start = Math.ceil(length / alignment) * alignment;
    if (start > length) chunks.push(new Uint8Array(start - length));
    offsets.set(name, start);
    chunks.push(bytesOf(data));
    length = start + data.byteLength;
  }
  return { location, offsets, chunks };
}

/** The memory of an array. */
export function bytesOf(data: Initializer["data"]): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
