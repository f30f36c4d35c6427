export type { LabelPredictions } from "./labels/label-predictions.ts";
export type { Matrix, Neighbors, Progress, RunOptions } from "./matrix.ts";
export {
  applyQuantileTransform,
  applyQuantileTransformAsync,
} from "./recognition/apply-quantile-transform.ts";
export type {
  BanFrequentLabelsOptions,
  BanNearFrequentLabelsOptions,
} from "./recognition/banned-labels.ts";
export { banFrequentLabels, banNearFrequentLabels } from "./recognition/banned-labels.ts";
export type {
  ClusterByRadiusOptions,
  PenalizeByClustersOptions,
  RadiusClusters,
} from "./recognition/clusters.ts";
export { clusterByRadius, penalizeByClusters } from "./recognition/clusters.ts";
export { type FuseHeadAndNeighborsOptions, fuseHeadAndNeighbors } from "./recognition/head-fusion.ts";
export type {
  LearnQuantileTransformOptions,
  QuantileTransform,
} from "./recognition/learn-quantile-transform.ts";
export {
  learnQuantileTransform,
  learnQuantileTransformAsync,
} from "./recognition/learn-quantile-transform.ts";
export type {
  MeanTopScoresOptions,
  NonLandmarkRanking,
  RerankByNonLandmarksOptions,
} from "./recognition/non-landmark-ranking.ts";
export {
  meanTopScores,
  recognizeBySummedScores,
  rerankByNonLandmarks,
} from "./recognition/non-landmark-ranking.ts";
export type {
  PenalizeByNonLandmarksOptions,
  PenalizeFrequentLabelsOptions,
  SelectLandmarkRowsOptions,
  SimilarityPenalty,
} from "./recognition/non-landmark-rules.ts";
export {
  penalizeByNonLandmarks,
  penalizeFrequentLabels,
  selectLandmarkRows,
} from "./recognition/non-landmark-rules.ts";
export { type SubtractPenaltiesOptions, subtractPenalties } from "./recognition/penalties.ts";
export {
  type RecognizeByNeighborsOptions,
  recognizeByNeighbors,
} from "./recognition/recognize-by-neighbors.ts";
export type { SimilarityVote } from "./recognition/similarity-votes.ts";
export { type TopHeadClassesOptions, topHeadClasses } from "./recognition/top-head-classes.ts";
export type { ThreadPool } from "./threads/thread-pool.ts";
