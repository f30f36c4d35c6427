import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ImageJob } from "./dataset/image-writer.ts";
import { claimFolder, completeFolder, type FolderKind } from "./dataset/manifest.ts";
import {
  countDuplicates,
  countNoise,
  type GenerateOptions,
  type Recipe,
  recipeFrom,
  requireWorkers,
} from "./dataset/options.ts";
import { createPlan, type Plan, type PlannedImage, type Split } from "./dataset/plan.ts";
import { createTables } from "./dataset/tables.ts";
import { defaultWorkers, isWritten, renderImages } from "./render-images.ts";

const landmarksFolder: FolderKind<Recipe> = {
  format: "lmk-landmarks",
  caller: "generateLandmarks",
  laterOptions: { duplicateRate: 0, sceneDifficulty: 0.5 },
};

/** What {@link generateLandmarks} made. */
export interface GenerateReport {
  /** Landmarks in all, and those with images in the train set. */
  readonly landmarks: number;
  readonly trainLandmarks: number;
  /** Images of each part. */
  readonly images: Readonly<Record<Split, number>>;
  /** Rows of train.csv with a wrong label. */
  readonly wrongLabels: number;
  /** Rows of train.csv that are copies of another row's photo. */
  readonly duplicates: number;
  /** Images rendered by this call; the others were there already. */
  readonly rendered: number;
  /** Threads that rendered; 0 for the calling thread. */
  readonly workers: number;
}

/**
 * Makes a set of landmark photos in the layout of the Google Landmarks Dataset v2, without a download.
 *
 * Landmarks are built from textured solids by seeded rules (churches, bridges, towers, castles, …), each at a
 * place with its own ground, houses, trees and hills, and photographed by a software renderer from many sides
 * in all weathers, with people, cars and trees in the way. Some landmarks resemble another one, some images
 * show no landmark, some labels are wrong, and few landmarks have most of the images: the options say how many.
 *
 * The folder then holds
 *
 * ```text
 * train|index|test/a/b/c/<id>.jpg        a, b, c: the first three digits of the id
 * train.csv                              id,url,landmark_id          wrong labels included
 * train_clean.csv                        landmark_id,images          right ones of landmarks with two or more
 * train_duplicates.csv                   id,duplicate_of             copies of photos, where there are any
 * train_attribution.csv                  id,url,author,license,title
 * train_label_to_category.csv            landmark_id,category
 * train_label_to_hierarchical.csv        landmark_id,category,supercategory,hierarchical_label,natural_or_human_made
 * train_label_to_country.csv             landmark_id,country,continent
 * index.csv, test.csv                    id
 * index_image_to_landmark.csv            id,landmark_id              images that show a landmark
 * index_label_to_category.csv, index_label_to_hierarchical.csv
 * recognition_solution_v2.1.csv          id,landmarks,Usage          no landmark where train has none of it
 * retrieval_solution_v2.1.csv            id,images,Usage             `None` and `Ignored` where index has none of it
 * landmarks.json                         the options, and whether the folder is complete
 * ```
 *
 * As in the published data set, a landmark has one number in the train files and another in the index files;
 * its category is the same in both. `train_label_to_country.csv` and `train_duplicates.csv` are additions. Urls are not real.
 *
 * Images are written under a passing name and renamed, the tables come last. A call on an unfinished folder
 * makes what is missing; on a finished one it makes nothing. The bytes depend on the options alone, not on the
 * number of workers, as long as sharp and Node's JavaScript engine have the same versions.
 *
 * @param folder - Where to write; made if missing. It must be empty or made by the same options.
 * @param options - What to make.
 * @returns Counts of what the folder holds.
 * @throws RangeError if an option is out of range, or the folder holds anything else.
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 * import { generateLandmarks } from "@lmk/data/landmarks";
 *
 * const folder = await mkdtemp(join(tmpdir(), "landmarks-"));
 * const options = { landmarks: 4, trainImages: 12, indexImages: 6, testImages: 4, longSide: 64 };
 *
 * const report = await generateLandmarks(folder, options);
 * console.log(report.images.train); // => 12
 * ```
 *
 * @see {@link https://arxiv.org/abs/2004.01804 | Weyand et al., Google Landmarks Dataset v2, 2020}
 */
export async function generateLandmarks(
  folder: string,
  options: GenerateOptions = {},
): Promise<GenerateReport> {
  const recipe = recipeFrom(options);
  const asked = requireWorkers("generateLandmarks", options.workers, defaultWorkers());
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  await claimFolder(landmarksFolder, folder, recipe);

  const plan = createPlan(recipe);
  const jobs = await findMissing(folder, plan, recipe);
  const total = plan.images.length;
  let done = total - jobs.length;
  const countImage = (): void => {
    done += 1;
    onProgress?.({ done, total });
  };
  const workers = await renderImages(jobs, { workers: asked, signal, onImage: countImage });

  await completeFolder(landmarksFolder, folder, recipe, createTables(plan, recipe.seed));
  return createReport(plan, recipe, { rendered: jobs.length, workers });
}

/** The images that are not on disk yet, with their folders made. */
async function findMissing(folder: string, plan: Plan, recipe: Recipe): Promise<ImageJob[]> {
  const jobs: ImageJob[] = [];
  const folders = new Set<string>();
  for (const image of plan.images) {
    const path = pathOf(folder, image);
    folders.add(dirname(path));
    if (await isWritten(path)) continue;
    const design = image.shows < 0 ? null : plan.landmarks[image.shows]!.design;
    const { seed, jpegQuality, copyOf } = image;
    const { longSide, sceneDifficulty } = recipe;
    const crop = copyOf?.crop ?? null;
    jobs.push({ path, design, seed, longSide, sceneDifficulty, jpegQuality, crop });
  }
  for (const name of folders) await mkdir(name, { recursive: true });
  return jobs;
}

function pathOf(folder: string, { split, id }: PlannedImage): string {
  return join(folder, split, id[0]!, id[1]!, id[2]!, `${id}.jpg`);
}

function createReport(
  plan: Plan,
  recipe: Recipe,
  run: { readonly rendered: number; readonly workers: number },
): GenerateReport {
  return {
    landmarks: plan.landmarks.length,
    trainLandmarks: plan.landmarks.filter(({ trainLabel }) => trainLabel !== null).length,
    images: { train: recipe.trainImages, index: recipe.indexImages, test: recipe.testImages },
    wrongLabels: countNoise(recipe),
    duplicates: countDuplicates(recipe),
    ...run,
  };
}
