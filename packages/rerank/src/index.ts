export type { DiffusedNeighbors, RerankByDiffusionOptions } from "./diffusion/diffusion.ts";
export { rerankByDiffusion, rerankByDiffusionAsync } from "./diffusion/diffusion.ts";
export type { DiffusionMatrix, DiffusionMatrixOptions } from "./diffusion/diffusion-matrix.ts";
export { diffusionMatrix } from "./diffusion/diffusion-matrix.ts";
export type { GeneralizedMaxPoolingOptions } from "./diffusion/generalized-max-pooling.ts";
export { generalizedMaxPoolingWeights } from "./diffusion/generalized-max-pooling.ts";
export type { OfflineDiffusion, PrepareOfflineDiffusionOptions } from "./diffusion/offline-diffusion.ts";
export { prepareOfflineDiffusion, prepareOfflineDiffusionAsync } from "./diffusion/offline-diffusion.ts";
export type { RerankByOfflineDiffusionOptions } from "./diffusion/offline-reranking.ts";
export { rerankByOfflineDiffusion, rerankByOfflineDiffusionAsync } from "./diffusion/offline-reranking.ts";
export type {
  DiffusionResultOptions,
  DiffusionSolverOptions,
  DiffusionStartOptions,
} from "./diffusion/options.ts";
export type { Regions, RerankByRegionalDiffusionOptions } from "./diffusion/regional-diffusion.ts";
export { rerankByRegionalDiffusion, rerankByRegionalDiffusionAsync } from "./diffusion/regional-diffusion.ts";
export type { RerankBySpectralDiffusionOptions } from "./diffusion/spectral-diffusion.ts";
export { rerankBySpectralDiffusion, rerankBySpectralDiffusionAsync } from "./diffusion/spectral-diffusion.ts";
export type { DiffusionSpectrum, DiffusionSpectrumOptions } from "./diffusion/spectrum.ts";
export { diffusionSpectrum, diffusionSpectrumAsync } from "./diffusion/spectrum.ts";
export type { RerankByTruncatedDiffusionOptions } from "./diffusion/truncated-diffusion.ts";
export {
  rerankByTruncatedDiffusion,
  rerankByTruncatedDiffusionAsync,
} from "./diffusion/truncated-diffusion.ts";
export type { ExpandQueriesOptions } from "./expansion/alpha-query-expansion.ts";
export { expandQueries, expandQueriesAsync } from "./expansion/alpha-query-expansion.ts";
export type { AugmentationWeights, AugmentDatabaseOptions } from "./expansion/database-augmentation.ts";
export { augmentDatabase, augmentDatabaseAsync } from "./expansion/database-augmentation.ts";
export type {
  DiscriminativeExpansion,
  ExpandQueriesDiscriminativelyOptions,
} from "./expansion/discriminative-query-expansion.ts";
export {
  expandQueriesDiscriminatively,
  expandQueriesDiscriminativelyAsync,
} from "./expansion/discriminative-query-expansion.ts";
export type {
  AugmentDatabaseByInliersOptions,
  ExpandQueriesByInliersOptions,
} from "./expansion/expansion-by-inliers.ts";
export { augmentDatabaseByInliers, expandQueriesByInliers } from "./expansion/expansion-by-inliers.ts";
export type { NeighborWeights, WeighNeighbor } from "./expansion/given-weights.ts";
export type {
  ExpandQueriesWithModelOptions,
  ExpansionBatch,
  WeighBatch,
} from "./expansion/learned-query-expansion.ts";
export { expandQueriesWithModel } from "./expansion/learned-query-expansion.ts";
export type { ExpandQueriesWithDecayOptions } from "./expansion/query-expansion-with-decay.ts";
export {
  expandQueriesWithDecay,
  expandQueriesWithDecayAsync,
} from "./expansion/query-expansion-with-decay.ts";
export type {
  ExpandFunction,
  ExpandQueriesRepeatedlyOptions,
  SearchQueries,
} from "./expansion/repeated-query-expansion.ts";
export { expandQueriesRepeatedly } from "./expansion/repeated-query-expansion.ts";
export type { ExpandQueriesWithWeightsOptions } from "./expansion/weighted-query-expansion.ts";
export {
  expandQueriesWithWeights,
  expandQueriesWithWeightsAsync,
} from "./expansion/weighted-query-expansion.ts";
export type { ReverseEdges } from "./exploration/edges.ts";
export type { ExplorationOptions } from "./exploration/exploration-options.ts";
export { type RerankByEgtOptions, rerankByEgt, rerankByEgtAsync } from "./exploration/rerank-by-egt.ts";
export {
  type RerankBySemiSupervisedEgtOptions,
  rerankBySemiSupervisedEgt,
  rerankBySemiSupervisedEgtAsync,
} from "./exploration/rerank-by-semi-supervised-egt.ts";
export { type FuseRankingsOptions, type FusionMethod, fuseRankings } from "./fusion/fuse-rankings.ts";
export type { RankingNormalization } from "./fusion/ranking-parts.ts";
export { type RerankByGnnOptions, rerankByGnn, rerankByGnnAsync } from "./gnn/gnn.ts";
export type { RerankByKnnRankOptions } from "./knn-rank/rerank-by-knn-rank.ts";
export { rerankByKnnRank, rerankByKnnRankAsync } from "./knn-rank/rerank-by-knn-rank.ts";
export type {
  LandmarkEvidence,
  RerankByLandmarkAndCountryOptions,
} from "./labels/country-aware-reranking.ts";
export { rerankByLandmarkAndCountry } from "./labels/country-aware-reranking.ts";
export type { RerankByFastKReciprocalOptions } from "./labels/fast-k-reciprocal.ts";
export { rerankByFastKReciprocal, rerankByFastKReciprocalAsync } from "./labels/fast-k-reciprocal.ts";
export type { PredictLabelsOptions } from "./labels/label-prediction.ts";
export { predictLabels } from "./labels/label-prediction.ts";
export type { LabelPredictions } from "./labels/label-predictions.ts";
export type { InsertionThreshold, RerankByLabelOptions } from "./labels/label-reranking.ts";
export { rerankByLabel } from "./labels/label-reranking.ts";
export type {
  Landmark2019Revision,
  Landmark2019Settings,
} from "./labels/landmark-2019.ts";
export { landmark2019Revisions } from "./labels/landmark-2019.ts";
export type {
  AdjustScoresByLabelOptions,
  ScoreLabelsBySimilarityOptions,
} from "./labels/soft-label-reranking.ts";
export { adjustScoresByLabel, scoreLabelsBySimilarity } from "./labels/soft-label-reranking.ts";
export type { TagVotes, VoteTagsOptions } from "./labels/tag-votes.ts";
export { voteTags } from "./labels/tag-votes.ts";
export type { RerankByVotedReferencesOptions } from "./labels/voted-references.ts";
export { rerankByVotedReferences } from "./labels/voted-references.ts";
export type { Matrix, Neighbors, Progress, RunOptions } from "./matrix.ts";
export { PairScoringError } from "./pairwise/pair-scoring-error.ts";
export type {
  PairBatch,
  PairContext,
  PairScorer,
  RerankPairwiseOptions,
} from "./pairwise/rerank-pairwise.ts";
export { rerankPairwise } from "./pairwise/rerank-pairwise.ts";
export type { InlierFusion, PairFusion } from "./pairwise/score-fusion.ts";
export {
  type RerankByKReciprocalOptions,
  rerankByKReciprocal,
  rerankByKReciprocalAsync,
} from "./reciprocal/k-reciprocal.ts";
export type { PoolDistance } from "./reciprocal/pool-distance.ts";
export { type RerankByStmlOptions, rerankByStml, rerankByStmlAsync } from "./reciprocal/stml.ts";
export type { RerankByRdpOptions } from "./regularized-diffusion/rerank-by-rdp.ts";
export { rerankByRdp, rerankByRdpAsync } from "./regularized-diffusion/rerank-by-rdp.ts";
export type { RerankBySuperGlobalOptions } from "./superglobal/rerank-by-super-global.ts";
export { rerankBySuperGlobal, rerankBySuperGlobalAsync } from "./superglobal/rerank-by-super-global.ts";
export type { ThreadPool, ThreadPoolOptions } from "./threads/thread-pool.ts";
export { createThreadPool } from "./threads/thread-pool.ts";
