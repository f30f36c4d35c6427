/** Why a function could not be compiled or run; see {@link CompileError}. */
export type CompileErrorCode =
  | "unknown-op"
  | "unsupported-op"
  | "invalid-arguments"
  | "dynamic-shape"
  | "symbolic-read"
  | "bad-result"
  | "load-failed"
  | "run-failed";

/**
 * A traced function asked for something that a compiled graph cannot do, or its graph failed in onnxruntime.
 *
 * The message names the op and the line of the function that it came from, where they are known.
 * Recognise the error by `code`, which survives two installed copies of the package:
 *
 * - `unknown-op`: the function reached a tfjs kernel that has no ONNX counterpart here;
 * - `unsupported-op`: the op is known, but not with these shapes, types or attributes, or not without a seed;
 * - `invalid-arguments`: tfjs itself would refuse the call, for instance because two shapes do not fit;
 * - `dynamic-shape`: the shape of the op's result depends on values, as that of `tf.booleanMaskAsync` does;
 * - `symbolic-read`: the function read the values of a tensor that has none while it is traced;
 * - `bad-result`: what the function returned is not `{ outputs, state }` of tensors;
 * - `load-failed`: the graph could not be loaded, for a reason that names no op; it is in the message and in `cause`;
 * - `run-failed`: onnxruntime failed in a run, for instance because an index is out of range.
 *
 * @example
 * ```ts
 * import { compile } from "@lmk/compile";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * const read = ({ x }) => ({ outputs: { y: tf.scalar(x.dataSync()[0]) } });
 * await compile(read, { inputs: { x: { shape: [2] } } }).catch((error) => error.code); // => "symbolic-read"
 * ```
 */
export class CompileError extends Error {
  override readonly name = "CompileError";
  /** What went wrong, for programs. */
  readonly code: CompileErrorCode;
  /**
   * The op that the function called, as `tf.NAME`. Undefined where none is known, and for what a gradient that
   * tfjs or this package defines calls: the message says the gradient of which kernel it is.
   */
  readonly op: string | undefined;
  /** The tfjs kernel that failed, by the name that tfjs registers it under, where it is known. */
  readonly kernel: string | undefined;
  /** `file:line` in the traced function, where the stack shows it. */
  readonly location: string | undefined;

  constructor(
    code: CompileErrorCode,
    message: string,
    { op, kernel, location, cause }: Partial<Pick<CompileError, "op" | "kernel" | "location" | "cause">> = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.op = op;
    this.kernel = kernel;
    this.location = location;
  }
}
