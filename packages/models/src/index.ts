export type { EfficientNetOptions } from "./backbones/efficientnet.ts";
export { createEfficientNet } from "./backbones/efficientnet.ts";
export type { EfficientNetConfig, EfficientNetName } from "./backbones/efficientnet-variants.ts";
export { efficientnetVariants } from "./backbones/efficientnet-variants.ts";
export type { FishNetConfig, FishNetName, FishNetOptions } from "./backbones/fishnet.ts";
export { createFishNet, fishnetVariants } from "./backbones/fishnet.ts";
export type { MobileNetV3Config, MobileNetV3Name, MobileNetV3Options } from "./backbones/mobilenet-v3.ts";
export { createMobileNetV3, mobilenetV3Variants } from "./backbones/mobilenet-v3.ts";
export type { ResNeStConfig, ResNeStName, ResNeStOptions } from "./backbones/resnest.ts";
export { createResNeSt, resnestVariants } from "./backbones/resnest.ts";
export type { ResNetOptions } from "./backbones/resnet.ts";
export { createResNet } from "./backbones/resnet.ts";
export type { ResNetConfig, ResNetName } from "./backbones/resnet-variants.ts";
export { resnetVariants } from "./backbones/resnet-variants.ts";
export type { ReXNetConfig, ReXNetName, ReXNetOptions } from "./backbones/rexnet.ts";
export { createReXNet, rexnetVariants } from "./backbones/rexnet.ts";
export type { SwinOptions } from "./backbones/swin.ts";
export { createSwin } from "./backbones/swin.ts";
export type { SwinConfig, SwinName } from "./backbones/swin-variants.ts";
export { swinVariants } from "./backbones/swin-variants.ts";
export type { EmbeddingModelOptions } from "./embedding-model.ts";
export { createEmbeddingModel } from "./embedding-model.ts";
export type { DolgGlobalOrder, DolgLocalBranch, DolgOptions } from "./embedding-models/dolg.ts";
export { createDolg } from "./embedding-models/dolg.ts";
export type { FusionNorm, OrthogonalFusionOptions } from "./embedding-models/dolg-fusion.ts";
export { orthogonalFusion } from "./embedding-models/dolg-fusion.ts";
export type { HybridSwinOptions } from "./embedding-models/hybrid-swin.ts";
export { createHybridSwin } from "./embedding-models/hybrid-swin.ts";
export type { Layer } from "./layers/layer.ts";
export type { VectorLayer } from "./layers/vector-layer.ts";
export type {
  AlikeConfig,
  AlikeName,
  LocalFeatureMaps,
  LocalFeatureModel,
} from "./local-features/alike.ts";
export { alikeVariants, createAlike } from "./local-features/alike.ts";
export type { DetectKeypointsOptions, Keypoints, ScoreMap } from "./local-features/detect-keypoints.ts";
export { detectKeypoints } from "./local-features/detect-keypoints.ts";
export type { DescriptorMap } from "./local-features/sample-descriptors.ts";
export { sampleDescriptors } from "./local-features/sample-descriptors.ts";
export type { DescriptorNormalization } from "./local-features/sift/normalization.ts";
export type { DetectSiftOptions, SiftFeatures } from "./local-features/sift/sift.ts";
export { detectSift } from "./local-features/sift/sift.ts";
export type {
  ApplyOptions,
  Backbone,
  BackboneOutput,
  EmbeddingModel,
  EmbeddingOutput,
  InitializeOptions,
  Level,
  RandomSource,
  ReplicaGroup,
  Shapes,
} from "./model.ts";
export type { MultiScaleOptions, MultiScalePresets } from "./multi-scale.ts";
export { embedMultiScale, multiScalePresets } from "./multi-scale.ts";
export type { BatchNormNeckOptions, FcNeckOptions } from "./necks/fc-neck.ts";
export { batchNormNeck, fcNeck } from "./necks/fc-neck.ts";
export type { LinearNeckOptions } from "./necks/linear-neck.ts";
export { linearNeck } from "./necks/linear-neck.ts";
export type { Neck, NeckLayer, NeckNames } from "./necks/neck.ts";
export type { NeckOption, OptionNeckOptions } from "./necks/option-neck.ts";
export { optionNeck } from "./necks/option-neck.ts";
export type { SwishNeckOptions } from "./necks/swish-neck.ts";
export { swishNeck } from "./necks/swish-neck.ts";
export type { NamedArray, NamedArrays, Parameters } from "./parameters.ts";
export type { Pass } from "./pass.ts";
export type { GeneralizedMeanPoolingOptions } from "./pooling/generalized-mean-pooling.ts";
export { generalizedMeanPooling } from "./pooling/generalized-mean-pooling.ts";
export { averageMaxPooling, globalAveragePooling, globalMaxPooling } from "./pooling/global-pooling.ts";
export type { GemOptions, Pooling } from "./pooling/pooling.ts";
export { averageMax, concatenated, gem, mac, rmac, spoc } from "./pooling/pooling.ts";
export type { RegionalMaxPoolingOptions } from "./pooling/regional-max-pooling.ts";
export { regionalMaxPooling } from "./pooling/regional-max-pooling.ts";
export { fromReferenceLayout, toReferenceLayout } from "./reference-layout.ts";
export type { Whitening, WithWhiteningOptions } from "./whitening.ts";
export { whiten, withWhitening } from "./whitening.ts";
