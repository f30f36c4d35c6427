import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { augmentations, createSizeTemplate } from "@lmk/data";
import { adam } from "@lmk/train";
import {
  finishedFile,
  requireSameTraining,
  type TrainingSettings,
  trainEmbedding,
  UserError,
} from "@lmk-example/kit";
import { headMargins } from "./head-margins.ts";
import { keepWeights, writeRunWeights } from "./kept-weights.ts";
import { learningRates } from "./learning-rates.ts";
import { createNetwork, headName, trainingLoss } from "./network.ts";
import { publishedRecipe } from "./recipe.ts";
import { finishedSteps, markFinished, runSettings } from "./run-record.ts";
import { lastEpoch } from "./runs.ts";
import { startingWeights } from "./starting-weights.ts";
import { appendLogLine } from "./train-log.ts";
import type { TrainRun } from "./train-run.ts";
import type { TrainingOptions, TrainingOutcome } from "./training-options.ts";
import { trainingRows } from "./training-rows.ts";
import { createValidator } from "./validation.ts";
import { weightsName } from "./weights-name.ts";

/** Where the history of a run's steps is kept, as `jsonLinesLog` writes it. */
export function historyFile(logDir: string, run: Pick<TrainRun, "kernelType" | "fold">): string {
  return join(logDir, `${run.kernelType}_fold${run.fold}.history.jsonl`);
}

/**
 * Does one run of the original's `train.py`: trains, and after each epoch validates, adds a line to the log and writes the
 * weights over those of the epoch before. Epochs to keep have a copy of their own, and so has the end.
 *
 * It goes on from its last checkpoint if there is one; checkpoints are removed at the end. A run that is done is not done
 * again.
 */
export async function runTraining(options: TrainingOptions): Promise<TrainingOutcome> {
  const { run, size, recipe = publishedRecipe, data, paths, modelDir, logDir } = options;
  const { accumulate = 1, communicator, onNotice } = options;
  const { trainStep, imageSize, epochs, startFromEpoch = 1, keepEpochs = [] } = run;
  const model = createNetwork(run.enetType, size);
  const { scale } = recipe.loss;
  const margins = headMargins(data, recipe.loss.margins, options.headClasses);
  const weights = join(modelDir, weightsName(run));
  const folder = weights.replace(/\.safetensors$/, ".checkpoints");
  const settings = runSettings(options, margins.length);
  const done = await stepsDone(weights, settings, options);
  const isWriter = communicator === undefined || communicator.rank === 0;
  if (done > 0) return { reason: "finished", step: done, weights };
  const parts = trainingRows(options);
  if (isWriter) {
    requireSameTraining(folder, settings);
    if (existsSync(finishedFile(weights))) onNotice(`replaces ${weights}, of other settings or epochs`);
    if (parts.validation.rows.length === 0)
      onNotice(`no images are validated on: none is of fold ${run.fold}`);
  }
  const validator = createValidator({
    ...options,
    ...parts.validation,
    model,
    scale,
    margins,
    imageSize,
    batchSize: run.batchSize,
  });

  const { reason, step } = await trainEmbedding({
    ...options,
    folder,
    history: historyFile(logDir, run),
    ...parts.training,
    paths,
    template: createSizeTemplate([], [{ width: imageSize, height: imageSize }]),
    augmentation: augmentations[recipe.augmentation],
    epochs,
    startFromEpoch,
    stopAfterEpoch: lastEpoch(run),
    batchSize: batchSizeOf(options),
    accumulate,
    parameters: startingWeights(model, { ...options, trainStep, classes: margins.length }),
    loss: trainingLoss(model, { scale, margins }),
    optimizer: adam(),
    ...(recipe.headRate === 1
      ? {}
      : { groups: [{ name: "head", match: isHead, learningRate: recipe.headRate }] }),
    schedule: (_, stepsPerEpoch) => learningRates(run, stepsPerEpoch),
    synchronizedBatchNorm: true,
    async onEpoch({ epoch, complete, learningRate, loss: trainLoss, weights: trained }) {
      const parameters = await trained.parameters();
      const found = await validator.validate(parameters);
      await rm(finishedFile(weights), { force: true });
      await writeRunWeights(weights, parameters);
      if (complete && keepEpochs.includes(epoch))
        await keepWeights(weights, join(modelDir, weightsName(run, epoch)));
      await appendLogLine(logDir, run, { ...found, epoch, learningRate, trainLoss });
      return {
        trainLoss,
        validLoss: found.loss,
        accuracy: found.accuracy,
        gap: found.globalAveragePrecision,
      };
    },
  }).finally(validator.dispose);
  if (reason === "finished" && isWriter) {
    await keepWeights(weights, weights.replace(/(?=\.safetensors$)/, "_final"));
    markFinished(weights, run, { settings, step });
    await rm(folder, { recursive: true });
  }
  return { reason, step, weights };
}

function isHead(name: string): boolean {
  return name === headName;
}

/** Images that all processes take at a time. */
function batchSizeOf({ run, accumulate = 1, communicator }: TrainingOptions): number {
  const ranks = communicator?.size ?? 1;
  const images = run.batchSize * run.devices;
  if (images % (ranks * accumulate) === 0) return images / accumulate;
  throw new UserError(
    `train: expected ${ranks} processes and ${accumulate} parts that divide a batch of ${images} images, got a remainder; choose others`,
  );
}

/** The steps of a run that is done, 0 of another; the same for all processes, of which the first looks. */
async function stepsDone(
  weights: string,
  settings: TrainingSettings,
  { run, communicator, onNotice }: TrainingOptions,
): Promise<number> {
  const isFirst = communicator === undefined || communicator.rank === 0;
  const own = isFirst ? (finishedSteps(weights, run, settings) ?? 0) : 0;
  if (own > 0) onNotice(`trained before; remove ${finishedFile(weights)} to train it again`);
  return communicator === undefined ? own : communicator.max(own);
}
