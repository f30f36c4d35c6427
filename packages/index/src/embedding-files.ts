export { type EmbeddingFile, openEmbeddings } from "./embedding-files/open.ts";
export {
  createEmbeddingWriter,
  type EmbeddingWriter,
  type EmbeddingWriterOptions,
  type WriteEmbeddingsOptions,
  writeEmbeddings,
} from "./embedding-files/write.ts";
export { IndexFileError, type IndexFileErrorCode } from "./file-error.ts";
export type { EmbeddingDtype } from "./files/convert-rows.ts";
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
