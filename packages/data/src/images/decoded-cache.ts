import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import sharp from "sharp";
import { type Pixels, pixelsOf } from "../augmentation/pixels.ts";
import { requireInteger } from "../require.ts";
import type { Size } from "../samplers/size-templates.ts";
import type { DecodeOptions } from "./decode.ts";

/** A folder of decoded images, as {@link openDecodedCache} gives it. Plain data, so that threads can share it. */
export interface DecodedCache {
  readonly folder: string;
  /** How large it may become. */
  readonly maxBytes: number;
  /** One number in shared memory: the bytes it holds, as far as this process knows. */
  readonly bytes: BigInt64Array;
  /** One number in shared memory: 1 once an entry could not be written, after which this process adds none. */
  readonly failed: Int32Array;
}

/** Options of {@link openDecodedCache}. */
export interface OpenDecodedCacheOptions {
  /**
   * How large the folder may become. Once it is full, images that are in it are still taken from it, others are decoded as
   * without it: where every epoch reads every image, putting new ones in the place of old ones would leave none to find.
   *
   * @defaultValue no limit
   */
  readonly maxBytes?: number;
}

/**
 * A folder in which `loadBatches` keeps decoded images, so that later epochs and runs need not decode them again.
 *
 * It holds the bytes of each image after decoding and warping, before augmentation and normalization: 150 kB for
 * 224 × 224, whatever the size of its file. For an augmentation that contains `resize` it holds them at their stored size:
 * 2.4 MB for 1024 × 768.
 *
 * An entry belongs to a path, size and time of change of a file, to a size in pixels, to the options that the pixels depend on
 * and to the versions of sharp's decoders; if one of these changes, the image is decoded anew and the old entry stays behind
 * until the folder is deleted.
 *
 * Entries appear under their names when they are complete, so several processes may share the folder; of `maxBytes` each
 * knows what it found at the beginning and has added itself. An entry that was damaged is noticed by its SHA-256 and made
 * again. A process that is killed may leave a `.partial` file, which can be deleted.
 *
 * The cache never ends a run: an entry that cannot be read counts as missing, and once one cannot be written, because the disk
 * is full for example, this process adds no more and `failed[0]` is 1.
 *
 * libvips remembers files of some formats, such as WebP, by their name alone: where files change while a process runs, call
 * `sharp.cache(false)` first, or the old pixels become the new entry.
 *
 * @param folder - Made if missing.
 * @throws RangeError if `maxBytes` is out of range; the system's error if the folder cannot be made.
 *
 * @example
 * ```ts
 * import sharp from "sharp";
 * import { loadBatches, openDecodedCache } from "@lmk/data/images";
 *
 * await sharp({ create: { width: 40, height: 30, channels: 3, background: "white" } }).toFile("snow.png");
 * const cache = await openDecodedCache("decoded");
 * const batches = [{ group: 0, rows: Int32Array.of(0) }];
 * for await (const _ of loadBatches(["snow.png"], batches, { sizes: [{ width: 4, height: 2 }], cache }));
 * console.log(cache.bytes[0]); // => 72n
 * ```
 */
export async function openDecodedCache(
  folder: string,
  options: OpenDecodedCacheOptions = {},
): Promise<DecodedCache> {
  const { maxBytes = Number.MAX_SAFE_INTEGER } = options;
  requireInteger("openDecodedCache", "maxBytes", maxBytes, 0);
  await mkdir(folder, { recursive: true });
  const bytes = new BigInt64Array(new SharedArrayBuffer(8));
  if (options.maxBytes !== undefined) bytes[0] = BigInt(await bytesIn(folder));
  return { folder: resolve(folder), maxBytes, bytes, failed: new Int32Array(new SharedArrayBuffer(4)) };
}

async function bytesIn(folder: string): Promise<number> {
  let total = 0;
  for (const shelf of await readdir(folder, { withFileTypes: true })) {
    if (!shelf.isDirectory()) continue;
    const names = await readdir(join(folder, shelf.name));
    const sizes = await Promise.all(names.map((name) => bytesOf(join(folder, shelf.name, name))));
    for (const size of sizes) total += size;
  }
  return total;
}

/** 0 for a file that is not there, such as one that another process has renamed meanwhile. */
async function bytesOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}

/** The file of the entry of an image, whether it is there or not; `undefined` if there is no image. */
export async function entryFile(
  cache: DecodedCache,
  path: string,
  size: Size | undefined,
  options: DecodeOptions,
): Promise<string | undefined> {
  const file = await stat(path).catch(() => undefined);
  if (file === undefined) return undefined;
  const { autoOrient, colorProfile, maxPixels, kernel } = options;
  const how = size === undefined ? ["stored"] : [size.width, size.height, kernel];
  const key = [resolve(path), file.size, file.mtimeMs, how, autoOrient, colorProfile, maxPixels];
  const name = createHash("sha256")
    .update(JSON.stringify([...key, sharp.versions]))
    .digest("hex");
  return join(cache.folder, name.slice(0, 2), name.slice(2, 40));
}

/** An entry is these eight bytes, width and height in four each, the SHA-256 of what follows and of the sides, the pixels. */
const magic = Buffer.from("lmkpix1\n");
const headerLength = magic.length + 8 + 32;

/** The image of an entry; `undefined` if it is not there, damaged or cannot be read. */
export async function readEntry(entry: string): Promise<Pixels | undefined> {
  const content = await readFile(entry).catch(() => undefined);
  if (content === undefined || content.length < headerLength) return undefined;
  if (!content.subarray(0, magic.length).equals(magic)) return undefined;
  const size = { width: content.readUInt32LE(8), height: content.readUInt32LE(12) };
  const pixels = content.subarray(headerLength);
  if (!content.subarray(16, headerLength).equals(checksum(content.subarray(8, 16), pixels))) return undefined;
  return pixelsOf(pixels, size);
}

/** Adds an entry, unless the cache is full or an entry could not be written before. */
export async function writeEntry(cache: DecodedCache, entry: string, pixels: Pixels): Promise<void> {
  if (Atomics.load(cache.failed, 0) !== 0) return;
  const length = BigInt(headerLength + pixels.data.length);
  if (Atomics.add(cache.bytes, 0, length) + length > BigInt(cache.maxBytes)) {
    Atomics.sub(cache.bytes, 0, length);
    return;
  }
  const sides = Buffer.alloc(8);
  sides.writeUInt32LE(pixels.width, 0);
  sides.writeUInt32LE(pixels.height, 4);
  const content = Buffer.concat([magic, sides, checksum(sides, pixels.data), pixels.data]);
  const passing = `${entry}.${randomUUID()}.partial`;
  try {
    await mkdir(dirname(entry), { recursive: true });
    await writeFile(passing, content);
    const replaced = await bytesOf(entry);
    await rename(passing, entry);
    Atomics.sub(cache.bytes, 0, BigInt(replaced));
  } catch {
    Atomics.store(cache.failed, 0, 1);
    Atomics.sub(cache.bytes, 0, length);
    await rm(passing, { force: true }).catch(() => undefined);
  }
}

function checksum(sides: Uint8Array, pixels: Uint8Array): Buffer {
  return createHash("sha256").update(sides).update(pixels).digest();
}
