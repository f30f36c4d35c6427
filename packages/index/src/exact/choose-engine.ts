import { hasNodeThreads } from "../workers/spawn-worker.ts";
import { hasKernels } from "./kernels.ts";
import type { EngineName } from "./messages.ts";

/** An engine, and where its package is if it needs one. */
export interface ChosenEngine {
  readonly name: EngineName;
  readonly onnxruntime: string | undefined;
  /** Whether another may take its place, since the caller named none. */
  readonly isReplaceable: boolean;
}

/** Operations from which the time to load onnxruntime, about 100 ms a thread, is won back. */
const operationsWorthLoading = 20e9;

/** The engine asked for or, where none was, the fastest one present for so many operations. */
export async function chooseEngine(
  caller: string,
  asked: EngineName | undefined,
  operations: number,
): Promise<ChosenEngine> {
  const isReplaceable = asked === undefined;
  if (asked === "javascript") return { name: asked, onnxruntime: undefined, isReplaceable };
  if (asked === "wasm") {
    if (hasKernels()) return { name: asked, onnxruntime: undefined, isReplaceable };
    throw new RangeError(
      `${caller}: expected WebAssembly with vectors for \`engine\` "wasm", got none; use "javascript", which gives the same result`,
    );
  }
  const isWorthwhile = asked === "onnxruntime" || (hasKernels() && operations >= operationsWorthLoading);
  const onnxruntime = isWorthwhile ? await findOnnxruntime() : undefined;
  if (onnxruntime !== undefined) return { name: "onnxruntime", onnxruntime, isReplaceable };
  if (asked === "onnxruntime") {
    throw new RangeError(
      `${caller}: expected the optional package onnxruntime-node for \`engine\` "onnxruntime", got none; install it, or use "wasm", which gives the same result`,
    );
  }
  return { name: hasKernels() ? "wasm" : "javascript", onnxruntime: undefined, isReplaceable };
}

/** The URL of onnxruntime-node's module, if it is installed. */
async function findOnnxruntime(): Promise<string | undefined> {
  if (!hasNodeThreads()) return undefined;
  // Not literals, so that bundlers for browsers do not look for them.
  const modules = ["node:module", "node:url"] as const;
  const [{ createRequire }, { pathToFileURL }] = (await Promise.all(
    modules.map((name) => import(/* @vite-ignore */ /* webpackIgnore: true */ name)),
  )) as [typeof import("node:module"), typeof import("node:url")];
  try {
    return pathToFileURL(createRequire(import.meta.url).resolve("onnxruntime-node")).href;
  } catch {
    return undefined;
  }
}

/** How many threads this machine runs at a time. */
export async function countCores(): Promise<number> {
  if (hasNodeThreads()) {
    const name = "node:os";
    const { availableParallelism } = (await import(
      /* @vite-ignore */ /* webpackIgnore: true */ name
    )) as typeof import("node:os");
    return availableParallelism();
  }
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  return navigator?.hardwareConcurrency ?? 1;
}
