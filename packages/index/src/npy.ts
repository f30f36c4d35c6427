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
export type { NpyDtype } from "./npy/header.ts";
export { type NpyFile, openNpy, readNpy } from "./npy/read.ts";
export {
  type CreateNpyWriterOptions,
  createNpyWriter,
  type NpyWriteDtype,
  type NpyWriter,
  type WriteNpyOptions,
  writeNpy,
} from "./npy/write.ts";
export type { RowRange } from "./row-range.ts";
