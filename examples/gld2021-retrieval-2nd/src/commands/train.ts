import { addTrainProcessOptions, wholeNumber } from "@lmk-example/kit";
import { Command } from "commander";
import { trainByCommand } from "../train-by-command.ts";
import type { TrainCommandOptions } from "../train-command-options.ts";

/** The original's `train.py`: one training run, in one process or, under `mpirun`, in several. */
export const trainCommand: Command = addTrainProcessOptions(new Command("train"))
  .description("train one network by one config, as train.py does; several processes with mpirun")
  .argument("[options...]", "keys of the config and their values, such as SOLVER.BASE_LR 0.01")
  .requiredOption(
    "--config_file, --config-file <file>",
    "a yml file of the original, or the name of a published run, such as R50_256",
  )
  .option("--cache <dir>", "where generate-list wrote the lists", "./cache")
  .option("--root <dir>", "Google Landmarks v2, where the lists have paths of another machine")
  .option(
    "--parts <n>",
    "parts of a device's images, one after another; batch norm then sees a part",
    wholeNumber(1),
    1,
  )
  .option("--load-se-fc", "take the gates of an SE-ResNet's ImageNet weights, which the original leaves out")
  .action((keys: readonly string[], options: TrainCommandOptions) => trainByCommand(options, keys));
