import { type FileHandle, open } from "node:fs/promises";
import { asFormatError } from "../file-errors.ts";
import { NeedsMoreBytes, PickleBytes } from "./pickle-bytes.ts";
import type { PickleValue } from "./pickle-values.ts";
import { type RowSink, Unpickler } from "./unpickler.ts";

const chunkBytes = 2 ** 20;

/**
 * Reads a pickle of plain containers, without running anything that stands in it.
 *
 * Protocols 0 to 5, of Python 2 and 3: `None`, booleans, integers, floats, strings, bytes, lists, tuples,
 * dictionaries, sets, `collections.OrderedDict`, and NumPy arrays and numbers of integers, floats and
 * booleans. A pickle that mentions any other name is refused by that name. A string of Python 2 has one
 * character per byte.
 *
 * @param file - The file.
 * @returns The value; shared and circular references are kept.
 * @throws DataFormatError with the code `missing-file`, `unreadable-file`, or `bad-pickle`, which names the
 * byte: for a name that is not allowed, an end inside the pickle, bytes after it, and whatever breaks the
 * format.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { readPickle } from "@lmk/data";
 *
 * writeFileSync("pair.pkl", Buffer.from("80024b2a580200000068698671002e", "hex"));
 * console.log(await readPickle("pair.pkl")); // => [ 42, 'hi' ]
 * ```
 *
 * @see {@link https://docs.python.org/3/library/pickle.html | pickle, Python object serialization}
 */
export async function readPickle(file: string): Promise<PickleValue> {
  return unpickle(file);
}

/** Reads a pickle; the items of its outermost list go to `sink`, and the value is then an empty list. */
export async function unpickle(file: string, sink?: RowSink): Promise<PickleValue> {
  const handle = await openFile(file);
  try {
    return await run(file, handle, sink);
  } catch (error) {
    throw asFormatError(file, error);
  } finally {
    await handle.close();
  }
}

async function run(file: string, handle: FileHandle, sink: RowSink | undefined): Promise<PickleValue> {
  const { size } = await handle.stat();
  const bytes = new PickleBytes(file, size);
  const unpickler = new Unpickler(bytes, sink);
  let read = 0;
  for (;;) {
    const missing = runToEnd(bytes, unpickler);
    if (missing === 0) break;
    const wanted = Math.min(Math.max(missing, chunkBytes), size - read);
    const chunk = Buffer.alloc(wanted);
    const { bytesRead } = await handle.read(chunk, 0, wanted, read);
    if (bytesRead === 0) bytes.refuse(`a file of ${size} bytes`, `${read} bytes`);
    read += bytesRead;
    bytes.append(chunk.subarray(0, bytesRead));
  }
  const value = unpickler.result();
  if (bytes.offset < size)
    bytes.refuse("the end of the file after the pickle", `${size - bytes.offset} bytes`);
  return value;
}

/** Runs opcodes as far as the bytes at hand go; the bytes that the next one lacks, or 0 at the end. */
function runToEnd(bytes: PickleBytes, unpickler: Unpickler): number {
  let start = bytes.offset;
  try {
    while (!unpickler.step()) start = bytes.offset;
    return 0;
  } catch (error) {
    if (!(error instanceof NeedsMoreBytes)) throw error;
    bytes.rewind(start);
    return error.count;
  }
}

async function openFile(file: string): Promise<FileHandle> {
  try {
    return await open(file);
  } catch (error) {
    throw asFormatError(file, error);
  }
}
