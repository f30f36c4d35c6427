/** What went wrong with a checkpoint, a weights file or a training run. */
export type TrainingErrorCode =
  | "bad-header"
  | "truncated"
  | "damaged"
  | "unsupported-dtype"
  | "not-finite"
  | "no-more-batches"
  | "wrong-arrays"
  | "incomplete-stage"
  | "other-run"
  | "rank-failed"
  | "rank-lost";

/**
 * Bad data: a malformed weights file, or a loss that is no longer a number.
 *
 * Recognize it by `code`; two installed copies of this package are two classes.
 */
export class TrainingError extends Error {
  override readonly name = "TrainingError";
  /** What went wrong. */
  readonly code: TrainingErrorCode;

  constructor(code: TrainingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
