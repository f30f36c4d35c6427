import { requireFromIndex } from "./settings.ts";

/** What is used of `usearch`. */
export interface Usearch {
  exactSearch(
    dataset: Float32Array,
    queries: Float32Array,
    dimensions: number,
    count: number,
    metric: "ip",
    threads: number,
  ): { readonly keys: BigUint64Array };
}

/** What is used of `hnswlib-node`. */
export interface HnswlibNode {
  readonly BruteforceSearch: new (
    space: "ip",
    dimensions: number,
  ) => {
    initIndex(count: number): void;
    addPoint(point: number[], label: number): void;
    searchKnn(point: number[], count: number): { readonly neighbors: number[] };
  };
}

/** The library, or nothing where it is not installed. */
export function loadUsearch(): Usearch | undefined {
  return load<Usearch>("usearch");
}

/** The library, or nothing where it is not installed or was not built. */
export function loadHnswlibNode(): HnswlibNode | undefined {
  return load<HnswlibNode>("hnswlib-node");
}

function load<Library>(name: string): Library | undefined {
  try {
    return requireFromIndex(name) as Library;
  } catch {
    return undefined;
  }
}
