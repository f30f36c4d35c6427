import { InferenceSession, listSupportedBackends } from "onnxruntime-node";
import { encodeModel } from "./onnx-model.ts";
import type { Abilities } from "./tracer.ts";

/** Where a graph can run. */
export type Provider = "cpu" | "webgpu" | "cuda";

/** All providers, in the order in which they are listed. */
export const providers: readonly Provider[] = ["cpu", "webgpu", "cuda"];

/** What each provider of onnxruntime does itself; the rest would run on the processor. */
export const abilities: Readonly<Record<Provider, Abilities>> = {
  cpu: { poolingIndices: true, batchStatistics: true, groupedTransposes: true },
  webgpu: { poolingIndices: false, batchStatistics: false, groupedTransposes: false },
  cuda: { poolingIndices: true, batchStatistics: false, groupedTransposes: true },
};

/** Whether a provider runs here, and if not, why. */
export type ProviderStatus =
  | { readonly name: Provider; readonly available: true }
  | {
      readonly name: Provider;
      readonly available: false;
      /** What onnxruntime said, and after a semicolon what the provider needs, in one line. */
      readonly reason: string;
    };

const remedies: Readonly<Record<Provider, string>> = {
  cpu: "install onnxruntime-node for this platform",
  webgpu:
    "it needs a GPU, or a software one, with a Vulkan, Metal or Direct3D 12 driver; on Linux the variable " +
    "VK_DRIVER_FILES can name a Vulkan driver",
  cuda:
    "it needs an NVIDIA GPU, CUDA 12 and cuDNN 9, and the libraries that onnxruntime-node downloads on Linux x64 " +
    "when it is installed with ONNXRUNTIME_NODE_INSTALL=cuda12",
};

/** One addition, to ask a provider for. */
function probe(): Uint8Array {
  return encodeModel({
    nodes: [{ op: "Add", inputs: ["x", "x"], outputs: ["y"], attributes: {} }],
    initializers: [],
    inputs: [{ name: "x", dims: [1], type: "float32" }],
    outputs: [{ name: "y", dims: [1], type: "float32" }],
  });
}

/**
 * Finds out which providers run on this machine, by loading a graph of one node with each.
 *
 * That onnxruntime-node contains a provider does not mean that it runs: `"webgpu"` also needs a graphics driver
 * and an adapter, `"cuda"` libraries that are no part of the npm package. onnxruntime may write a line of its
 * own about that to standard error.
 *
 * @returns The status of every provider, in the order cpu, webgpu, cuda.
 *
 * @example
 * ```ts
 * import { availableProviders } from "@lmk/compile";
 *
 * const [cpu] = await availableProviders();
 * cpu.available; // => true
 * ```
 */
export async function availableProviders(): Promise<readonly ProviderStatus[]> {
  const statuses: ProviderStatus[] = [];
  for (const name of providers) {
    const reason = await obstacle(name);
    statuses.push(reason === undefined ? { name, available: true } : { name, available: false, reason });
  }
  return statuses;
}

/** Why a provider does not run here, in one line with the way out; undefined if it does. */
export async function obstacle(name: Provider): Promise<string | undefined> {
  if (!listSupportedBackends().some((backend) => backend.name === name)) {
    return `onnxruntime-node is built without it on ${process.platform} ${process.arch}; ${remedies[name]}`;
  }
  try {
    const session = await InferenceSession.create(probe(), { executionProviders: [name] });
    await session.release();
    return undefined;
  } catch (error) {
    return `${reasonOf(error)}; ${remedies[name]}`;
  }
}

/** onnxruntime's message in one line, without the source position that some begin with. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^\/\S+\.\w+:\d+ .* was false\. /, "");
}
