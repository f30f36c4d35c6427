import { existsSync, statSync } from "node:fs";
import { createImageIds, type ImageIds, readImageIdsCsv, readSearchGroundTruthPickle } from "@lmk/data";
import { UserError } from "@lmk-example/kit";
import { readImageFolder } from "../retrieval-folder.ts";
import type { IndexExpandOptions } from "./index-expand.ts";

/** Files that say what the validation set is made of, besides the data set. */
export interface ValidationFiles {
  /** The index images of the contest: their folder, or a table with a column `id`. */
  readonly contestIndex?: string;
  /** The ground truth of the authors, `GLDv2_search_label_competition_2021.pkl`. */
  readonly truth?: string;
}

/**
 * Reads what the validation set is made of, where files are given.
 *
 * @throws UserError if a file is not there or a folder has no images. DataFormatError as the readers of the files.
 */
export async function readValidationFiles({
  contestIndex,
  truth,
}: ValidationFiles): Promise<IndexExpandOptions> {
  return {
    ...(contestIndex === undefined ? {} : { contest: await readContestIndex(contestIndex) }),
    ...(truth === undefined ? {} : { truth: await readTruth(truth) }),
  };
}

/** The first images of an index, by its order: so large a share of it stands in for the index of a contest. */
export function contestShareOf(index: ImageIds, share: number): ImageIds {
  const length = Math.ceil(share * index.length);
  return createImageIds(Array.from({ length }, (_, row) => index.at(row)));
}

async function readContestIndex(path: string): Promise<ImageIds> {
  requireFile("--contest-index", path, "index/ of the competition, or a .csv with a column id");
  return statSync(path).isDirectory() ? readImageFolder(path, "--contest-index").ids : readImageIdsCsv(path);
}

function readTruth(path: string): ReturnType<typeof readSearchGroundTruthPickle> {
  requireFile("--truth", path, "GLDv2_search_label_competition_2021.pkl");
  return readSearchGroundTruthPickle(path);
}

function requireFile(option: string, path: string, expected: string): void {
  if (existsSync(path)) return;
  throw new UserError(`${option}: expected ${expected}, got no ${path}; correct the path`);
}
