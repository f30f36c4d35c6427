import type * as tf from "@tensorflow/tfjs-core";
import type { Arbitrary } from "fast-check";
import type { TestArray } from "../against-tfjs.ts";

export type Tensors = Readonly<Record<string, tf.Tensor>>;

/** One drawn use of a kernel. */
export interface Example {
  /** The arrays the op is given; also shown when a property fails. */
  readonly inputs: Readonly<Record<string, TestArray>>;
  /** The op, written as a user would write it. Several results are weighed together for gradients. */
  readonly op: (inputs: Tensors) => tf.Tensor | tf.Tensor[];
  /**
   * The same function written with ops whose gradients tfjs knows, where tfjs has no gradient for `op` or a
   * wrong one. Values are always those of `op`.
   */
  readonly reference?: (inputs: Tensors) => tf.Tensor | tf.Tensor[];
}

/** A property: for every example the compiled op equals tfjs's CPU backend, values and gradients. */
export interface Case {
  /** What distinguishes this case from others of the same kernels, for the test's title. */
  readonly name: string;
  /** The tfjs kernels that the forward function proves. */
  readonly kernels: readonly string[];
  /** The tfjs kernels that are proven only through the gradient, such as Conv2DBackpropFilter. */
  readonly gradientKernels?: readonly string[];
  /** The inputs whose gradients are compared; none where the op has no gradient. */
  readonly differentiable?: readonly string[];
  readonly arbitrary: Arbitrary<Example>;
  /**
   * The largest error allowed, relative to the largest expected element of the array.
   *
   * @defaultValue 1e-5
   */
  readonly tolerance?: number;
}
