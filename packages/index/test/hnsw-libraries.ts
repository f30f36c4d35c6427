import { availableHnswLibraries, type HnswLibrary } from "@lmk/index/hnsw";
import { describe } from "vitest";

const available = await availableHnswLibraries();

/** Tests that hold for both libraries. Those of a library that is absent are reported as skipped, not as passed. */
export function describeLibraries(title: string, tests: (library: HnswLibrary) => void): void {
  for (const library of ["hnswlib", "usearch"] as const) {
    describeLibrary(library, title, () => tests(library));
  }
}

export function describeLibrary(library: HnswLibrary, title: string, tests: () => void): void {
  describe.skipIf(!available.includes(library))(`${title} (${library})`, tests);
}
