export type { CheckpointNetwork, CheckpointNetworkOptions } from "./checkpoint-network.ts";
export { backboneNames, poolingNames, readCheckpointNetwork } from "./checkpoint-network.ts";
export { shellCommand } from "./cluster/job.ts";
export type { ExampleProgram, RunOptions, StageDescription } from "./command-line.ts";
export { runProgram, withNetworkOptions, withRunOptions } from "./command-line.ts";
export type { ComparedMethod, ComparedRun } from "./compare-runs.ts";
export { comparisonTable } from "./compare-runs.ts";
export type { CompareCommandOptions } from "./compare-runs-command.ts";
export { compareCommand, readRunScores } from "./compare-runs-command.ts";
export type { Context, Progress } from "./context.ts";
export { createContext, engineSettings, say, showProgress, showStage } from "./context.ts";
export type { DataSource } from "./dataset.ts";
export { openDataset, sourceOf, unpackedArchives } from "./dataset.ts";
export type { DownloadOptions } from "./download.ts";
export { downloadData } from "./download.ts";
export type { EmbeddingConfig, EmbedSplitOptions } from "./embed-split.ts";
export { embedSplit } from "./embed-split.ts";
export type { EmbeddedSystem, PartEmbeddings, TrainedNetworks } from "./embedded-system.ts";
export { embedEach } from "./embedded-system.ts";
export type { EmbeddingRows, OpenRows } from "./embedding-rows.ts";
export {
  neededRows,
  readRows,
  replaceRows,
  rowsOfFile,
  stackedRows,
  takeRows,
  weightedRows,
  writeRows,
} from "./embedding-rows.ts";
export type { ExtractOptions } from "./embeddings.ts";
export { extractEmbeddings, readEmbeddings, readRawEmbeddings } from "./embeddings.ts";
export type { EnsembleRunOptions, MembersOption } from "./ensemble-options.ts";
export { addEnsembleRunOptions } from "./ensemble-options.ts";
export type { EvaluateCheckpointOptions, EvaluateCheckpointTerminal } from "./evaluate-checkpoint-command.ts";
export {
  evaluateCheckpoint,
  evaluateCheckpointCommand,
  revisitedTable,
} from "./evaluate-checkpoint-command.ts";
export { fileHash, fileHashes } from "./file-hash.ts";
export { fingerprintOf } from "./fingerprint.ts";
export type { FinishedTraining } from "./finished-training.ts";
export { finishedFile, readFinished, writeFinished } from "./finished-training.ts";
export { firstNeighbors } from "./first-neighbors.ts";
export type { Gallery } from "./gallery.ts";
export { galleryOf } from "./gallery.ts";
export type { GeneratedSet } from "./generated-set.ts";
export { generateSet } from "./generated-set.ts";
export type { ImagesConfig } from "./image-settings.ts";
export { imageOptions } from "./image-settings.ts";
export type { InitFiles, InitNames } from "./init-files.ts";
export { initFileOf, initHashOf, requireInitFiles, requireWeights } from "./init-files.ts";
export type {
  ChallengeScores,
  Recognition,
  RetrievalScores,
  Solutions,
} from "./landmark-results.ts";
export {
  rankedIds,
  recognitionSolutionOf,
  scoreRanking,
  scoreRecognition,
  solutionsOf,
  writeRanking,
  writeRecognition,
} from "./landmark-results.ts";
export type { LaunchOptions } from "./launched.ts";
export { asLaunched } from "./launched.ts";
export type { LocalFeatureStore } from "./local-feature-store.ts";
export { openLocalFeatures } from "./local-feature-store.ts";
export type { ExtractLocalFeaturesOptions } from "./local-features.ts";
export { extractLocalFeatures } from "./local-features.ts";
export { stageOfEach } from "./method-stages.ts";
export { nameList } from "./name-list.ts";
export type { FileNames } from "./named-file.ts";
export { namedFile } from "./named-file.ts";
export type { ListsOptions } from "./neighbor-lists.ts";
export { makeLists, readLists } from "./neighbor-lists.ts";
export { readNeighbors, writeNeighbors } from "./neighbors-file.ts";
export { nonLandmarksOf, ownPlaces } from "./non-landmarks.ts";
export type { PartedStageSettings, PartedWork } from "./parted-stage.ts";
export { partPaths, runPartedStage } from "./parted-stage.ts";
export { percent, percentColumns } from "./percent.ts";
export { pickedRows } from "./picked-rows.ts";
export type { PlanOptions } from "./plan-options.ts";
export { addPlanOptions, largestDivisor, trainWords } from "./plan-options.ts";
export type { LandmarksConfig } from "./prepare-landmarks.ts";
export { prepareLandmarks } from "./prepare-landmarks.ts";
export type { ImageSizesOfSplit, PreparedData, PrepareOptions } from "./prepared-data.ts";
export {
  groupsOf,
  prepareData,
  readCounts,
  splits,
  trainLabels,
  usableRows,
} from "./prepared-data.ts";
export type { PublishedRows } from "./published-rows.ts";
export { besidePublished } from "./published-rows.ts";
export type { RecognitionScores } from "./recognition-scores.ts";
export { predictionsFile, predictionsName, readPredictions, scorePredictions } from "./recognition-scores.ts";
export type { Report, ReportPhoto, ReportQuery } from "./report.ts";
export { renderReport, writeReport } from "./report.ts";
export type { ShownAnswers, SupportingImage } from "./report-answer-photos.ts";
export { answerPhotos } from "./report-answer-photos.ts";
export type { AnsweredImage, AnswerSection } from "./report-answers.ts";
export { answerSections } from "./report-answers.ts";
export type { NamedPredictions } from "./report-confidence.ts";
export { confidenceCurves, gapCurve, precisionCurve } from "./report-confidence.ts";
export type { ReportCurve, ReportSeries } from "./report-curve.ts";
export { historyCurve, trainingCurve } from "./report-curve.ts";
export type { GridGroup, ReportGrid } from "./report-grid.ts";
export { gridTable } from "./report-grid.ts";
export type { QuerySection, ShownImage, ShownQuery } from "./report-queries.ts";
export { chooseQueries, reportQuery } from "./report-queries.ts";
export type { RankedList } from "./report-rankings.ts";
export { rankingSections } from "./report-rankings.ts";
export type { ReportCell, ReportColumn, ReportTable } from "./report-table.ts";
export { largestIn, missingValue } from "./report-table.ts";
export { markdownTable, textTable } from "./report-text.ts";
export type { EvaluateRevisitedOptions, ProtocolScores, RevisitedScores } from "./revisited.ts";
export { evaluateRevisitedSet } from "./revisited.ts";
export type { EmbedRevisitedOptions, RevisitedEmbedderOptions } from "./revisited-embeddings.ts";
export { revisitedScales, scalesOf } from "./revisited-embeddings.ts";
export type { QueryCrop } from "./revisited-images.ts";
export type { ProtocolName, RevisitedSetName } from "./revisited-set.ts";
export { findRevisitedSet, revisitedSetNames } from "./revisited-set.ts";
export type { CompletedStage, RunFolder, Shard, StageEvent, StageSettings } from "./run-folder.ts";
export {
  hashOf,
  openRunFolder,
  readJson,
  runStage,
  writeJson,
  writeWhole,
  writeWholeFolder,
} from "./run-folder.ts";
export type { SameSize } from "./same-size.ts";
export { sameSize } from "./same-size.ts";
export type { SearchRowsOptions } from "./search-rows.ts";
export { searchRows } from "./search-rows.ts";
export { sayFile, sayTable } from "./shown-results.ts";
export type { EmbeddingLoss, StandIn, TrainStandInOptions } from "./stand-in.ts";
export { softmaxLoss, trainStandIn } from "./stand-in.ts";
export type { StandInStage } from "./stand-in-stage.ts";
export { standInStage } from "./stand-in-stage.ts";
export type { SystemConfig } from "./system-config.ts";
export type { System } from "./system-program.ts";
export { prepareStage, resultStages, runFolderOf, systemProgram } from "./system-program.ts";
export { thumbnail } from "./thumbnail.ts";
export type { BatchShard, EpochEnd, TrainEmbeddingOptions } from "./train-embedding.ts";
export { trainEmbedding } from "./train-embedding.ts";
export type { TrainingContext, TrainingSurroundings } from "./train-in-stage.ts";
export { trainInStage } from "./train-in-stage.ts";
export type { TrainProcess, TrainProcessOptions } from "./train-process.ts";
export { addTrainProcessOptions, looksOf, trainProcess } from "./train-process.ts";
export type { TrainingSettings } from "./training-record.ts";
export { comparableSettings, isSameTraining, requireSameTraining } from "./training-record.ts";
export type { TrainingEnd, TrainingRunOptions } from "./training-run.ts";
export type { Training, TrainingsConfig } from "./trainings.ts";
export { longestFirst, runTrainings, trainingsAtOnce } from "./trainings.ts";
export { candidateName, withOverrides } from "./tuning/candidates.ts";
export type { TuningRow, TuningScores } from "./tuning/results-file.ts";
export type { CandidateFiles, ChildOptions } from "./tuning/run-in-child.ts";
export { runInChild } from "./tuning/run-in-child.ts";
export type { RunCandidate, RunTuningOptions, TuningJob, TuningPlan } from "./tuning/run-tuning.ts";
export { runTuning } from "./tuning/run-tuning.ts";
export type { Candidate, SearchSpace, TuningValue } from "./tuning/space.ts";
export { parseSpace } from "./tuning/space.ts";
export type { TuningCommandOptions } from "./tuning/tuning-command.ts";
export { tuningCommand } from "./tuning/tuning-command.ts";
export { InterruptedError, oneLine, UserError } from "./user-error.ts";
export type { VerifyOptions } from "./verify.ts";
export { verify } from "./verify.ts";
export { wholeNumber } from "./whole-number.ts";
