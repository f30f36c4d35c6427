import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { readTrainCsv } from "@lmk/data";
import { say } from "@lmk-example/kit";
import { Command } from "commander";
import { foldsFiles, writeFolds } from "../folds-files.ts";

/** The original's `preprocess.py`: the cleaned images in five folds, and the landmark of each class. */
export const preprocessCommand: Command = new Command("preprocess")
  .description("deal the cleaned images into folds: writes train_0.csv and idx2landmark_id.pkl")
  .option(
    "--train-csv <file>",
    "the cleaned list, id,landmark_id: train.csv of the 2020 contest",
    "./train.csv",
  )
  .option("--out <dir>", "where to write; files there are replaced", ".")
  .allowExcessArguments(false)
  .action(async ({ trainCsv, out }: { readonly trainCsv: string; readonly out: string }) => {
    const labels = await readTrainCsv(trainCsv);
    await mkdir(out, { recursive: true });
    await writeFolds(out, labels);
    say(`${labels.ids.length} images of ${new Set(labels.landmarkIds).size} landmarks in 5 folds`);
    say(join(out, foldsFiles.folds));
    say(join(out, foldsFiles.classes));
  });
