export type { Matrix } from "./embedder/rows.ts";
export type { ExtractedImages, LocalFeatures } from "./local-features/extractor/collect-features.ts";
export type {
  LocalFeatureExtractor,
  LocalFeatureExtractorOptions,
  NetworkFeatures,
  SiftMethod,
} from "./local-features/extractor/create-local-feature-extractor.ts";
export { createLocalFeatureExtractor } from "./local-features/extractor/create-local-feature-extractor.ts";
export type { ImageLocalFeatures } from "./local-features/extractor/detector.ts";
export type { ExtractedImage, ExtractOptions } from "./local-features/extractor/extract-images.ts";
export type {
  DenseOutputs,
  OnnxFeatures,
  SparseOutputs,
} from "./local-features/extractor/onnx-options.ts";
export type { SiftDetectorOptions } from "./local-features/extractor/sift-detector.ts";
export type { DescriptorNormalization } from "./local-features/sift/normalization.ts";
export type { DetectSiftOptions, SiftFeatures } from "./local-features/sift/sift.ts";
export { detectSift } from "./local-features/sift/sift.ts";
export type { CompiledFunction, CompileFunction } from "./networks/compiled-sizes.ts";
export type { ImageFailure, ImageSource } from "./sources/image-source.ts";
export type { Items } from "./sources/read-ahead.ts";
