import { join } from "node:path";
import { type Matrix, toFloat32 } from "@lmk/index";
import { type NpyFile, openNpy, readNpy } from "@lmk/index/npy";
import type { LocalFeatures } from "@lmk/models/local-features";
import { type LocalFeatureIndex, localFeatureParts } from "./local-features.ts";
import { type CompletedStage, readJson } from "./run-folder.ts";
import { UserError } from "./user-error.ts";

/** The local features of a split on disk, of which each read takes those that are asked for. */
export interface LocalFeatureStore {
  /** How many images there are. */
  readonly rows: number;
  /** Length of a descriptor; 0 if there is none. */
  readonly dimension: number;
  /** How many features each image has. */
  readonly counts: Float32Array;
  /** The features of one image, read from its place in the files. */
  readonly featuresOf: (
    row: number,
  ) => Promise<{ readonly points: Float32Array; readonly descriptors: Matrix }>;
  /**
   * The features of some images, in this order, as `countInliers` takes them: image `i` is `rows[i]`. Memory for these, and no
   * more.
   */
  readonly slice: (rows: Int32Array) => Promise<LocalFeatures>;
  readonly close: () => Promise<void>;
}

interface OpenPart {
  readonly locations: NpyFile;
  readonly descriptors: NpyFile;
}

/** Parts that are open at once, of two files each. */
const mostOpen = 16;

/** Opens the features that `extractLocalFeatures` made. */
export async function openLocalFeatures(stage: CompletedStage): Promise<LocalFeatureStore> {
  const index = readJson<LocalFeatureIndex>(join(stage.folder, "features.json"));
  if (index === undefined) {
    throw new UserError(`${stage.folder}: expected local features, got none; run the stage to its end`);
  }
  const { images, imagesPerPart, dimension } = index;
  const counts = images > 0 ? (await readNpy(join(stage.folder, "counts.npy"))).data : new Float32Array();
  const offsets = offsetsInParts(counts, imagesPerPart);
  const parts = openParts(localFeatureParts(stage, index));

  const readInto = async (row: number, target: LocalFeatures, at: number): Promise<void> => {
    const count = counts[row]!;
    if (count === 0) return;
    const { locations, descriptors } = await parts.at(Math.floor(row / imagesPerPart));
    const range = { first: offsets[row]!, end: offsets[row]! + count };
    target.locations.set(toFloat32(await locations.read(range)).data, 2 * at);
    target.descriptors.data.set(toFloat32(await descriptors.read(range)).data, dimension * at);
  };
  const read = async (rows: Int32Array): Promise<LocalFeatures> => {
    const starts = new Uint32Array(rows.length + 1);
    rows.forEach((row, i) => {
      if (!(row >= 0 && row < images)) {
        throw new RangeError(`slice: expected \`rows\` to be from 0 to below ${images}, got ${row}`);
      }
      starts[i + 1] = starts[i]! + counts[row]!;
    });
    const total = starts[rows.length]!;
    const target = {
      locations: new Float32Array(2 * total),
      descriptors: { data: new Float32Array(dimension * total), rows: total, columns: dimension },
      starts,
    };
    // In the order of the files, so that each part is opened once.
    const order = [...rows.keys()].sort((a, b) => rows[a]! - rows[b]!);
    for (const i of order) await readInto(rows[i]!, target, starts[i]!);
    return target;
  };
  // Reads take turns, so that none finds its part closed by another.
  let last: Promise<unknown> = Promise.resolve();
  const afterOthers = <T>(work: () => Promise<T>): Promise<T> => {
    const result = last.then(work);
    last = result.catch(() => undefined);
    return result;
  };
  const slice = (rows: Int32Array): Promise<LocalFeatures> => afterOthers(() => read(rows));
  return {
    rows: images,
    dimension,
    counts,
    featuresOf: async (row) => {
      const { locations, descriptors } = await slice(Int32Array.of(row));
      return { points: locations, descriptors };
    },
    slice,
    close: () => afterOthers(parts.close),
  };
}

/** For each image the features before it in its part. */
function offsetsInParts(counts: Float32Array, imagesPerPart: number): Float64Array {
  const offsets = new Float64Array(counts.length);
  for (let row = 0; row < counts.length; row++) {
    offsets[row] = row % imagesPerPart === 0 ? 0 : offsets[row - 1]! + counts[row - 1]!;
  }
  return offsets;
}

/** The files of the parts that were used last, for one call after the other. */
function openParts(paths: readonly string[]): {
  readonly at: (part: number) => Promise<OpenPart>;
  readonly close: () => Promise<void>;
} {
  const open = new Map<number, OpenPart>();
  return {
    async at(part) {
      const found = open.get(part) ?? (await openPart(paths[part]!));
      open.delete(part);
      open.set(part, found);
      const [oldest] = open;
      if (open.size > mostOpen && oldest !== undefined) {
        open.delete(oldest[0]);
        await closePart(oldest[1]);
      }
      return found;
    },
    async close() {
      await Promise.all([...open.values()].map(closePart));
      open.clear();
    },
  };
}

async function openPart(path: string): Promise<OpenPart> {
  const locations = await openNpy(join(path, "locations.npy"));
  try {
    return { locations, descriptors: await openNpy(join(path, "descriptors.npy")) };
  } catch (error) {
    await locations.close();
    throw error;
  }
}

async function closePart({ locations, descriptors }: OpenPart): Promise<void> {
  await Promise.all([locations.close(), descriptors.close()]);
}
