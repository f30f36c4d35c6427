/** Why weights could not be had; see {@link WeightsDownloadError}. */
export type WeightsDownloadErrorCode =
  | "offline"
  | "interrupted"
  | "unavailable"
  | "not-found"
  | "unauthorized"
  | "unexpected-response"
  | "size-mismatch"
  | "checksum-mismatch"
  | "missing-package";

const marker: symbol = Symbol.for("@lmk/models/WeightsDownloadError");

/**
 * A file of weights that could not be downloaded, or that is not the file it should be.
 *
 * Recognize it with {@link WeightsDownloadError.isInstance} or by its `code`, which also work across two
 * installed copies of this package:
 *
 * - `offline`: no connection to the server; the message says which file to get and where to put it;
 * - `interrupted`: the connection broke before the last byte; what came is kept and the next call goes on from there;
 * - `unavailable`: the server answered 408, 429 or 5xx, also after the last retry;
 * - `not-found`: the server has no such repository, revision or file (404, 410);
 * - `unauthorized`: the server wants an access token, or another one (401, 403);
 * - `unexpected-response`: any other status;
 * - `size-mismatch`: the file has, or the server announces, another number of bytes than expected;
 * - `checksum-mismatch`: the bytes are not those of the file that was asked for;
 * - `missing-package`: `@huggingface/hub` is not installed.
 *
 * A folder that cannot be written, or a full disk, is the file system's own error instead.
 *
 * @example
 * ```ts
 * import { fetchWeights, WeightsDownloadError } from "@lmk/models/hub";
 *
 * const unreachable = () => Promise.reject(new Error("no network"));
 * await fetchWeights("resnet50", { cache: "empty", fetch: unreachable }).catch((error) => {
 *   console.log(WeightsDownloadError.isInstance(error) && error.code); // => offline
 * });
 * ```
 */
export class WeightsDownloadError extends Error {
  override readonly name: string = "WeightsDownloadError";
  /** What went wrong. */
  readonly code: WeightsDownloadErrorCode;
  /** Where the file comes from. */
  readonly url: string;
  /** Where the file lies, or belongs, on this machine. */
  readonly path: string;

  /**
   * @param code - What went wrong.
   * @param message - One line that names what was expected and what was found.
   * @param file - `url`, where the file comes from, and `path`, where it lies or belongs.
   * @param options - The error that this one follows from, as `cause`.
   */
  constructor(
    code: WeightsDownloadErrorCode,
    message: string,
    file: { readonly url: string; readonly path: string },
    options: ErrorOptions = {},
  ) {
    super(message, options);
    this.code = code;
    this.url = file.url;
    this.path = file.path;
    Object.defineProperty(this, marker, { value: true });
  }

  /** Whether a caught value is a `WeightsDownloadError` of any copy of this package. */
  static isInstance(value: unknown): value is WeightsDownloadError {
    return typeof value === "object" && value !== null && marker in value;
  }
}
