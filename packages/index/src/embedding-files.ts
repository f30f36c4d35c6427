export { type EmbeddingFile, openEmbeddings } from "./embedding-files/open.ts";
export { type EmbeddingFileRows, readEmbeddings } from "./embedding-files/read.ts";
export {
  type CreateEmbeddingWriterOptions,
  createEmbeddingWriter,
  type EmbeddingWriter,
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
