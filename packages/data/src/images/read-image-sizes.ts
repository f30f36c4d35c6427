import { requireInteger, requireOneOf } from "../require.ts";
import { type DecodeOptions, DecodeRefusal, decodeImage, defaultMaxPixels, readHeader } from "./decode.ts";
import { failureOf, type ImageFailure } from "./image-failure.ts";
import { type ImageNotice, noticesOf } from "./image-notice.ts";
import { defaultConcurrency, type ImagePaths, pathAt } from "./image-paths.ts";

/** Options of {@link readImageSizes}. */
export interface ReadImageSizesOptions {
  /**
   * `"header"` reads the first bytes of each file; `"decode"` decodes each to its end, which also finds
   * truncated and corrupt ones, at about seven times the time.
   *
   * @defaultValue "header"
   */
  readonly check?: "header" | "decode";
  /**
   * Whether sizes are those after the EXIF orientation, as `loadBatches` applies it by default.
   *
   * @defaultValue true
   */
  readonly autoOrient?: boolean;
  /**
   * Images that declare more pixels than this are failures.
   *
   * @defaultValue as of `loadBatches`
   */
  readonly maxPixels?: number;
  /**
   * Files in work at the same time.
   *
   * @defaultValue as of `loadBatches`
   */
  readonly concurrency?: number;
  /**
   * Told each image that cannot be read as it is found, in no certain order; `failures` is empty then. For sets of which
   * millions may be missing.
   *
   * @defaultValue they are kept in `failures`
   */
  readonly onFailure?: (failure: ImageFailure) => void;
  /** Called now and then, and at the end, with the number of files done. */
  readonly onProgress?: (done: number) => void;
  /** Stops the reading; the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

/** The sizes of images, by row. */
export interface ImageSizes {
  /** In pixels; 0 where the image could not be read. */
  readonly widths: Int32Array;
  /** In pixels; 0 where the image could not be read. */
  readonly heights: Int32Array;
  /** The images that could not be read, in the order of their rows; none where `onFailure` is told. */
  readonly failures: readonly ImageFailure[];
  /** What is unusual about images that could be read, in the order of their rows; several of one image are possible. */
  readonly notices: readonly ImageNotice[];
}

/**
 * The width and height of each image, which cannot be read, and which are unusual. A missing, empty or corrupt file is
 * reported in the result and does not stop the others. `createImageManifest` makes a list of the result.
 *
 * The 2019 code read images and their sizes by OpenCV, which turns them as their EXIF orientation says;
 * so does this function unless told not to.
 *
 * @param paths - The files.
 * @returns One size per file.
 * @throws RangeError if an option is out of range; the reason of `signal` once it is aborted.
 *
 * @example
 * ```ts
 * import sharp from "sharp";
 * import { readImageSizes } from "@lmk/data/images";
 *
 * await sharp({ create: { width: 40, height: 30, channels: 3, background: "red" } }).toFile("red.png");
 * const { widths, heights, failures } = await readImageSizes(["red.png", "gone.jpg"]);
 * console.log(widths, heights); // => Int32Array(2) [ 40, 0 ] Int32Array(2) [ 30, 0 ]
 * console.log(failures[0].row, failures[0].kind); // => 1 missing
 * ```
 */
export async function readImageSizes(
  paths: ImagePaths,
  options: ReadImageSizesOptions = {},
): Promise<ImageSizes> {
  const {
    check = "header",
    autoOrient = true,
    maxPixels = defaultMaxPixels,
    concurrency = defaultConcurrency(),
    onFailure,
    onProgress,
    signal,
  } = options;
  requireOneOf("readImageSizes", "check", check, ["header", "decode"]);
  requireInteger("readImageSizes", "maxPixels", maxPixels, 1);
  requireInteger("readImageSizes", "concurrency", concurrency, 1);
  signal?.throwIfAborted();

  const widths = new Int32Array(paths.length);
  const heights = new Int32Array(paths.length);
  const failures: ImageFailure[] = [];
  const notices: ImageNotice[] = [];
  const looks: DecodeOptions = { autoOrient, colorProfile: "ignore", maxPixels, kernel: "linear" };
  let next = 0;
  let done = 0;
  const measure = async (row: number): Promise<void> => {
    const path = pathAt("readImageSizes", paths, row);
    try {
      const metadata = await readHeader(path, looks);
      if (check === "decode") await decodeImage(path, { width: 16, height: 16 }, looks);
      const { width, height } = autoOrient ? metadata.autoOrient : metadata;
      widths[row] = width;
      heights[row] = height;
      notices.push(...noticesOf(row, path, metadata));
    } catch (error) {
      if (!(error instanceof DecodeRefusal)) throw error;
      const failure = await failureOf(row, path, error);
      if (onFailure === undefined) failures.push(failure);
      else onFailure(failure);
    }
    done += 1;
    if (done % 256 === 0 && done < paths.length) onProgress?.(done);
  };
  const worker = async (): Promise<void> => {
    try {
      while (next < paths.length) {
        signal?.throwIfAborted();
        await measure(next++);
      }
    } catch (error) {
      // The other workers stop as well.
      next = paths.length;
      throw error;
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, paths.length) }, worker));
  signal?.throwIfAborted();
  onProgress?.(done);
  const byRow = (a: { row: number }, b: { row: number }): number => a.row - b.row;
  return { widths, heights, failures: failures.sort(byRow), notices: notices.sort(byRow) };
}
