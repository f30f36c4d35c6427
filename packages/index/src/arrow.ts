export { type OpenArrowOptions, openArrow, type ReadArrowOptions, readArrow } from "./arrow/read.ts";
export { type WriteArrowOptions, writeArrow } from "./arrow/write.ts";
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
export type { RowRange } from "./row-range.ts";
export type { EmbeddingTable, EmbeddingTableRows } from "./tables/grouped-source.ts";
export { PackageUnavailableError } from "./tables/optional-package.ts";
export type { RowIds } from "./tables/row-ids.ts";
