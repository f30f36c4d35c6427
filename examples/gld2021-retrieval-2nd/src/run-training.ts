import { existsSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createSizeTemplate } from "@lmk/data";
import { requireSameTraining, type TrainingSettings, trainEmbedding, UserError } from "@lmk-example/kit";
import { augmentationOf, normalizationOf } from "./augmentation.ts";
import { cutIntoParts, shareStep } from "./device-batches.ts";
import { handOver } from "./handover.ts";
import { learningRates, optimizerOf, parameterGroups } from "./learning-rates.ts";
import { createNetwork, headClasses, initialParameters } from "./network.ts";
import { checkpointName } from "./output-dir.ts";
import { requireSupported } from "./require-supported.ts";
import { finishedFile, finishedRun, markFinished, runSettings } from "./run-record.ts";
import { epochBatches } from "./sampler.ts";
import { appendLogLine } from "./train-log.ts";
import { trainingLoss } from "./training-loss.ts";
import type { TrainingOptions, TrainingOutcome } from "./training-options.ts";
import { writeWeights } from "./weights-file.ts";

/**
 * Does one run of the original's `train.py`: trains, adds a line to the log after each epoch, and keeps the weights of every
 * `SOLVER.CHECKPOINT_PERIOD` epochs, and those at the end, as `<NAME>_<epoch>.safetensors`.
 *
 * It goes on from its last checkpoint if there is one; checkpoints are removed at the end. A run that is done is not done
 * again.
 *
 * @throws UserError if the config asks for what is not here, the processes or parts do not share a batch evenly, or there are
 * checkpoints of another run in the folder.
 */
export async function runTraining(options: TrainingOptions): Promise<TrainingOutcome> {
  const { config, size, images, folder, seed, communicator, onNotice } = options;
  requireSupported(config);
  const { MAX_EPOCHS, CHECKPOINT_PERIOD } = config.SOLVER;
  const processes = communicator?.size ?? 1;
  const isWriter = communicator === undefined || communicator.rank === 0;
  const shares = shareStep(config, { processes, partsOfDevice: options.partsOfDevice ?? 1 });
  const classes = Math.max(headClasses(config, options.classes), options.headClasses ?? 0);
  const settings = runSettings(options, classes);
  const done = await stepsDone(options, settings);
  if (done !== undefined) return done;
  if (isWriter) {
    await mkdir(folder, { recursive: true });
    requireSameTraining(folder, settings);
    if (existsSync(finishedFile(folder))) onNotice(`replaces the weights in ${folder}, of other settings`);
    await rm(finishedFile(folder), { force: true });
  }

  const batches = (epoch: number, shard: { readonly rank: number; readonly size: number }) =>
    epochBatches(config, images, { seed, epoch, shard, empty: options.emptyContinents ?? "throw" });
  const stepsPerEpoch = batches(0, { rank: 0, size: 1 }).length;
  if (stepsPerEpoch === 0)
    throw new UserError("train: expected images for a batch, got fewer; lower SOLVER.IMS_PER_BATCH");
  const model = createNetwork(config, size);
  const initial = initialParameters(model, { classes, seed });
  const [height, width] = config.INPUT.SIZE_TRAIN as readonly [number, number];
  const fileOf = (epoch: number): string => join(folder, `${checkpointName(config, epoch)}.safetensors`);
  let written = 0;

  const { reason, step, parameters } = await trainEmbedding({
    ...options,
    paths: images.paths,
    sizeGroups: images.classIds.map((classId) => (classId < 0 ? -1 : 0)),
    classes: images.classIds,
    batches: (epoch, shard) => cutIntoParts(batches(epoch, shard), shares),
    batchSize: shares.images * processes,
    accumulate: shares.parts,
    template: createSizeTemplate([], [{ width, height }]),
    augmentation: augmentationOf(config),
    normalization: normalizationOf(config),
    epochs: MAX_EPOCHS,
    parameters: options.start === undefined ? initial : handOver(initial, options.start).parameters,
    loss: trainingLoss(model, config),
    optimizer: optimizerOf(config),
    groups: parameterGroups(config, model, stepsPerEpoch),
    schedule: () => learningRates(config, stepsPerEpoch),
    async onEpoch({ epoch, step, complete, learningRate, loss, weights }) {
      await appendLogLine(folder, { epoch, step, learningRate, loss });
      if (complete && epoch % CHECKPOINT_PERIOD === 0) {
        await writeWeights(fileOf(epoch), await weights.parameters());
        written = epoch;
      }
      return { trainLoss: loss };
    },
  });
  const lastEpoch = Math.ceil(step / stepsPerEpoch);
  const weights = fileOf(lastEpoch);
  if (reason === "finished" && isWriter) {
    if (written !== lastEpoch) await writeWeights(weights, parameters);
    markFinished(folder, { settings, step, weights: `${checkpointName(config, lastEpoch)}.safetensors` });
    for (const left of ["checkpoints", "run.json"]) await rm(join(folder, left), { recursive: true });
  }
  return { reason, step, weights };
}

/** How a run ended that is done, the same for all processes, of which the first looks. */
async function stepsDone(
  { config, folder, communicator, onNotice }: TrainingOptions,
  settings: TrainingSettings,
): Promise<TrainingOutcome | undefined> {
  const isFirst = communicator === undefined || communicator.rank === 0;
  const record = isFirst ? finishedRun(folder, settings) : undefined;
  const own = record?.step ?? 0;
  const step = communicator === undefined ? own : await communicator.max(own);
  if (step === 0) return undefined;
  if (isFirst) onNotice(`trained before; remove ${finishedFile(folder)} to train it again`);
  const last = `${checkpointName(config, config.SOLVER.MAX_EPOCHS)}.safetensors`;
  return { reason: "finished", step, weights: join(folder, record?.weights ?? last) };
}
