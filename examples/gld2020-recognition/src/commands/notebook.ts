import { join } from "node:path";
import { nameList, wholeNumber, withNetworkOptions } from "@lmk-example/kit";
import { Command, Option } from "commander";
import { type NotebookOptions, runNotebook } from "../notebook.ts";
import { memberNames } from "../train-run.ts";

/** The sub-command `notebook`: the authors' notebook on a competition's folder, from images to `submission.csv`. */
export const notebookCommand: Command = withNetworkOptions(new Command("notebook"))
  .description(
    "recognize the test images of a competition's folder with trained networks, as the notebook does",
  )
  .requiredOption(
    "--data <dir>",
    "train.csv, sample_submission.csv, and the images in train/a/b/c/ and test/a/b/c/",
  )
  .option(
    "--model-dir <dir>",
    "weights: the authors' .pth files or those of train, here or in folders of it",
    "./weights",
  )
  .option(
    "--idx2landmark-id <file>",
    "the landmark of each class, as preprocess writes it",
    "./idx2landmark_id.pkl",
  )
  .option("--out <file>", "where to write the submission", "./submission.csv")
  .option(
    "--run <dir>",
    "where to keep embeddings and lists; an interrupted run goes on",
    join("runs", "gld2020-notebook"),
  )
  .option(
    "--members <names>",
    "networks of the ensemble, such as b7,rex20 (default: all nine)",
    nameList(memberNames),
  )
  .addOption(
    new Option(
      "--commit-run <when>",
      "auto looks at 500 train and 101 test images only where train.csv has more than 100,001 rows and so is the public one",
    )
      .choices(["auto", "never"])
      .default("auto"),
  )
  .option(
    "--non-landmarks <dir>",
    "photos without landmarks; scores are lowered by how much an image looks like them, which the notebook does not do",
  )
  .option(
    "--method <name>",
    "how landmarks are recognized, such as fusion-rules (default: submitted, or with --non-landmarks fusion-a-b-c)",
  )
  .option("--batch-size <n>", "images that a network takes at a time (default: 4)", wholeNumber(1))
  .allowExcessArguments(false)
  .action(async (options: NotebookOptions) => {
    await runNotebook(options);
  });
