import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import * as compiler from "@lmk/compile";
import { openDecodedCache } from "@lmk/data/images";
import type { NamedArrays } from "@lmk/models";
import { compiledEngine, stopOnInterrupt } from "@lmk/train";
import { progressLog } from "@lmk/train/progress";
import {
  type CompletedStage,
  engineSettings,
  InterruptedError,
  runStage,
  usableRows,
} from "@lmk-example/kit";
import { createNetwork } from "../network.ts";
import { runTraining } from "../run-training.ts";
import { type PlannedRun, runsOf } from "../runs.ts";
import { stepData } from "../step-data.ts";
import type { StepData, SystemContext, SystemData } from "../system.ts";
import { type EnetType, lastRun, type MemberName, type TrainStep } from "../train-run.ts";
import { readBackbone, readWeights } from "../weights-file.ts";
import { weightsName } from "../weights-name.ts";
import { weightsFile } from "./embed.ts";
import { foldedLabels } from "./folds.ts";
import { trainStandIn } from "./stand-in.ts";

/** Trains the networks of the ensemble, run by run; runs that chains share are done once. */
export async function trainChains(
  context: SystemContext,
  data: SystemData,
): Promise<ReadonlyMap<MemberName, CompletedStage>> {
  const { chains, standIn } = context.config;
  const ofStep = stepsOf(data);
  const runs = new Map<string, CompletedStage>();
  const standIns = new Map<EnetType, CompletedStage>();
  for (const run of runsOf(chains)) {
    const { enetType, loadFrom } = run;
    if (loadFrom === undefined && standIn !== undefined && !standIns.has(enetType)) {
      standIns.set(enetType, await trainStandIn(context, data, enetType, standIn));
    }
    const parent = loadFrom === undefined ? standIns.get(enetType) : runs.get(loadFrom.kernelType)!;
    runs.set(run.kernelType, await train(context, data, ofStep, run, parent));
  }
  return new Map(chains.map((chain) => [chain.name, runs.get(lastRun(chain).kernelType)!]));
}

async function train(
  context: SystemContext,
  data: SystemData,
  ofStep: (step: TrainStep) => StepData,
  run: PlannedRun,
  parent: CompletedStage | undefined,
): Promise<CompletedStage> {
  const { config, options, notice } = context;
  const { enetType, loadFrom } = run;
  const { normalization, kernel } = config.images;
  const size = config.sizes[enetType];
  const init = loadFrom === undefined ? (options.init?.[enetType] ?? options.init?.["*"]) : undefined;
  const settings = {
    run,
    size,
    seed: config.seed,
    training: config.training,
    images: { normalization, kernel },
    init,
    maxSteps: options.maxSteps,
    headClasses: options.headClasses,
    provider: options.provider,
  };
  const after = [data.prepared.stage, data.folds, parent].filter((stage) => stage !== undefined);
  return runStage(context.run, `train/${run.kernelType}`, { settings, after }, async (folder) => {
    const model = createNetwork(enetType, size);
    const start: { loaded?: NamedArrays; pretrained?: NamedArrays } = {};
    if (parent !== undefined && loadFrom !== undefined) {
      const file =
        loadFrom.epoch === undefined ? weightsFile : weightsName({ ...run, ...loadFrom }, loadFrom.epoch);
      start.loaded = await readWeights(join(parent.folder, file), model);
    } else if (init !== undefined) start.pretrained = await readBackbone(init, model, config.seed);
    else if (parent !== undefined)
      start.pretrained = await readWeights(join(parent.folder, weightsFile), model);
    const stop = stopOnInterrupt();
    const { reason, step, weights } = await runTraining({
      run,
      size,
      data: ofStep(run.trainStep),
      paths: data.prepared.data.train.paths,
      usable: usableRows(data.prepared, "train"),
      ...start,
      modelDir: folder,
      logDir: folder,
      seed: config.seed,
      ...(options.maxSteps === undefined ? {} : { maxSteps: options.maxSteps }),
      ...(options.headClasses === undefined ? {} : { headClasses: options.headClasses }),
      ...config.training,
      normalization,
      kernel,
      ...(config.images.cache ? { cache: await openDecodedCache(join(context.run.path, "decoded")) } : {}),
      engine: compiledEngine(compiler, engineSettings(context)),
      callbacks: [progressLog({ label: `  ${run.kernelType}` })],
      signal: stop.signal,
      onNotice: notice,
    }).finally(stop.dispose);
    if (reason === "interrupted") {
      throw new InterruptedError(`stopped; ${run.kernelType} is saved at step ${step}`, stop.exitCode());
    }
    await rename(weights, join(folder, weightsFile));
    await rm(weights.replace(/(?=\.safetensors$)/, "_final"), { force: true });
  });
}

/** The images of each step, chosen once. */
function stepsOf({ prepared }: SystemData): (step: TrainStep) => StepData {
  const known = new Map<boolean, StepData>();
  return (step) => {
    const whole = step === 0;
    const chosen = known.get(whole) ?? stepData(prepared.data, foldedLabels(prepared.data), step);
    known.set(whole, chosen);
    return chosen;
  };
}
