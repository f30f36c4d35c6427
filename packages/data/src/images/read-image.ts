import type { Pixels } from "../augmentation/pixels.ts";
import type { Size } from "../samplers/size-templates.ts";
import { type DecodeOptions, decodeImage } from "./decode.ts";
import { type DecodedCache, entryFile, readEntry, writeEntry } from "./decoded-cache.ts";
import { failureOf, type ImageFailure } from "./image-failure.ts";

/** Which image, and how it becomes pixels. */
export interface ImageOrder {
  readonly row: number;
  readonly path: string;
  /** The size to warp it to; `undefined` for the one it is stored at. */
  readonly size: Size | undefined;
  readonly options: DecodeOptions;
}

/** Takes an image from the cache or decodes it; what is wrong with one that cannot be read. Errors are the cache's. */
export async function readImage(
  order: ImageOrder,
  cache: DecodedCache | undefined,
): Promise<Pixels | ImageFailure> {
  const { path, size, options } = order;
  if (cache === undefined) return decodeOrFail(order);
  let entry: string;
  try {
    entry = await entryFile(cache, path, size, options);
  } catch (error) {
    return failureOf(order.row, path, error);
  }
  const kept = await readEntry(entry);
  if (kept !== undefined) return kept;
  const decoded = await decodeOrFail(order);
  if (!("kind" in decoded)) await writeEntry(cache, entry, decoded);
  return decoded;
}

async function decodeOrFail({ row, path, size, options }: ImageOrder): Promise<Pixels | ImageFailure> {
  try {
    return await decodeImage(path, size, options);
  } catch (error) {
    return failureOf(row, path, error);
  }
}
