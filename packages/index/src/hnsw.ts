export { IndexFileError, type IndexFileErrorCode } from "./file-error.ts";
export {
  createHnswIndex,
  type HnswIndex,
  type HnswIndexOptions,
  type HnswSearchOptions,
  loadHnswIndex,
} from "./hnsw/graph.ts";
export { HnswUnavailableError, hnswUnavailableReason, isHnswAvailable } from "./hnsw/native.ts";
export type { Matrix, Metric, Neighbors } from "./matrix.ts";
