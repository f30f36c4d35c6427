import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DataFormatError } from "../data-format-error.ts";
import { asFormatError } from "../file-errors.ts";
import { requireOneOf } from "../require.ts";
import { gldv2ImagePath } from "./gldv2.ts";
import { createNames, HexImageIds } from "./image-ids.ts";
import type { ImageTable, Split } from "./landmark-data.ts";

/**
 * Lists the images of a split in the layout of Google Landmarks v2, where no table lists them: the `index/`
 * and `test/` of the Kaggle contests of 2020 and 2021.
 *
 * Images are the files that stand where {@link gldv2ImagePath} says; files of other names, images in the
 * folders of other digits and folders deeper down are not read. Links are followed.
 *
 * @param root - The folder of the data set.
 * @param split - The part to list.
 * @returns One row per image, ids ascending. It takes about 25 bytes an image; paths are computed when they
 * are asked for.
 * @throws RangeError if `split` is none of the three.
 * @throws DataFormatError with the code `missing-file` if the folder of the split is missing,
 * `unreadable-file` if it or a folder in it cannot be read, and `no-images` if it holds no image.
 *
 * @example
 * ```ts
 * import { mkdirSync, writeFileSync } from "node:fs";
 * import { readGldv2Folder } from "@lmk/data";
 *
 * mkdirSync("kaggle/index/6/e/1", { recursive: true });
 * writeFileSync("kaggle/index/6/e/1/6e158a47eb2ca3f6.jpg", "");
 * const index = await readGldv2Folder("kaggle", "index");
 * console.log(index.ids.at(0), index.paths.at(0));
 * // => 6e158a47eb2ca3f6 kaggle/index/6/e/1/6e158a47eb2ca3f6.jpg
 * ```
 */
export async function readGldv2Folder(root: string, split: Split): Promise<ImageTable> {
  requireOneOf("readGldv2Folder", "split", split, ["train", "index", "test"]);
  const folder = join(root, split);
  const ids = new HexImageIds();
  await addImages(ids, folder, "");
  if (ids.length === 0) {
    throw new DataFormatError("no-images", folder, 0, "expected images a/b/c/<id>.jpg, got none");
  }
  return { ids, paths: createNames(ids.length, (row) => gldv2ImagePath(root, split, ids.at(row))) };
}

/** Adds the images of the folder that `digits`, none to three, lead to. */
async function addImages(ids: HexImageIds, folder: string, digits: string): Promise<void> {
  if (digits.length === 3) {
    const image = new RegExp(`^${digits}[0-9a-f]{13}\\.jpg$`);
    for (const name of await namesIn(folder, "file", image)) ids.add(name.slice(0, 16));
    return;
  }
  for (const digit of await namesIn(folder, "folder", /^[0-9a-f]$/)) {
    await addImages(ids, join(folder, digit), digits + digit);
  }
}

/** Names of files or folders, ascending; a link may be either. */
async function namesIn(folder: string, kind: "file" | "folder", pattern: RegExp): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw asFormatError(folder, error, "folder");
  });
  const isOfKind = (entry: (typeof entries)[number]): boolean => {
    if (entry.isSymbolicLink()) return true;
    return kind === "file" ? entry.isFile() : entry.isDirectory();
  };
  return entries
    .filter((entry) => pattern.test(entry.name) && isOfKind(entry))
    .map(({ name }) => name)
    .sort();
}
