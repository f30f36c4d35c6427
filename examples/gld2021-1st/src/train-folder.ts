import { existsSync } from "node:fs";
import { join } from "node:path";
import { createNames, gldv2ImagePath, readTrainCleanCsv, readTrainCsv } from "@lmk/data";
import type { ImagePaths } from "@lmk/data/images";
import { UserError } from "@lmk-example/kit";
import type { TrainTable } from "./network-config.ts";
import { type StepData, stepData, stepDataHash } from "./step-data.ts";

/** The images of a step in a folder of Google Landmarks v2. */
export interface TrainFolder {
  readonly data: StepData;
  /** Of {@link stepDataHash}. */
  readonly dataHash: string;
  /** The file of each row of the train table. */
  readonly paths: ImagePaths;
}

/** Reads `train.csv` and `train_clean.csv` of a folder, which stand in it, in `train/` or in `metadata/`. */
export async function openTrainFolder(dataDir: string, table: TrainTable): Promise<TrainFolder> {
  const labels = await readTrainCsv(tableOf(dataDir, "train.csv"));
  const cleanLabels = await readTrainCleanCsv(tableOf(dataDir, "train_clean.csv"), { train: labels });
  const { ids } = labels;
  const paths = createNames(ids.length, (row) => gldv2ImagePath(dataDir, "train", ids.at(row)));
  const data = stepData({ train: { ...labels, paths }, clean: undefined, cleanLabels }, table);
  return { data, dataHash: stepDataHash(data), paths };
}

function tableOf(dataDir: string, name: string): string {
  const file = ["", "train", "metadata"].map((folder) => join(dataDir, folder, name)).find(existsSync);
  if (file !== undefined) return file;
  throw new UserError(
    `${join(dataDir, name)}: expected a table of Google Landmarks v2, got none; correct --data-dir`,
  );
}
