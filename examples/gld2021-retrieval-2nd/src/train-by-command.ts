import { existsSync } from "node:fs";
import { join } from "node:path";
import { type ImageList, readImageListPickle } from "@lmk/data";
import type { Communicator } from "@lmk/train";
import { asLaunched, looksOf, say, trainInStage, trainProcess, UserError } from "@lmk-example/kit";
import { findConfig } from "./find-config.ts";
import { outputDir } from "./output-dir.ts";
import { requireSupported } from "./require-supported.ts";
import { runTraining } from "./run-training.ts";
import { startOfConfig } from "./start-of-config.ts";
import type { TrainCommandOptions } from "./train-command-options.ts";
import type { YmlConfig } from "./yml-config.ts";

/**
 * Does what the command `train` says, alone or as one of the processes that a launcher has started.
 *
 * @param keys - Keys and values of the config that come last.
 */
export async function trainByCommand(options: TrainCommandOptions, keys: readonly string[]): Promise<void> {
  const config = await findConfig(options.configFile, keys);
  requireSupported(config);
  const { provider } = options;
  const devices = process.env.CUDA_VISIBLE_DEVICES ?? config.MODEL.DEVICE_ID;
  await asLaunched({ provider, devices }, (ranks) => train(options, config, ranks));
}

async function train(
  options: TrainCommandOptions,
  config: YmlConfig,
  communicator: Communicator | undefined,
): Promise<void> {
  const { loadSeFc = false } = options;
  const { isFirst, context } = trainProcess(options, communicator);
  const images = await readList(options, config);
  const started = await startOfConfig(config, { loadSeFc });
  if (isFirst && started === undefined) {
    say(
      "MODEL.PRETRAIN_PATH is empty: begins with random weights; the original begins with those of ImageNet",
    );
  }
  const { weights } = await trainInStage(context, config.MODEL.NAME, (surroundings) =>
    runTraining({
      ...surroundings,
      config,
      images,
      classes: images.classIds.reduce((most, classId) => Math.max(most, classId), -1) + 1,
      ...(started ?? {}),
      folder: outputDir(config),
      seed: options.seed,
      partsOfDevice: options.parts,
      ...looksOf(options),
      kernel: "opencv-linear",
      ...(communicator === undefined ? {} : { communicator }),
    }),
  );
  if (isFirst) say(weights);
}

async function readList(
  { cache, root }: Pick<TrainCommandOptions, "cache" | "root">,
  { DATALOADER }: Pick<YmlConfig, "DATALOADER">,
): Promise<ImageList> {
  const file = join(cache, DATALOADER.CACHE_LIST);
  if (DATALOADER.CACHE_LIST === "" || !existsSync(file)) {
    throw new UserError(
      `${file}: expected the list of DATALOADER.CACHE_LIST, got none; make it with generate-list, or correct --cache`,
    );
  }
  return readImageListPickle(file, root === undefined ? {} : { root });
}
