import type { Tensor } from "@tensorflow/tfjs-core";

/** A function that was compiled. */
export interface CompiledFunction {
  run(
    inputs: Readonly<Record<string, Float32Array>>,
  ): Promise<Readonly<Record<string, { readonly data: ArrayLike<number> }>>>;
  dispose(): Promise<void>;
}

/**
 * Makes a fast function of a function on tensors: `compile` of `@lmk/compile`, or one that passes it options.
 *
 * @param fn - From the image batch `images` to outputs by name: `embedding` of an embedder, `scores` and `descriptors` of a
 * local feature extractor.
 * @param signature - The shape of the batch.
 */
export type CompileFunction = (
  fn: (inputs: Readonly<Record<string, Tensor>>) => { readonly outputs: Readonly<Record<string, Tensor>> },
  signature: { readonly inputs: { readonly images: { readonly shape: readonly number[] } } },
) => Promise<CompiledFunction>;

/** Compiled functions that are kept, each with its own copy of the weights: those of the latest sizes. */
const keptSizes = 8;

/** A function that is compiled for each shape of its images. */
export interface CompiledSizes {
  readonly at: (shape: readonly number[]) => Promise<CompiledFunction>;
  readonly dispose: () => Promise<void>;
}

/** Compiles a function for each shape of its images as it is asked for; the latest are kept. */
export function compiledSizes(compile: CompileFunction, fn: Parameters<CompileFunction>[0]): CompiledSizes {
  const made = new Map<string, CompiledFunction>();
  return {
    async at(shape) {
      const key = shape.join(" × ");
      const compiled = made.get(key) ?? (await compile(fn, { inputs: { images: { shape } } }));
      made.delete(key);
      made.set(key, compiled);
      const [oldest] = made;
      if (made.size > keptSizes && oldest !== undefined) {
        made.delete(oldest[0]);
        await oldest[1].dispose();
      }
      return compiled;
    },
    async dispose() {
      await Promise.all([...made.values()].map((compiled) => compiled.dispose()));
    },
  };
}
