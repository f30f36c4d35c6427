export { IndexFileError, type IndexFileErrorCode } from "./file-error.ts";
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
export { applyTransform, applyTransformAsync, transformSource } from "./transforms/apply.ts";
export { learnCentering } from "./transforms/centering.ts";
export { composeTransforms } from "./transforms/compose.ts";
export { loadTransform, saveTransform } from "./transforms/file.ts";
export {
  learnPairWhitening,
  learnPairWhiteningAsync,
  type PairWhiteningOptions,
  type RowPairs,
} from "./transforms/pair-whitening.ts";
export {
  learnPca,
  learnPcaAsync,
  learnPcaWhitening,
  learnPcaWhiteningAsync,
  type Pca,
  type PcaOptions,
  type PcaWhiteningOptions,
} from "./transforms/pca.ts";
export {
  type RandomRotationOptions,
  randomRotation,
  randomRotationAsync,
} from "./transforms/random-rotation.ts";
export type { SampleOptions } from "./transforms/sample.ts";
export type {
  LinearTransform,
  NormalizeTransform,
  PowerTransform,
  ShiftTransform,
  Transform,
  TransformChain,
  TransformStep,
  TruncateTransform,
} from "./transforms/transform.ts";
