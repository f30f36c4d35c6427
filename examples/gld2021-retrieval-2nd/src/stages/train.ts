import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { NamedArrays } from "@lmk/models";
import {
  type CompletedStage,
  imageOptions,
  initFileOf,
  runStage,
  runTrainings,
  trainInStage,
} from "@lmk-example/kit";
import { runConfig, trainingsOf } from "../chain-runs.ts";
import type { Chain, ChainRun } from "../chains.ts";
import { imagenetWeights } from "../handover.ts";
import { listOfFile } from "../lists/list-of-file.ts";
import { trainingList } from "../lists/training-lists.ts";
import { weightsFile } from "../network-weights.ts";
import { checkpointName } from "../output-dir.ts";
import { readableClasses } from "../readable-images.ts";
import { finishedFile } from "../run-record.ts";
import { runTraining } from "../run-training.ts";
import type { SystemContext, SystemData, TrainedNetworks } from "../system.ts";
import type { TrainedImages } from "../training-options.ts";
import { readStart } from "../weights-file.ts";
import { standInFor } from "./stand-in.ts";

/** Trains the networks of the ensemble, run by run. */
export async function trainChains(context: SystemContext, data: SystemData): Promise<TrainedNetworks> {
  const { chains, training } = context.config;
  const { trainings, threads } = context.options;
  await runTrainings(
    context,
    trainingsOf(context.config),
    trainings ?? (training.oneThreadEach ? threads : 1),
  );
  const trained = new Map<Chain["network"], CompletedStage>();
  for (const chain of chains) trained.set(chain.network, await trainChain(context, data, chain));
  return trained;
}

async function trainChain(context: SystemContext, data: SystemData, chain: Chain): Promise<CompletedStage> {
  const { config, options } = context;
  const { standIn } = config;
  const first = runConfig(config, chain.runs[0]!.name);
  const isDrawn = initFileOf(options, first.MODEL.NAME) === undefined;
  let before =
    isDrawn && standIn !== undefined
      ? await standInFor(context, data, { name: chain.network, yml: first, standIn })
      : undefined;
  for (const run of chain.runs) before = await train(context, data, { chain, run, before });
  return before!;
}

/** A run, and the stage whose weights it begins with. */
interface RunStart {
  readonly chain: Chain;
  readonly run: ChainRun;
  readonly before: CompletedStage | undefined;
}

async function train(context: SystemContext, data: SystemData, start: RunStart): Promise<CompletedStage> {
  const { config, options } = context;
  const { chain, run, before } = start;
  const { normalization: _, ...images } = await imageOptions(context);
  const yml = runConfig(config, run.name);
  const size = config.sizes[chain.network];
  const { emptyContinents, checkpointEverySteps } = config.training;
  const settings = {
    config: yml,
    from: run.from,
    size,
    seed: config.seed,
    emptyContinents,
    kernel: config.images.kernel,
    init: run.from === undefined ? initFileOf(options, yml.MODEL.NAME) : undefined,
    maxSteps: options.maxSteps,
    headClasses: options.headClasses,
    provider: options.provider,
  };
  const after = [data.prepared.stage, before].filter((stage) => stage !== undefined);
  return runStage(context.run, `train/${run.name}`, { settings, after }, async (folder) => {
    const weights = await startOf(context, start);
    const { set, images: listed } = imagesOf(data, yml.DATALOADER.CACHE_LIST);
    const outcome = await trainInStage(context, run.name, (surroundings) =>
      runTraining({
        ...surroundings,
        ...images,
        config: yml,
        size,
        images: listed,
        classes: set.landmarkIds.length,
        ...(weights === undefined ? {} : { start: weights }),
        folder,
        seed: config.seed,
        ...(options.maxSteps === undefined ? {} : { maxSteps: options.maxSteps }),
        ...(options.headClasses === undefined ? {} : { headClasses: options.headClasses }),
        emptyContinents,
        checkpointEverySteps,
      }),
    );
    await rename(outcome.weights, join(folder, weightsFile));
    await rm(finishedFile(folder), { force: true });
  });
}

/** A list with the rows of its images that can be read. */
function imagesOf({ sources, prepared }: SystemData, file: string) {
  const { set, list } = trainingList(listOfFile(file), sources);
  const { noisy, tags, paths } = list;
  const images: TrainedImages = { classIds: readableClasses(set, prepared), noisy, tags, paths };
  return { set, images };
}

/** The weights that a run begins with; none where they are drawn at random. */
async function startOf(
  { config, options, notice }: SystemContext,
  { run, before }: RunStart,
): Promise<NamedArrays | undefined> {
  const yml = runConfig(config, run.name);
  const init = run.from === undefined ? initFileOf(options, yml.MODEL.NAME) : undefined;
  if (init !== undefined) return imagenetWeights(yml, await readStart(init));
  if (before === undefined) {
    notice(`${run.name} begins with random weights; --init brings those learned on ImageNet`);
    return undefined;
  }
  const last = join(before.folder, weightsFile);
  if (run.from === undefined || run.from.epoch === runConfig(config, run.from.run).SOLVER.MAX_EPOCHS)
    return readStart(last);
  const kept = join(before.folder, `${checkpointName(yml, run.from.epoch)}.safetensors`);
  // Before that epoch --max-steps may have ended the run.
  return readStart(options.maxSteps === undefined || existsSync(kept) ? kept : last);
}
