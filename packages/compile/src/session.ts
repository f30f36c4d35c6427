import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { CompileError } from "./compile-error.ts";
import { inExecutionOrder } from "./execution-order.ts";
import { layOutExternalData, modelByteLimit } from "./external-data.ts";
import type { FinishedGraph } from "./graph.ts";
import { encodeModel, nodeName } from "./onnx-model.ts";
import { type Place, placeOfPrefix } from "./origin.ts";
import { obstacle, type Provider, reasonOf } from "./providers.ts";
import { canStopCopies } from "./run-in-place.ts";
import { type CacheEntry, cacheByteLimit, cacheEntry, discard, keep, readEntry } from "./session-cache.ts";
import { portName } from "./trace.ts";

/** How a session is wanted. */
export interface SessionSettings {
  readonly provider: Provider;
  readonly threads: number | undefined;
  readonly profile: string | undefined;
  /** The folder of optimized models. */
  readonly cache: string | undefined;
  /**
   * Whether runs end before they copy their results; see `run-in-place.ts`.
   *
   * @defaultValue true where this onnxruntime can, except on WebGPU
   */
  readonly stopsCopies?: boolean;
  /**
   * The largest model that is kept in the cache, in bytes.
   *
   * @defaultValue {@link cacheByteLimit}
   */
  readonly cacheLimit?: number;
  /**
   * Whether it is one of several sessions that run in turns.
   *
   * @defaultValue false
   */
  readonly isStage?: boolean;
}

/** The threads of a session otherwise go on waiting busily when its run has ended, beside those of the next one. */
const stageOptions = { extra: { session: { force_spinning_stop: "1" } } } as const;

/** Whether the optimized model came from the cache, was put there, or neither. */
export type CacheUse = "hit" | "miss" | "off";

/** A loaded graph. */
export interface OpenSession {
  readonly session: InferenceSession;
  readonly cache: CacheUse;
}

/** Loads a graph, written for `runInPlace`, or on WebGPU so that the state stays on the device. */
export async function openSession(traced: FinishedGraph, settings: SessionSettings): Promise<OpenSession> {
  const graph = inExecutionOrder(traced);
  const { provider, threads, profile } = settings;
  const options: InferenceSession.SessionOptions = {
    executionProviders: [executionProvider(provider, graph)],
    graphOptimizationLevel: "all",
    // Planning the memory of a whole run ahead held a third more of it for a ResNet-50 step, at the same speed.
    enableMemPattern: false,
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    ...(settings.isStage === true ? stageOptions : {}),
    ...(provider === "webgpu" ? { preferredOutputLocation: outputLocations(graph) } : {}),
  };
  const stopsCopies = settings.stopsCopies ?? (provider !== "webgpu" && (await canStopCopies()));
  try {
    const external = layOutExternalData(graph.initializers, "constants", modelByteLimit);
    if (external === undefined) {
      return await openModel(encodeModel(graph, { stopsCopies }), options, settings);
    }
    const model = encodeModel(graph, { stopsCopies, external });
    return { session: await openLargeModel(model, external.chunks, options), cache: "off" };
  } catch (error) {
    throw await explainLoad(error, graph, provider);
  }
}

async function openModel(
  model: Uint8Array,
  options: InferenceSession.SessionOptions,
  { provider, threads, cache, cacheLimit = cacheByteLimit }: SessionSettings,
): Promise<OpenSession> {
  if (cache === undefined || provider !== "cpu" || model.length > cacheLimit) {
    return { session: await InferenceSession.create(model, options), cache: "off" };
  }
  const entry = await cacheEntry(cache, model, [provider, threads]);
  const optimized = await readEntry(entry);
  if (optimized === undefined) return openAndKeep(model, options, entry);
  const asItIs = { ...options, graphOptimizationLevel: "disabled" } as const;
  return { session: await InferenceSession.create(optimized, asItIs), cache: "hit" };
}

/**
 * Loads a model and keeps its optimized form; where that cannot be written, it is loaded without.
 *
 * The session would warn that the optimized model fits this kind of processor only, which the entry's name sees to.
 */
async function openAndKeep(
  model: Uint8Array,
  options: InferenceSession.SessionOptions,
  entry: CacheEntry,
): Promise<OpenSession> {
  const keeping = { ...options, optimizedModelFilePath: entry.draft, logSeverityLevel: 3 } as const;
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(model, keeping);
  } catch {
    // Either the file or the model is at fault: if it is the model, this fails, too, and says why.
    await discard(entry);
    return { session: await InferenceSession.create(model, options), cache: "off" };
  }
  try {
    await keep(entry);
    return { session, cache: "miss" };
  } catch {
    await discard(entry);
    return { session, cache: "off" };
  }
}

/** Loads a model with constants beside it, for which onnxruntime wants files; they are gone when it has them. */
async function openLargeModel(
  model: Uint8Array,
  constants: readonly Uint8Array[],
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  const folder = await mkdtemp(join(tmpdir(), "lmk-compile-"));
  try {
    await writeFile(join(folder, "constants"), constants);
    await writeFile(join(folder, "model.onnx"), model);
    return await InferenceSession.create(join(folder, "model.onnx"), options);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

type ProviderOption = InferenceSession.ExecutionProviderConfig & {
  /** onnxruntime-node's own option, which its types leave out. */
  readonly forceCpuNodeNames?: string[];
};

/** The WebGPU provider takes every MaxPool, but cannot give the places of the maxima; such nodes stay behind. */
function executionProvider(name: Provider, graph: FinishedGraph): ProviderOption {
  if (name !== "webgpu") return { name };
  const withPlaces = graph.nodes.filter(({ op, outputs }) => op === "MaxPool" && outputs.length > 1);
  return withPlaces.length === 0 ? { name } : { name, forceCpuNodeNames: withPlaces.map(nodeName) };
}

/** New values of the state stay on the device. */
function outputLocations({ outputs }: FinishedGraph): Record<string, "cpu" | "gpu-buffer"> {
  const stays = (name: string) => name.startsWith(portName.next(""));
  return Object.fromEntries(outputs.map(({ name }) => [name, stays(name) ? "gpu-buffer" : "cpu"]));
}

/** Says which node onnxruntime did not load, or that a provider does not run here. */
export async function explainLoad(
  error: unknown,
  graph: FinishedGraph,
  provider: Provider,
): Promise<unknown> {
  const absent = provider === "cpu" ? undefined : await obstacle(provider);
  if (absent !== undefined) {
    return new RangeError(
      `compile: expected \`options.provider\` to be one that runs here, got "${provider}": ${absent}`,
      { cause: error },
    );
  }
  const culprit = culpritOf(error, graph);
  if (culprit === undefined) {
    return new CompileError("load-failed", `compile: cannot load the graph: ${reasonOf(error)}`, {
      cause: error,
    });
  }
  const message = `compile: onnxruntime refused a node of ${culprit.words}: ${reasonOf(error)}`;
  return new CompileError("unsupported-op", message, { ...culprit, cause: error });
}

/** What the node that onnxruntime names in a message was made for. */
export function culpritOf(error: unknown, graph: FinishedGraph): Place | undefined {
  const message = error instanceof Error ? error.message : String(error);
  let found: { readonly name: string; readonly origin: string } | undefined;
  for (const node of graph.nodes) {
    const name = nodeName(node);
    if (!message.includes(name) || name.length <= (found?.name.length ?? 0)) continue;
    found = { name, origin: node.origin ?? "" };
  }
  return found === undefined || found.origin === "" ? undefined : placeOfPrefix(found.origin);
}
