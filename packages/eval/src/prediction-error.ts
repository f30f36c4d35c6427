/** What is wrong with a prediction: see {@link PredictionError}. */
export type PredictionErrorCode = "repeated-id" | "unknown-id" | "bad-score";

const marker: symbol = Symbol.for("@lmk/eval/PredictionError");

/**
 * Predictions that cannot be scored against a solution: an image predicted twice, an image the solution does not
 * know, or a score that is NaN.
 *
 * Recognise it with {@link PredictionError.isInstance} or by its `code`, which also work across two installed
 * copies of this package.
 *
 * @example
 * ```ts
 * import { globalAveragePrecision, PredictionError } from "@lmk/eval";
 *
 * try {
 *   globalAveragePrecision([{ id: "x", label: 1, score: 1 }], new Map([["a", [1]]]));
 * } catch (error) {
 *   console.log(PredictionError.isInstance(error) && error.code); // => unknown-id
 * }
 * ```
 */
export class PredictionError extends Error {
  override readonly name: string = "PredictionError";
  /** What is wrong. */
  readonly code: PredictionErrorCode;
  /** The image or query that the prediction is for. */
  readonly id: string | number;

  /**
   * @param message - One line that names caller, id and way out.
   * @param code - What is wrong.
   * @param id - The image or query.
   */
  constructor(message: string, code: PredictionErrorCode, id: string | number) {
    super(message);
    this.code = code;
    this.id = id;
    Object.defineProperty(this, marker, { value: true });
  }

  /** Whether a caught value is a `PredictionError` of any copy of this package. */
  static isInstance(value: unknown): value is PredictionError {
    return typeof value === "object" && value !== null && marker in value;
  }
}
