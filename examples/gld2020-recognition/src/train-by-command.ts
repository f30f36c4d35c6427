import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import * as compiler from "@lmk/compile";
import { type Communicator, compiledEngine, stopOnInterrupt } from "@lmk/train";
import { type LaunchedRank, type MpiCommunicator, openMpi, rankFromEnvironment } from "@lmk/train/mpi";
import { progressLog } from "@lmk/train/progress";
import { InterruptedError, oneLine, say, UserError } from "@lmk-example/kit";
import { createNetwork } from "./network.ts";
import { runTraining } from "./run-training.ts";
import { openTrainFolder } from "./train-folder.ts";
import type { EnetType, TrainStep } from "./train-run.ts";
import { readBackbone, readWeights } from "./weights-file.ts";

/** What `train` takes from its command line; the first part by the original's names. */
export interface TrainCommandOptions {
  readonly kernelType: string;
  readonly dataDir: string;
  readonly trainStep: TrainStep;
  readonly imageSize: number;
  readonly enetType: EnetType;
  readonly batchSize: number;
  readonly initLr: number;
  readonly nEpochs: number;
  readonly startFromEpoch: number;
  readonly stopAtEpoch: number;
  readonly useAmp?: boolean;
  readonly modelDir: string;
  readonly logDir: string;
  readonly CUDA_VISIBLE_DEVICES: string;
  readonly fold: number;
  readonly loadFrom: string;

  readonly foldsCsv: string;
  readonly accumulate: number;
  readonly keepEpochs?: readonly number[];
  readonly maxSteps?: number;
  readonly headClasses?: number;
  readonly init?: string;
  readonly seed: number;
  readonly provider: "cpu" | "cuda" | "webgpu";
  readonly threads?: number;
}

/** Longer than the validation of an epoch, for which the other processes wait. */
const timeoutSeconds = 4 * 3600;

/** Does what the command `train` says, alone or as one of the processes that a launcher has started. */
export async function trainByCommand(options: TrainCommandOptions): Promise<void> {
  const launched = rankFromEnvironment(process.env);
  requireUsable(options, launched);
  chooseDevice(options, launched);
  if (launched === undefined || launched.size === 1) return train(options);
  const ranks = await openMpi({ timeoutSeconds });
  await together(ranks, () => train(options, ranks));
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

function requireFile(option: string, path: string): string {
  if (existsSync(path)) return path;
  throw new UserError(
    `${option}: expected a file of weights, got no ${path}; make it first, or correct the path`,
  );
}

function requireUsable(
  { useAmp, provider, nEpochs, startFromEpoch, stopAtEpoch }: TrainCommandOptions,
  launched: LaunchedRank | undefined,
): void {
  if (useAmp === true) {
    throw new UserError(
      "--use-amp: expected training in float32, got a flag that in the original turned mixed precision off; leave it out, it is off here",
    );
  }
  if (provider === "webgpu" && launched !== undefined && launched.size > 1) {
    throw new UserError(
      `--provider webgpu: expected one process, got ${launched.size}; take cuda or cpu with mpirun`,
    );
  }
  const last = Math.min(nEpochs, stopAtEpoch);
  if (startFromEpoch > last) {
    throw new UserError(
      `--start-from-epoch: expected an epoch up to the last, ${last}, got ${startFromEpoch}; raise --stop-at-epoch or --n-epochs`,
    );
  }
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
