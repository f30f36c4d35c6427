export type { AdaCosRowsOptions, ClassRowsOptions, SubCenterRowsOptions } from "./class-rows.ts";
export {
  adaCosParameters,
  adaFaceParameters,
  arcFaceParameters,
  curricularFaceParameters,
  proxyAnchorParameters,
  softmaxParameters,
  subCenterArcFaceParameters,
} from "./class-rows.ts";
export type { SampleClassesOptions, SampledClasses, SampleSize } from "./class-sampling.ts";
export { sampleClasses } from "./class-sampling.ts";
export type { ClassWeightsOptions } from "./class-weights.ts";
export { classWeights } from "./class-weights.ts";
export type { AdaCosOptions, AdaCosResult, FixedAdaCosOptions } from "./classification/adacos.ts";
export { adaCos, batchAdaCos, fixedAdaCos } from "./classification/adacos.ts";
export { adaCosScale } from "./classification/adacos-scale.ts";
export type {
  AdaFaceLogits,
  AdaFaceLogitsOptions,
  AdaFaceOptions,
  AdaFaceResult,
  AdaFaceRunning,
  AdaFaceStatistics,
} from "./classification/adaface.ts";
export { adaFace, adaFaceLogits } from "./classification/adaface.ts";
export type { ArcFaceLogitsOptions, ArcFaceOptions } from "./classification/arcface.ts";
export { arcFace, arcFaceLogits } from "./classification/arcface.ts";
export type {
  CircleClassificationLogitsOptions,
  CircleClassificationOptions,
} from "./classification/circle.ts";
export { circleClassification, circleClassificationLogits } from "./classification/circle.ts";
export type { CosFaceLogitsOptions, CosFaceOptions } from "./classification/cosface.ts";
export { cosFace, cosFaceLogits } from "./classification/cosface.ts";
export type { BatchMeanOptions, CrossEntropyOptions } from "./classification/cross-entropy.ts";
export { crossEntropy } from "./classification/cross-entropy.ts";
export type {
  CurricularFaceLogits,
  CurricularFaceLogitsOptions,
  CurricularFaceOptions,
  CurricularFaceResult,
} from "./classification/curricularface.ts";
export { curricularFace, curricularFaceLogits } from "./classification/curricularface.ts";
export type { ElasticFaceLogitsOptions, ElasticFaceOptions } from "./classification/elasticface.ts";
export { elasticFace, elasticFaceLogits } from "./classification/elasticface.ts";
export type { FocalOptions } from "./classification/focal.ts";
export { focal } from "./classification/focal.ts";
export type { MagFaceLogitsOptions, MagFaceOptions } from "./classification/magface.ts";
export { magFace, magFaceLogits } from "./classification/magface.ts";
export type { MarginPresets } from "./classification/margin-presets.ts";
export { marginPresets } from "./classification/margin-presets.ts";
export type {
  NormalizedSoftmaxLogitsOptions,
  NormalizedSoftmaxOptions,
} from "./classification/normalized-softmax.ts";
export { normalizedSoftmax, normalizedSoftmaxLogits } from "./classification/normalized-softmax.ts";
export { softmax, softmaxLogits } from "./classification/softmax.ts";
export type {
  SubCenterArcFaceLogitsOptions,
  SubCenterArcFaceOptions,
  SubCenterCosinesOptions,
} from "./classification/sub-center-arcface.ts";
export {
  subCenterArcFace,
  subCenterArcFaceLogits,
  subCenterCosines,
} from "./classification/sub-center-arcface.ts";
export type { BeyondMargin, Margin } from "./classification/target-margin.ts";
export type { DynamicMarginsOptions, PowerMarginsOptions } from "./dynamic-margins.ts";
export { dynamicMargins, powerMargins } from "./dynamic-margins.ts";
export type { CircleOptions } from "./pairs/circle.ts";
export { circle } from "./pairs/circle.ts";
export type { ContrastiveOptions } from "./pairs/contrastive.ts";
export { contrastive } from "./pairs/contrastive.ts";
export type { DistanceWeightedOptions } from "./pairs/distance-weighted.ts";
export { distanceWeighted } from "./pairs/distance-weighted.ts";
export type {
  AnchorTriplets,
  MinedPairs,
  MinerInput,
  PairMiner,
  TripletMiner,
  WeightedTriplets,
} from "./pairs/miners.ts";
export type { MultiSimilarityOptions } from "./pairs/multi-similarity.ts";
export { multiSimilarity } from "./pairs/multi-similarity.ts";
export type { NtXentOptions } from "./pairs/nt-xent.ts";
export { ntXent } from "./pairs/nt-xent.ts";
export type { MultiSimilarityPairsOptions } from "./pairs/pair-miners.ts";
export { allPairs, multiSimilarityPairs } from "./pairs/pair-miners.ts";
export type { ProxyAnchorOptions } from "./pairs/proxy-anchor.ts";
export { proxyAnchor } from "./pairs/proxy-anchor.ts";
export type { RecallAtKOptions } from "./pairs/recall-at-k.ts";
export { recallAtK } from "./pairs/recall-at-k.ts";
export type { SmoothApOptions } from "./pairs/smooth-ap.ts";
export { smoothAp } from "./pairs/smooth-ap.ts";
export type { SupConOptions } from "./pairs/sup-con.ts";
export { supCon } from "./pairs/sup-con.ts";
export type { TripletOptions } from "./pairs/triplet.ts";
export { triplet } from "./pairs/triplet.ts";
export type { SemiHardOptions } from "./pairs/triplet-miners.ts";
export { allTriplets, batchHard, nearestSemiHard, semiHard } from "./pairs/triplet-miners.ts";
export type { NamedArray, NamedArrays, Parameters } from "./parameters.ts";
export { gatherRows, scatterRows } from "./row-copies.ts";
