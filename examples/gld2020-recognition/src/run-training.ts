import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { augmentations, createSizeTemplate } from "@lmk/data";
import { adam } from "@lmk/train";
import { readJson, trainEmbedding, UserError, writeJson } from "@lmk-example/kit";
import { headMargins } from "./head-margins.ts";
import { keepWeights, writeRunWeights } from "./kept-weights.ts";
import { learningRates } from "./learning-rates.ts";
import { createNetwork, trainingLoss } from "./network.ts";
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
 * It goes on from its last checkpoint if there is one; checkpoints are removed at the end.
 */
export async function runTraining(options: TrainingOptions): Promise<TrainingOutcome> {
  const { run, size, data, paths, modelDir, logDir, accumulate = 1, communicator } = options;
  const { trainStep, imageSize, epochs, startFromEpoch = 1, stopAtEpoch = epochs, keepEpochs = [] } = run;
  const model = createNetwork(run.enetType, size);
  const margins = headMargins(data, options.headClasses);
  const parts = trainingRows(options);
  const validator = createValidator({
    ...options,
    ...parts.validation,
    model,
    margins,
    imageSize,
    batchSize: run.batchSize,
  });
  const weights = join(modelDir, weightsName(run));
  const folder = weights.replace(/\.safetensors$/, ".checkpoints");
  const isWriter = communicator === undefined || communicator.rank === 0;
  if (isWriter) requireSameRun(folder, options, margins.length);

  const { reason, step } = await trainEmbedding({
    ...options,
    folder,
    history: historyFile(logDir, run),
    ...parts.training,
    paths,
    template: createSizeTemplate([], [{ width: imageSize, height: imageSize }]),
    augmentation: augmentations.gld2020Third,
    epochs,
    startFromEpoch,
    stopAfterEpoch: Math.min(stopAtEpoch, epochs),
    batchSize: batchSizeOf(options),
    accumulate,
    parameters: startingWeights(model, { ...options, trainStep, classes: margins.length }),
    loss: trainingLoss(model, margins),
    optimizer: adam(),
    schedule: (_, stepsPerEpoch) => learningRates(run, stepsPerEpoch),
    synchronizedBatchNorm: true,
    async onEpoch({ epoch, complete, learningRate, loss: trainLoss, weights: trained }) {
      const parameters = await trained.parameters();
      const found = await validator.validate(parameters);
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
    await rm(folder, { recursive: true });
  }
  return { reason, step, weights };
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

/** Refuses checkpoints of another run in the same place; a run may go on for more or fewer epochs of its schedule. */
function requireSameRun(folder: string, options: TrainingOptions, classes: number): void {
  const { run, size = {}, data, seed, accumulate = 1, validationEvery = 15, normalization, kernel } = options;
  const { stopAtEpoch: _, keepEpochs: __, ...trained } = run;
  const images = data.rows.length;
  const settings = {
    run: trained,
    size,
    seed,
    accumulate,
    classes,
    images,
    validationEvery,
    normalization,
    kernel,
  };
  const file = join(folder, "run.json");
  const before = hasCheckpoint(folder) ? readJson<unknown>(file) : undefined;
  const own = JSON.parse(JSON.stringify(settings)) as unknown;
  if (before === undefined) writeJson(file, own);
  else if (JSON.stringify(before) !== JSON.stringify(own)) {
    throw new UserError(
      `${folder}: expected checkpoints of this run, got those of one with other settings; finish that one, or remove the folder`,
    );
  }
}

function hasCheckpoint(folder: string): boolean {
  const checkpoints = join(folder, "checkpoints");
  return existsSync(checkpoints) && readdirSync(checkpoints).length > 0;
}
