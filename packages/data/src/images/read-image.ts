import type { Pixels } from "../augmentation/pixels.ts";
import type { Size } from "../samplers/size-templates.ts";
import { type DecodeOptions, DecodeRefusal, decodeImage } from "./decode.ts";
import { type DecodedCache, entryFile, readEntry, writeEntry } from "./decoded-cache.ts";
import { failureOf, type ImageFailure } from "./image-failure.ts";

/** Which image, and the size to warp it to; `undefined` for the one it is stored at. */
export interface ImageOrder {
  readonly row: number;
  readonly path: string;
  readonly size: Size | undefined;
}

/** Reads an image; what is wrong with one that cannot be read. */
export type ReadImage = (order: ImageOrder) => Promise<Pixels | ImageFailure>;

/**
 * Takes images from the cache or decodes them. One that is asked for while it is being read, such as another copy of a row,
 * is read once; nobody may change its bytes.
 */
export function createImageReader(options: DecodeOptions, cache: DecodedCache | undefined): ReadImage {
  const inWork = new Map<string, Promise<Pixels | ImageFailure>>();
  const read: ReadImage = (order) =>
    cache === undefined ? decodeOrFail(order, options) : readThrough(cache, order, options);
  return (order) => {
    const { row, path, size } = order;
    const key = JSON.stringify([row, path, size?.width, size?.height]);
    const begun = inWork.get(key);
    if (begun !== undefined) return begun;
    const reading = read(order).finally(() => inWork.delete(key));
    inWork.set(key, reading);
    return reading;
  };
}

async function readThrough(
  cache: DecodedCache,
  order: ImageOrder,
  options: DecodeOptions,
): Promise<Pixels | ImageFailure> {
  const entry = await entryFile(cache, order.path, order.size, options);
  if (entry === undefined) return decodeOrFail(order, options);
  const kept = await readEntry(entry);
  if (kept !== undefined) return kept;
  const decoded = await decodeOrFail(order, options);
  if (!("kind" in decoded)) await writeEntry(cache, entry, decoded);
  return decoded;
}

async function decodeOrFail(
  { row, path, size }: ImageOrder,
  options: DecodeOptions,
): Promise<Pixels | ImageFailure> {
  try {
    return await decodeImage(path, size, options);
  } catch (error) {
    if (error instanceof DecodeRefusal) return failureOf(row, path, error);
    throw error;
  }
}
