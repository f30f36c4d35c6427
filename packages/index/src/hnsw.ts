export { IndexFileError, type IndexFileErrorCode } from "./file-error.ts";
export {
  createHnswIndex,
  type HnswIndex,
  type HnswSearchOptions,
  loadHnswIndex,
} from "./hnsw/graph.ts";
export { HnswUnavailableError, hnswUnavailableReason, isHnswAvailable } from "./hnsw/native.ts";
export type { HnswIndexOptions } from "./hnsw/settings.ts";
export type { Matrix, Metric, Neighbors } from "./matrix.ts";
