import { join } from "node:path";
import {
  createImageIds,
  createNames,
  gldv2ImagePath,
  type ImageIds,
  type ImageLabels,
  type ImageTable,
  type LabelledImageTable,
  type LandmarkData,
  type RecognitionSolution,
  readImageIdsCsv,
  readTrainCsv,
} from "@lmk/data";
import { type CommitRun, commitRunOf } from "./commit-run.ts";
import { photosIn } from "./photos-in.ts";

/** How a competition's folder is read. */
export interface KaggleFolderOptions {
  /**
   * Whether of the public data only a part is taken, as {@link commitRunOf} says.
   *
   * @defaultValue "auto"
   */
  readonly commitRun?: "auto" | "never";
  /** A folder of photos without landmarks, which come behind the test images. */
  readonly nonLandmarks?: string;
}

/** A competition's folder: images to search, images to recognize, and the rows that are handed in. */
export interface KaggleFolder {
  /** No image of `index`; the `recognition` knows only of the photos without landmarks that they have none. */
  readonly data: LandmarkData;
  /** The images of `sample_submission.csv`. */
  readonly submission: ImageIds;
  /** What is looked at, where that is not all. */
  readonly commitRun: CommitRun | undefined;
}

/**
 * Reads the folder of the Google Landmark Recognition competitions of 2020 and 2021: `train.csv` (`id,landmark_id`) and
 * `sample_submission.csv` (`id,…`), with the images in `train/a/b/c/` and `test/a/b/c/`.
 *
 * @throws DataFormatError where a table is missing or not what it should be.
 * @throws {UserError} where there are no photos.
 */
export async function readKaggleFolder(
  folder: string,
  { commitRun: rule = "auto", nonLandmarks }: KaggleFolderOptions = {},
): Promise<KaggleFolder> {
  const labels = await readTrainCsv(join(folder, "train.csv"));
  const submission = await readImageIdsCsv(join(folder, "sample_submission.csv"));
  const commitRun = rule === "auto" ? commitRunOf(labels.ids.length) : undefined;
  const train = commitRun === undefined ? labels : pick(labels, commitRun.trainRows);
  const testImages = Math.min(submission.length, commitRun?.testImages ?? submission.length);
  const photos = nonLandmarks === undefined ? [] : photosIn(nonLandmarks);
  const test: ImageTable = {
    ids: createImageIds([...firstOf(submission, testImages), ...photos.map(idOfPhoto)]),
    paths: createNames(testImages + photos.length, (row) =>
      row < testImages
        ? gldv2ImagePath(folder, "test", submission.at(row))
        : join(nonLandmarks!, photos[row - testImages]!),
    ),
  };
  return {
    data: { ...nothing, train: located(folder, train), test, ...known(testImages, photos) },
    submission,
    commitRun,
  };
}

/** What such a folder does not have. */
const nothing = {
  index: { ids: createImageIds([]), paths: createNames(0, () => "") },
  clean: undefined,
  retrieval: undefined,
  landmarkNames: new Map<number, string>(),
} satisfies Partial<LandmarkData>;

function located(folder: string, { ids, landmarkIds }: ImageLabels): LabelledImageTable {
  return {
    ids,
    landmarkIds,
    paths: createNames(ids.length, (row) => gldv2ImagePath(folder, "train", ids.at(row))),
  };
}

function pick({ ids, landmarkIds }: ImageLabels, rows: Int32Array): ImageLabels {
  return {
    ids: createImageIds([...rows].map((row) => ids.at(row))),
    landmarkIds: rows.map((row) => landmarkIds[row]!),
  };
}

function firstOf(ids: ImageIds, count: number): string[] {
  return Array.from({ length: count }, (_, row) => ids.at(row));
}

/** No id of the competition has a slash. */
function idOfPhoto(path: string): string {
  return ["non-landmarks", ...path.split("/").map(encodeURIComponent)].join("/");
}

/** The photos behind the test images show no landmark. */
function known(
  testImages: number,
  photos: readonly string[],
): { readonly recognition: RecognitionSolution | undefined } {
  if (photos.length === 0) return { recognition: undefined };
  return {
    recognition: {
      queries: Int32Array.from(photos, (_, i) => testImages + i),
      usages: photos.map(() => "Private" as const),
      landmarkIds: photos.map(() => new Int32Array(0)),
    },
  };
}
