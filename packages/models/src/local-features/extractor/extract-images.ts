import { setImmediate as nextTurn } from "node:timers/promises";
import { type Pixels, requirePixels, type Size } from "../../images/pixels.ts";
import {
  decode,
  failureOf,
  type ImageFailure,
  type ImageSource,
  isPixels,
  MissingPackageError,
  requireSource,
} from "../../sources/image-source.ts";
import { type Items, readAhead, unlessAborted } from "../../sources/read-ahead.ts";
import { bestFeatures } from "./best-features.ts";
import { type Detector, ImageError, type ImageLocalFeatures } from "./detector.ts";
import { pointsBefore, shrink } from "./place-image.ts";

/** Options of an extractor's runs. */
export interface ExtractOptions {
  /**
   * Stops the run at once, whatever it is waiting for. What a native library has begun goes on to its end, and what comes
   * of it is dropped.
   */
  readonly signal?: AbortSignal;
  /** Told after each image how many are through, those that failed among them. */
  readonly onProgress?: (done: number) => void;
}

/** What came of one image: its features, or why there are none. */
export type ExtractedImage =
  | {
      /** Position of the image among the sources, from 0. */
      readonly row: number;
      readonly features: ImageLocalFeatures;
      readonly failure?: undefined;
    }
  | { readonly row: number; readonly features?: undefined; readonly failure: ImageFailure };

/** What a run needs. */
export interface ExtractSettings {
  readonly detector: Detector;
  readonly limit: number;
  readonly maxSide: number | undefined;
  readonly normalize: boolean;
  readonly autoOrient: boolean;
  readonly concurrency: number;
}

/** An image that is read, as it goes to the detector, or the reason why it is not. */
type Prepared =
  | { readonly source: ImageSource; readonly image: Pixels; readonly size: Size }
  | { readonly source: ImageSource; readonly error: unknown };

/** Extracts features image by image, in order. */
export async function* extractImages(
  settings: ExtractSettings,
  images: Items<ImageSource>,
  { signal, onProgress }: ExtractOptions,
): AsyncGenerator<ExtractedImage, void, undefined> {
  if (typeof images === "string") {
    throw new TypeError("extract: expected `images` to be a list or a stream of images, got one string");
  }
  const prepare = (source: ImageSource, row: number): Promise<Prepared> => {
    requireSource("extract", row, source);
    return prepareImage(settings, source);
  };
  let row = 0;
  for await (const prepared of readAhead(images, prepare, { limit: settings.concurrency, signal })) {
    const extracted = await unlessAborted(extractOne(settings, prepared, row), signal);
    row += 1;
    onProgress?.(row);
    yield extracted;
  }
}

/** Decodes an image, and shrinks it as soon as that is done, so that its pixels are not kept. */
async function prepareImage(
  { maxSide, autoOrient, detector }: ExtractSettings,
  source: ImageSource,
): Promise<Prepared> {
  try {
    const pixels = isPixels(source) ? rgb(source) : await decode("extract", source, autoOrient);
    const image = shrink(pixels, maxSide, detector.largest);
    // Gives timers and signals their turn, which a long list of pixels would not.
    await nextTurn();
    return { source, image, size: { width: pixels.width, height: pixels.height } };
  } catch (error) {
    return { source, error };
  }
}

function rgb(pixels: Pixels): Pixels {
  requirePixels("extract", pixels);
  if (pixels.channels === 3) return pixels;
  throw new RangeError(`extract: expected \`channels\` to be 3, got ${pixels.channels}`);
}

async function extractOne(
  { detector, limit, normalize }: ExtractSettings,
  prepared: Prepared,
  row: number,
): Promise<ExtractedImage> {
  if ("error" in prepared) {
    if (prepared.error instanceof MissingPackageError) throw prepared.error;
    return { row, failure: failureOf(row, prepared.source, prepared.error) };
  }
  const { source, image, size } = prepared;
  try {
    const best = bestFeatures(await detector.detect(image, limit), limit, normalize);
    return { row, features: { ...best, points: pointsBefore(best.points, image, size) } };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    const path = typeof source === "string" ? { path: source } : {};
    return { row, failure: { row, ...path, message: error.message } };
  }
}
