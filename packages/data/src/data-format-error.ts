const marker = Symbol.for("@lmk/data/DataFormatError");

/** What is wrong with a file, for code that reacts to it. */
export type DataFormatErrorCode =
  | "missing-file"
  | "unreadable-file"
  | "empty-file"
  | "bad-header"
  | "bad-quote"
  | "missing-column"
  | "extra-column"
  | "bad-id"
  | "bad-landmark-id"
  | "duplicate-id"
  | "duplicate-landmark-id"
  | "conflicting-label"
  | "bad-usage"
  | "unknown-image"
  | "no-images"
  | "bad-pickle"
  | "bad-value"
  | "bad-md5"
  | "bad-category"
  | "bad-box"
  | "bad-fold"
  | "bad-class-id"
  | "empty-field";

/**
 * A file or folder that does not hold what its format promises.
 *
 * The message is one line, `file:line: expected X, got Y`, or `file: …` where no line is to blame, so
 * that an application can print it as it is and an editor can jump to the place.
 *
 * @example
 * ```ts
 * import { DataFormatError, readImageIdsCsv } from "@lmk/data";
 *
 * try {
 *   await readImageIdsCsv("nowhere/index.csv");
 * } catch (error) {
 *   if (!DataFormatError.isInstance(error)) throw error;
 *   console.log(error.code); // => missing-file
 *   console.log(error.message); // => nowhere/index.csv: expected a file, got none
 * }
 * ```
 */
export class DataFormatError extends Error {
  /** What is wrong. */
  readonly code: DataFormatErrorCode;
  /** The file or folder, as it was given to the reader. */
  readonly file: string;
  /** The line of the file, from 1; 0 where the whole file or folder is to blame. */
  readonly line: number;

  /**
   * @param code - What is wrong.
   * @param file - The file or folder.
   * @param line - The line from 1, or 0 for the whole file.
   * @param detail - What was expected and what was found, without file and line.
   * @param options - `cause`: the error that revealed it.
   */
  constructor(code: DataFormatErrorCode, file: string, line: number, detail: string, options?: ErrorOptions) {
    super(`${file}${line > 0 ? `:${line}` : ""}: ${detail}`, options);
    this.name = "DataFormatError";
    Object.defineProperty(this, marker, { value: true });
    this.code = code;
    this.file = file;
    this.line = line;
  }

  /** Recognizes the error also when it was thrown by another installed copy of this package. */
  static isInstance(error: unknown): error is DataFormatError {
    return typeof error === "object" && error !== null && marker in error;
  }
}
