import * as tf from "@tensorflow/tfjs-core";
import { undoAll } from "./cleanup.ts";
import { CompileError } from "./compile-error.ts";
import type { Dtype, TypedArray } from "./dtype.ts";
import { fuseBatchNorm } from "./fusion/batch-norm.ts";
import { fuseLayerNorm } from "./fusion/layer-norm.ts";
import { allGradients } from "./gradients/all-gradients.ts";
import type { FinishedGraph } from "./graph.ts";
import type { Inputs, Kernels } from "./kernel.ts";
import { allKernels } from "./kernels/all-kernels.ts";
import { Origin } from "./origin.ts";
import { refuseUnseededDraws } from "./random-draws.ts";
import { replicaKernels } from "./replicas/replica-mean.ts";
import type { Slot } from "./state.ts";
import { SymbolicBackend, tracingBackend } from "./symbolic-backend.ts";
import { explainFailure, unknownKernel } from "./trace-failure.ts";
import type { Abilities } from "./tracer.ts";
import type { Value } from "./value.ts";

/**
 * The function that {@link compile} takes: a pure function of tfjs-core tensors.
 *
 * It is called once, with free dimensions once per size it is traced at, with tensors that have shapes but no
 * values. The `state` of its result holds new values for some or all of the state's arrays, in their shapes; those
 * left out stay as they are. int32 and bool tensors are cast to float32 there.
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

const tracedKernels = (): Kernels => ({ ...allKernels, ...replicaKernels });

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
  const limitBefore = Error.stackTraceLimit;
  const undo: (() => void)[] = [];
  try {
    registerKernels(backend, origin, undo);
    replaceGradients(origin, undo);
    undo.push(refuseUnseededDraws());
    Error.stackTraceLimit = stackTraceLimit;
    undo.push(() => {
      Error.stackTraceLimit = limitBefore;
    });
    tf.registerBackend(tracingBackend, () => backend, 0);
    undo.push(() => tf.removeBackend(tracingBackend));
    void tf.setBackend(tracingBackend);
    if (previous !== null && previous !== undefined) undo.push(() => void tf.setBackend(previous));
    let traced: Trace | undefined;
    tf.tidy(() => {
      traced = traceWith(backend, fn, inputs, slots);
    });
    return traced as unknown as Trace;
  } catch (error) {
    disposeAbandonedTape();
    throw explainFailure(error, origin, traceWith.name);
  } finally {
    undoAll(undo);
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
  // The last kernel is not where the nodes come from that bring results into their ports' form.
  tracer.graph.origin = "";
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
function registerKernels(backend: SymbolicBackend, origin: Origin, undo: (() => void)[]): void {
  const kernels = tracedKernels();
  for (const kernelName of kernelNames()) {
    const kernel = kernels[kernelName];
    tf.registerKernel({
      kernelName,
      backendName: tracingBackend,
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
          origin.noteFailure(error, kernelName);
          throw error;
        }
      },
    });
    undo.push(() => tf.unregisterKernel(kernelName, tracingBackend));
  }
}

/** The kernels of this package, and those that tfjs-core has a constant of their own name for. */
function kernelNames(): Set<string> {
  const names = new Set(Object.keys(tracedKernels()));
  for (const [key, value] of Object.entries(tf)) if (key === value) names.add(key);
  return names;
}

/** Puts this package's gradients in the place of tfjs's, and notes when any of them runs. */
function replaceGradients(origin: Origin, undo: (() => void)[]): void {
  for (const kernelName of new Set([...kernelNames(), ...Object.keys(allGradients)])) {
    const known = tf.getGradient(kernelName);
    const config = allGradients[kernelName] ?? known;
    if (config === undefined) continue;
    undo.push(() => {
      tf.unregisterGradient(kernelName);
      if (known !== undefined) tf.registerGradient(known);
    });
    if (known !== undefined) tf.unregisterGradient(kernelName);
    tf.registerGradient({ ...config, kernelName, gradFunc: origin.following(kernelName, config.gradFunc) });
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
  if (!isGroup(result) || result.outputs === undefined) throw bad("be { outputs, state }", described(result));
  const { outputs, state = {} } = result;
  for (const [group, tensors] of Object.entries({ outputs, state })) {
    if ((tensors as unknown) instanceof Promise) void Promise.allSettled([tensors]);
    if (!isGroup(tensors)) throw bad(`hold tensors by name in \`${group}\``, described(tensors));
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

/** Whether a value may have tensors by name. */
function isGroup(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && !(value instanceof tf.Tensor || value instanceof Promise)
  );
}

/** A wrong value in words. A tensor's own words would be its values. */
function described(value: unknown): string {
  if (value instanceof Promise) return "a promise";
  if (value instanceof tf.Tensor) return "a tensor";
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
