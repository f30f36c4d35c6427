import {
  type GenerateOptions,
  generateLandmarks,
  type LandmarkDifficulty,
  landmarkDifficulties,
  writeContactSheet,
} from "@lmk/data/landmarks";
import { createProgressBar } from "@lmk/train/progress";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";

interface Options
  extends Pick<
    GenerateOptions,
    | "seed"
    | "landmarks"
    | "trainImages"
    | "indexImages"
    | "testImages"
    | "longSide"
    | "duplicateRate"
    | "workers"
  > {
  readonly difficulty: LandmarkDifficulty;
  readonly sheet?: string;
}

class InterruptedError extends Error {}

const name = "make-landmarks";

const command = new Command(name)
  .description("Makes landmark photos in the layout of Google Landmarks v2. An interrupted call goes on.")
  .argument("<folder>", "where to write; empty, or made with the same options")
  .addOption(
    new Option("--difficulty <name>", "how hard to recognize, how noisy, how long a tail")
      .choices(Object.keys(landmarkDifficulties))
      .default("medium"),
  )
  .option("--seed <n>", "another data set for each", number)
  .option("--landmarks <n>", "landmarks in all (200)", number)
  .option("--train-images <n>", "images to train on (2500)", number)
  .option("--index-images <n>", "images to search in (800)", number)
  .option("--test-images <n>", "images to search for (250)", number)
  .option("--long-side <px>", "longer side of the images (176)", number)
  .option("--duplicate-rate <share>", "copies of photos among the train images", number)
  .option("--workers <n>", "threads (all cores, at most 16)", number)
  .option("--sheet <file>", "lay out some of the images on one, .png or .jpg")
  .exitOverride()
  .configureOutput({ outputError: () => {} })
  .action(makeLandmarks);

async function makeLandmarks(folder: string, { difficulty, sheet, ...options }: Options): Promise<void> {
  const controller = new AbortController();
  const stop = (): void => controller.abort(new InterruptedError("interrupted; the same call goes on"));
  process.once("SIGINT", stop);
  let bar: ReturnType<typeof createProgressBar> | undefined;
  try {
    const report = await generateLandmarks(folder, {
      ...landmarkDifficulties[difficulty],
      ...options,
      signal: controller.signal,
      onProgress({ done, total }) {
        bar ??= createProgressBar({ label: "  generate", total, unit: "images", done });
        bar.update(done);
      },
    });
    const { train, index, test } = report.images;
    say(`${report.landmarks} landmarks: ${train} train, ${index} index, ${test} test images in ${folder}`);
  } finally {
    bar?.stop();
    process.removeListener("SIGINT", stop);
  }
  if (sheet === undefined) return;
  await writeContactSheet(folder, sheet);
  say(`contact sheet in ${sheet}`);
}

function number(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new InvalidArgumentError(`expected a number, got ${text}.`);
  return value;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  await command.parseAsync();
} catch (error) {
  const isHelp = error instanceof CommanderError && error.exitCode === 0;
  if (!isHelp) {
    const [line] = (error instanceof Error ? error.message : String(error))
      .replace(/^error: /, "")
      .split("\n");
    process.stderr.write(`${name}: ${line}\n`);
    process.exitCode = error instanceof InterruptedError ? 130 : 1;
  }
}
