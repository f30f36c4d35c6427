export { IndexFileError, type IndexFileErrorCode } from "./file-error.ts";
export { createHnswIndex, type HnswLoadOptions, loadHnswIndex } from "./hnsw/create-index.ts";
export type { HnswFilter } from "./hnsw/filter.ts";
export type {
  HnswAddOptions,
  HnswCompactOptions,
  HnswIndex,
  HnswSearchOptions,
} from "./hnsw/hnsw-index.ts";
export {
  availableHnswLibraries,
  HnswUnavailableError,
  hnswUnavailableReason,
  isHnswAvailable,
} from "./hnsw/libraries.ts";
export type { HnswRescore } from "./hnsw/rescore.ts";
export type { HnswDtype, HnswIndexOptions, HnswLibrary } from "./hnsw/settings.ts";
export type {
  Embeddings,
  HalfMatrix,
  Int8Matrix,
  Matrix,
  Metric,
  Neighbors,
  Progress,
  RunOptions,
} from "./matrix.ts";
