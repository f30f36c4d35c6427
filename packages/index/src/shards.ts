export { IndexFileError, type IndexFileErrorCode } from "./file-error.ts";
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
export type { RowRange } from "./row-range.ts";
export { mergeShards } from "./shards/merge-shards.ts";
export { type SearchedShard, type SearchShardOptions, searchShard } from "./shards/search-shard.ts";
export { type Shard, shardRange } from "./shards/shard-range.ts";
