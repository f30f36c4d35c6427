export { concatenateEmbeddings, type EmbeddingPart } from "./concatenate-embeddings.ts";
export {
  createExactIndex,
  type ExactIndex,
  type ExactIndexOptions,
  type ExactIndexSearchOptions,
} from "./exact/exact-index.ts";
export { exactSearch } from "./exact/exact-search.ts";
export { exactSearchAsync } from "./exact/exact-search-async.ts";
export { knnGraph } from "./exact/knn-graph.ts";
export { knnGraphAsync } from "./exact/knn-graph-async.ts";
export type {
  ExactEngine,
  ExactSearchAsyncOptions,
  ExactSearchOptions,
  KnnGraphAsyncOptions,
  KnnGraphOptions,
  ThreadOptions,
} from "./exact/search-options.ts";
export type {
  EmbeddingBlock,
  EmbeddingSource,
  Embeddings,
  HalfMatrix,
  Int8Matrix,
  Matrix,
  Metric,
  Neighbors,
  Progress,
  RunOptions,
} from "./matrix.ts";
export { type MergeNeighborsOptions, mergeNeighbors } from "./merge-neighbors.ts";
export { floatToHalf, halfToFloat, toFloat32, toHalf, toInt8 } from "./precision.ts";
export { normalizeRows, stackRows } from "./rows.ts";
export { joinSources, matrixSource } from "./sources.ts";
