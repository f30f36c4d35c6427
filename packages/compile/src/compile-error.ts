/** Why a function could not be compiled; see {@link CompileError.code}. */
export type CompileErrorCode =
  | "unknown-op"
  | "unsupported-op"
  | "invalid-arguments"
  | "dynamic-shape"
  | "symbolic-read"
  | "bad-result";

/**
 * A traced function asked for something that a compiled graph cannot do.
 *
 * The message ends with the op and the line of the function that it came from, where the stack shows them.
 * Recognise the error by `code`, which survives two installed copies of the package:
 *
 * - `unknown-op`: the function reached a tfjs kernel that has no ONNX counterpart here;
 * - `unsupported-op`: the op is known, but not with these shapes, types or attributes, or not without a seed;
 * - `invalid-arguments`: tfjs itself would refuse the call, for instance because two shapes do not fit;
 * - `dynamic-shape`: the shape of the op's result depends on values, as that of `tf.booleanMaskAsync` does;
 * - `symbolic-read`: the function read the values of a tensor that has none while it is traced;
 * - `bad-result`: what the function returned is not `{ outputs, state }` of tensors.
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
  /** The tfjs kernel or op concerned, where there is one. */
  readonly op: string | undefined;
  /** `file:line` in the traced function, where the stack shows it. */
  readonly location: string | undefined;

  constructor(code: CompileErrorCode, message: string, op?: string, location?: string) {
    super(message);
    this.code = code;
    this.op = op;
    this.location = location;
  }
}
