const marker: symbol = Symbol.for("@lmk/eval/FileFormatError");

/** What is wrong with a file, for code that reacts to it. */
export type FileFormatErrorCode =
  | "missing-file"
  | "unreadable-file"
  | "bad-header"
  | "bad-quote"
  | "bad-row"
  | "bad-id"
  | "bad-usage"
  | "bad-label"
  | "bad-score"
  | "bad-prediction"
  | "bad-metrics"
  | "repeated-id"
  | "unknown-id";

/** Where and what of a {@link FileFormatError}. */
export interface FileFormatProblem {
  /** What is wrong. */
  readonly code: FileFormatErrorCode;
  /** Name of the file, empty if none was given. */
  readonly file: string;
  /** Line of the file, from 1; 0 where the whole file is to blame. */
  readonly line: number;
  /** Column of the file, empty where the whole row is to blame. */
  readonly field: string;
  /** What should stand there. */
  readonly expected: string;
  /** What stands there. */
  readonly got: string;
}

/**
 * A file that does not hold what its format promises.
 *
 * The message is one line, `file:line: expected X, got Y` (`line N: …` where the file has no name), so that an
 * application can print it as it is and an editor can jump to the place. Recognize it with
 * {@link FileFormatError.isInstance} or by its `code`, which also work across two installed copies of this package.
 *
 * @example
 * ```ts
 * import { FileFormatError, readRecognitionPredictions } from "@lmk/eval/files";
 *
 * try {
 *   await readRecognitionPredictions("id,landmarks\na,12 0.5 7\n", { file: "submission.csv" });
 * } catch (error) {
 *   if (!FileFormatError.isInstance(error)) throw error;
 *   console.log(error.line, error.code); // => 2 bad-prediction
 *   console.log(error.message); // => submission.csv:2: expected `landmarks` to be one class and one score, got "12 0.5 7"
 * }
 * ```
 */
export class FileFormatError extends Error {
  override readonly name: string = "FileFormatError";
  /** What is wrong. */
  readonly code: FileFormatErrorCode;
  /** Name of the file, empty if none was given. */
  readonly file: string;
  /** Line of the file, from 1; 0 where the whole file is to blame. */
  readonly line: number;
  /** Column of the file, empty where the whole row is to blame. */
  readonly field: string;
  /** What should stand there. */
  readonly expected: string;
  /** What stands there. */
  readonly got: string;

  /**
   * @param problem - Where and what.
   * @param options - `cause`: the error that revealed it.
   */
  constructor(problem: FileFormatProblem, options?: ErrorOptions) {
    const { code, file, line, field, expected, got } = problem;
    const subject = field === "" ? "" : `\`${field}\` to be `;
    super(`${place(file, line)}expected ${subject}${expected}, got ${got}`, options);
    this.code = code;
    this.file = file;
    this.line = line;
    this.field = field;
    this.expected = expected;
    this.got = got;
    Object.defineProperty(this, marker, { value: true });
  }

  /** Whether a caught value is a `FileFormatError` of any copy of this package. */
  static isInstance(value: unknown): value is FileFormatError {
    return typeof value === "object" && value !== null && marker in value;
  }
}

function place(file: string, line: number): string {
  if (file === "") return line > 0 ? `line ${line}: ` : "";
  return line > 0 ? `${file}:${line}: ` : `${file}: `;
}

const longestShown = 60;

/** A field as messages show it: quoted, and cut where it is long. */
export function shown(field: string): string {
  if (field.length <= longestShown) return JSON.stringify(field);
  return `${JSON.stringify(field.slice(0, longestShown))}… (${field.length} characters)`;
}
