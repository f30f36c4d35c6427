import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  type CompletedStage,
  imageOptions,
  initFileOf,
  initHashOf,
  looksOf,
  runStage,
  runTrainings,
  trainInStage,
  trainingsAtOnce,
} from "@lmk-example/kit";
import { runConfig, trainingsOf } from "../chain-runs.ts";
import type { Chain } from "../chains.ts";
import { listOfFile } from "../lists/list-of-file.ts";
import { trainingList } from "../lists/training-lists.ts";
import { weightsFile } from "../network-weights.ts";
import { readableClasses } from "../readable-images.ts";
import { finishedFile } from "../run-record.ts";
import { runTraining } from "../run-training.ts";
import type { SystemContext, SystemData, TrainedNetworks } from "../system.ts";
import type { TrainedImages } from "../training-options.ts";
import { type RunStart, startOf } from "./run-start.ts";
import { standInFor } from "./stand-in.ts";

/** Trains the networks of the ensemble, run by run. */
export async function trainChains(context: SystemContext, data: SystemData): Promise<TrainedNetworks> {
  const { chains } = context.config;
  await runTrainings(context, trainingsOf(context.config), trainingsAtOnce(context));
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

async function train(context: SystemContext, data: SystemData, start: RunStart): Promise<CompletedStage> {
  const { config, options } = context;
  const { chain, run, before } = start;
  const { normalization: _, ...images } = await imageOptions(context);
  const yml = runConfig(config, run.name);
  const size = config.sizes[chain.network];
  const { emptyContinents, checkpointEverySteps } = config.training;
  const init = run.from === undefined ? await initHashOf(options, yml.MODEL.NAME) : undefined;
  const settings = {
    config: yml,
    from: run.from,
    size,
    seed: config.seed,
    emptyContinents,
    kernel: config.images.kernel,
    init,
    loadSeFc: init === undefined ? undefined : options.loadSeFc,
    maxSteps: options.maxSteps,
    headClasses: options.headClasses,
    provider: options.provider,
  };
  const after = [data.prepared.stage, before].filter((stage) => stage !== undefined);
  return runStage(context.run, `train/${run.name}`, { settings, after }, async (folder) => {
    const trained = join(folder, weightsFile);
    // They get this name when the run is done; a kill right after that is no reason to do it again.
    if (existsSync(trained)) return;
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
        ...looksOf(options),
        emptyContinents,
        checkpointEverySteps,
      }),
    );
    await rename(outcome.weights, trained);
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
