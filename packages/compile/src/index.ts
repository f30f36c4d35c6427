export {
  type ArraySpec,
  type Compiled,
  type CompileOptions,
  type CompileReport,
  compile,
  type OutputArray,
  type Signature,
} from "./compile.ts";
export { CompileError, type CompileErrorCode } from "./compile-error.ts";
export type { Dtype, TypedArray } from "./dtype.ts";
export { createState, type NamedArray, type NamedArrays, type State } from "./state.ts";
export type { TracedFunction } from "./trace.ts";
