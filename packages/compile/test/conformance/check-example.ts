import {
  type Compiled,
  type CompileOptions,
  compile,
  createState,
  type Dtype,
  type TracedFunction,
} from "@lmk/compile";
import * as tf from "@tensorflow/tfjs-core";
import { expectClose, runEagerly, type TestArray } from "../against-tfjs.ts";
import type { Case, Example, Tensors } from "./case.ts";
import { type KernelLog, logged } from "./kernel-log.ts";

type Op = Example["op"];

/** The kernels that the op itself reached, and those reached by its gradient, while it was compiled. */
export interface Reached {
  readonly forward: KernelLog;
  readonly backward: KernelLog;
}

export const nothingReached = (): Reached => ({
  forward: { calls: [], gradients: new Set() },
  backward: { calls: [], gradients: new Set() },
});

const listOf = (results: tf.Tensor | tf.Tensor[]) => (Array.isArray(results) ? results : [results]);

/** A loss that weighs every element of every float result differently, none of them with 0. */
function weighed(results: readonly tf.Tensor[]): tf.Scalar {
  const sums = results
    .filter(({ dtype }) => dtype === "float32")
    .map((result) => {
      // Not tf.linspace, whose elements tfjs adds up in float32.
      const step = 2.618 / Math.max(result.size - 1, 1);
      const weights = tf.tensor(
        Float32Array.from({ length: result.size }, (_, i) => -1 + i * step),
        result.shape,
      );
      return tf.sum(tf.mul(result, weights)) as tf.Scalar;
    });
  return sums.reduce((total, sum) => tf.add(total, sum));
}

/** The values of `op`, and the gradients of {@link weighed} results of `differentiated`. */
function functionOf(op: Op, differentiated: Op, differentiable: readonly string[]): TracedFunction {
  return (inputs) => {
    const values = listOf(op(inputs)).map((tensor, i) => [`value ${i}`, tensor]);
    if (differentiable.length === 0) return { outputs: Object.fromEntries(values) };
    const loss = (...tensors: tf.Tensor[]) => {
      const changed = Object.fromEntries(differentiable.map((name, i) => [name, tensors[i]]));
      return weighed(listOf(differentiated({ ...inputs, ...changed })));
    };
    const gradients = tf.grads(loss)(differentiable.map((name) => inputs[name]));
    const named = differentiable.map((name, i) => [`gradient of ${name}`, gradients[i]]);
    return { outputs: Object.fromEntries([...values, ...named]) };
  };
}

const dtypeOf = ({ data }: TestArray): Dtype =>
  data instanceof Float32Array ? "float32" : data instanceof Int32Array ? "int32" : "bool";

/**
 * How an array reaches the op: fed to each run; kept as state, which stores arrays of rank 4 channels first; or
 * closed over as a constant.
 */
export type Placement = "input" | "state" | "constant";

export interface CompileExampleOptions extends CompileOptions {
  /** By position; arrays beyond are inputs. Only float32 arrays can be state; others are inputs then. */
  readonly placements?: readonly Placement[];
  /** Where to write down the kernels that are reached. */
  readonly reached?: Reached;
}

/** Compiles the values and gradients of an example into one function, and the arrays that its runs are fed. */
export async function compileExample(
  example: Example,
  { differentiable = [] }: Case,
  options: CompileExampleOptions = {},
): Promise<{ readonly compiled: Compiled; readonly feeds: Readonly<Record<string, TestArray["data"]>> }> {
  const { placements = [], reached = nothingReached(), ...compileOptions } = options;
  const entries = Object.entries(example.inputs).map(([name, array], i) => {
    const wanted = placements[i] ?? "input";
    const placement = wanted === "state" && dtypeOf(array) !== "float32" ? "input" : wanted;
    return { name, array, placement, dtype: dtypeOf(array) };
  });
  const placed = (placement: Placement) => entries.filter((entry) => entry.placement === placement);
  const op: Op = (inputs: Tensors) => logged(reached.forward, () => example.op(inputs));
  const fn = functionOf(op, op, differentiable);
  const traced: TracedFunction = (inputs, state) => {
    const constants = placed("constant").map(({ name, array, dtype }) => {
      return [name, tf.tensor(array.data, [...array.shape], dtype)] as const;
    });
    const given = { ...inputs, ...state, ...Object.fromEntries(constants) };
    const inOrder = Object.fromEntries(entries.map(({ name }) => [name, given[name]]));
    return logged(reached.backward, () => fn(inOrder, {}));
  };
  const inputs = placed("input").map(({ name, array, dtype }) => [name, { shape: array.shape, dtype }]);
  const kept = placed("state").map(({ name, array: { shape, data } }) => {
    return [name, { shape, data: data as Float32Array }] as const;
  });
  const signature = {
    inputs: Object.fromEntries(inputs),
    ...(kept.length === 0 ? {} : { state: createState(Object.fromEntries(kept)) }),
  };
  const compiled = await compile(traced, signature, { threads: 1, ...compileOptions });
  return {
    compiled,
    feeds: Object.fromEntries(placed("input").map(({ name, array }) => [name, array.data])),
  };
}

/** What tfjs gives for an example, on its CPU backend or another: its values, and the gradients of its reference. */
export function expectedOf(
  example: Example,
  { differentiable = [] }: Case,
  backend = "cpu",
): Record<string, TestArray> {
  const { op, reference = op, inputs } = example;
  return runEagerly(functionOf(op, reference, differentiable), inputs, {}, backend).outputs;
}

/** Fails unless the compiled example gives what tfjs's CPU backend gives. */
export async function checkExample(
  example: Example,
  checked: Case,
  options: CompileExampleOptions & { readonly tolerance?: number } = {},
): Promise<void> {
  const { tolerance = checked.tolerance ?? 1e-5, ...compileOptions } = options;
  const expected = expectedOf(example, checked);
  const { compiled, feeds } = await compileExample(example, checked, compileOptions);
  try {
    const outputs = await compiled.run(feeds);
    for (const [name, array] of Object.entries(expected)) {
      const [actual, wanted] = [outputs[name].data, array.data].map((data) => data.constructor.name);
      if (actual !== wanted) throw new TypeError(`${name}: expected a ${wanted}, got a ${actual}`);
      expectClose(outputs[name], array, tolerance, name);
    }
  } finally {
    await compiled.dispose();
  }
}
