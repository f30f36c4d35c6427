import { PickleWriter } from "../pickle/pickle-writer.ts";
import { requireInteger, requireLength } from "../require.ts";
import { writeFileWhole } from "../write-file.ts";
import type { ImageList } from "./image-list.ts";

const caller = "writeImageListPickle";

/** So many rows are written at once, and appended to the list at once when it is read, as by Python's own pickles. */
const rowsAtOnce = 1000;

/**
 * Writes what {@link readImageListPickle} reads, and Python's `pickle.load`: the lists `cache_<name>_list.pkl` of the 2021
 * retrieval challenge's second place, with a tuple `(path, class, noisy, tag)` for each row and the tag -1 where a row has
 * none.
 *
 * The rows are streamed, and `ids` are not written: they are part of the paths. The file appears under its name once it is
 * complete.
 *
 * @param file - The pickle to write; its folder must exist.
 * @param list - The rows, such as {@link listTrainingSet} gives them.
 * @throws RangeError if a column has another length than the list, or holds a class below -1, a noisy that is neither 0 nor
 * 1, or the code of a tag that is not there. The errors of the file system pass as they are. In each case `file` stays as it
 * was.
 *
 * @example
 * ```ts
 * import { createNames, readImageListPickle, writeImageListPickle } from "@lmk/data";
 *
 * const names = createNames(2, (row) => `photos/${row}.jpg`);
 * await writeImageListPickle("cache_all_list.pkl", {
 *   length: 2,
 *   ids: names,
 *   paths: names,
 *   classIds: Int32Array.of(7, -1),
 *   noisy: Uint8Array.of(1, 0),
 *   tags: { values: ["Europe", "null"], codes: Int32Array.of(0, 1) },
 * });
 * const { paths, classIds, tags } = await readImageListPickle("cache_all_list.pkl");
 * console.log(paths.at(0), classIds, tags.values);
 * // => photos/0.jpg Int32Array(2) [ 7, -1 ] [ 'Europe', 'null' ]
 * ```
 */
export async function writeImageListPickle(file: string, list: ImageList): Promise<void> {
  const { length, paths, classIds, noisy, tags } = list;
  for (const [name, column] of Object.entries({ paths, classIds, noisy, "tags.codes": tags.codes })) {
    requireLength(caller, `list.${name}`, column.length, length);
  }
  await writeFileWhole(file, pickledRows(list));
}

function* pickledRows(list: ImageList): Generator<Uint8Array> {
  const pickle = new PickleWriter();
  const written = new Set<number>();
  pickle.codes(0x80, 2, 0x5d); // PROTO 2, EMPTY_LIST
  for (let start = 0; start < list.length; start += rowsAtOnce) {
    const end = Math.min(start + rowsAtOnce, list.length);
    pickle.codes(0x28); // MARK
    for (let row = start; row < end; row++) writeRow(pickle, list, row, written);
    pickle.codes(0x65); // APPENDS
    yield pickle.take();
  }
  pickle.codes(0x2e); // STOP
  yield pickle.take();
}

function writeRow(
  pickle: PickleWriter,
  { paths, classIds, noisy, tags }: ImageList,
  row: number,
  written: Set<number>,
): void {
  requireInteger(caller, "list.classIds", classIds[row], -1);
  requireInteger(caller, "list.noisy", noisy[row], 0, 1);
  requireInteger(caller, "list.tags.codes", tags.codes[row], -1, tags.values.length - 1);
  pickle.codes(0x28); // MARK
  pickle.string(paths.at(row));
  pickle.integer(classIds[row]);
  pickle.integer(noisy[row]);
  writeTag(pickle, tags.values[tags.codes[row]], tags.codes[row], written);
  pickle.codes(0x74); // TUPLE
}

/** Writes a tag: its name once, and later where it was. */
function writeTag(pickle: PickleWriter, name: string | undefined, code: number, written: Set<number>): void {
  if (name === undefined) {
    pickle.integer(-1);
  } else if (written.has(code)) {
    pickle.recall(code);
  } else {
    pickle.string(name);
    pickle.keep(code);
    written.add(code);
  }
}
