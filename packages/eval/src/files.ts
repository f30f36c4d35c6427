// The entry of `@lmk/eval/files`.
export type { FileFormatErrorCode, FileFormatProblem } from "./files/file-format-error.ts";
export { FileFormatError } from "./files/file-format-error.ts";
export type {
  BlobLike,
  ChunksLike,
  FileSource,
  ReadFileOptions,
  StreamLike,
} from "./files/file-source.ts";
export type { ProtocolMetrics, RevisitedMetrics } from "./files/metrics-file.ts";
export { readMetricsFile, writeMetricsFile } from "./files/metrics-file.ts";
export type { ReadPredictionsOptions, RetrievalPrediction, SolutionId } from "./files/predictions.ts";
export {
  readRecognitionPredictions,
  readRetrievalPredictions,
  streamRetrievalPredictions,
} from "./files/predictions.ts";
export type { ReadSolutionOptions } from "./files/solutions.ts";
export { readRecognitionSolution, readRetrievalSolution } from "./files/solutions.ts";
export type { Rows, WritePredictionsOptions } from "./files/writers.ts";
export {
  joinText,
  writeRecognitionPredictions,
  writeRecognitionSolution,
  writeRetrievalPredictions,
  writeRetrievalSolution,
} from "./files/writers.ts";
