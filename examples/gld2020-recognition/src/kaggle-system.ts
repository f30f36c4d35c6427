import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { type LandmarkData, readClassLandmarksPickle } from "@lmk/data";
import { type CompletedStage, fileHash, galleryOf, prepareData, runStage } from "@lmk-example/kit";
import { findWeights } from "./find-weights.ts";
import { foldsFiles } from "./folds-files.ts";
import { embedAll } from "./stages/embed.ts";
import { importWeights } from "./stages/import-weights.ts";
import type { EmbeddedSystem, SystemContext, SystemData } from "./system.ts";
import type { MemberName } from "./train-run.ts";

/** What was trained elsewhere. */
export interface TrainedFiles {
  /** The folder of the networks' weights. */
  readonly modelDir: string;
  /** The pickle with the landmark of each class. */
  readonly idx2landmarkId: string;
}

/** Embeds a competition's images with networks that are trained already. Every train image that can be read is searched. */
export async function embedKaggle(
  context: SystemContext,
  { modelDir, idx2landmarkId }: TrainedFiles,
  folder: LandmarkData,
): Promise<EmbeddedSystem> {
  const { config, notice } = context;
  // All of them are looked for before the first is used.
  const paths = config.chains.map((chain) => findWeights(modelDir, chain));
  const classes = (await readClassLandmarksPickle(idx2landmarkId)).length;
  const prepared = await prepareData(context, { name: "prepare", data: folder, check: config.images.check });
  const folds = await importClasses(context, idx2landmarkId);
  const data: SystemData = { prepared, folds, gallery: galleryOf("notebook", prepared, () => true) };
  const trained = new Map<MemberName, CompletedStage>();
  for (const [i, chain] of config.chains.entries()) {
    notice(`${chain.name}: ${paths[i]}`);
    trained.set(chain.name, await importWeights(context, { chain, path: paths[i]!, classes }));
  }
  return embedAll(context, data, trained);
}

/** Takes the landmark of each class from a file, in place of the folds. */
async function importClasses({ run }: SystemContext, path: string): Promise<CompletedStage> {
  return runStage(run, "classes", { settings: { file: await fileHash(path) } }, (folder) =>
    copyFile(path, join(folder, foldsFiles.classes)),
  );
}
