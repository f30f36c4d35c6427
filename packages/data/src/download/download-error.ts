const marker = Symbol.for("@lmk/data/DownloadError");

/** What went wrong, for code that reacts to it. */
export type DownloadErrorCode = "no-space" | "failed-files";

/** A file that could not be brought. */
export interface DownloadFailure {
  /** Where it was asked for. */
  readonly url: string;
  /** Where it should stand. */
  readonly path: string;
  /** One line: what was expected of which address, and what it gave. */
  readonly message: string;
  /** The error itself. */
  readonly cause: unknown;
}

/**
 * Files that could not be brought, or a disk that cannot hold them.
 *
 * With the code `failed-files` all other files are there, and the parts that came of the failed ones are
 * kept: the same call goes on from them. With `no-space` nothing was asked for yet.
 *
 * @example
 * ```ts
 * import { DownloadError, downloadFiles } from "@lmk/data/download";
 *
 * const files = [{ url: "http://localhost:9/train.csv", path: "train.csv" }];
 * try {
 *   await downloadFiles(files, { retries: 0, freeBytes: async () => 1e9 });
 * } catch (error) {
 *   if (!DownloadError.isInstance(error)) throw error;
 *   console.log(error.code, error.failures.length); // => failed-files 1
 * }
 * ```
 */
export class DownloadError extends Error {
  /** What went wrong. */
  readonly code: DownloadErrorCode;
  /** The files that failed, in the order of the list of files; none where there is no space. */
  readonly failures: readonly DownloadFailure[];

  /**
   * @param code - What went wrong.
   * @param message - One line for a person.
   * @param failures - The files that failed.
   */
  constructor(code: DownloadErrorCode, message: string, failures: readonly DownloadFailure[] = []) {
    super(message, { cause: failures[0]?.cause });
    this.name = "DownloadError";
    Object.defineProperty(this, marker, { value: true });
    this.code = code;
    this.failures = failures;
  }

  /** Recognizes the error also when it was thrown by another installed copy of this package. */
  static isInstance(error: unknown): error is DownloadError {
    return typeof error === "object" && error !== null && marker in error;
  }
}

/** The error of a whole download; `untried` files were not begun because the disk refused one before them. */
export function failedFiles(
  failures: readonly DownloadFailure[],
  total: number,
  untried: number,
): DownloadError {
  const [first] = failures;
  const parts = [first?.message ?? "no file"];
  if (failures.length > 1) parts.push(`${failures.length} of ${total} files failed`);
  if (untried > 0) parts.push(`${untried} were not begun`);
  return new DownloadError("failed-files", parts.join("; "), failures);
}
