import { type LabelledImageTable, openGldv2 } from "@lmk/data";
import { type GenerateOptions, generateLandmarks } from "@lmk/data/landmarks";

/** A train set of which it is known which labels are wrong. */
export interface NoisySet {
  readonly train: LabelledImageTable;
  /** 1 for each row whose image does not show its landmark, else 0. */
  readonly wrong: Uint8Array;
}

/** Makes the data set in `folder`, as far as it is not there yet. */
export async function openNoisySet(folder: string, options: GenerateOptions): Promise<NoisySet> {
  await generateLandmarks(folder, options);
  const { train, clean } = await openGldv2(folder);
  if (clean === undefined) throw new Error(`${folder} lacks train_clean.csv`);
  const wrong = new Uint8Array(train.ids.length).fill(1);
  for (const row of clean) wrong[row] = 0;
  const cleanLandmarks = new Set(Array.from(clean, (row) => train.landmarkIds[row]));
  // The list leaves out landmarks with one right image, which would count as wrong here.
  const missing = new Set(train.landmarkIds).size - cleanLandmarks.size;
  if (missing > 0) throw new Error(`${folder}: ${missing} landmarks have fewer than two right images`);
  return { train, wrong };
}
