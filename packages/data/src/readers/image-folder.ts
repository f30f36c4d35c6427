import { readdirSync, type Stats, statSync } from "node:fs";
import { extname, join } from "node:path";
import { DataFormatError } from "../data-format-error.ts";
import { asFormatError } from "../file-errors.ts";
import { createImageIds, createNames } from "./image-ids.ts";
import type { LabelledImageTable } from "./landmark-data.ts";

const extensions: ReadonlySet<string> = new Set([".jpg", ".jpeg", ".png", ".webp"]);

/** Photographs sorted into one folder per place. */
export interface ImageFolder extends LabelledImageTable {
  /** The names of the places; `landmarkIds` are positions in this list. */
  readonly places: readonly string[];
}

/**
 * Reads a folder of photographs with one sub-folder per place.
 *
 * Places are the sub-folders that hold images directly, in ascending order of their names (by UTF-16 code
 * unit, the same on every machine); their images follow one another in the same order. Images are files
 * ending in `.jpg`, `.jpeg`, `.png` or `.webp`, in upper or lower case. Names that start with a dot, other
 * files, images beside the sub-folders and folders deeper down are not read. Links are followed.
 *
 * An image's id is `place/file`, each part percent-encoded as in a URL, so that it holds neither blanks
 * nor commas and fits into the lists of a submission.
 *
 * @param root - The folder.
 * @returns One row per image.
 * @throws DataFormatError if the folder is missing or unreadable, or if no sub-folder holds an image.
 *
 * @example
 * ```ts
 * import { mkdirSync, writeFileSync } from "node:fs";
 * import { readImageFolder } from "@lmk/data";
 *
 * mkdirSync("photos/old bridge", { recursive: true });
 * writeFileSync("photos/old bridge/1.jpg", "");
 * const folder = readImageFolder("photos");
 * console.log(folder.places, folder.ids.at(0)); // => [ 'old bridge' ] old%20bridge/1.jpg
 * ```
 */
export function readImageFolder(root: string): ImageFolder {
  const places: string[] = [];
  const ids: string[] = [];
  const paths: string[] = [];
  const landmarkIds: number[] = [];
  for (const place of namesIn(root)) {
    const folder = join(root, place);
    if (!statOf(folder)?.isDirectory()) continue;
    const images = namesIn(folder).filter((name) => isImage(folder, name));
    if (images.length === 0) continue;
    for (const name of images) {
      ids.push(`${encodeURIComponent(place)}/${encodeURIComponent(name)}`);
      paths.push(join(folder, name));
      landmarkIds.push(places.length);
    }
    places.push(place);
  }
  if (places.length === 0) {
    const detail = `expected sub-folders, one per place, with ${[...extensions].join(", ")} images, got none`;
    throw new DataFormatError("no-images", root, 0, detail);
  }
  return {
    places,
    ids: createImageIds(ids),
    paths: createNames(paths.length, (row) => paths[row]),
    landmarkIds: Int32Array.from(landmarkIds),
  };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith("."))
      .sort();
  } catch (error) {
    throw asFormatError(folder, error, "folder");
  }
}

function isImage(folder: string, name: string): boolean {
  if (!extensions.has(extname(name).toLowerCase())) return false;
  return statOf(join(folder, name))?.isFile() ?? false;
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw asFormatError(path, error);
  }
}
