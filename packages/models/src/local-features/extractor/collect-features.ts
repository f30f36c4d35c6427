import type { Matrix } from "../../embedder/rows.ts";
import type { ImageFailure } from "../../sources/image-source.ts";
import type { ImageLocalFeatures } from "./detector.ts";
import type { ExtractedImage } from "./extract-images.ts";

/** Local features of many images, those of one image after those of the one before. */
export interface LocalFeatures {
  /** x and y of each feature, in pixels of its image as it came. */
  readonly locations: Float32Array;
  /** A row for each feature. */
  readonly descriptors: Matrix;
  /** One number more than images: image `i` has the features from `starts[i]` to before `starts[i + 1]`. */
  readonly starts: Uint32Array;
}

/** All features of a list of images. */
export interface ExtractedImages {
  /** Image `i` of the list is image `i` here; one that failed has no features. */
  readonly features: LocalFeatures;
  /** Images that failed, by their position. */
  readonly failures: readonly ImageFailure[];
}

/** Joins the features of images, in their order. */
export async function collectFeatures(
  images: AsyncIterable<ExtractedImage>,
  dimension: number | undefined,
): Promise<ExtractedImages> {
  const found: (ImageLocalFeatures | undefined)[] = [];
  const failures: ImageFailure[] = [];
  for await (const { features, failure } of images) {
    found.push(features);
    if (failure !== undefined) failures.push(failure);
  }
  const starts = new Uint32Array(found.length + 1);
  found.forEach((features, i) => {
    starts[i + 1] = starts[i]! + (features?.scores.length ?? 0);
  });
  const rows = starts[found.length]!;
  const columns = dimension ?? found.find((features) => features)?.descriptors.columns ?? 0;
  const locations = new Float32Array(2 * rows);
  const data = new Float32Array(rows * columns);
  found.forEach((features, i) => {
    if (features === undefined) return;
    locations.set(features.points, 2 * starts[i]!);
    data.set(features.descriptors.data, starts[i]! * columns);
  });
  return { features: { locations, descriptors: { data, rows, columns }, starts }, failures };
}
