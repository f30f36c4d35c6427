import type { Matrix } from "../matrix.ts";
import { requireDescriptors } from "./descriptor-matching.ts";
import { requireFinitePoints } from "./point-pairs.ts";

/** The local features of one image. */
export interface ImageFeatures {
  /** x and y of each feature, in pixels of one size of the image. */
  readonly locations: Float32Array;
  /** A row for each feature. */
  readonly descriptors: Matrix;
}

/** The local features of many images, those of one image after those of the one before. */
export interface LocalFeatures extends ImageFeatures {
  /** One number more than images: image `i` has the features from `starts[i]` to before `starts[i + 1]`. */
  readonly starts: Uint32Array;
}

export function requireImageFeatures(caller: string, argument: string, features: ImageFeatures): void {
  const { locations, descriptors } = features;
  requireDescriptors(caller, `${argument}.descriptors`, descriptors);
  if (locations.length !== 2 * descriptors.rows) {
    throw new RangeError(
      `${caller}: expected \`${argument}.locations\` to hold ${descriptors.rows} x 2 = ${2 * descriptors.rows} numbers, got ${locations.length}`,
    );
  }
  requireFinitePoints(caller, `${argument}.locations`, locations);
}

export function requireLocalFeatures(caller: string, argument: string, features: LocalFeatures): void {
  requireImageFeatures(caller, argument, features);
  const { starts, descriptors } = features;
  const last = starts[starts.length - 1];
  if (starts[0] !== 0 || last !== descriptors.rows) {
    throw new RangeError(
      `${caller}: expected \`${argument}.starts\` to go from 0 to ${descriptors.rows}, got ${starts[0]} to ${last}`,
    );
  }
  for (let image = 1; image < starts.length; image++) {
    if (starts[image]! < starts[image - 1]!) {
      throw new RangeError(
        `${caller}: expected \`${argument}.starts\` to ascend, got ${starts[image]} after ${starts[image - 1]}`,
      );
    }
  }
}

export function requireSameColumns(caller: string, argument: string, got: Matrix, expected: Matrix): void {
  if (got.columns !== expected.columns) {
    throw new RangeError(
      `${caller}: expected \`${argument}\` to have ${expected.columns} columns, got ${got.columns}`,
    );
  }
}

/** The features of one image; views, no copies. */
export function featuresOf({ locations, descriptors, starts }: LocalFeatures, image: number): ImageFeatures {
  const first = starts[image]!;
  const end = starts[image + 1]!;
  const { data, columns } = descriptors;
  return {
    locations: locations.subarray(2 * first, 2 * end),
    descriptors: { data: data.subarray(first * columns, end * columns), rows: end - first, columns },
  };
}
