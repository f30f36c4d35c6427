export type { BestEvaluation, BestMetricOptions } from "./best-so-far.ts";
export type {
  EvaluationReport,
  StepReport,
  TrainCallback,
  TrainedWeights,
  TrainResult,
} from "./callback.ts";
export type { Checkpoint, Checkpoints, CheckpointsOptions, LatestCheckpoint } from "./checkpoints.ts";
export { openCheckpoints } from "./checkpoints.ts";
export type { Communicator } from "./communicator.ts";
export type { EarlyStoppingOptions } from "./early-stopping.ts";
export { earlyStopping } from "./early-stopping.ts";
export type { Engine, InputSpec, RunnableStep, StepFunction, StepState } from "./engine.ts";
export type { Compiler, CompilerOptions, CompilerState } from "./engines/compiled-engine.ts";
export { compiledEngine } from "./engines/compiled-engine.ts";
export type { EagerEngineOptions } from "./engines/eager-engine.ts";
export { eagerEngine } from "./engines/eager-engine.ts";
export type {
  CopiedRows,
  InitFromOptions,
  InitFromReport,
  InitFromResult,
  NamePattern,
  RowMap,
} from "./init-from.ts";
export { initFrom } from "./init-from.ts";
export type { KeepBestOptions } from "./keep-best.ts";
export { keepBest } from "./keep-best.ts";
export type { LoggedStep } from "./logs/json-lines.ts";
export type { JsonLinesLog, JsonLinesLogOptions } from "./logs/json-lines-log.ts";
export { jsonLinesLog, readJsonLinesLog } from "./logs/json-lines-log.ts";
export type { MovingAverageOptions } from "./moving-average.ts";
export type { AdamOptions } from "./optimizers/adam.ts";
export { adam, adamW } from "./optimizers/adam.ts";
export type { Optimizer, OptimizerUpdate, UpdateRates } from "./optimizers/optimizer.ts";
export type { SgdOptions } from "./optimizers/sgd.ts";
export { sgd } from "./optimizers/sgd.ts";
export type { ParameterGroup } from "./parameter-groups.ts";
export { isVector } from "./parameter-groups.ts";
export type { NamedArray, NamedArrays, Parameters } from "./parameters.ts";
export type { SafetensorsFile, WriteSafetensorsOptions } from "./safetensors.ts";
export { readSafetensors, writeSafetensors } from "./safetensors.ts";
export type { ConstantScheduleOptions } from "./schedules/constant-schedule.ts";
export { constantSchedule } from "./schedules/constant-schedule.ts";
export type { CosineScheduleOptions } from "./schedules/cosine-schedule.ts";
export { cosineSchedule } from "./schedules/cosine-schedule.ts";
export type { GradualWarmupScheduleOptions } from "./schedules/gradual-warmup-schedule.ts";
export { gradualWarmupSchedule } from "./schedules/gradual-warmup-schedule.ts";
export type { InverseTimeScheduleOptions } from "./schedules/inverse-time-schedule.ts";
export { inverseTimeSchedule } from "./schedules/inverse-time-schedule.ts";
export type { SchedulePart } from "./schedules/join-schedules.ts";
export { joinSchedules } from "./schedules/join-schedules.ts";
export type { PolynomialScheduleOptions } from "./schedules/polynomial-schedule.ts";
export { polynomialSchedule } from "./schedules/polynomial-schedule.ts";
export type { Schedule } from "./schedules/schedule.ts";
export type { StepScheduleOptions } from "./schedules/step-schedule.ts";
export { stepSchedule } from "./schedules/step-schedule.ts";
export type { WithWarmupOptions } from "./schedules/with-warmup.ts";
export { withWarmup } from "./schedules/with-warmup.ts";
export type {
  RunStagesOptions,
  Stage,
  StageOutput,
  StageRunner,
  StageStart,
  StagesReport,
} from "./stages.ts";
export { runStages } from "./stages.ts";
export type { BatchArray, TrainBatch } from "./step-runner.ts";
export type { InterruptStop } from "./stop-on-interrupt.ts";
export { stopOnInterrupt } from "./stop-on-interrupt.ts";
export { train } from "./train.ts";
export type { Evaluation, TrainedModel, TrainOptions, TrainProgress } from "./train-options.ts";
export { createTrainStep } from "./train-step.ts";
export type {
  LossContext,
  LossFunction,
  LossResult,
  Replicas,
  TrainStep,
  TrainStepOptions,
} from "./train-step-options.ts";
export type { TrainingErrorCode } from "./training-error.ts";
export { TrainingError } from "./training-error.ts";
