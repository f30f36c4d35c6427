import { createReadStream } from "node:fs";
import { FileFormatError } from "./file-format-error.ts";

/** The bytes of a file on disk, in chunks. */
export interface OpenedFile extends AsyncIterable<Uint8Array> {
  /** The path as it was given. */
  readonly name: string;
}

/**
 * Opens a file on disk for a reader of `@lmk/eval/files`, gzipped or not; messages of the reader name the path.
 *
 * The file is opened when the reading starts, and again each time it is read.
 *
 * @param path - The file.
 * @returns Its bytes in chunks, which throw a FileFormatError if the file is missing or cannot be read.
 *
 * @example
 * ```ts
 * import { writeFileSync } from "node:fs";
 * import { openFile } from "@lmk/eval/file-paths";
 * import { readRetrievalPredictions } from "@lmk/eval/files";
 *
 * writeFileSync("submission.csv", "id,images\nq1,x a\n");
 * console.log(await readRetrievalPredictions(openFile("submission.csv"))); // => Map(1) { 'q1' => [ 'x', 'a' ] }
 * ```
 */
export function openFile(path: string): OpenedFile {
  return { name: path, [Symbol.asyncIterator]: () => readChunks(path) };
}

async function* readChunks(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Uint8Array>;
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause)) throw cause;
    const isMissing = cause.code === "ENOENT";
    const problem = {
      code: isMissing ? ("missing-file" as const) : ("unreadable-file" as const),
      file: path,
      line: 0,
      field: "",
      expected: isMissing ? "a file" : "a readable file",
      got: isMissing ? "none" : String(cause.code),
    };
    throw new FileFormatError(problem, { cause });
  }
}
