import { join } from "node:path";
import { wholeNumber, withNetworkOptions } from "@lmk-example/kit";
import { Command, Option } from "commander";
import { type RetrieveOptions, retrieve } from "../retrieve.ts";

/** The sub-command `retrieve`: the original's inference on a competition's folder, from images to `submission.csv`. */
export const retrieveCommand: Command = withNetworkOptions(new Command("retrieve"))
  .description("rank the index images of a competition's folder with trained networks, as the notebook does")
  .requiredOption("--image-dir <dir>", "the images in test/ and index/: IMAGE_DIR of the original")
  .option(
    "--model-dir <dir>",
    "weights: the authors' .pth files or .safetensors of the same names",
    "./models",
  )
  .option("--cache <dir>", "lists and countries of labelled images, as generate-list writes them", "./cache")
  .option(
    "--raw-image-dir <dir>",
    "Google Landmarks v2 with the labelled images (default: where the lists say)",
  )
  .addOption(
    new Option(
      "--set <KEY=VALUE>",
      "a setting of the original's inference, such as CATEGORY_RERANK=off; can be given again",
    )
      .argParser((pair: string, before: readonly string[]) => [...before, pair])
      .default([], "those of the notebook that was handed in"),
  )
  .option(
    "--depth <n>",
    "least index images of each test image whose scores are changed, where lists of all would not fit",
    wholeNumber(1),
    1000,
  )
  .option("--out <file>", "where to write the submission", "./submission.csv")
  .option(
    "--run <dir>",
    "where to keep embeddings and lists; an interrupted run goes on",
    join("runs", "gld2021-retrieve"),
  )
  .allowExcessArguments(false)
  .action(async (options: RetrieveOptions) => {
    await retrieve(options);
  });
