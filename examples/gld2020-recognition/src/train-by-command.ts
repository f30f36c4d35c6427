import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import * as compiler from "@lmk/compile";
import { type Communicator, compiledEngine, stopOnInterrupt } from "@lmk/train";
import { type LaunchedRank, type MpiCommunicator, openMpi, rankFromEnvironment } from "@lmk/train/mpi";
import { progressLog } from "@lmk/train/progress";
import { fileHash, InterruptedError, oneLine, say, UserError } from "@lmk-example/kit";
import { createNetwork } from "./network.ts";
import { runTraining } from "./run-training.ts";
import { requireUsable, type TrainCommandOptions } from "./train-command-options.ts";
import { openTrainFolder } from "./train-folder.ts";
import { readBackbone, readWeights } from "./weights-file.ts";

/** Longer than the validation of an epoch, for which the other processes wait. */
const timeoutSeconds = 4 * 3600;

/** Does what the command `train` says, alone or as one of the processes that a launcher has started. */
export async function trainByCommand(options: TrainCommandOptions): Promise<void> {
  const launched = rankFromEnvironment(process.env);
  requireUsable(options, launched);
  chooseDevice(options, launched);
  if (launched === undefined || launched.size === 1) return train(options);
  const ranks = await openMpi({ timeoutSeconds });
  await together(ranks, async () => {
    requireSamePlace(launched, ranks);
    await train(options, ranks);
  });
}

/** Does the work of a rank. If it fails, the other ranks end too, and what it shows is its own error. */
async function together(ranks: MpiCommunicator, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof InterruptedError)) {
      // What is not written yet is lost when the job is ended.
      await new Promise((resolve) =>
        process.stderr.write(`train: rank ${ranks.rank}: ${oneLine(error)}\n`, resolve),
      );
      ranks.abort(1);
    }
    await ranks.close();
    throw error;
  }
  await ranks.close();
}

async function train(options: TrainCommandOptions, communicator?: Communicator): Promise<void> {
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
  const stop = stopOnInterrupt();
  const { reason, step, weights } = await runTraining({
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
    ...(isFirst ? { startedFrom: await hashesOf([init, loadFrom]) } : {}),
    modelDir: options.modelDir,
    logDir: options.logDir,
    seed: options.seed,
    accumulate,
    ...(options.maxSteps === undefined ? {} : { maxSteps: options.maxSteps }),
    ...(options.headClasses === undefined ? {} : { headClasses: options.headClasses }),
    engine: compiledEngine(compiler, { provider, threads }),
    ...(communicator === undefined ? {} : { communicator }),
    callbacks: [progressLog({ label: `  ${kernelType}` })],
    signal: stop.signal,
    onNotice: (line) => say(`  ${line}`),
  }).finally(stop.dispose);
  if (reason === "interrupted") {
    throw new InterruptedError(`stopped; ${kernelType} is saved at step ${step}`, stop.exitCode() || 130);
  }
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

/** Refuses a launcher of another MPI: its processes do not see each other, and would all write the same files. */
function requireSamePlace(launched: LaunchedRank, { rank, size }: MpiCommunicator): void {
  if (launched.rank === rank) return;
  throw new UserError(
    `train: expected process ${launched.rank} of ${launched.size}, as its launcher says, got ${rank} of ${size} from MPI; start it with MPICH's mpirun`,
  );
}

/** Shows a process the one device that is its own, before a library looks for devices. */
function chooseDevice(
  { provider, CUDA_VISIBLE_DEVICES: list }: TrainCommandOptions,
  launched: LaunchedRank | undefined,
): void {
  if (provider !== "cuda") return;
  const devices = list.split(",");
  process.env.CUDA_VISIBLE_DEVICES = devices[(launched?.localRank ?? 0) % devices.length]!;
}
