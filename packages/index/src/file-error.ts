/** What is wrong with a file: see {@link IndexFileError}. */
export type IndexFileErrorCode =
  | "not-this-format"
  | "unsupported-version"
  | "unsupported-content"
  | "bad-header"
  | "wrong-size"
  | "wrong-checksum"
  | "other-settings"
  | "incomplete";

const marker: symbol = Symbol.for("@lmk/index/IndexFileError");

/**
 * A file that is not what it should be: another format, a newer version, cut off, or changed.
 *
 * Recognise it with {@link IndexFileError.isInstance} or by its `code`, which also work across two installed
 * copies of this package. A file that is missing or unreadable is the file system's own error instead.
 *
 * @example
 * ```ts
 * import { writeFile } from "node:fs/promises";
 * import { IndexFileError, readNpy } from "@lmk/index/npy";
 *
 * await writeFile("notes.npy", "not an array");
 * await readNpy("notes.npy").catch((error) => {
 *   console.log(IndexFileError.isInstance(error) && error.code); // => not-this-format
 * });
 * ```
 */
export class IndexFileError extends Error {
  override readonly name: string = "IndexFileError";
  /** What is wrong. */
  readonly code: IndexFileErrorCode;
  /** The file. */
  readonly path: string;

  /**
   * @param message - One line that names caller, file, expectation and what was found.
   * @param code - What is wrong.
   * @param path - The file.
   * @param options - The error that this one follows from, as `cause`.
   */
  constructor(message: string, code: IndexFileErrorCode, path: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.path = path;
    Object.defineProperty(this, marker, { value: true });
  }

  /** Whether a caught value is an `IndexFileError` of any copy of this package. */
  static isInstance(value: unknown): value is IndexFileError {
    return typeof value === "object" && value !== null && marker in value;
  }
}
