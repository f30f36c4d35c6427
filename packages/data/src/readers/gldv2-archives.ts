import { DataFormatError } from "../data-format-error.ts";
import { requireOneOf } from "../require.ts";
import { shown } from "./csv.ts";
import type { Split } from "./landmark-data.ts";

const archiveCounts: Readonly<Record<Split, number>> = { train: 500, index: 100, test: 20 };

/** One of the tar files in which the images of Google Landmarks v2 are published. */
export interface Gldv2Archive {
  /** The file name, such as `images_000.tar`. */
  readonly name: string;
  /** The file with its MD5 sum, such as `md5.images_000.txt`; {@link parseMd5} reads it. */
  readonly md5Name: string;
}

/** What an `md5.images_000.txt` says. */
export interface Md5Line {
  /** The MD5 sum, 32 hexadecimal digits in lower case. */
  readonly hash: string;
  /** The file it is of, as `md5sum` printed it. */
  readonly name: string;
}

/**
 * The tar files in which the images of a split of Google Landmarks v2 are published: 500 of train, 100 of
 * index, 20 of test.
 *
 * They are published as `<split>/images_000.tar`, with their MD5 sums in `md5sum/<split>/md5.images_000.txt`.
 * Which images an archive holds is not published. Inside it an image stands at `a/b/c/id.jpg`, where `a`,
 * `b`, `c` are the first three digits of its id; unpacked into `<root>/<split>`, it is where
 * `gldv2ImagePath` looks for it. Archives of different splits have the same names.
 *
 * @param split - The part of the data set.
 * @returns The archives in ascending order of their names.
 * @throws RangeError if `split` is none of the three.
 *
 * @example
 * ```ts
 * import { gldv2Archives } from "@lmk/data";
 *
 * const archives = gldv2Archives("test");
 * console.log(archives.length, archives[19].name, archives[19].md5Name);
 * // => 20 images_019.tar md5.images_019.txt
 * ```
 *
 * @see {@link https://github.com/cvdfoundation/google-landmark | The published files}
 */
export function gldv2Archives(split: Split): readonly Gldv2Archive[] {
  requireOneOf("gldv2Archives", "split", split, Object.keys(archiveCounts));
  return Array.from({ length: archiveCounts[split] }, (_, i) => {
    const stem = `images_${String(i).padStart(3, "0")}`;
    return { name: `${stem}.tar`, md5Name: `md5.${stem}.txt` };
  });
}

/**
 * Reads the one line of an MD5 file, `hash  name` as `md5sum` prints it (also `hash *name`).
 *
 * @param text - The content of the file; blank lines are skipped.
 * @param file - Its name, for the error.
 * @throws DataFormatError if there is not exactly one such line.
 *
 * @example
 * ```ts
 * import { parseMd5 } from "@lmk/data";
 *
 * const { hash, name } = parseMd5("d41d8cd98f00b204e9800998ecf8427e  images_000.tar\n", "md5.images_000.txt");
 * console.log(hash, name); // => d41d8cd98f00b204e9800998ecf8427e images_000.tar
 * ```
 */
export function parseMd5(text: string, file: string): Md5Line {
  const lines = text.split(/\r?\n/);
  const first = lines.findIndex((line) => line.trim() !== "");
  if (first < 0) throw badMd5(file, 1, "an empty file");
  const second = lines.findIndex((line, i) => i > first && line.trim() !== "");
  if (second >= 0) throw badMd5(file, second + 1, "a second line");
  const match = /^([0-9a-f]{32}) [ *](\S.*?)\s*$/i.exec(lines[first]);
  if (match === null) throw badMd5(file, first + 1, shown(lines[first]));
  return { hash: match[1].toLowerCase(), name: match[2] };
}

function badMd5(file: string, line: number, got: string): DataFormatError {
  const detail = `expected one line of an MD5 sum of 32 hexadecimal digits, two blanks and a file name, got ${got}`;
  return new DataFormatError("bad-md5", file, line, detail);
}
