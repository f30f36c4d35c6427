import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type LandmarkData, openGldv2, readImageFolder, splitImageFolder } from "@lmk/data";
import { type GenerateOptions, generateLandmarks } from "@lmk/data/landmarks";
import { UserError } from "./user-error.ts";

/** Where a data set comes from. */
export type DataSource =
  | { readonly kind: "generated"; readonly folder: string; readonly options: GenerateOptions }
  | { readonly kind: "gldv2"; readonly folder: string }
  | { readonly kind: "photos"; readonly folder: string; readonly seed: number };

/** Reads what a folder given by a user is: a GLDv2 tree, or photos with one sub-folder per place. */
export function sourceOf(folder: string, seed: number): DataSource {
  if (!existsSync(folder))
    throw new UserError(`${folder}: expected a folder of images, got nothing; check --data`);
  if (!statSync(folder).isDirectory())
    throw new UserError(`${folder}: expected a folder, got a file; check --data`);
  const tables = ["train.csv", "train/train.csv", "metadata/train.csv"];
  const isGldv2 = tables.some((table) => existsSync(join(folder, table)));
  return isGldv2 ? { kind: "gldv2", folder } : { kind: "photos", folder, seed };
}

/** Opens a data set; a generated one is made first, as far as it is not there yet. */
export async function openDataset(source: DataSource): Promise<LandmarkData> {
  switch (source.kind) {
    case "generated":
      await generateLandmarks(source.folder, source.options);
      return openGldv2(source.folder);
    case "gldv2":
      return openGldv2(source.folder);
    case "photos":
      return splitImageFolder(readImageFolder(source.folder), { seed: source.seed });
  }
}

/** The archives whose images a download left in a data set's folder: `train/images_000.tar`, …, in order. */
export function unpackedArchives(folder: string): string[] {
  const ending = ".unpacked";
  const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return ["", ...folders.map(({ name }) => name)]
    .flatMap((name) => readdirSync(join(folder, name)).map((file) => join(name, file)))
    .filter((path) => path.endsWith(ending))
    .map((path) => path.slice(0, -ending.length))
    .sort();
}
