import * as tf from "@tensorflow/tfjs-core";
import { CompileError } from "./compile-error.ts";
import type { Dtype, TypedArray } from "./dtype.ts";
import { fuseBatchNorm } from "./fusion/batch-norm.ts";
import { fuseLayerNorm } from "./fusion/layer-norm.ts";
import { allGradients } from "./gradients/all-gradients.ts";
import type { FinishedGraph } from "./graph.ts";
import type { Inputs } from "./kernel.ts";
import { allKernels } from "./kernels/all-kernels.ts";
import { Origin } from "./origin.ts";
import { refuseUnseededDraws } from "./random-draws.ts";
import type { Slot } from "./state.ts";
import { SymbolicBackend } from "./symbolic-backend.ts";
import { explainFailure, unknownKernel } from "./trace-failure.ts";
import type { Abilities } from "./tracer.ts";
import type { Value } from "./value.ts";

/**
 * The function that {@link compile} takes: a pure function of tfjs-core tensors.
 *
 * It is called once, with tensors that have shapes but no values. `state` holds new values for some or all of
 * the state's arrays; those left out stay as they are.
 */
export type TracedFunction = (
  inputs: Readonly<Record<string, tf.Tensor>>,
  state: Readonly<Record<string, tf.Tensor>>,
) => {
  readonly outputs: Readonly<Record<string, tf.Tensor>>;
  readonly state?: Readonly<Record<string, tf.Tensor>>;
};

/** Shape and type of a tensor that enters or leaves a compiled function. */
export interface TensorSpec {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
}

/** A traced function: its graph, and what its outputs are. */
export interface Trace {
  readonly graph: FinishedGraph;
  readonly outputs: ReadonlyMap<string, TensorSpec>;
  /** Names of the state's arrays that the function gives new values. */
  readonly updates: readonly string[];
  /** What inputs and outputs are for given arrays, where dimensions are free; throws if the arrays do not fit. */
  readonly specsOf?: (arrays: Readonly<Record<string, TypedArray>>) => {
    readonly inputs: ReadonlyMap<string, TensorSpec>;
    readonly outputs: ReadonlyMap<string, TensorSpec>;
  };
}

/** How tensors are called in the graph. */
export const portName = {
  input: (name: string): string => `input/${name}`,
  state: (name: string): string => `state/${name}`,
  output: (name: string): string => `output/${name}`,
  next: (name: string): string => `next/${name}`,
};

const backendName = "lmk-compile";

/** Frames that errors keep while a function is traced, enough to reach the user's code from inside a kernel. */
const stackTraceLimit = 200;

/** Runs `fn` once on symbolic tensors. tfjs is afterwards as it was, also when `fn` throws. */
export function trace(
  fn: TracedFunction,
  inputs: ReadonlyMap<string, TensorSpec>,
  slots: ReadonlyMap<string, Slot>,
  abilities: Abilities,
): Trace {
  const backend = new SymbolicBackend(abilities);
  const origin = new Origin();
  const previous: string | null = tf.getBackend();
  const kernels = registerKernels(backend, origin);
  const replaced = replaceGradients(origin);
  const restoreRandom = refuseUnseededDraws();
  const limitBefore = Error.stackTraceLimit;
  Error.stackTraceLimit = stackTraceLimit;
  tf.registerBackend(backendName, () => backend, 0);
  void tf.setBackend(backendName);
  try {
    let traced: Trace | undefined;
    tf.tidy(() => {
      traced = traceWith(backend, fn, inputs, slots);
    });
    return traced as unknown as Trace;
  } catch (error) {
    disposeAbandonedTape();
    throw explainFailure(error, origin, traceWith.name);
  } finally {
    Error.stackTraceLimit = limitBefore;
    restoreRandom();
    if (previous !== null && previous !== undefined) void tf.setBackend(previous);
    tf.removeBackend(backendName);
    for (const kernelName of kernels) tf.unregisterKernel(kernelName, backendName);
    restoreGradients(replaced);
  }
}

function traceWith(
  backend: SymbolicBackend,
  fn: TracedFunction,
  inputs: ReadonlyMap<string, TensorSpec>,
  slots: ReadonlyMap<string, Slot>,
): Trace {
  const { tracer } = backend;
  const enter = (name: string, maker: string, value: Value): tf.Tensor => {
    tracer.graph.input(name, value.held ?? value.stored, value.dtype);
    return tf.engine().makeTensorFromTensorInfo(backend.adopt(value, maker), backend);
  };
  const inputTensors = Object.fromEntries(
    [...inputs].map(([name, { shape, dtype }]) => {
      const port = portName.input(name);
      return [name, enter(port, `the input "${name}"`, tracer.value(port, shape, dtype))];
    }),
  );
  const stateTensors = Object.fromEntries(
    [...slots].map(([name, { shape, order, held }]) => {
      const port = portName.state(name);
      const value = { ...tracer.value(port, shape, "float32", order), held };
      return [name, enter(port, `the state's "${name}"`, value)];
    }),
  );

  const returned = fn(inputTensors, stateTensors);
  if (backend.refusal !== undefined) throw backend.refusal;
  const result = requireResult(returned, slots);
  const outputs = Object.entries(result.outputs).map(([name, tensor]) => {
    const value = backend.lookUp(tensor);
    const dense = tracer.dense(value);
    const port = { name: portName.output(name), dims: dense.stored, type: dense.dtype };
    return { name, value, port, source: tracer.name(dense) };
  });
  const updates = Object.entries(result.state).map(([name, tensor]) => {
    const { order, held } = slots.get(name) as Slot;
    const dense = tracer.dense(tracer.cast(backend.lookUp(tensor), "float32"), order);
    const port = { name: portName.next(name), dims: held, type: dense.dtype };
    return { name, port, source: tracer.nameAs(dense, held) };
  });
  if (tracer.abilities.batchStatistics) fuseBatchNorm(tracer.graph);
  fuseLayerNorm(tracer.graph);
  return {
    graph: tracer.graph.finish([...outputs, ...updates]),
    outputs: new Map(outputs.map(({ name, value }) => [name, { shape: value.shape, dtype: value.dtype }])),
    updates: updates.map(({ name }) => name),
  };
}

/** Registers every tfjs kernel: those that can be expressed, and for the others a clear error. */
function registerKernels(backend: SymbolicBackend, origin: Origin): string[] {
  const names = kernelNames();
  for (const kernelName of names) {
    const kernel = allKernels[kernelName];
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) => {
        const given = Object.entries(inputs).filter(([, tensor]) => tensor !== undefined && tensor !== null);
        try {
          if (kernel === undefined) throw unknownKernel(kernelName, given as [string, tf.TensorInfo][]);
          backend.tracer.graph.origin = origin.nodePrefix(kernelName);
          const values: Inputs = Object.fromEntries(
            given.map(([name, tensor]) => [name, backend.lookUp(tensor as tf.TensorInfo)]),
          );
          const result = kernel(backend.tracer, values, attrs ?? {});
          const adopt = (value: Value) => backend.adopt(value, kernelName);
          return Array.isArray(result) ? result.map(adopt) : adopt(result);
        } catch (error) {
          origin.failed ??= origin.describe();
          throw error;
        }
      },
    });
  }
  return [...names];
}

/** The kernels of this package, and those that tfjs-core has a constant of their own name for. */
function kernelNames(): Set<string> {
  const names = new Set(Object.keys(allKernels));
  for (const [key, value] of Object.entries(tf)) if (key === value) names.add(key);
  return names;
}

/** Puts this package's gradients in the place of tfjs's, and notes when any of them runs; what was there before. */
function replaceGradients(origin: Origin): Map<string, tf.GradConfig | undefined> {
  const before = new Map<string, tf.GradConfig | undefined>();
  for (const kernelName of new Set([...kernelNames(), ...Object.keys(allGradients)])) {
    const known = tf.getGradient(kernelName);
    const config = allGradients[kernelName] ?? known;
    if (config === undefined) continue;
    before.set(kernelName, known);
    if (known !== undefined) tf.unregisterGradient(kernelName);
    tf.registerGradient({ ...config, kernelName, gradFunc: origin.following(kernelName, config.gradFunc) });
  }
  return before;
}

function restoreGradients(before: ReadonlyMap<string, tf.GradConfig | undefined>): void {
  for (const [kernelName, known] of before) {
    tf.unregisterGradient(kernelName);
    if (known !== undefined) tf.registerGradient(known);
  }
}

/** Frees what an interrupted gradient computation had saved for its backward pass. */
function disposeAbandonedTape(): void {
  const { state } = tf.engine();
  if (state.gradientDepth !== 0) return;
  for (const { saved } of state.activeTape ?? []) {
    for (const tensor of saved ?? []) if (!tensor.isDisposed) tensor.dispose();
  }
  state.activeTape = [];
}

function requireResult(result: ReturnType<TracedFunction>, slots: ReadonlyMap<string, Slot>) {
  const bad = (expectation: string, actual: string) =>
    new CompileError(
      "bad-result",
      `compile: expected the function's result to ${expectation}, got ${actual}`,
    );
  // What an asynchronous function fails with later has nobody to catch it.
  if (result instanceof Promise) result.catch(() => undefined);
  if (result === null || typeof result !== "object" || typeof result.outputs !== "object") {
    throw bad("be { outputs, state }", described(result));
  }
  const { outputs, state = {} } = result;
  for (const [group, tensors] of Object.entries({ outputs, state })) {
    for (const [name, tensor] of Object.entries(tensors)) {
      if ((tensor as unknown) instanceof Promise) void Promise.allSettled([tensor]);
      if (!(tensor instanceof tf.Tensor))
        throw bad("hold tensors", `${described(tensor)} for ${group}["${name}"]`);
    }
  }
  for (const [name, tensor] of Object.entries(state)) {
    const slot = slots.get(name);
    if (slot === undefined) throw bad("update arrays of the state", `"${name}", which it lacks`);
    const same = slot.shape.length === tensor.rank && slot.shape.every((d, axis) => d === tensor.shape[axis]);
    if (same) continue;
    throw bad(`keep state["${name}"] of shape [${slot.shape.join(", ")}]`, `[${tensor.shape.join(", ")}]`);
  }
  return { outputs, state };
}

/** A wrong value in words. A tensor's own words would be its values. */
function described(value: unknown): string {
  if (value instanceof Promise) return "a promise";
  return value instanceof tf.Tensor ? "a tensor" : String(value);
}
