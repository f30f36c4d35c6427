import { engine, getGradient, Sum } from "@tensorflow/tfjs-core";
import { type Compiled, createCompiled, createRunning, type Facts } from "./compiled.ts";
import type { Dtype } from "./dtype.ts";
import { requireFreeShape, requireInferable, requireTypical } from "./dynamic/require-dimensions.ts";
import { type FreeSpec, traceAnySize } from "./dynamic/trace-any-size.ts";
import { abilities, type Provider, providers } from "./providers.ts";
import { hasMeans } from "./replicas/cut.ts";
import { openStages } from "./replicas/open-stages.ts";
import { type Replicas, requireReplicas } from "./replicas/replicas.ts";
import { stagesRunner } from "./replicas/run-stages.ts";
import { requireOneOf, requirePositiveInteger } from "./require.ts";
import { type CacheUse, openSession } from "./session.ts";
import { openCacheFolder } from "./session-cache.ts";
import { createStorage, type State, type StateStorage, storageOf } from "./state.ts";
import { type Trace, type TracedFunction, trace } from "./trace.ts";

/** Shape and element type of an input of a compiled function. */
export interface ArraySpec {
  /**
   * The dimensions; `[]` for a scalar. A name of letters, digits and `_` instead of a number is a free dimension, a
   * dynamic axis as other tools say: each run may have another size there, told from the lengths of the arrays. The
   * same name has the same size in all inputs.
   */
  readonly shape: readonly (number | string)[];
  /**
   * The element type.
   *
   * @defaultValue "float32"
   */
  readonly dtype?: Dtype;
}

/** A free dimension of the inputs. */
export interface FreeDimension {
  /**
   * The size that the graph is made for: where the fastest form depends on it, the one for this size is taken.
   *
   * @defaultValue 8
   */
  readonly typical?: number;
}

/** What a function is compiled for. */
export interface Signature {
  /** The arrays that each run is given. */
  readonly inputs: Readonly<Record<string, ArraySpec>>;
  /** The arrays that stay between runs. */
  readonly state?: State;
  /** More about the free dimensions, by name. */
  readonly dimensions?: Readonly<Record<string, FreeDimension>>;
}

/** Options of {@link compile}. */
export interface CompileOptions {
  /**
   * Where the graph runs: on the processor, on any GPU with a Vulkan, Metal or Direct3D 12 driver, or on an
   * NVIDIA GPU with CUDA. Only `"cpu"` runs everywhere; see {@link availableProviders}.
   *
   * With `"webgpu"` the state stays on the GPU between runs, and {@link State.fetch} brings it back. With `"cuda"`
   * it travels there and back in every run: onnxruntime-node keeps no CUDA memory between runs.
   *
   * @defaultValue "cpu"
   */
  readonly provider?: Provider;
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
  /**
   * A folder in which the graph is kept as onnxruntime has optimized it, to be loaded in a fraction of the time
   * when an equal function is compiled again, by this process or another. The folder is made if it is missing, and
   * must be writable. Entries are found by a hash of the model, the version of onnxruntime, the kind of processor and
   * `threads`; they are never removed, and a damaged one is replaced. An optimized graph fits the machine it was made
   * on, and systems do not always tell processors apart: do not share the folder between machines. Only the provider
   * `"cpu"` uses it, for models of up to 1 GiB. An entry that cannot be written stays out, and
   * {@link CompileReport.cache} says `"off"`.
   *
   * @defaultValue no cache
   */
  readonly cache?: string;
  /**
   * The processes that run this function together, each on its part of the batch: whom {@link replicaMean} speaks to.
   * The graph is cut at these means into stages, each with a session of its own, between which `mean` averages the
   * arrays in place. Means of gradients are under way while earlier layers are still differentiated, in buckets of
   * {@link CompileOptions.bucketBytes}; while a session computes, Node's event loop stands still, so that only work
   * on other threads goes on.
   *
   * The function must be the same on every replica. `threads`, `profile` (files `PREFIX-STAGE_DATE.json`) and `cache`
   * hold for each stage. Fixed shapes only, and not on `"webgpu"`; with a size of 1 nothing is cut.
   *
   * @defaultValue none: one replica
   */
  readonly replicas?: Replicas;
  /**
   * How many bytes one call of `replicas.mean` averages at most.
   *
   * @defaultValue 26,214,400 (25 MiB), as PyTorch's DistributedDataParallel
   */
  readonly bucketBytes?: number;
}

/**
 * Compiles a tfjs-core function, gradients included, into one ONNX graph and loads it.
 *
 * The function is traced: called once on tensors without values, whose ops are written down. Gradients taken
 * inside it (`tf.grads`, `tf.valueAndGrads`) are traced like everything else. Concrete tensors and numbers it
 * closes over become constants.
 *
 * Shapes are fixed, except for free dimensions: those that the signature names instead of numbering them, such as
 * `["batch", 224, 224, 3]`. The function is then traced at several sizes (odd and even ones from `typical` upwards: 4
 * with one free dimension, 7 with two), and the graphs must be equal but for numbers that follow from the sizes by
 * a rule. Where they are not, compile once per shape, with one {@link State} for all.
 *
 * tfjs is left as it was: the active backend, or none, stays active, and no tensor is left behind.
 *
 * @param fn - The function; it must be pure and must not read values while it is traced.
 * @param signature - The shapes and types of the inputs, and the state.
 * @returns The compiled function.
 * @throws CompileError if the function uses an op that has no ONNX counterpart here, reads values, draws random
 * numbers without a seed, or returns something else than tensors. The message names the op and, where the stack
 * shows it, the line of the function.
 * With free dimensions, also if the graph is another one for another size; the message says what differs. Also if
 * onnxruntime does not load the graph.
 * @throws RangeError if a shape or an option is out of range, the cache's folder cannot be written to, or the
 * provider does not run here; then the message holds onnxruntime's reason. Nothing runs on another provider instead.
 * @throws TypeError if `signature.state` was not made by {@link createState}, or `options.replicas.mean` is no function.
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
  const { provider = "cpu", threads, profile, cache, replicas, bucketBytes = 25 * 2 ** 20 } = options;
  const inputs = requireInputs(signature.inputs);
  const typical = requireTypical(signature.dimensions, inputs);
  const storage = requireStorage(signature.state);
  requireOneOf("compile", "options.provider", provider, providers);
  if (threads !== undefined) requirePositiveInteger("compile", "options.threads", threads);
  requirePositiveInteger("compile", "options.bucketBytes", bucketBytes);
  if (replicas !== undefined) requireReplicas(replicas, provider, inputs);
  if (cache !== undefined && provider === "cpu") await openCacheFolder(cache);
  // A backend that is still loading must not be overtaken.
  if (engine().backendName) await engine().ready();

  // tfjs-core's Node bundle knows no gradients; this package registers them all when it is loaded.
  if (getGradient(Sum) === undefined) await import("@tensorflow/tfjs-layers");

  const started = performance.now();
  const replicaMeans = replicas !== undefined && replicas.size > 1;
  const traced = traceAnySize(inputs, typical, (specs) =>
    trace(fn, specs, storage.slots, { ...abilities[provider], replicaMeans }),
  );
  const recorded = performance.now();
  const settings = { provider, threads, profile, cache };
  const factsOf = (use: CacheUse, stages: number, replicaBytes: number): Facts => ({
    report: {
      ...describe(traced),
      stages,
      replicaBytes,
      cache: use,
      traceMilliseconds: recorded - started,
      sessionMilliseconds: performance.now() - recorded,
    },
    profiled: profile !== undefined,
    provider,
  });
  if (replicas !== undefined && hasMeans(traced.graph)) {
    const { sessions, cut, use } = await openStages(traced.graph, bucketBytes, settings);
    const facts = factsOf(use, sessions.length, cut.replicaBytes);
    const runner = stagesRunner(sessions, cut, traced, storage.slots, replicas.mean);
    return createRunning({ sessions, runner }, traced, inputs, storage, facts);
  }
  const opened = await openSession(traced.graph, settings);
  return createCompiled(opened.session, traced, inputs, storage, factsOf(opened.cache, 1, 0));
}

function requireInputs(inputs: Signature["inputs"]): Map<string, FreeSpec> {
  const specs = new Map<string, FreeSpec>();
  for (const [name, { shape, dtype = "float32" }] of Object.entries(inputs)) {
    requireFreeShape("compile", `signature.inputs["${name}"].shape`, shape);
    requireOneOf("compile", `signature.inputs["${name}"].dtype`, dtype, ["float32", "int32", "bool"]);
    specs.set(name, { shape: [...shape], dtype });
  }
  requireInferable(specs);
  return specs;
}

function requireStorage(state: State | undefined): StateStorage {
  if (state === undefined) return createStorage(new Map());
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
