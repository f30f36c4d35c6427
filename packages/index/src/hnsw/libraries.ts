import { importLibrary } from "./import-library.ts";
import { type HnswLibrary, requireLibrary } from "./settings.ts";

/** Where both load, the first is taken. */
const libraries: readonly HnswLibrary[] = ["hnswlib", "usearch"];

const packageNames: Readonly<Record<HnswLibrary, string>> = { hnswlib: "hnswlib-node", usearch: "usearch" };

const advice: Readonly<Record<HnswLibrary, string>> = {
  hnswlib: "install it where a C++ compiler is at hand",
  usearch: "install it (it is compiled already for Linux and macOS)",
};

/**
 * An optional package, `hnswlib-node` or `usearch`, is not installed or does not load on this machine.
 *
 * `hnswlib-node` is compiled when it is installed; without a C++ compiler an installation goes on without it. The
 * `cause` is the error of the attempt to load it.
 */
export class HnswUnavailableError extends Error {
  override readonly name: string = "HnswUnavailableError";
  /** The same for every error of this class, to recognise it across two installed copies of this package. */
  readonly code: "hnsw-unavailable" = "hnsw-unavailable";
}

/** A library that loads. */
export interface LoadedLibrary {
  readonly library: HnswLibrary;
  /** Where a thread imports its package from. */
  readonly url: string;
}

/** Loads the library asked for, or the first that loads. */
export async function loadLibrary(caller: string, library: HnswLibrary | undefined): Promise<LoadedLibrary> {
  if (library !== undefined) {
    try {
      return { library, url: await importLibrary(packageNames[library]) };
    } catch (cause) {
      throw new HnswUnavailableError(
        `${caller}: expected the optional package ${packageNames[library]} to load, but ${reasonOf(library, cause)}; ${advice[library]}, or use exactSearch of @lmk/index`,
        { cause },
      );
    }
  }
  const causes: unknown[] = [];
  for (const candidate of libraries) {
    try {
      return { library: candidate, url: await importLibrary(packageNames[candidate]) };
    } catch (cause) {
      causes.push(cause);
    }
  }
  throw new HnswUnavailableError(
    `${caller}: expected one of the optional packages hnswlib-node and usearch to load, but ${reasonsOf(causes)}; install usearch (it is compiled already for Linux and macOS), or hnswlib-node where a C++ compiler is at hand, or use exactSearch of @lmk/index`,
    { cause: causes[0] },
  );
}

/**
 * The libraries that approximate search can use here, the one that is taken by default first.
 *
 * @returns Those whose packages load; never rejects.
 *
 * @example
 * ```ts
 * import { availableHnswLibraries } from "@lmk/index/hnsw";
 *
 * console.log((await availableHnswLibraries()).includes("usearch")); // => true
 * ```
 */
export async function availableHnswLibraries(): Promise<HnswLibrary[]> {
  const available: HnswLibrary[] = [];
  for (const library of libraries) {
    if ((await failureOf(library)) === undefined) available.push(library);
  }
  return available;
}

/**
 * Whether approximate search can be used here: whether `hnswlib-node` or `usearch` loads.
 *
 * @param library - The one that is meant; left out, any.
 * @returns True or false; never rejects, but for a `library` that does not exist.
 *
 * @example
 * ```ts
 * import { isHnswAvailable } from "@lmk/index/hnsw";
 *
 * console.log(typeof (await isHnswAvailable())); // => boolean
 * ```
 */
export async function isHnswAvailable(library?: HnswLibrary): Promise<boolean> {
  return (await hnswUnavailableReason(library)) === undefined;
}

/**
 * Why approximate search cannot be used here.
 *
 * @param library - The one that is meant; left out, any.
 * @returns One line, such as `"hnswlib-node is not installed"`, or `undefined` if it can be used; never rejects, but for
 * a `library` that does not exist.
 *
 * @example
 * ```ts
 * import { hnswUnavailableReason } from "@lmk/index/hnsw";
 *
 * console.log((await hnswUnavailableReason()) ?? "ready"); // => ready
 * ```
 */
export async function hnswUnavailableReason(library?: HnswLibrary): Promise<string | undefined> {
  requireLibrary("hnswUnavailableReason", library);
  if (library !== undefined) {
    const failure = await failureOf(library);
    return failure && reasonOf(library, failure.cause);
  }
  const causes: unknown[] = [];
  for (const candidate of libraries) {
    const failure = await failureOf(candidate);
    if (failure === undefined) return undefined;
    causes.push(failure.cause);
  }
  return reasonsOf(causes);
}

async function failureOf(library: HnswLibrary): Promise<{ readonly cause: unknown } | undefined> {
  try {
    await importLibrary(packageNames[library]);
    return undefined;
  } catch (cause) {
    return { cause };
  }
}

function reasonsOf(causes: readonly unknown[]): string {
  return libraries.map((library, i) => reasonOf(library, causes[i])).join(", and ");
}

/** What kept a package from loading, as a sentence rather than as a list of the places that were tried. */
function reasonOf(library: HnswLibrary, cause: unknown): string {
  const name = packageNames[library];
  const { message, code } =
    cause instanceof Error ? (cause as NodeJS.ErrnoException) : { message: String(cause), code: undefined };
  const isMissing = code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND";
  if (isMissing && message.includes(`'${name}'`)) return `${name} is not installed`;
  if (/bindings file|native build/i.test(message)) {
    return `${name} is installed without its native part, which was not compiled`;
  }
  if (code === "ERR_DLOPEN_FAILED") return `the native part of ${name} is for another platform or Node.js`;
  return `${name} does not load: ${message.split("\n", 1)[0]!.trim()}`;
}
