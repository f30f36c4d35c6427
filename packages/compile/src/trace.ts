import * as tf from "@tensorflow/tfjs-core";
import { CompileError } from "./compile-error.ts";
import type { Dtype } from "./dtype.ts";
import { allGradients } from "./gradients/all-gradients.ts";
import type { FinishedGraph } from "./graph.ts";
import type { Inputs } from "./kernel.ts";
import { allKernels } from "./kernels/all-kernels.ts";
import type { Slot } from "./state.ts";
import { SymbolicBackend } from "./symbolic-backend.ts";
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
}

/** How tensors are called in the graph. */
export const portName = {
  input: (name: string): string => `input/${name}`,
  state: (name: string): string => `state/${name}`,
  output: (name: string): string => `output/${name}`,
  next: (name: string): string => `next/${name}`,
};

const backendName = "lmk-compile";

/** Runs `fn` once on symbolic tensors. tfjs is afterwards as it was, also when `fn` throws. */
export function trace(
  fn: TracedFunction,
  inputs: ReadonlyMap<string, TensorSpec>,
  slots: ReadonlyMap<string, Slot>,
): Trace {
  const backend = new SymbolicBackend();
  const previous: string | null = tf.getBackend();
  const kernels = registerKernels(backend);
  const replaced = replaceGradients();
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
    throw explained(error);
  } finally {
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
  return {
    graph: tracer.graph.finish([...outputs, ...updates]),
    outputs: new Map(outputs.map(({ name, value }) => [name, { shape: value.shape, dtype: value.dtype }])),
    updates: updates.map(({ name }) => name),
  };
}

/** Registers every tfjs kernel: those that can be expressed, and for the others a clear error. */
function registerKernels(backend: SymbolicBackend): string[] {
  const names = new Set(Object.keys(allKernels));
  for (const [key, value] of Object.entries(tf)) if (key === value) names.add(key);
  for (const kernelName of names) {
    const kernel = allKernels[kernelName];
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) => {
        const given = Object.entries(inputs).filter(([, tensor]) => tensor !== undefined && tensor !== null);
        if (kernel === undefined) throw unknownKernel(kernelName, given as [string, tf.TensorInfo][]);
        const values: Inputs = Object.fromEntries(
          given.map(([name, tensor]) => [name, backend.lookUp(tensor as tf.TensorInfo)]),
        );
        const result = kernel(backend.tracer, values, attrs ?? {});
        const adopt = (value: Value) => backend.adopt(value, kernelName);
        return Array.isArray(result) ? result.map(adopt) : adopt(result);
      },
    });
  }
  return [...names];
}

/** Puts this package's gradients in the place of tfjs's; what was there before. */
function replaceGradients(): Map<string, tf.GradConfig | undefined> {
  const before = new Map<string, tf.GradConfig | undefined>();
  for (const [kernelName, config] of Object.entries(allGradients)) {
    const known = tf.getGradient(kernelName);
    before.set(kernelName, known);
    if (known !== undefined) tf.unregisterGradient(kernelName);
    tf.registerGradient({ kernelName, ...config });
  }
  return before;
}

function restoreGradients(before: ReadonlyMap<string, tf.GradConfig | undefined>): void {
  for (const [kernelName, known] of before) {
    tf.unregisterGradient(kernelName);
    if (known !== undefined) tf.registerGradient(known);
  }
}

function unknownKernel(kernelName: string, inputs: readonly [string, tf.TensorInfo][]): CompileError {
  const shapes = inputs.map(([name, { shape }]) => `${name} [${shape.join(", ")}]`).join(", ");
  return new CompileError(
    "unknown-op",
    `compile: the function uses the tfjs kernel ${kernelName} (${shapes || "no inputs"}), which has no ONNX ` +
      "counterpart here; write it with other tfjs ops, or compute it outside and pass it as an input",
    kernelName,
  );
}

/** tfjs's own message about a kernel that nobody registered, a custom one, in our words. */
function explained(error: unknown): unknown {
  const match =
    error instanceof Error ? /Kernel '(\w+)' not registered for backend/.exec(error.message) : null;
  return match === null ? error : unknownKernel(match[1], []);
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
    throw bad("be { outputs, state }", result instanceof Promise ? "a promise" : String(result));
  }
  const { outputs, state = {} } = result;
  for (const [group, tensors] of Object.entries({ outputs, state })) {
    for (const [name, tensor] of Object.entries(tensors)) {
      if (!(tensor instanceof tf.Tensor))
        throw bad(`hold tensors`, `${String(tensor)} for ${group}["${name}"]`);
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
