import { existsSync } from "node:fs";
import { join } from "node:path";
import { createNames, gldv2ImagePath, readFoldsCsv, readTrainCsv } from "@lmk/data";
import type { ImagePaths } from "@lmk/data/images";
import { UserError } from "@lmk-example/kit";
import { stepData } from "./step-data.ts";
import type { StepData } from "./system.ts";
import type { TrainStep } from "./train-run.ts";

/** The images of a train step in the original's folders. */
export interface TrainFolder {
  readonly data: StepData;
  /** The file of each row of the train table. */
  readonly paths: ImagePaths;
}

/** Reads `train.csv` of the data folder, with all images, and the cleaned ones with their folds. */
export async function openTrainFolder(options: {
  readonly dataDir: string;
  readonly foldsCsv: string;
  readonly trainStep: TrainStep;
}): Promise<TrainFolder> {
  const { dataDir, foldsCsv, trainStep } = options;
  const table = join(dataDir, "train.csv");
  requireFile(table, "correct --data-dir, which holds the whole train table and train/");
  requireFile(foldsCsv, "make it with preprocess, or correct --folds-csv");
  const labels = await readTrainCsv(table);
  const { ids } = labels;
  const paths = createNames(ids.length, (row) => gldv2ImagePath(dataDir, "train", ids.at(row)));
  const clean = await readFoldsCsv(foldsCsv);
  return { data: stepData({ train: { ...labels, paths } }, clean, trainStep), paths };
}

function requireFile(path: string, way: string): void {
  if (!existsSync(path)) throw new UserError(`${path}: expected a file, got none; ${way}`);
}
