import type { Communicator } from "@lmk/train";
import {
  asLaunched,
  fileHash,
  looksOf,
  requireWeights,
  say,
  trainInStage,
  trainProcess,
} from "@lmk-example/kit";
import { createNetwork } from "./network.ts";
import { runTraining } from "./run-training.ts";
import { requireUsable, type TrainCommandOptions } from "./train-command-options.ts";
import { openTrainFolder } from "./train-folder.ts";
import { readBackbone, readWeights } from "./weights-file.ts";

/** Longer than the validation of an epoch, for which the other processes wait. */
const timeoutSeconds = 4 * 3600;

/** What to do about a file of weights that is not there. */
const remedy = "make it first, or correct the path";

/** Does what the command `train` says, alone or as one of the processes that a launcher has started. */
export async function trainByCommand(options: TrainCommandOptions): Promise<void> {
  requireUsable(options);
  const { provider, CUDA_VISIBLE_DEVICES: devices } = options;
  await asLaunched({ provider, devices, timeoutSeconds }, (ranks) => train(options, ranks));
}

async function train(options: TrainCommandOptions, communicator: Communicator | undefined): Promise<void> {
  const { kernelType, fold, enetType, init = "", loadFrom, accumulate, keepEpochs } = options;
  const { ranks, isFirst, context } = trainProcess(options, communicator);
  const { data, paths } = await openTrainFolder(options);
  const model = createNetwork(enetType);
  if (init !== "") requireWeights("--init", init, remedy);
  const pretrained = init === "" ? undefined : await readBackbone(init, model, options.seed);
  if (loadFrom !== "") requireWeights("--load-from", loadFrom, remedy);
  const loaded = loadFrom === "" ? undefined : await readWeights(loadFrom, model);
  if (isFirst && pretrained === undefined && loaded === undefined) {
    say(
      "no --init and no --load-from: begins with random weights; the original begins with those of ImageNet",
    );
  }
  const startedFrom = isFirst ? { startedFrom: await hashesOf(init, loadFrom) } : {};
  const { weights } = await trainInStage(context, kernelType, (surroundings) =>
    runTraining({
      ...surroundings,
      run: {
        kernelType,
        trainStep: options.trainStep,
        enetType,
        fold,
        imageSize: options.imageSize,
        batchSize: options.batchSize,
        devices: ranks * accumulate,
        initLr: options.initLr,
        epochs: options.nEpochs,
        startFromEpoch: options.startFromEpoch,
        stopAtEpoch: options.stopAtEpoch,
        ...(keepEpochs === undefined ? {} : { keepEpochs }),
      },
      data,
      paths,
      ...(pretrained === undefined ? {} : { pretrained }),
      ...(loaded === undefined ? {} : { loaded }),
      ...startedFrom,
      modelDir: options.modelDir,
      logDir: options.logDir,
      seed: options.seed,
      accumulate,
      ...looksOf(options),
      ...(communicator === undefined ? {} : { communicator }),
    }),
  );
  if (isFirst) say(weights);
}

/** Tells what a run begins with apart by what is in the files; a name that is not given stays empty. */
async function hashesOf(...files: readonly string[]): Promise<string> {
  return (await Promise.all(files.map((file) => (file === "" ? "" : fileHash(file))))).join("/");
}
