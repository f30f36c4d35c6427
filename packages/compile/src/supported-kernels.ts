import { allKernels } from "./kernels/all-kernels.ts";

/**
 * The names of the tfjs kernels that `compile` can express, in alphabetical order.
 *
 * A function that reaches any other kernel is refused with a `CompileError` whose code is `unknown-op`.
 *
 * @example
 * ```ts
 * import { supportedKernels } from "@lmk/compile";
 *
 * supportedKernels.includes("Conv2D"); // => true
 * supportedKernels.includes("FFT"); // => false
 * ```
 */
export const supportedKernels: readonly string[] = Object.freeze(Object.keys(allKernels).sort());
