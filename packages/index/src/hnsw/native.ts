import { importNative } from "./import-native.ts";

/** What is used of one index of hnswlib-node. */
export interface NativeGraph {
  initIndex(capacity: number, m: number, efConstruction: number, seed: number): void;
  resizeIndex(capacity: number): void;
  addPoint(point: number[], label: number): void;
  searchKnn(point: number[], k: number): { readonly distances: number[]; readonly neighbors: number[] };
  setEf(ef: number): void;
  getCurrentCount(): number;
  getMaxElements(): number;
  writeIndex(path: string): Promise<boolean>;
  readIndex(path: string): Promise<boolean>;
}

/** What is used of hnswlib-node. */
export interface NativeModule {
  readonly HierarchicalNSW: new (space: "ip" | "cosine" | "l2", dimension: number) => NativeGraph;
}

/**
 * The optional package `hnswlib-node` is not installed, or does not load on this machine.
 *
 * It is compiled when it is installed; without a C++ compiler an installation goes on without it. The `cause` is the
 * error of the attempt to load it.
 */
export class HnswUnavailableError extends Error {
  override readonly name: string = "HnswUnavailableError";
  /** The same for every error of this class, to recognise it across two installed copies of this package. */
  readonly code: "hnsw-unavailable" = "hnsw-unavailable";
}

/** Loads the native module, whose CommonJS exports are its default export. */
export async function loadNative(caller: string): Promise<NativeModule> {
  try {
    const loaded = (await importNative()) as { readonly default: NativeModule };
    return loaded.default;
  } catch (cause) {
    throw new HnswUnavailableError(
      `${caller}: expected the optional package hnswlib-node to load, got ${JSON.stringify(firstLine(cause))}; install it where a C++ compiler is at hand, or use exactSearch of @lmk/index`,
      { cause },
    );
  }
}

/**
 * Whether approximate search can be used here: whether the optional package `hnswlib-node` loads.
 *
 * @returns True or false; never rejects.
 *
 * @example
 * ```ts
 * import { isHnswAvailable } from "@lmk/index/hnsw";
 *
 * console.log(typeof (await isHnswAvailable())); // => boolean
 * ```
 */
export async function isHnswAvailable(): Promise<boolean> {
  return (await hnswUnavailableReason()) === undefined;
}

/**
 * Why approximate search cannot be used here, in the words of whoever refused to load `hnswlib-node`.
 *
 * @returns One line, or `undefined` if it can be used; never rejects.
 *
 * @example
 * ```ts
 * import { hnswUnavailableReason } from "@lmk/index/hnsw";
 *
 * console.log((await hnswUnavailableReason()) ?? "ready"); // => ready
 * ```
 */
export async function hnswUnavailableReason(): Promise<string | undefined> {
  try {
    await loadNative("hnswUnavailableReason");
    return undefined;
  } catch (error) {
    return firstLine((error as HnswUnavailableError).cause);
  }
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n", 1)[0]!.trim();
}
