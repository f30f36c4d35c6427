import { rm } from "node:fs/promises";
import { augmentations, createSizeTemplate, groupedBatches } from "@lmk/data";
import { adam, type Optimizer, sgd } from "@lmk/train";
import {
  finishedFile,
  requireSameTraining,
  type TrainEmbeddingOptions,
  trainEmbedding,
  UserError,
  writeFinished,
} from "@lmk-example/kit";
import { shareBatches } from "./batch-shares.ts";
import { frozenGroups } from "./frozen.ts";
import { startingWeights } from "./handover.ts";
import { trainingLoss } from "./head.ts";
import { lastEpoch, learningRates } from "./learning-rates.ts";
import { createNetwork } from "./network.ts";
import type { NetworkConfig } from "./network-config.ts";
import { finishedSteps, runSettings } from "./run-record.ts";
import { imageSide } from "./tokens.ts";
import type { TrainingOptions, TrainingOutcome } from "./training-options.ts";
import { stepMargins, type TrainingRows, trainingRows } from "./training-rows.ts";
import { writeWeights } from "./weights-file.ts";
import { withDraws } from "./with-draws.ts";

/**
 * Does one step of a recipe: trains, and after each epoch writes the weights over those of the epoch before.
 *
 * It goes on from its last checkpoint if there is one; checkpoints are removed at the end. A run that is done is not done
 * again. The original's training loop was not published; that of its configs' keys is here.
 *
 * @throws UserError if the processes do not share the devices evenly, or checkpoints of another run are in the way.
 */
export async function runTraining(options: TrainingOptions): Promise<TrainingOutcome> {
  const { config, size = {}, weights, folder, seed, communicator, augmentation = "gld2021First" } = options;
  const processes = communicator?.size ?? 1;
  const isWriter = communicator === undefined || communicator.rank === 0;
  const { classes, margin } = stepMargins(options);
  const settings = runSettings(options, classes);
  const done = await stepsDone(options, settings);
  if (done > 0) return { reason: "finished", step: done };
  const { devices = processes, parts = 1 } = options;
  const shares = shareBatches(config, { devices, processes, parts });
  if (isWriter) requireSameTraining(folder, settings);
  const model = withDraws(createNetwork(config, size));
  const side = imageSide(config, size);
  const { parameters } = startingWeights(model, config, { ...options, classes });
  const groups = frozenGroups(config);
  const rows = trainingRows(options);
  const { reason, step } = await trainEmbedding({
    ...options,
    ...rows,
    ...(config.drop_last ? {} : { batches: withLastBatch(rows, { ...shares, seed }) }),
    ...shares,
    ...(groups.length === 0 ? {} : { groups }),
    ...clippingOf(config),
    seed,
    template: createSizeTemplate([], [{ width: side, height: side }]),
    augmentation: augmentations[augmentation],
    epochs: config.epochs,
    stopAfterEpoch: lastEpoch(config),
    parameters,
    loss: trainingLoss(model, config, margin),
    optimizer: optimizerOf(config),
    schedule: (_, updatesPerEpoch) => learningRates(config, updatesPerEpoch),
    synchronizedBatchNorm: config.syncbn && processes > 1,
    async onEpoch({ loss, weights: trained }) {
      await rm(finishedFile(weights), { force: true });
      await writeWeights(weights, await trained.parameters());
      return { trainLoss: loss };
    },
  });
  if (reason === "finished" && isWriter) {
    writeFinished(finishedFile(weights), { settings, step });
    await rm(`${folder}/checkpoints`, { recursive: true, force: true });
  }
  return { reason, step };
}

function optimizerOf({ optimizer, weight_decay, sgd_momentum, sgd_nesterov }: NetworkConfig): Optimizer {
  if (optimizer === "Adam") return adam({ weightDecay: weight_decay });
  return sgd({ weightDecay: weight_decay, momentum: sgd_momentum, nesterov: sgd_nesterov });
}

function clippingOf({ clip_grad, clip_mode }: NetworkConfig): { clipNorm?: number; clipValue?: number } {
  if (clip_grad === 0) return {};
  return clip_mode === "norm" ? { clipNorm: clip_grad } : { clipValue: clip_grad };
}

/** The batches of an epoch with the last one, which is smaller: some of its images then count twice. */
function withLastBatch(
  { sizeGroups }: TrainingRows,
  { batchSize, seed }: { readonly batchSize: number; readonly seed: number },
): NonNullable<TrainEmbeddingOptions["batches"]> {
  return (epoch, shard) => {
    if (shard.size > 1) {
      throw new UserError(
        `train: expected drop_last with ${shard.size} processes, got false; set it, or start one process`,
      );
    }
    return groupedBatches(sizeGroups, { batchSize, seed, epoch, dropUneven: false });
  };
}

/** The updates of a run that is done, 0 of another; the same for all processes, of which the first looks. */
async function stepsDone(
  { weights, communicator, onNotice }: TrainingOptions,
  settings: ReturnType<typeof runSettings>,
): Promise<number> {
  const isFirst = communicator === undefined || communicator.rank === 0;
  const own = isFirst ? (finishedSteps(weights, settings) ?? 0) : 0;
  if (own > 0) onNotice(`trained before; remove ${finishedFile(weights)} to train it again`);
  return communicator === undefined ? own : communicator.max(own);
}
