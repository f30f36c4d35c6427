import { join } from "node:path";
import { DataFormatError } from "../data-format-error.ts";
import { describe, type PickleValue } from "../pickle/pickle-values.ts";
import { unpickle } from "../pickle/read-pickle.ts";
import type { RowSink } from "../pickle/unpickler.ts";
import { createNames, type Names } from "./image-ids.ts";
import { Int32List } from "./int32-list.ts";
import type { InternedStrings } from "./interned-strings.ts";
import { PathColumn } from "./path-column.ts";

const mostTags = 2 ** 15;

/** The end of a path in the layout of Google Landmarks v2, from the folder of the split on. */
const layoutEnd = /(?:^|\/)((?:train|index|test)(?:\/[0-9a-f]){3}\/[^/]+)$/s;

/** Images to train on, by row; an image may come in several rows, with a class each. */
export interface ImageList {
  /** The number of rows. */
  readonly length: number;
  /** The id of each row: the 16 digits of its file, or the name of the file without the ending. */
  readonly ids: Names;
  /** The file of each row. */
  readonly paths: Names;
  /** The class of each row from 0, or -1 for an image that shows no landmark. */
  readonly classIds: Int32Array;
  /** 1 where the label may be wrong, 0 where it is on a cleaned list. */
  readonly noisy: Uint8Array;
  /** The tag of each row, such as its continent; the code of a row without one is -1. */
  readonly tags: InternedStrings;
}

/** Options of {@link readImageListPickle}. */
export interface ReadImageListPickleOptions {
  /**
   * The folder of Google Landmarks v2 on this machine. It takes the place of what stands before the last
   * `train/`, `index/` or `test/` with three folders of one digit and the file:
   * `/gld/train/6/e/1/6e158a47eb2ca3f6.jpg` becomes `<root>/train/6/e/1/6e158a47eb2ca3f6.jpg`.
   *
   * @defaultValue not given: paths stay as the list has them, which are those of the machine it was made on
   */
  readonly root?: string;
}

/**
 * Reads an image list of the 2021 retrieval challenge's second place (`cache_clean_list.pkl`,
 * `cache_c2f_list.pkl`, `cache_full_list.pkl`, `cache_index_train_list.pkl`, `cache_all_list.pkl`): a
 * pickled list of tuples `(path, class, noisy, tag)`, where `noisy` is 0 or 1 and the tag is -1 or a
 * continent.
 *
 * The file is streamed into columns. A list of four million rows takes about 100 MB, most of it for ids
 * and for what the pickle may refer to.
 *
 * @param file - The pickle.
 * @returns The rows in the order of the list.
 * @throws DataFormatError as {@link readPickle}, and with the code `bad-value` for something else than such
 * a list, and for a path that is not of the layout where `root` is given; the message names the row, from 0.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readImageListPickle } from "@lmk/data";
 *
 * // pickle.dumps([("/gld/train/6/e/1/6e158a47eb2ca3f6.jpg", 7, 1, -1)], protocol=0)
 * const pickled = "(lp0\n(V/gld/train/6/e/1/6e158a47eb2ca3f6.jpg\np1\nI7\nI1\nI-1\ntp2\na.";
 * writeFileSync("cache_full_list.pkl", pickled);
 * const list = await readImageListPickle("cache_full_list.pkl", { root: "gldv2" });
 * console.log(list.ids.at(0), list.classIds[0], list.noisy[0]); // => 6e158a47eb2ca3f6 7 1
 * console.log(list.paths.at(0)); // => gldv2/train/6/e/1/6e158a47eb2ca3f6.jpg
 * ```
 *
 * @see {@link https://arxiv.org/abs/2110.04294 | Zhang et al. 2021, 2nd Place Solution to Google Landmark Retrieval 2021}
 */
export async function readImageListPickle(
  file: string,
  options: ReadImageListPickleOptions = {},
): Promise<ImageList> {
  const columns = new ImageListColumns(file, options.root);
  const root = await unpickle(file, columns);
  if (!Array.isArray(root)) {
    throw new DataFormatError("bad-value", file, 0, `expected a list of images, got ${describe(root)}`);
  }
  return columns.toList();
}

/** The rows of an image list while it is read. */
class ImageListColumns implements RowSink {
  readonly #file: string;
  readonly #root: string | undefined;
  readonly #paths = new PathColumn();
  readonly #classIds = new Int32List();
  /** Tag + 1, doubled, plus noisy. */
  readonly #marks = new Int32List();
  readonly #tagNames: string[] = [];
  readonly #tagOf = new Map<string, number>();

  constructor(file: string, root: string | undefined) {
    this.#file = file;
    this.#root = root;
  }

  get length(): number {
    return this.#classIds.length;
  }

  add(item: PickleValue): PickleValue[] {
    if (!Array.isArray(item) || item.length !== 4) {
      return this.#refuse("a tuple of path, class, noisy and tag", item);
    }
    const [path, classId, noisy, tag] = item;
    if (typeof path !== "string") return this.#refuse("the path of an image", path);
    if (this.#root !== undefined && !layoutEnd.test(path)) {
      return this.#refuse("a path with train/, index/ or test/ before a/b/c/<id>.jpg", path);
    }
    if (typeof classId !== "number" || !(classId >= -1 && (classId | 0) === classId)) {
      return this.#refuse("a class from -1 to 2147483647", classId);
    }
    if (noisy !== 0 && noisy !== 1) return this.#refuse("0 or 1 for noisy", noisy);
    const tagCode = this.#tagCode(tag);
    this.#paths.push(path);
    this.#classIds.push(classId);
    this.#marks.push((tagCode + 1) * 2 + noisy);
    return item;
  }

  at(row: number): PickleValue[] {
    const mark = this.#marks.at(row);
    const tag = mark < 2 ? -1 : this.#tagNames[(mark >> 1) - 1];
    return [this.#paths.at(row), this.#classIds.at(row), mark & 1, tag];
  }

  toList(): ImageList {
    const { length } = this;
    const root = this.#root;
    const paths = this.#paths;
    const marks = this.#marks;
    const noisy = new Uint8Array(length);
    const tags = new Int32Array(length);
    for (let row = 0; row < length; row++) {
      noisy[row] = marks.at(row) & 1;
      tags[row] = (marks.at(row) >> 1) - 1;
    }
    return {
      length,
      ids: createNames(length, (row) => paths.idAt(row)),
      paths: createNames(length, (row) => locate(paths.at(row), root)),
      classIds: this.#classIds.toArray(),
      noisy,
      tags: { values: this.#tagNames, codes: tags },
    };
  }

  #tagCode(tag: PickleValue | undefined): number {
    if (tag === -1) return -1;
    if (typeof tag !== "string") return this.#refuse("a tag of -1 or a name", tag);
    const known = this.#tagOf.get(tag);
    if (known !== undefined) return known;
    const code = this.#tagNames.length;
    if (code === mostTags) return this.#refuse(`at most ${mostTags} different tags`, tag);
    this.#tagNames.push(tag);
    this.#tagOf.set(tag, code);
    return code;
  }

  #refuse(expected: string, got: PickleValue | undefined): never {
    const detail = `expected ${expected} in row ${this.length}, got ${describe(got)}`;
    throw new DataFormatError("bad-value", this.#file, 0, detail);
  }
}

/** The file of a path of the list. */
function locate(path: string, root: string | undefined): string {
  if (root === undefined) return path;
  const [, end] = layoutEnd.exec(path) as RegExpExecArray;
  return join(root, end);
}
