export type { RecognitionAnswer, RetrievalAnswer, Usage } from "./challenge/answers.ts";
export type { EvaluateRecognitionOptions, RecognitionReport } from "./challenge/evaluate-recognition.ts";
export { evaluateRecognition } from "./challenge/evaluate-recognition.ts";
export type { EvaluateRetrievalOptions, RetrievalReport } from "./challenge/evaluate-retrieval.ts";
export { evaluateRetrieval, evaluateRetrievalStream } from "./challenge/evaluate-retrieval.ts";
export type { PredictionErrorCode } from "./prediction-error.ts";
export { PredictionError } from "./prediction-error.ts";
export type { Neighbors } from "./rankings.ts";
export { rankingsFromNeighbors, rankQueries } from "./rankings.ts";
export type { FalseNonMatchRatesOptions } from "./recognition/false-non-match-rates.ts";
export { falseNonMatchRates } from "./recognition/false-non-match-rates.ts";
export type {
  GlobalAveragePrecisionOptions,
  ImageStatistic,
} from "./recognition/global-average-precision.ts";
export {
  globalAveragePrecision,
  globalAveragePrecisionStatistic,
} from "./recognition/global-average-precision.ts";
export type { RecognitionPrediction } from "./recognition/predictions.ts";
export { topOneAccuracy, topOneHits } from "./recognition/top-one.ts";
export { averagePrecisionTrapezoid } from "./retrieval/average-precision-trapezoid.ts";
export type { Gains, NormalizedDiscountedGainsOptions } from "./retrieval/discounted-gains.ts";
export { normalizedDiscountedGains } from "./retrieval/discounted-gains.ts";
export type { FirstPositionsOptions, MeanMedianPosition } from "./retrieval/first-positions.ts";
export { firstPositions, meanMedianPosition } from "./retrieval/first-positions.ts";
export type { AveragePrecisionOptions } from "./retrieval/mean-average-precision.ts";
export { averagePrecisions, meanAveragePrecision } from "./retrieval/mean-average-precision.ts";
export type { LabelAverages } from "./retrieval/means.ts";
export { averageByLabel, meanOverQueries } from "./retrieval/means.ts";
export type { NeighborRecallsOptions } from "./retrieval/neighbor-recalls.ts";
export { neighborRecalls } from "./retrieval/neighbor-recalls.ts";
export type { UnanswerableOptions } from "./retrieval/per-query.ts";
export type { MeanPrecisionsOptions, PrecisionsAtOptions } from "./retrieval/precisions.ts";
export { meanPrecisions, precisionsAt } from "./retrieval/precisions.ts";
export { averagePrecisionsAtR, rPrecisions } from "./retrieval/precisions-at-r.ts";
export type { RecallsAtOptions, ReciprocalRanksOptions } from "./retrieval/recalls.ts";
export {
  cumulativeMatches,
  meanReciprocalRank,
  recallsAt,
  reciprocalRanks,
  successesAt,
} from "./retrieval/recalls.ts";
export type { Relevant, RelevantPositionsOptions } from "./retrieval/relevant-positions.ts";
export { relevantPositions } from "./retrieval/relevant-positions.ts";
export type { RevisitedReport } from "./revisited/evaluate.ts";
export { evaluateProtocol, evaluateRevisited } from "./revisited/evaluate.ts";
export type {
  CameraImages,
  EvaluateReidentificationOptions,
  ReidentificationReport,
} from "./revisited/evaluate-reidentification.ts";
export { evaluateReidentification } from "./revisited/evaluate-reidentification.ts";
export type { FilteredNeighbors } from "./revisited/evaluate-reranked.ts";
export { evaluateReranked, removeIgnored } from "./revisited/evaluate-reranked.ts";
export type {
  RelevantAndIgnored,
  RevisitedLists,
  RevisitedProtocol,
  RevisitedQuery,
  RevisitedTruth,
} from "./revisited/ground-truth.ts";
export type { ProtocolOptions, ProtocolReport } from "./revisited/protocol-scores.ts";
export type { BootstrapInterval, BootstrapOptions } from "./statistics/bootstrap.ts";
export { bootstrapDifference, bootstrapInterval, bootstrapStatistic } from "./statistics/bootstrap.ts";
export type {
  PairedPermutationTest,
  PairedPermutationTestOptions,
} from "./statistics/paired-permutation-test.ts";
export { pairedPermutationTest } from "./statistics/paired-permutation-test.ts";
