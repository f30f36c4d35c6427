export type { EmbeddingRows, OpenRows } from "@lmk-example/kit";
export {
  makeLists,
  neededRows,
  readLists,
  readRows,
  replaceRows,
  rowsOfFile,
  searchRows,
  stackedRows,
  takeRows,
  writeRows,
} from "@lmk-example/kit";
export { readAugmented } from "./clean-lists.ts";
export type { EnsembleConfig, Job, Member } from "./config.ts";
export type { EnsembleContext, EnsembleData, EnsembleOptions } from "./context.ts";
export { jobOf } from "./context.ts";
export type { Ensemble, EnsembleNeeds, ExtraNetworks } from "./ensemble.ts";
export { ensembleStages, runEnsemble } from "./ensemble.ts";
export { rowsOf } from "./member-rows.ts";
export type { PresetName } from "./presets.ts";
export { ensemblePresets } from "./presets.ts";
export { addEnsembleOptions, ensembleConfigOf, runsFolder } from "./program.ts";
export type {
  CleaningGridRow,
  LeaderboardScore,
  PublishedLoss,
  PublishedNetwork,
  PublishedReranker,
  PublishedSource,
  PublishedTrainingData,
  RevisitedScores,
} from "./published-results.ts";
export {
  publishedBeforeReranking,
  publishedCleaningGrid,
  publishedDatasets,
  publishedEarlierLosses,
  publishedLosses,
  publishedMeasuredOn,
  publishedMembers,
  publishedRecognition,
  publishedRecognitionWinner,
  publishedRepository,
  publishedReranking,
  publishedRerankingSteps,
  publishedStandings,
  publishedTrainingData,
} from "./published-results.ts";
export type { CleaningSummary } from "./stages/clean.ts";
export { readCleaning } from "./stages/clean.ts";
export { readEnsemble, readMember } from "./stages/predict.ts";
export type { ListName, Lists, NamedMembers, Part } from "./stages/search.ts";
export { partRows, searchEnsemble, verifyLists } from "./stages/search.ts";
export { readHistory } from "./stages/train.ts";
