import { existsSync, readdirSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { createImageIds, createNames, type ImageTable } from "@lmk/data";
import { UserError } from "@lmk-example/kit";

/** The images of the competition's folder. */
export interface RetrievalFolder {
  readonly test: ImageTable;
  readonly index: ImageTable;
}

/**
 * Reads the folder of the Google Landmark Retrieval competition of 2021: all `.jpg` in `test` and in `index`, however deep,
 * in the order of their paths. The id of an image is its name without the ending.
 *
 * @throws UserError if a folder is not there or has no images, or two images have one id.
 */
export function readRetrievalFolder(folder: string): RetrievalFolder {
  const imagesIn = (name: string): ImageTable => readImageFolder(join(folder, name), "--image-dir");
  return { test: imagesIn("test"), index: imagesIn("index") };
}

/**
 * Reads one folder of the competition, as {@link readRetrievalFolder} does.
 *
 * @param option - The option that names it, for the errors.
 * @throws UserError as {@link readRetrievalFolder}.
 */
export function readImageFolder(folder: string, option: string): ImageTable {
  if (!existsSync(folder)) {
    throw new UserError(
      `${folder}: expected a folder of images, got none; name the folder that has test and index by --image-dir`,
    );
  }
  const files = (readdirSync(folder, { recursive: true }) as string[])
    .filter((file) => extname(file) === ".jpg")
    .sort();
  if (files.length === 0) throw new UserError(`${folder}: expected .jpg images, got none; check ${option}`);
  const ids = files.map((file) => basename(file, ".jpg"));
  requireDifferent(folder, ids);
  return {
    ids: createImageIds(ids),
    paths: createNames(files.length, (row) => join(folder, files[row]!)),
  };
}

function requireDifferent(folder: string, ids: readonly string[]): void {
  const seen = new Set<string>();
  const again = ids.find((id) => seen.size === seen.add(id).size);
  if (again === undefined) return;
  throw new UserError(`${folder}: expected each image once, got ${again} again; remove one of the two files`);
}
