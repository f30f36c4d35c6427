import { join } from "node:path";
import type { ImagePaths } from "@lmk/data/images";
import { readNpy, writeNpy } from "@lmk/index/npy";
import type { ImageFailure, ImageLocalFeatures, LocalFeatureExtractor } from "@lmk/models/local-features";
import { partPaths, runPartedStage } from "./parted-stage.ts";
import { type CompletedStage, type RunFolder, readJson, writeJson, writeWholeFolder } from "./run-folder.ts";
import { UserError } from "./user-error.ts";

/** What {@link extractLocalFeatures} is told. */
export interface ExtractLocalFeaturesOptions {
  /** The files of a split. */
  readonly paths: ImagePaths;
  /** The rows to extract, such as `usableRows`: image `i` of the stage is `rows[i]`. */
  readonly rows: Int32Array;
  /** Everything that decides the features of an image; JSON. */
  readonly settings: unknown;
  readonly after: readonly CompletedStage[];
  /** Called once, when a part is missing. */
  readonly createExtractor: () => Promise<LocalFeatureExtractor>;
  /** Told how many images this process has behind it. */
  readonly onProgress?: (done: number) => void;
  /** Told of each image without features as it is found; its row is one of the split. */
  readonly onFailure?: (failure: ImageFailure) => void;
  /**
   * Images in each part.
   *
   * @defaultValue 256
   */
  readonly imagesPerPart?: number;
  /**
   * The numbers of the descriptors' files; float16 takes half the space.
   *
   * @defaultValue "float32"
   */
  readonly precision?: "float16" | "float32";
}

/** What `features.json` of a stage holds. */
export interface LocalFeatureIndex {
  readonly images: number;
  readonly imagesPerPart: number;
  /** Length of a descriptor; 0 if there is none. */
  readonly dimension: number;
}

/**
 * A stage that extracts the local features of images, in parts; {@link openLocalFeatures} reads them.
 *
 * A part is a folder of `locations.npy`, `descriptors.npy` and `counts.npy`, the features of each of its images. Parts stay
 * where they are made; what is joined in the end is the counts alone. An image that cannot be read, or at which the network
 * fails, has no features and is told of: also in `failures.json`, by its row.
 */
export async function extractLocalFeatures(
  run: RunFolder,
  name: string,
  options: ExtractLocalFeaturesOptions,
): Promise<CompletedStage> {
  const { rows, imagesPerPart = 256, precision = "float32", after, onProgress } = options;
  const parts = Math.ceil(rows.length / imagesPerPart);
  const settings = { features: options.settings, images: rows.length, imagesPerPart, precision };
  let extractor: LocalFeatureExtractor | undefined;
  let done = 0;
  try {
    return await runPartedStage(
      run,
      name,
      { settings, after, parts },
      {
        keepParts: true,
        async makePart(part, path) {
          extractor ??= await options.createExtractor();
          const own = rows.subarray(part * imagesPerPart, (part + 1) * imagesPerPart);
          const features = await extractPart(extractor, options, own, (images) =>
            onProgress?.(done + images),
          );
          await writePart(path, features, extractor.dimension, precision);
        },
        async finish(folder, paths) {
          await joinCounts(folder, paths, { images: rows.length, imagesPerPart });
        },
        onProgress(doneParts) {
          done = Math.min(rows.length, doneParts * imagesPerPart);
          onProgress?.(done);
        },
      },
    );
  } finally {
    await extractor?.dispose();
  }
}

/** Features of the images of one part, and those that have none. */
interface Part {
  readonly features: readonly (ImageLocalFeatures | undefined)[];
  readonly failures: readonly ImageFailure[];
}

async function extractPart(
  extractor: LocalFeatureExtractor,
  { paths, onFailure }: ExtractLocalFeaturesOptions,
  rows: Int32Array,
  onProgress: (done: number) => void,
): Promise<Part> {
  const files = Array.from(rows, (row) => paths.at(row)!);
  const features: (ImageLocalFeatures | undefined)[] = [];
  const failures: ImageFailure[] = [];
  for await (const image of extractor.extract(files, { onProgress })) {
    features.push(image.features);
    if (image.failure === undefined) continue;
    const failure = { ...image.failure, row: rows[image.row]! };
    failures.push(failure);
    onFailure?.(failure);
  }
  const [first] = failures;
  // A folder that is gone would otherwise become millions of images without features.
  if (first !== undefined && failures.length === files.length) {
    const others = files.length > 1 ? ` (and all ${files.length - 1} others of its part)` : "";
    throw new UserError(`${first.path}: ${first.message}${others}; bring the images back and run again`);
  }
  return { features, failures };
}

async function writePart(
  path: string,
  { features, failures }: Part,
  dimension: number | undefined,
  precision: "float16" | "float32",
): Promise<void> {
  const counts = Float32Array.from(features, (image) => image?.scores.length ?? 0);
  const rows = counts.reduce((sum, count) => sum + count, 0);
  const columns = dimension ?? features.find((image) => image)?.descriptors.columns ?? 1;
  const locations = new Float32Array(2 * rows);
  const data = new Float32Array(columns * rows);
  let at = 0;
  for (const image of features) {
    if (image === undefined) continue;
    locations.set(image.points, 2 * at);
    data.set(image.descriptors.data, columns * at);
    at += image.scores.length;
  }
  await writeWholeFolder(path, async (folder) => {
    await writeNpy(join(folder, "locations.npy"), { data: locations, rows, columns: 2 });
    await writeNpy(join(folder, "descriptors.npy"), { data, rows, columns }, { dtype: precision });
    await writeNpy(join(folder, "counts.npy"), { data: counts, rows: counts.length, columns: 1 });
    writeJson(join(folder, "part.json"), { dimension: rows > 0 ? columns : (dimension ?? 0), failures });
  });
}

/** Writes the count of each image, how long a descriptor is, and what failed. */
async function joinCounts(
  folder: string,
  paths: readonly string[],
  { images, imagesPerPart }: Omit<LocalFeatureIndex, "dimension">,
): Promise<void> {
  const counts = new Float32Array(images);
  const failures: ImageFailure[] = [];
  let dimension = 0;
  for (const [part, path] of paths.entries()) {
    counts.set((await readNpy(join(path, "counts.npy"))).data, part * imagesPerPart);
    const found = readJson<{ dimension: number; failures: ImageFailure[] }>(join(path, "part.json"))!;
    dimension ||= found.dimension;
    failures.push(...found.failures);
  }
  await writeNpy(join(folder, "counts.npy"), { data: counts, rows: images, columns: 1 });
  writeJson(join(folder, "failures.json"), failures);
  writeJson(join(folder, "features.json"), { images, imagesPerPart, dimension } satisfies LocalFeatureIndex);
}

/** The folders of a stage's parts. */
export function localFeatureParts(
  stage: CompletedStage,
  { images, imagesPerPart }: LocalFeatureIndex,
): string[] {
  return partPaths(stage, Math.ceil(images / imagesPerPart));
}
