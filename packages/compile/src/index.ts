export {
  type ArraySpec,
  type CompileOptions,
  compile,
  type FreeDimension,
  type Signature,
} from "./compile.ts";
export { CompileError, type CompileErrorCode } from "./compile-error.ts";
export type { Compiled, CompileReport } from "./compiled.ts";
export type { Dtype, TypedArray } from "./dtype.ts";
export type { ExportOptions, OnnxModel } from "./export.ts";
export { availableProviders, type Provider, type ProviderStatus } from "./providers.ts";
export {
  type DropoutOptions,
  dropout,
  type RandomNormalOptions,
  type RandomUniformOptions,
  randomBernoulli,
  randomNormal,
  randomUniform,
  type Seed,
  splitSeed,
} from "./random.ts";
export { replicaMean } from "./replicas/replica-mean.ts";
export type { Replicas } from "./replicas/replicas.ts";
export type { OutputArray } from "./run-in-place.ts";
export type { CacheUse } from "./session.ts";
export { createState, type NamedArray, type NamedArrays, type State } from "./state.ts";
export { supportedKernels } from "./supported-kernels.ts";
export type { TracedFunction } from "./trace.ts";
