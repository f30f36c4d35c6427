export { averagePrecisionTrapezoid } from "./average-precision-trapezoid.ts";
export type {
  EvaluateRecognitionOptions,
  EvaluateRetrievalOptions,
  RecognitionAnswer,
  RecognitionReport,
  RetrievalAnswer,
  RetrievalReport,
  Usage,
} from "./challenge.ts";
export { evaluateRecognition, evaluateRetrieval } from "./challenge.ts";
export type { FirstPositionsOptions, MeanMedianPosition } from "./first-positions.ts";
export { firstPositions, meanMedianPosition } from "./first-positions.ts";
export type { GlobalAveragePrecisionOptions } from "./global-average-precision.ts";
export { globalAveragePrecision } from "./global-average-precision.ts";
export type { AveragePrecisionOptions } from "./mean-average-precision.ts";
export { averagePrecisions, meanAveragePrecision } from "./mean-average-precision.ts";
export type { MeanPrecisionsOptions } from "./mean-precisions.ts";
export { meanPrecisions } from "./mean-precisions.ts";
export type { PredictionErrorCode } from "./prediction-error.ts";
export { PredictionError } from "./prediction-error.ts";
export type { Neighbors } from "./rankings.ts";
export { rankingsFromNeighbors, rankQueries } from "./rankings.ts";
export type { RecognitionPrediction } from "./recognition.ts";
export { topOneAccuracy } from "./recognition.ts";
