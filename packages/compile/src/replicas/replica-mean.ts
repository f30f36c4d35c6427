import { clone, customGrad, engine, getBackend, type Tensor } from "@tensorflow/tfjs-core";
import type { Kernels } from "../kernel.ts";
import { tracingBackend } from "../symbolic-backend.ts";

/** The kernel that {@link replicaMean} runs while a function is traced, and the node at which graphs are cut. */
export const replicaMeanKernel = "ReplicaMean";

/** The kernels that tfjs does not know. */
export const replicaKernels: Kernels = {
  [replicaMeanKernel]: (tracer, { x }) =>
    tracer.abilities.replicaMeans === true ? tracer.follow(replicaMeanKernel, x) : x,
};

/**
 * The mean of a tensor over the replicas of a data-parallel job: processes that run the same function, each on its
 * part of the batch.
 *
 * ```text
 * replicaMean(x) = (x₀ + x₁ + … + x₍R₋₁₎) / R      gradient: replicaMean of the incoming one
 * ```
 *
 * The replicas are those that `compile` is given as `options.replicas`. In a function compiled without them, and
 * eagerly, there is one replica: the result is `x`.
 *
 * The gradient is that of the mean of the replicas' losses: average the gradients of parameters in the same way.
 *
 * @param x - A float32 tensor of any shape; the same shape on every replica.
 * @returns A tensor of the shape of `x`, with equal bits on every replica if `replicas.mean` sees to that.
 * @throws TypeError if `x` is not float32.
 * @see Li et al.: PyTorch Distributed: Experiences on Accelerating Data Parallel Training, VLDB 2020
 *
 * @example
 * ```ts
 * import { replicaMean } from "@lmk/compile";
 * import "@tensorflow/tfjs-backend-cpu";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * replicaMean(tf.tensor1d([1, 2])).dataSync(); // => Float32Array [1, 2]
 * ```
 */
export function replicaMean<T extends Tensor>(x: T): T {
  if (x.dtype !== "float32") {
    throw new TypeError(`replicaMean: expected \`x\` to be a float32 tensor, got a ${x.dtype} one`);
  }
  if (getBackend() !== tracingBackend) return clone(x);
  const exchange = customGrad((given) => ({
    value: engine().runKernel(replicaMeanKernel, { x: given as Tensor }) as Tensor,
    gradFunc: (dy: Tensor) => replicaMean(dy),
  }));
  return exchange(x) as T;
}
