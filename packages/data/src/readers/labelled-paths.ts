import { dirname, isAbsolute, join } from "node:path";
import { DataFormatError } from "../data-format-error.ts";
import { detached, readCsv, shown } from "./csv.ts";
import { requireText } from "./fields.ts";
import { createNames, type ImageIds, type Names } from "./image-ids.ts";
import { Int32List } from "./int32-list.ts";
import { Interner } from "./interned-strings.ts";
import type { LabelledImageTable } from "./landmark-data.ts";

/** Options of {@link readLabelledPathsCsv}. */
export interface ReadLabelledPathsCsvOptions {
  /**
   * The folder that relative paths start from.
   *
   * @defaultValue the folder of the CSV file
   */
  readonly root?: string;
  /**
   * The name of the column with the paths.
   *
   * @defaultValue "path"
   */
  readonly pathColumn?: string;
  /**
   * The name of the column with the labels.
   *
   * @defaultValue "label"
   */
  readonly labelColumn?: string;
}

/** Images listed with the label of each. */
export interface LabelledPaths extends LabelledImageTable {
  /** The labels in order of first appearance; `landmarkIds` are positions in this list. */
  readonly labels: readonly string[];
}

/**
 * Reads a list of images and labels of any kind: a CSV file with a column of paths and a column of labels,
 * others ignored.
 *
 * An image's id is its path as the file has it, percent-encoded part by part as in a URL, so that it holds
 * neither blanks nor commas. Whether the images are there is not looked at.
 *
 * The paths of the file are kept, once each, with a hash table of them: about 60 bytes an image beside its
 * path. Ids and full paths are computed when they are asked for.
 *
 * @param file - The CSV file.
 * @returns One row per row of the file.
 * @throws DataFormatError for a file that is missing, empty or without these columns, and for a row with a
 * missing column, an empty path or label, or a path that an earlier row has.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readLabelledPathsCsv } from "@lmk/data";
 *
 * writeFileSync("photos.csv", "file,place\na.jpg,tower\nb/c d.jpg,bridge\ne.jpg,tower\n");
 * const photos = await readLabelledPathsCsv("photos.csv", { pathColumn: "file", labelColumn: "place", root: "/data" });
 * console.log(photos.labels, photos.landmarkIds); // => [ 'tower', 'bridge' ] Int32Array(3) [ 0, 1, 0 ]
 * console.log(photos.ids.at(1), photos.paths.at(1)); // => b/c%20d.jpg /data/b/c d.jpg
 * ```
 */
export async function readLabelledPathsCsv(
  file: string,
  options: ReadLabelledPathsCsvOptions = {},
): Promise<LabelledPaths> {
  const { root = dirname(file), pathColumn = "path", labelColumn = "label" } = options;
  const rows = new Map<string, number>();
  const lines = new Int32List();
  const labels = new Interner();
  await readCsv(file, [pathColumn, labelColumn], ([pathField, labelField], line) => {
    const path = requireText(pathField, "a path", { file, line });
    const earlier = rows.get(path);
    if (earlier !== undefined) {
      const detail = `expected each path once, got ${shown(path)} of line ${lines.at(earlier)} again`;
      throw new DataFormatError("duplicate-id", file, line, detail);
    }
    rows.set(detached(path), lines.length);
    lines.push(line);
    labels.push(requireText(labelField, "a label", { file, line }));
  });
  const paths = [...rows.keys()];
  const { values, codes } = labels.toColumn();
  return {
    ids: encodedIds(paths, rows),
    paths: locatedPaths(paths, root),
    landmarkIds: codes,
    labels: values,
  };
}

function locatedPaths(paths: readonly string[], root: string): Names {
  return createNames(paths.length, (row) => (isAbsolute(paths[row]) ? paths[row] : join(root, paths[row])));
}

/** The ids of paths whose rows are known. */
function encodedIds(paths: readonly string[], rows: ReadonlyMap<string, number>): ImageIds {
  const names = createNames(paths.length, (row) => idOf(paths[row]));
  return {
    length: names.length,
    at: (row) => names.at(row),
    rowOf(id) {
      const path = pathOf(id);
      // Of the ways to write a path in percent codes only one is its id.
      return path !== undefined && idOf(path) === id ? (rows.get(path) ?? -1) : -1;
    },
  };
}

function idOf(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** The path of an id, or `undefined` for a string with broken percent codes. */
function pathOf(id: string): string | undefined {
  try {
    return decodeURIComponent(id);
  } catch {
    return undefined;
  }
}
