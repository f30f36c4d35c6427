export type { ResNetConfig, ResNetName, ResNetOptions } from "./backbones/resnet.ts";
export { createResNet, resnetVariants } from "./backbones/resnet.ts";
export type { EmbeddingModelOptions } from "./embedding-model.ts";
export { createEmbeddingModel } from "./embedding-model.ts";
export type { GeneralizedMeanPoolingOptions } from "./generalized-mean-pooling.ts";
export { generalizedMeanPooling } from "./generalized-mean-pooling.ts";
export type {
  ApplyOptions,
  Backbone,
  BackboneOutput,
  EmbeddingModel,
  EmbeddingOutput,
  InitializeOptions,
  Level,
  RandomSource,
  Shapes,
} from "./model.ts";
export type { MultiScaleOptions } from "./multi-scale.ts";
export { embedMultiScale } from "./multi-scale.ts";
export type { NamedArray, NamedArrays, Parameters } from "./parameters.ts";
export { fromReferenceLayout, toReferenceLayout } from "./reference-layout.ts";
