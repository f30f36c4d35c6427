import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  createNames,
  gldv2ImagePath,
  type ImageIds,
  type ImageTable,
  readImageIdsCsv,
  readLandmarkCategoriesCsv,
  readRetrievalSolutionCsv,
  readTrainCleanCsv,
  readTrainCsv,
  type Split,
} from "@lmk/data";
import { UserError } from "@lmk-example/kit";
import type { ListTables } from "./list-sources.ts";

/**
 * Reads the tables that the original's list generator reads, and no others, so that its rows come in the original's order:
 * the index images are those of `index_image_to_landmark.csv`, the test images those of `retrieval_solution_v2.1.csv`.
 *
 * @param root - The folder of Google Landmarks v2, with each table in the folder of its split, in the root or in `metadata/`.
 * @throws UserError if there is no such folder. DataFormatError as the readers of the tables.
 */
export async function readListTables(root: string): Promise<ListTables> {
  if (!existsSync(root)) {
    throw new UserError(
      `${root}: expected the folder of Google Landmarks v2, got none; check --raw-image-dir`,
    );
  }
  const train = await readTrainCsv(tableIn(root, "train", "train.csv"));
  const clean = await readTrainCleanCsv(tableIn(root, "train", "train_clean.csv"), { train });
  const trainCategories = await readLandmarkCategoriesCsv(
    tableIn(root, "train", "train_label_to_category.csv"),
  );
  const indexCategories = await readLandmarkCategoriesCsv(
    tableIn(root, "index", "index_label_to_category.csv"),
  );
  const index = await readTrainCsv(tableIn(root, "index", "index_image_to_landmark.csv"));
  const solution = tableIn(root, "test", "retrieval_solution_v2.1.csv");
  const test = await readImageIdsCsv(solution);
  const retrieval = await readRetrievalSolutionCsv(solution, { test, index: index.ids });
  return {
    train: { ...train, ...imagesOf(root, "train", train.ids) },
    clean,
    index: imagesOf(root, "index", index.ids),
    test: imagesOf(root, "test", test),
    labels: { indexLandmarkIds: index.landmarkIds, indexCategories, trainCategories, retrieval },
  };
}

/** Where a table stands; the folder of its split, as published, if it stands nowhere. */
export function tableIn(root: string, split: Split, name: string): string {
  const places = [join(root, split, name), join(root, name), join(root, "metadata", name)];
  return places.find((file) => existsSync(file)) ?? places[0]!;
}

function imagesOf(root: string, split: Split, ids: ImageIds): ImageTable {
  return { ids, paths: createNames(ids.length, (row) => gldv2ImagePath(root, split, ids.at(row))) };
}
