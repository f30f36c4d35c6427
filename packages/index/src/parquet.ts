export { IndexFileError, type IndexFileErrorCode } from "./file-error.ts";
export type { ReadRowsOptions } from "./files/read-rows.ts";
export type {
  EmbeddingBlock,
  EmbeddingSource,
  Embeddings,
  HalfMatrix,
  Int8Matrix,
  Matrix,
  Progress,
  RunOptions,
} from "./matrix.ts";
export {
  type OpenParquetOptions,
  openParquet,
  type ReadParquetOptions,
  readParquet,
} from "./parquet/read.ts";
export { type WriteParquetOptions, writeParquet } from "./parquet/write.ts";
export type { RowRange } from "./row-range.ts";
export type { EmbeddingTable, EmbeddingTableRows } from "./tables/grouped-source.ts";
export { PackageUnavailableError } from "./tables/optional-package.ts";
export type { RowIds } from "./tables/row-ids.ts";
