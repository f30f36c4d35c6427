import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { NamedArrays } from "@lmk/models";
import {
  type CompletedStage,
  fileHash,
  finishedFile,
  imageOptions,
  initFileOf,
  longestFirst,
  looksOf,
  runStage,
  runTrainings,
  type TrainedNetworks,
  type Training,
  trainInStage,
  trainingsAtOnce,
  usableRows,
} from "@lmk-example/kit";
import type { Config } from "../config.ts";
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
import { standInFor } from "./stand-in.ts";

/** Trains the networks of the ensemble, run by run; runs that chains share are done once. */
export async function trainChains(
  context: SystemContext,
  data: SystemData,
): Promise<TrainedNetworks<MemberName>> {
  const { chains, standIn } = context.config;
  await runTrainings(context, trainingsOf(context.config), trainingsAtOnce(context));
  const ofStep = stepsOf(data);
  const runs = new Map<string, CompletedStage>();
  const standIns = new Map<EnetType, CompletedStage>();
  for (const run of runsOf(chains)) {
    const { enetType, loadFrom } = run;
    const isDrawn = loadFrom === undefined && initFileOf(context.options, enetType) === undefined;
    if (isDrawn && standIn !== undefined && !standIns.has(enetType)) {
      standIns.set(enetType, await standInFor(context, data, enetType, standIn));
    }
    const parent = loadFrom === undefined ? standIns.get(enetType) : runs.get(loadFrom.kernelType)!;
    runs.set(run.kernelType, await train(context, data, ofStep, run, parent));
  }
  return new Map(chains.map((chain) => [chain.name, runs.get(lastRun(chain).kernelType)!]));
}

/**
 * The chains of each kind of network, for a process of its own: chains that share runs are of one kind. Networks of more
 * layers come first, which take longest: at the end no thread waits for them.
 */
function trainingsOf({ chains, sizes }: Pick<Config, "chains" | "sizes">): readonly Training[] {
  const kinds = [...new Set(chains.map((chain) => lastRun(chain).enetType))];
  const layersOf = (kind: EnetType): number => Object.keys(createNetwork(kind, sizes[kind]).shapes).length;
  return longestFirst(kinds, layersOf).map((kind) => {
    const own = chains.filter((chain) => lastRun(chain).enetType === kind);
    const members = own.map(({ name }) => name).join(",");
    const name = `train/${runsOf(own).at(-1)!.kernelType}`;
    return { name, after: [], stage: "chains", options: ["--members", members] };
  });
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
  const { checkpointEverySteps: _, ...training } = config.training;
  const init = loadFrom === undefined ? initFileOf(options, enetType) : undefined;
  const settings = {
    run,
    size,
    seed: config.seed,
    recipe: config.recipe,
    training,
    images: { normalization, kernel },
    init: init && (await fileHash(init)),
    maxSteps: options.maxSteps,
    headClasses: options.headClasses,
    provider: options.provider,
  };
  const after = [data.prepared.stage, data.folds, parent].filter((stage) => stage !== undefined);
  return runStage(context.run, `train/${run.kernelType}`, { settings, after }, async (folder) => {
    const model = createNetwork(enetType, size);
    const start: { loaded?: NamedArrays; pretrained?: NamedArrays } = {};
    if (parent !== undefined && loadFrom !== undefined) {
      start.loaded = await readWeights(loadedFile(parent.folder, run, options), model);
    } else if (init !== undefined) start.pretrained = await readBackbone(init, model, config.seed);
    else if (parent !== undefined)
      start.pretrained = await readWeights(join(parent.folder, weightsFile), model);
    else notice(`${run.kernelType} begins with random weights; --init brings those learned on ImageNet`);
    const images = await imageOptions(context);
    const { weights } = await trainInStage(context, run.kernelType, (surroundings) =>
      runTraining({
        ...surroundings,
        run,
        size,
        recipe: config.recipe,
        data: ofStep(run.trainStep),
        paths: data.prepared.data.train.paths,
        usable: usableRows(data.prepared, "train"),
        ...start,
        modelDir: folder,
        logDir: folder,
        seed: config.seed,
        ...looksOf(options),
        ...config.training,
        ...images,
      }),
    );
    await rename(weights, join(folder, weightsFile));
    for (const file of [weights.replace(/(?=\.safetensors$)/, "_final"), finishedFile(weights)]) {
      await rm(file, { force: true });
    }
  });
}

/** The weights that a run begins with: those of an epoch, or the last where `--max-steps` ended the run before that epoch. */
function loadedFile(
  folder: string,
  { fold, loadFrom }: PlannedRun,
  { maxSteps }: Pick<SystemContext["options"], "maxSteps">,
): string {
  const last = join(folder, weightsFile);
  if (loadFrom?.epoch === undefined) return last;
  const kept = join(folder, weightsName({ kernelType: loadFrom.kernelType, fold }, loadFrom.epoch));
  return maxSteps === undefined || existsSync(kept) ? kept : last;
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
