import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import type { ImageJob } from "./dataset/image-writer.ts";
import { claimFolder, completeFolder, type FolderKind } from "./dataset/manifest.ts";
import { requireWorkers } from "./dataset/options.ts";
import { defaultWorkers, isWritten, renderImages } from "./render-images.ts";
import {
  caller,
  type GenerateRevisitedOptions,
  type RevisitedRecipe,
  revisitedRecipeFrom,
} from "./revisited/options.ts";
import { createRevisitedPlan, type RevisitedImage, type RevisitedPlan } from "./revisited/plan.ts";

const revisitedFolder: FolderKind<RevisitedRecipe> = {
  format: "lmk-revisited",
  caller,
  laterOptions: {},
};

/** What {@link generateRevisited} made. */
export interface GenerateRevisitedReport {
  /** Images to search. */
  readonly images: number;
  readonly queries: number;
  /** Images that are easy, hard or junk for some query; each is so for all queries of one landmark. */
  readonly easy: number;
  readonly hard: number;
  readonly junk: number;
  /** Images rendered by this call; the others were there already. */
  readonly rendered: number;
  /** Threads that rendered; 0 for the calling thread. */
  readonly workers: number;
}

/**
 * Makes a set of landmark photos in the format of revisited Oxford and Paris, without a download: `jpg/<name>.jpg` and
 * `gnd_generated.json`, which `readRevisited(folder, { name: "generated" })` of `@lmk/data` reads.
 *
 * Landmarks and photos are those of {@link generateLandmarks}. A photo's label follows from what it shows, which is
 * measured before it is taken:
 *
 * | list | part shown | of the frame | from the front | light |
 * |---|---|---|---|---|
 * | easy | 0.75 or more | 0.45 or more | to 0.6 rad | by day, no fog, rain or snow |
 * | hard | 0.4 or more | 0.25 or more | to 1.8 rad | any |
 * | junk | 0.05 to 0.25, or of the frame to 0.18 | | any | any |
 *
 * "Part shown" is the share of the landmark's area on the image that is in the frame with nothing before it, "of the
 * frame" what its box fills of the frame's width or height, whichever is more. A hard photo also misses one of the bounds
 * of easy ones by a margin: at most 0.65 or 0.4, from 0.8 rad, or in other light. Junk photos are taken from afar, or
 * show a piece of the landmark at their edge.
 *
 * Distractors show near-duplicates of the landmarks, other landmarks, and scenes without one. A query shows its landmark
 * whole, as easy photos do, and its `bbx` is the box around what is seen of it, to 1/256 of the frame's longer side. No
 * query is among the images to search. All queries of a landmark have the same lists.
 *
 * `landmarks.json` keeps the options, and whether the folder is complete. Images are written under a passing name and
 * renamed, the ground truth comes last. A call on an unfinished folder makes what is missing; on a finished one it makes
 * nothing. The bytes depend on the options alone, not on the number of workers, as long as sharp and Node's JavaScript
 * engine have the same versions.
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
 * import { readRevisited } from "@lmk/data";
 * import { generateRevisited } from "@lmk/data/landmarks";
 *
 * const folder = await mkdtemp(join(tmpdir(), "revisited-"));
 * const counts = { landmarks: 2, queriesPerLandmark: 1, easyPerLandmark: 2, hardPerLandmark: 1, junkPerLandmark: 1 };
 * await generateRevisited(folder, { ...counts, distractors: 2, longSide: 64 });
 * const { index, queries, easy } = await readRevisited(folder, { name: "generated" });
 * console.log(index.ids.length, queries.ids.length, easy[0].length); // => 10 2 2
 * ```
 *
 * @see {@link https://arxiv.org/abs/1803.11285 | Radenović et al. 2018, Revisiting Oxford and Paris}
 */
export async function generateRevisited(
  folder: string,
  options: GenerateRevisitedOptions = {},
): Promise<GenerateRevisitedReport> {
  const recipe = revisitedRecipeFrom(options);
  const asked = requireWorkers(caller, options.workers, defaultWorkers());
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  await claimFolder(revisitedFolder, folder, recipe);
  await mkdir(join(folder, "jpg"), { recursive: true });

  const plan = createRevisitedPlan(recipe);
  const images = [...plan.queries, ...plan.index];
  const jobs: ImageJob[] = [];
  for (const { name, order, jpegQuality } of images) {
    const path = pathOf(folder, name);
    if (!(await isWritten(path))) jobs.push({ ...order, path, jpegQuality, crop: null });
  }
  let done = images.length - jobs.length;
  const onImage = (): void => {
    done += 1;
    onProgress?.({ done, total: images.length });
  };
  const workers = await renderImages(jobs, { workers: asked, signal, onImage });
  const groundTruth = `${JSON.stringify(await groundTruthOf(folder, plan))}\n`;
  await completeFolder(revisitedFolder, folder, recipe, { "gnd_generated.json": groundTruth });

  const perLandmark = plan.queries.filter((_, query) => query % recipe.queriesPerLandmark === 0);
  const count = (kind: "easy" | "hard" | "junk"): number =>
    perLandmark.reduce((sum, query) => sum + query[kind].length, 0);
  return {
    images: plan.index.length,
    queries: plan.queries.length,
    easy: count("easy"),
    hard: count("hard"),
    junk: count("junk"),
    rendered: jobs.length,
    workers,
  };
}

function pathOf(folder: string, name: string): string {
  return join(folder, "jpg", `${name}.jpg`);
}

/** The published form, with boxes in the pixels of the files. */
async function groundTruthOf(folder: string, { queries, index }: RevisitedPlan): Promise<object> {
  const nameOf = ({ name }: RevisitedImage): string => name;
  const gnd = [];
  for (const { name, box, easy, hard, junk } of queries) {
    const { width, height } = await sharp(pathOf(folder, name)).metadata();
    const bbx = box.map((share, side) => share * (side % 2 === 0 ? width : height));
    gnd.push({ bbx, easy, hard, junk });
  }
  return { imlist: index.map(nameOf), qimlist: queries.map(nameOf), gnd };
}
