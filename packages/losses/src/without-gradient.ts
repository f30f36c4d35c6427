import { customGrad, type GradSaveFunc, type Tensor, zerosLike } from "@tensorflow/tfjs-core";

/**
 * What `of` computes from `inputs`, as a constant: no gradient flows back through it, and it may use operations that
 * have none, such as comparisons and `topk`.
 */
export function withoutGradient<T extends Tensor>(
  inputs: readonly Tensor[],
  of: (...inputs: Tensor[]) => T,
): T {
  const constant = customGrad((...given: unknown[]) => {
    const tensors = given.slice(0, inputs.length) as Tensor[];
    // Saved, so that they are still there for the gradient after a tidy.
    (given[inputs.length] as GradSaveFunc)(tensors);
    return {
      value: of(...tensors),
      gradFunc: (_dy: Tensor, saved: Tensor[]) => saved.map((tensor) => zerosLike(tensor)),
    };
  });
  return constant(...inputs) as T;
}
