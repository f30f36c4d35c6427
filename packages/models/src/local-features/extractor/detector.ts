import type { Matrix } from "../../embedder/rows.ts";
import type { Pixels, Size } from "../../images/pixels.ts";

/** Local features of one image. */
export interface ImageLocalFeatures {
  /** x and y of each point, in pixels of the image as it came: 0, 0 is the middle of the first pixel. */
  readonly points: Float32Array;
  /** The score of each point; the best comes first. */
  readonly scores: Float32Array;
  /** A row for each point. */
  readonly descriptors: Matrix;
}

/** Finds features in images of any size up to `largest`. */
export interface Detector {
  /** Length of a descriptor, where it is known before the first image. */
  readonly dimension: number | undefined;
  /** The largest image it takes, if there is one. */
  readonly largest: Size | undefined;
  /**
   * @param limit - The most features that are of use; more may come, in any order.
   * @returns Features with points in pixels of `image`.
   * @throws ImageError if it is the image that fails.
   */
  detect(image: Pixels, limit: number): Promise<ImageLocalFeatures>;
  dispose(): Promise<void>;
}

/** Something that is wrong with one image only. */
export class ImageError extends Error {}
