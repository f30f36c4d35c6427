import type { InferenceSession, Tensor } from "onnxruntime-node";
import { inTurn } from "./cleanup.ts";
import { CompileError } from "./compile-error.ts";
import type { TypedArray } from "./dtype.ts";
import type { FreeSpec } from "./dynamic/trace-any-size.ts";
import { type ExportOptions, exportModel, type OnnxModel } from "./export.ts";
import { type Provider, reasonOf } from "./providers.ts";
import { withoutReplicas } from "./replicas/infer-ports.ts";
import { ReplicaFailure } from "./replicas/replicas.ts";
import { requireArray, requireArrayType, requireNames } from "./require.ts";
import { hostRunner, type OutputArray, type Runner, tensorOf } from "./run-in-place.ts";
import { deviceRunner } from "./run-on-device.ts";
import { type CacheUse, culpritOf } from "./session.ts";
import { enqueue, type StateStorage } from "./state.ts";
import { portName, type TensorSpec, type Trace } from "./trace.ts";

/** What compiling made, and how long it took. */
export interface CompileReport {
  /** Nodes of the graph, before onnxruntime optimizes it. */
  readonly nodes: number;
  /** How often each ONNX operator occurs. */
  readonly operators: Readonly<Record<string, number>>;
  /** Bytes of constants inside the model. */
  readonly constantBytes: number;
  /** Sessions that a run goes through: 1, but with means over replicas one for each part that lies between them. */
  readonly stages: number;
  /** Bytes that a run averages over the replicas; 0 without. */
  readonly replicaBytes: number;
  /**
   * Whether the optimized model was in the cache, `"hit"`, or was put there, `"miss"`. `"off"` without a cache: with
   * none in the options, with another provider than `"cpu"`, for a model beyond 1 GiB, and where the entry could not be
   * written, for instance because the disk is full.
   */
  readonly cache: CacheUse;
  /** Milliseconds to trace the function. */
  readonly traceMilliseconds: number;
  /** Milliseconds to encode the model and for onnxruntime to load and optimize it. */
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
   * @throws RangeError if a name is missing or unknown, or a length is not that of the signature's shape, or
   * lengths disagree about a free dimension, or the function was disposed before.
   * @throws TypeError if an array is not of the class of its type.
   * @throws CompileError with the code `run-failed` if the run fails inside onnxruntime; the message names the tfjs
   * op, and the state stays as it was. What {@link Replicas.mean} rejects with is passed on; the state stays then, too.
   */
  run(
    inputs: Readonly<Record<string, Float32Array | Int32Array | Uint8Array>>,
  ): Promise<Readonly<Record<string, OutputArray>>>;
  /**
   * The function as an ONNX file for other runtimes.
   *
   * Inputs and outputs are called as in the signature, unless two of them share a name: then all of these are
   * `input/NAME`, `output/NAME` and `state/NAME`. Shapes are row-major as in the signature; free
   * dimensions keep their names. A mean over replicas is the identity there: the file is for one replica.
   *
   * @returns The file's bytes; and constants that are too large for it, to be written beside it.
   * @throws RangeError if an option is out of range; or if the state's values are to be written while runs on it are
   * under way, or a run has left them on a GPU: await the runs, and {@link State.fetch}.
   */
  toOnnx(options?: ExportOptions): OnnxModel;
  /** What compiling made, and how long it took. */
  readonly report: CompileReport;
  /**
   * Frees the session after the runs that were asked for; later runs are refused. A shared state stays, and what
   * this function has left of it on a GPU comes back.
   */
  dispose(): Promise<void>;
  /** {@link Compiled.dispose}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What {@link createCompiled} is told about a function. */
export interface Facts {
  readonly report: CompileReport;
  readonly profiled: boolean;
  readonly provider: Provider;
}

/** Puts a loaded graph and a state together. */
export function createCompiled(
  session: InferenceSession,
  traced: Trace,
  inputs: ReadonlyMap<string, FreeSpec>,
  storage: StateStorage,
  facts: Facts,
): Compiled {
  const fed = fedPorts(traced);
  const createRunner = facts.provider === "webgpu" ? deviceRunner : hostRunner;
  const runner = createRunner(session, traced, storage.slots, fed);
  return createRunning({ sessions: [session], runner }, traced, inputs, storage, facts);
}

/** As {@link createCompiled}, for a graph of one or several sessions that a runner knows how to run. */
export function createRunning(
  { sessions, runner }: { readonly sessions: readonly InferenceSession[]; readonly runner: Runner },
  traced: Trace,
  inputs: ReadonlyMap<string, FreeSpec>,
  storage: StateStorage,
  facts: Facts,
): Compiled {
  const fed = fedPorts(traced);
  const { execute, close } = runner;
  let disposing: Promise<void> | undefined;

  const specsOf =
    traced.specsOf ??
    (() => ({ inputs: inputs as ReadonlyMap<string, TensorSpec>, outputs: traced.outputs }));

  const runNow = async (arrays: Readonly<Record<string, TypedArray>>, given: ReturnType<typeof specsOf>) => {
    const feeds: Record<string, Tensor> = {};
    for (const [name, { shape, dtype }] of given.inputs) {
      if (fed.has(portName.input(name))) feeds[portName.input(name)] = tensorOf(dtype, arrays[name], shape);
    }
    try {
      return await execute(feeds, given.outputs);
    } catch (error) {
      if (error instanceof ReplicaFailure) throw error.cause;
      throw explain(error, traced);
    }
  };

  const dispose = () => {
    disposing ??= enqueue(storage, () =>
      inTurn([
        close,
        async () => {
          if (facts.profiled) for (const session of sessions) session.endProfiling();
        },
        ...sessions.map((session) => () => session.release()),
      ]),
    );
    return disposing;
  };

  return {
    toOnnx: (options = {}) =>
      exportModel({ ...traced, graph: withoutReplicas(traced.graph) }, storage, options),
    report: facts.report,
    run: async (arrays) => {
      if (disposing !== undefined)
        throw new RangeError("Compiled.run: expected the function to be in use, got a disposed one");
      requireNames("Compiled.run", "inputs", Object.keys(arrays), [...inputs.keys()]);
      for (const [name, { dtype }] of inputs) {
        requireArrayType("Compiled.run", `inputs["${name}"]`, arrays[name], dtype);
      }
      const given = specsOf(arrays);
      for (const [name, { shape, dtype }] of given.inputs) {
        requireArray("Compiled.run", `inputs["${name}"]`, arrays[name], dtype, shape);
      }
      return enqueue(storage, () => runNow(arrays, given));
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

/** The ports that the graph has kept. */
function fedPorts({ graph }: Trace): ReadonlySet<string> {
  return new Set(graph.inputs.map(({ name }) => name));
}

function explain(error: unknown, { graph }: Trace): CompileError {
  const culprit = culpritOf(error, graph);
  const place = culprit === undefined ? "" : ` in ${culprit.words}`;
  const message = `Compiled.run: onnxruntime failed${place}: ${reasonOf(error)}`;
  return new CompileError("run-failed", message, { ...culprit, cause: error });
}
