import { availableParallelism } from "node:os";
import { datasetNames } from "@lmk/data/download";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { DownloadOptions } from "./download.ts";
import { InterruptedError, oneLine, UserError } from "./user-error.ts";

/** What every example takes from its command line. */
export interface RunOptions extends DownloadOptions {
  readonly preset: string;
  readonly run?: string;
  readonly seed?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  readonly init?: string;
  readonly provider: "cpu" | "webgpu";
  readonly threads: number;
  readonly skipCorrupt: boolean;
}

/** An example as its command line sees it. */
export interface ExampleProgram {
  readonly name: string;
  readonly description: string;
  /** Stages in order; each is a command that runs itself and whatever before it is not complete. The first can download. */
  readonly stages: readonly { readonly name: string; readonly description: string }[];
  readonly presets: readonly string[];
  /** Does the work up to and including the stage. */
  readonly runUpTo: (stage: string, options: RunOptions) => Promise<void>;
}

/**
 * Parses the command line, runs the command, and returns the exit code: 0; 1 after one line on standard error; 130 or 143
 * if the user stopped it.
 *
 * The last stage is also reached by `all`.
 */
export async function runProgram(program: ExampleProgram, argv: readonly string[]): Promise<number> {
  const command = new Command(program.name)
    .description(program.description)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .showSuggestionAfterError()
    .helpCommand(false);
  for (const [i, { name, description }] of program.stages.entries()) {
    const stage = stageCommand(program, name, description);
    command.addCommand(i === 0 ? withDownload(stage) : stage);
  }
  const last = program.stages.at(-1)!.name;
  command.addCommand(stageCommand(program, "all", "every stage", last));

  try {
    await command.parseAsync([...argv], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    process.stderr.write(`${errorLine(program.name, error)}\n`);
    return error instanceof InterruptedError ? error.exitCode : 1;
  }
}

function stageCommand(
  program: ExampleProgram,
  name: string,
  description: string,
  stage: string = name,
): Command {
  return new Command(name)
    .description(description)
    .addOption(
      new Option("--preset <name>", "settings to run with")
        .choices(program.presets)
        .default(program.presets[0]!),
    )
    .option("--data <dir>", "a GLDv2 tree, or a folder of photos with one sub-folder per place")
    .option("--run <dir>", "where to keep the run; an interrupted run goes on")
    .option("--seed <n>", "seed of data, weights and sampling", wholeNumber(0))
    .option("--epochs <n>", "passes over the training images, in each training stage", wholeNumber(1))
    .option("--batch-size <n>", "images per training step", wholeNumber(2))
    .option("--init <file>", "weights to start from: .safetensors, PyTorch or ONNX")
    .addOption(
      new Option("--provider <name>", "where networks run").choices(["cpu", "webgpu"]).default("cpu"),
    )
    .option("--threads <n>", "threads for networks", wholeNumber(1), availableParallelism())
    .option("--skip-corrupt", "leave images out that cannot be decoded, instead of stopping", false)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .action(async (options: RunOptions) => program.runUpTo(stage, options));
}

function withDownload(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--download <set>",
        "fetch a data set into --data first; an interrupted download goes on",
      ).choices(datasetNames),
    )
    .option("--archives <first-last>", "only these archives of each split of gldv2", numberRange)
    .option("--mirror <url>", "fetch from here instead of where the data set is published", mirrorUrl)
    .option("--dry-run", "show what would be fetched, and how many bytes", false);
}

function numberRange(text: string): [number, number] {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  if (first === undefined || Number(first) > Number(last)) {
    throw new InvalidArgumentError(`expected two numbers such as 0-9, got ${text}.`);
  }
  return [Number(first), Number(last)];
}

function mirrorUrl(text: string): string {
  if (!/^https?:\/\/./.test(text))
    throw new InvalidArgumentError(`expected an http or https URL, got ${text}.`);
  return text.replace(/\/+$/, "");
}

function wholeNumber(minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === "" || !Number.isInteger(value) || value < minimum) {
      throw new InvalidArgumentError(`expected a whole number of at least ${minimum}, got ${text}.`);
    }
    return value;
  };
}

function errorLine(name: string, error: unknown): string {
  const line = oneLine(error).replace(/^error: /, "");
  if (error instanceof CommanderError) return `${name}: ${line}; see ${name} --help`;
  const expected = [UserError, InterruptedError, RangeError, TypeError].some((kind) => error instanceof kind);
  const coded = error instanceof Error && "code" in error;
  const where =
    expected || coded || !(error instanceof Error) ? "" : ` (${error.stack?.split("\n")[1]?.trim()})`;
  return `${name}: ${line}${where}`;
}
