export type { ImageFailure, ResizeKernel } from "./images/decode.ts";
export type { ImagePaths } from "./images/image-paths.ts";
export type { LoadBatchesOptions, LoadedBatch } from "./images/load-batches.ts";
export { loadBatches } from "./images/load-batches.ts";
export type { Normalization } from "./images/normalization.ts";
export { imagenetNormalization } from "./images/normalization.ts";
export type { ImageSizes, ReadImageSizesOptions } from "./images/read-image-sizes.ts";
export { readImageSizes } from "./images/read-image-sizes.ts";
