import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Communicator } from "@lmk/train";
import { asLaunched, fileHash, say, trainInStage, UserError } from "@lmk-example/kit";
import { createNetwork } from "./network.ts";
import { runTraining } from "./run-training.ts";
import { requireUsable, type TrainCommandOptions } from "./train-command-options.ts";
import { openTrainFolder } from "./train-folder.ts";
import { readBackbone, readWeights } from "./weights-file.ts";

/** Longer than the validation of an epoch, for which the other processes wait. */
const timeoutSeconds = 4 * 3600;

/** Does what the command `train` says, alone or as one of the processes that a launcher has started. */
export async function trainByCommand(options: TrainCommandOptions): Promise<void> {
  requireUsable(options);
  const { provider, CUDA_VISIBLE_DEVICES: devices } = options;
  await asLaunched({ provider, devices, timeoutSeconds }, (ranks) => train(options, ranks));
}

async function train(options: TrainCommandOptions, communicator: Communicator | undefined): Promise<void> {
  const { kernelType, fold, enetType, provider, init, loadFrom, accumulate, keepEpochs } = options;
  const ranks = communicator?.size ?? 1;
  const threads = options.threads ?? Math.max(1, Math.floor(availableParallelism() / ranks));
  const isFirst = communicator === undefined || communicator.rank === 0;
  const { data, paths } = await openTrainFolder(options);
  const model = createNetwork(enetType);
  const pretrained =
    init === undefined ? undefined : await readBackbone(requireFile("--init", init), model, options.seed);
  const loaded = loadFrom === "" ? undefined : await readWeights(requireFile("--load-from", loadFrom), model);
  if (isFirst && init === undefined && loaded === undefined) {
    say(
      "no --init and no --load-from: begins with random weights; the original begins with those of ImageNet",
    );
  }
  const startedFrom = isFirst ? { startedFrom: await hashesOf([init, loadFrom]) } : {};
  const context = { options: { provider, threads }, notice: (line: string) => say(`  ${line}`) };
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
      ...(options.maxSteps === undefined ? {} : { maxSteps: options.maxSteps }),
      ...(options.headClasses === undefined ? {} : { headClasses: options.headClasses }),
      ...(communicator === undefined ? {} : { communicator }),
    }),
  );
  if (isFirst) say(weights);
}

/** Tells files apart by what is in them; none is empty. */
async function hashesOf(files: readonly (string | undefined)[]): Promise<string> {
  const hashes = files.map((file) => (file === undefined || file === "" ? "" : fileHash(file)));
  return (await Promise.all(hashes)).join("/");
}

function requireFile(option: string, path: string): string {
  if (existsSync(path)) return path;
  throw new UserError(
    `${option}: expected a file of weights, got no ${path}; make it first, or correct the path`,
  );
}
