export { IndexFileError, type IndexFileErrorCode } from "./file-error.ts";
export type {
  Embeddings,
  HalfMatrix,
  Int8Matrix,
  Matrix,
  Metric,
  Neighbors,
  Progress,
  RunOptions,
} from "./matrix.ts";
export {
  type FromBytesOptions,
  pqFromBytes,
  pqToBytes,
  type StoredPq,
  type StoredSq,
  sqFromBytes,
  sqToBytes,
} from "./quantization/bytes.ts";
export type { PqCodes, SqCodes } from "./quantization/codes.ts";
export {
  type KMeans,
  type KMeansAsyncOptions,
  type KMeansOptions,
  learnKMeans,
  learnKMeansAsync,
} from "./quantization/k-means.ts";
export { decodePq, encodePq, encodePqAsync } from "./quantization/pq-codes.ts";
export {
  learnProductQuantizer,
  learnProductQuantizerAsync,
  type ProductQuantizer,
  type ProductQuantizerAsyncOptions,
  type ProductQuantizerOptions,
} from "./quantization/product-quantizer.ts";
export {
  learnScalarQuantizer,
  learnScalarQuantizerAsync,
  type ScalarQuantizer,
  type ScalarQuantizerAsyncOptions,
  type ScalarQuantizerOptions,
} from "./quantization/scalar-quantizer.ts";
export type { CodeSearchOptions } from "./quantization/search.ts";
export {
  type PqRescore,
  type SearchPqAsyncOptions,
  type SearchPqOptions,
  searchPq,
  searchPqAsync,
} from "./quantization/search-pq.ts";
export {
  type SearchSqAsyncOptions,
  type SearchSqOptions,
  type SqRescore,
  searchSq,
  searchSqAsync,
} from "./quantization/search-sq.ts";
export { decodeSq, encodeSq, encodeSqAsync } from "./quantization/sq-codes.ts";
