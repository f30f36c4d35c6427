import { addTrainProcessOptions, wholeNumber } from "@lmk-example/kit";
import { Command } from "commander";
import { initOption } from "../init-option.ts";
import { trainByCommand } from "../train-by-command.ts";
import type { TrainCommandOptions } from "../train-command-options.ts";

/** One step of a recipe, in one process or, under `mpirun`, in several. */
export const trainCommand: Command = addTrainProcessOptions(new Command("train"))
  .description("train one network for one step of its recipe; several processes with mpirun")
  .argument("[keys...]", "keys of the config and their values, such as lr 5e-5")
  .requiredOption("--config <name>", "a config, such as cfg_ch_dolg_b7_step2, or a network with --step")
  .option("--step <n>", "which step of the network's recipe, from 1", wholeNumber(1))
  .option("--data-dir <dir>", "Google Landmarks v2: train.csv, train_clean.csv and train/", "./data")
  .option("--output-dir <dir>", "where weights are kept, a folder for each config", "./models")
  .option("--load-from <file>", "weights to go on from (default: those of the step before in --output-dir)")
  .option("--init <backbone=file>", "weights learned on ImageNet; once for each backbone", initOption)
  .option("--devices <n>", "devices with batch_size images each (default: the recipe's)", wholeNumber(1))
  .option(
    "--parts <n>",
    "parts of a device's images, one after another; batch norm then sees a part",
    wholeNumber(1),
    1,
  )
  .action((keys: readonly string[], options: TrainCommandOptions) => trainByCommand(options, keys));
