import type { NamedArrays } from "@lmk/models";
import type { Communicator } from "@lmk/train";
import {
  asLaunched,
  fileHashes,
  looksOf,
  requireWeights,
  say,
  trainInStage,
  trainProcess,
  UserError,
} from "@lmk-example/kit";
import { checkpointFile, runFolder } from "./checkpoint-file.ts";
import { type FoundStep, findStep } from "./find-step.ts";
import { createNetwork } from "./network.ts";
import type { NetworkConfig } from "./network-config.ts";
import { type BackboneName, backbonesOf, pretrainedWeights } from "./pretrained.ts";
import { runTraining } from "./run-training.ts";
import type { TrainCommandOptions } from "./train-command-options.ts";
import { openTrainFolder } from "./train-folder.ts";
import { readBackbone, readWeights } from "./weights-file.ts";
import { withKeys } from "./with-keys.ts";

/**
 * Does what the command `train` says, alone or as one of the processes that a launcher has started.
 *
 * @param keys - Keys and values of the config that come last.
 */
export async function trainByCommand(options: TrainCommandOptions, keys: readonly string[]): Promise<void> {
  const step = findStep(options.config, options.step);
  const config = withKeys(step.config, keys);
  const files = filesOf(options, step, config);
  await asLaunched({ provider: options.provider, devices: process.env.CUDA_VISIBLE_DEVICES }, (ranks) =>
    train(options, { ...step, config }, files, ranks),
  );
}

/** The files that a step begins with. */
interface StartFiles {
  readonly init: readonly (readonly [BackboneName, string])[];
  /** Backbones that begin with random weights. */
  readonly random: readonly BackboneName[];
  readonly loaded: string | undefined;
}

async function train(
  options: TrainCommandOptions,
  { config, before, devices }: FoundStep,
  files: StartFiles,
  communicator: Communicator | undefined,
): Promise<void> {
  const { outputDir, seed } = options;
  const { isFirst, context } = trainProcess(options, communicator);
  const weights = checkpointFile(outputDir, config, seed);
  const backbones: Partial<Record<BackboneName, NamedArrays>> = {};
  for (const [backbone, file] of files.init) backbones[backbone] = await readBackbone(file, backbone);
  if (isFirst && files.random.length > 0) {
    say(
      `no --init of ${files.random.join(", ")}: random weights; the original begins with those of ImageNet`,
    );
  }
  // What is changed of the network by hand was so in the step before.
  const { fusion_norm, global_order, local_branch, patch_norm } = config;
  const from = { ...(before ?? config), fusion_norm, global_order, local_branch, patch_norm };
  const loaded =
    files.loaded === undefined ? undefined : await readWeights(files.loaded, createNetwork(from), from);
  const folder = await openTrainFolder(options.dataDir, config.train_df);
  const begun = [...files.init.map(([, file]) => file), files.loaded].filter((file) => file !== undefined);
  const startedFrom = isFirst ? { startedFrom: await fileHashes(begun) } : {};
  await trainInStage(context, config.name, (surroundings) =>
    runTraining({
      ...surroundings,
      config,
      devices: options.devices ?? devices,
      parts: options.parts,
      ...folder,
      pretrained: pretrainedWeights(config, backbones),
      ...(loaded === undefined ? {} : { loaded }),
      ...startedFrom,
      weights,
      folder: runFolder(outputDir, config),
      seed,
      ...looksOf(options),
      ...(communicator === undefined ? {} : { communicator }),
    }),
  );
  if (isFirst) say(weights);
}

/** Finds what a step begins with, or refuses it before anything is read. */
function filesOf(
  { outputDir, seed, loadFrom, init = {} }: TrainCommandOptions,
  { before }: Pick<FoundStep, "before">,
  config: NetworkConfig,
): StartFiles {
  const names = [...backbonesOf(config).keys()];
  const other = Object.keys(init).find((name) => !names.some((one) => one === name));
  if (other !== undefined) {
    throw new UserError(
      `--init: expected files of ${names.join(", ") || `no backbone, as ${config.name} takes none`}, got one of ${other}; leave it out`,
    );
  }
  const given = names.flatMap((name) => (init[name] === undefined ? [] : [[name, init[name]] as const]));
  for (const [, file] of given) requireWeights("--init", file, "make it first, or correct the path");
  const own = before && checkpointFile(outputDir, before, seed);
  const loaded = loadFrom ?? (config.pretrained_weights === null ? undefined : own);
  if (loaded !== undefined) {
    requireWeights(
      "--load-from",
      loaded,
      before === undefined ? "correct the path" : `train ${before.name} first, or pass --load-from FILE`,
    );
  }
  return { init: given, random: names.filter((name) => init[name] === undefined), loaded };
}
