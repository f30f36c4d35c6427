export type {
  LanceGraphOptions,
  LanceIndexOptions,
  LancePartitionOptions,
  LanceProductQuantizationOptions,
} from "./lancedb/index-options.ts";
export {
  type CreateLanceTableOptions,
  createLanceTable,
  type OpenLanceTableOptions,
  openLanceTable,
} from "./lancedb/open.ts";
export type { LanceColumn, LanceColumns } from "./lancedb/schema.ts";
export type { LanceSearchOptions } from "./lancedb/search.ts";
export type { LanceAddOptions, LanceRunOptions, LanceTable } from "./lancedb/table.ts";
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
export { PackageUnavailableError } from "./tables/optional-package.ts";
export type { RowIds } from "./tables/row-ids.ts";
