import { addTrainProcessOptions, wholeNumber } from "@lmk-example/kit";
import { Command, InvalidArgumentError, Option } from "commander";
import { trainByCommand } from "../train-by-command.ts";
import type { TrainCommandOptions } from "../train-command-options.ts";
import { enetTypes, type TrainStep } from "../train-run.ts";

/** The original's `train.py`: one training run, in one process or, under `mpirun`, in several. */
export const trainCommand: Command = addTrainProcessOptions(new Command("train"))
  .description("train one network for one step, as train.py does; several processes with mpirun")
  .requiredOption("--kernel-type <name>", "names the files of the run")
  .option("--data-dir <dir>", "train.csv with all images (id,url,landmark_id), and train/", "./data")
  .addOption(
    new Option(
      "--train-step <n>",
      "0: all landmarks; 1: those of the cleaned list, with a new head; 2, 3: go on",
    )
      .choices(["0", "1", "2", "3"])
      .argParser(trainStep)
      .makeOptionMandatory(),
  )
  .requiredOption("--image-size <n>", "side of the images in pixels", wholeNumber(1))
  .option("--local_rank <n>", "accepted; the launcher says it here", wholeNumber(0))
  .addOption(new Option("--enet-type <name>", "the network").choices(enetTypes).makeOptionMandatory())
  .option("--batch-size <n>", "images in each process and part", wholeNumber(1), 64)
  .option("--num-workers <n>", "accepted; images are loaded as fast as the machine can", wholeNumber(0))
  .option(
    "--init-lr <rate>",
    "learning rate of the first epoch; the peak is ten times as high",
    aboveZero,
    1e-4,
  )
  .option("--n-epochs <n>", "epochs of the schedule", wholeNumber(2), 15)
  .option("--start-from-epoch <n>", "the first epoch that is trained", wholeNumber(1), 1)
  .option("--stop-at-epoch <n>", "the last epoch that is trained", wholeNumber(1), 999)
  .addOption(
    new Option(
      "--use-amp",
      "refused: in the original it turns mixed precision off, which there is none of here",
    ),
  )
  .option("--no-use-amp", "accepted: training is in float32")
  .option("--DEBUG", "accepted; without effect in the original, too")
  .option("--model-dir <dir>", "where weights are kept", "./weights")
  .option("--log-dir <dir>", "where the log is kept", "./logs")
  .addOption(
    new Option(
      "--CUDA_VISIBLE_DEVICES <list>",
      "with --provider cuda: each process of a machine takes its place's device",
    )
      .default("0,1,2,3,4,5,6,7")
      .env("CUDA_VISIBLE_DEVICES"),
  )
  .option("--fold <n>", "the fold of the cleaned images that is held out", wholeNumber(0), 0)
  .option("--load-from <file>", "weights to go on from: those of a run here, or the authors' .pth", "")
  .option("--folds-csv <file>", "the cleaned images in folds, as preprocess writes them", "./train_0.csv")
  .option("--accumulate <n>", "parts of a step in each process, one after another", wholeNumber(1), 1)
  .option("--keep-epochs <list>", "epochs whose weights are kept besides the last, such as 16,28", epochList)
  .option("--init <file>", "weights of the backbone, learned on ImageNet")
  .allowExcessArguments(false)
  .action((options: TrainCommandOptions) => trainByCommand(options));

function trainStep(text: string): TrainStep {
  if (/^[0-3]$/.test(text)) return Number(text) as TrainStep;
  throw new InvalidArgumentError(`expected 0, 1, 2 or 3, got ${text}.`);
}

function aboveZero(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError(`expected a number above 0, got ${text}.`);
}

function epochList(text: string): readonly number[] {
  return text.split(",").map(wholeNumber(1));
}
