import { engine, getGradient, Sum } from "@tensorflow/tfjs-core";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { type Dtype, makeArray, sizeOf, type TypedArray } from "./dtype.ts";
import { encodeModel, nodeName } from "./onnx-model.ts";
import { requireArray, requireNames, requireOneOf, requirePositiveInteger, requireShape } from "./require.ts";
import { runInPlace } from "./run-in-place.ts";
import { type Slot, type State, type StateStorage, storageOf } from "./state.ts";
import { portName, type TensorSpec, type Trace, type TracedFunction, trace } from "./trace.ts";

/** Shape and element type of an input of a compiled function. */
export interface ArraySpec {
  /** The dimensions, all known; `[]` for a scalar. */
  readonly shape: readonly number[];
  /**
   * The element type.
   *
   * @defaultValue "float32"
   */
  readonly dtype?: Dtype;
}

/** What a function is compiled for. */
export interface Signature {
  /** The arrays that each run is given. */
  readonly inputs: Readonly<Record<string, ArraySpec>>;
  /** The arrays that stay between runs. */
  readonly state?: State;
}

/** Options of {@link compile}. */
export interface CompileOptions {
  /**
   * Where the graph runs: on the processor, or on any GPU with a Vulkan, Metal or Direct3D 12 driver.
   *
   * @defaultValue "cpu"
   */
  readonly provider?: "cpu" | "webgpu";
  /**
   * Threads that one op may use. With a fixed number, equal inputs give equal bits.
   *
   * @defaultValue one per physical core, onnxruntime's choice
   */
  readonly threads?: number;
  /**
   * Where to write the time of each node, as a trace for chrome://tracing: the path without the
   * `_<date>.json` that onnxruntime adds. The file is complete after `dispose`.
   *
   * @defaultValue no profile
   */
  readonly profile?: string;
}

/** An array that a run gives back. */
export interface OutputArray {
  readonly data: TypedArray;
  readonly shape: readonly number[];
}

/** What compiling made, and how long it took. */
export interface CompileReport {
  /** Nodes of the graph, before onnxruntime optimizes it. */
  readonly nodes: number;
  /** How often each ONNX operator occurs. */
  readonly operators: Readonly<Record<string, number>>;
  /** Bytes of constants inside the model. */
  readonly constantBytes: number;
  /** Milliseconds to trace the function and encode the model. */
  readonly traceMilliseconds: number;
  /** Milliseconds that onnxruntime took to load and optimize the model. */
  readonly sessionMilliseconds: number;
}

/** A compiled function. */
export interface Compiled {
  /**
   * Runs the function once and updates the state in place. Runs that share a state happen one after the other.
   *
   * @param inputs - An array for each input of the signature, row-major; bools as bytes 0 and 1. They are read
   * during the run and never written to.
   * @returns The outputs by name, in new arrays.
   * @throws RangeError if a name is missing or unknown, or a length is not that of the signature's shape.
   * @throws TypeError if an array is not of the class of its type.
   */
  run(
    inputs: Readonly<Record<string, Float32Array | Int32Array | Uint8Array>>,
  ): Promise<Readonly<Record<string, OutputArray>>>;
  /** The bytes of the ONNX file. State arrays are graph inputs `state/NAME` and outputs `next/NAME`. */
  readonly model: Uint8Array;
  readonly report: CompileReport;
  /** Frees the session; later runs are refused. A shared state stays. */
  dispose(): Promise<void>;
}

/**
 * Compiles a tfjs-core function, gradients included, into one ONNX graph and loads it.
 *
 * The function is traced: called once on tensors without values, whose ops are written down. Gradients taken
 * inside it (`tf.grads`, `tf.valueAndGrads`) are traced like everything else. Concrete tensors and numbers it
 * closes over become constants. Shapes are fixed; compile once per shape, with one {@link State} for all.
 *
 * tfjs is left as it was: the active backend, or none, stays active, and no tensor is left behind.
 *
 * @param fn - The function; it must be pure and must not read values while it is traced.
 * @param signature - The shapes and types of the inputs, and the state.
 * @returns The compiled function.
 * @throws CompileError if the function uses an op that has no ONNX counterpart here (the message names it and
 * its input shapes), reads values, or returns something else than tensors.
 * @throws RangeError if a shape or an option is out of range, or onnxruntime lacks the provider.
 *
 * @example
 * ```ts
 * import { compile, createState } from "@lmk/compile";
 * import * as tf from "@tensorflow/tfjs-core";
 *
 * const state = createState({ w: { shape: [], data: Float32Array.of(0) } });
 * const step = await compile(
 *   ({ x, y }, { w }) => {
 *     const loss = (weight) => tf.mean(tf.squaredDifference(tf.mul(x, weight), y));
 *     const { value, grad } = tf.valueAndGrad(loss)(w);
 *     return { outputs: { loss: value }, state: { w: tf.sub(w, tf.mul(grad, 0.1)) } };
 *   },
 *   { inputs: { x: { shape: [2] }, y: { shape: [2] } }, state },
 * );
 * for (let i = 0; i < 20; i++) await step.run({ x: Float32Array.of(1, 2), y: Float32Array.of(3, 6) });
 *
 * state.read().w.data[0]; // => 2.9999972
 * ```
 */
export async function compile(
  fn: TracedFunction,
  signature: Signature,
  options: CompileOptions = {},
): Promise<Compiled> {
  const { provider = "cpu", threads, profile } = options;
  const inputs = requireInputs(signature.inputs);
  const storage = requireStorage(signature.state);
  requireOneOf("compile", "options.provider", provider, ["cpu", "webgpu"]);
  if (threads !== undefined) requirePositiveInteger("compile", "options.threads", threads);
  // A backend that is still loading must not be overtaken.
  if (engine().backendName) await engine().ready();

  // tfjs-core's Node bundle knows no gradients; this package registers them all when it is loaded.
  if (getGradient(Sum) === undefined) await import("@tensorflow/tfjs-layers");

  const started = performance.now();
  const traced = trace(fn, inputs, storage.slots);
  const model = encodeModel(traced.graph, { stopsCopies: true });
  const encoded = performance.now();
  const session = await createSession(model, executionProvider(provider, traced), {
    graphOptimizationLevel: "all",
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
  });
  const report = {
    ...describe(traced),
    traceMilliseconds: encoded - started,
    sessionMilliseconds: performance.now() - encoded,
  };
  return createCompiled(session, traced, inputs, storage, { report, profiled: profile !== undefined });
}

interface Provider {
  readonly name: "cpu" | "webgpu";
  /** onnxruntime-node's own option, which its types leave out. */
  readonly forceCpuNodeNames?: string[];
}

/** The WebGPU provider takes every MaxPool, but cannot give the places of the maxima; such nodes stay behind. */
function executionProvider(name: "cpu" | "webgpu", { graph }: Trace): Provider {
  if (name === "cpu") return { name };
  const withPlaces = graph.nodes.filter(({ op, outputs }) => op === "MaxPool" && outputs.length > 1);
  return withPlaces.length === 0 ? { name } : { name, forceCpuNodeNames: withPlaces.map(nodeName) };
}

async function createSession(
  model: Uint8Array,
  provider: Provider,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(model, { ...options, executionProviders: [provider] });
  } catch (error) {
    if (provider.name === "cpu") throw error;
    const reason = error instanceof Error ? error.message.trim() : String(error);
    throw new RangeError(
      `compile: expected \`options.provider\` to be one that runs here, got "${provider.name}": ${reason}`,
      { cause: error },
    );
  }
}

function createCompiled(
  session: InferenceSession,
  traced: Trace,
  inputs: ReadonlyMap<string, TensorSpec>,
  storage: StateStorage,
  facts: { readonly report: CompileReport; readonly profiled: boolean },
): Compiled {
  const fed = new Set(traced.graph.inputs.map(({ name }) => name));
  const updated = traced.updates.map((name) => {
    const slot = storage.slots.get(name) as Slot;
    slot.next ??= new Float32Array(slot.current.length);
    return { name, slot };
  });
  let model: Uint8Array | undefined;
  let disposed = false;

  const runNow = async (arrays: Readonly<Record<string, TypedArray>>) => {
    if (disposed)
      throw new RangeError("Compiled.run: expected the function to be in use, got a disposed one");
    const feeds: Record<string, Tensor> = {};
    for (const [name, { shape, dtype }] of inputs) {
      if (fed.has(portName.input(name))) feeds[portName.input(name)] = tensorOf(dtype, arrays[name], shape);
    }
    for (const [name, slot] of storage.slots) {
      if (fed.has(portName.state(name)))
        feeds[portName.state(name)] = tensorOf("float32", slot.current, slot.held);
    }
    const fetches: Record<string, Tensor> = {};
    const outputs = [...traced.outputs].map(([name, { shape, dtype }]) => {
      const data = makeArray(dtype, sizeOf(shape));
      fetches[portName.output(name)] = tensorOf(dtype, data, shape);
      return [name, { data, shape }] as const;
    });
    for (const { name, slot } of updated) {
      fetches[portName.next(name)] = tensorOf("float32", slot.next as Float32Array, slot.held);
    }
    await runInPlace(session, feeds, fetches);
    for (const { slot } of updated) [slot.current, slot.next] = [slot.next as Float32Array, slot.current];
    return Object.fromEntries(outputs);
  };

  return {
    get model() {
      model ??= encodeModel(traced.graph);
      return model;
    },
    report: facts.report,
    run: async (arrays) => {
      requireNames("Compiled.run", "inputs", Object.keys(arrays), [...inputs.keys()]);
      for (const [name, { shape, dtype }] of inputs) {
        requireArray("Compiled.run", `inputs["${name}"]`, arrays[name], dtype, shape);
      }
      const running = storage.lastRun.then(() => runNow(arrays));
      storage.lastRun = running.catch(() => undefined);
      return running;
    },
    dispose: async () => {
      if (disposed) return;
      disposed = true;
      await storage.lastRun;
      if (facts.profiled) session.endProfiling();
      await session.release();
    },
  };
}

function tensorOf(dtype: Dtype, data: TypedArray, dims: readonly number[]): Tensor {
  return new Tensor(dtype, data as Float32Array, dims);
}

function requireInputs(inputs: Signature["inputs"]): Map<string, TensorSpec> {
  const specs = new Map<string, TensorSpec>();
  for (const [name, { shape, dtype = "float32" }] of Object.entries(inputs)) {
    requireShape("compile", `signature.inputs["${name}"].shape`, shape);
    requireOneOf("compile", `signature.inputs["${name}"].dtype`, dtype, ["float32", "int32", "bool"]);
    specs.set(name, { shape: [...shape], dtype });
  }
  return specs;
}

function requireStorage(state: State | undefined): StateStorage {
  if (state === undefined) return { slots: new Map(), lastRun: Promise.resolve() };
  const storage = storageOf(state);
  if (storage !== undefined) return storage;
  throw new TypeError("compile: expected `signature.state` to be made by createState, got another object");
}

function describe({ graph }: Trace) {
  const operators: Record<string, number> = {};
  for (const { op } of graph.nodes) operators[op] = (operators[op] ?? 0) + 1;
  const constantBytes = graph.initializers.reduce((bytes, { data }) => bytes + data.byteLength, 0);
  return { nodes: graph.nodes.length, operators, constantBytes };
}
