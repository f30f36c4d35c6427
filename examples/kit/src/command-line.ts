import { availableParallelism } from "node:os";
import { datasetNames } from "@lmk/data/download";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { authorsHours, launchCommand } from "./cluster/launch-command.ts";
import { programCommand, type StartedProgram } from "./cluster/program-command.ts";
import { parseShard } from "./cluster/shard.ts";
import { hasOption, withoutOption } from "./cluster/words.ts";
import { runWorkers } from "./cluster/workers.ts";
import type { DownloadOptions } from "./download.ts";
import type { Shard } from "./run-folder.ts";
import { InterruptedError, oneLine, UserError } from "./user-error.ts";
import { wholeNumber } from "./whole-number.ts";

/** What every example takes from its command line. */
export interface RunOptions extends DownloadOptions {
  readonly preset: string;
  readonly run?: string;
  readonly seed?: number;
  readonly epochs?: number;
  readonly batchSize?: number;
  /** Weights to start from by the name of a backbone; `*` for every other backbone. */
  readonly init?: Readonly<Record<string, string>>;
  readonly provider: "cpu" | "webgpu";
  readonly threads: number;
  /** Networks trained at once, each in a process of its own; the preset's number where it is not given. */
  readonly trainings?: number;
  readonly skipCorrupt: boolean;
  /** The stage that this process makes a shard of, and which. */
  readonly sharing?: { readonly target: string; readonly shard: Shard };
  /** Whether this process joins the parts that others made, and makes none. */
  readonly mergeOnly?: boolean;
  /** The command that runs another stage with the same options and more, for a process of its own. */
  readonly commandOf?: (stage: string, more: readonly string[]) => readonly string[];
}

/** A stage as the command line sees it. */
export interface StageDescription {
  readonly name: string;
  readonly description: string;
  /** Whether several processes can share it. */
  readonly shared?: boolean;
}

/** An example as its command line sees it. */
export interface ExampleProgram<Options extends RunOptions = RunOptions> {
  readonly name: string;
  readonly description: string;
  /** Stages in order; each is a command that runs itself and whatever before it is not complete. The first can download. */
  readonly stages: readonly StageDescription[];
  readonly presets: readonly string[];
  /** Gives every stage's command the options that are the example's own. */
  readonly addOptions?: (command: Command) => Command;
  /** Commands besides the stages. */
  readonly commands?: readonly Command[];
  /** Where a run is kept. */
  readonly runFolderOf: (options: Options) => string;
  /** Does the work up to and including the stage. */
  readonly runUpTo: (stage: string, options: Options) => Promise<void>;
}

/** How a stage is run, besides its options. */
interface SharingOptions {
  readonly shard?: Shard;
  readonly workers?: number;
}

/**
 * Parses the command line, runs the command, and returns the exit code: 0; 1 after one line on standard error; 130 or 143
 * if the user stopped it.
 *
 * The last stage is also reached by `all`.
 */
export async function runProgram<Options extends RunOptions>(
  example: ExampleProgram<Options>,
  argv: readonly string[],
  started: StartedProgram = process,
): Promise<number> {
  const program: ExampleProgram<Options> = {
    ...example,
    runUpTo: (stage, options) => example.runUpTo(stage, { ...options, commandOf }),
  };
  const command = quiet(new Command(program.name))
    .description(program.description)
    .showSuggestionAfterError()
    .helpCommand(false);
  for (const [i, stage] of program.stages.entries()) {
    const added = withSharing(stageCommand(program, stage), program, stage, argv, started);
    command.addCommand(i === 0 ? withDownload(added) : added);
  }
  const last = program.stages.at(-1)!.name;
  command.addCommand(stageCommand(program, { name: "all", description: "every stage" }, last));
  const shared = program.stages.filter((stage) => stage.shared);
  if (shared.length > 0) {
    command.addCommand(mergeCommand(program, shared));
    command.addCommand(launchCommandOf(program, shared, started));
  }
  for (const own of program.commands ?? []) command.addCommand(quiet(own));

  function commandOf(stage: string, more: readonly string[]): readonly string[] {
    const words = withoutOption(withoutOption(argv.slice(1), "--workers"), "--shard");
    return programCommand([stage, ...words, ...more], started);
  }

  try {
    await command.parseAsync([...argv], { from: "user" });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const asked = command.commands.some((own) => own.name() === argv[0]) ? ` ${argv[0]}` : "";
    process.stderr.write(`${errorLine(program.name, error, asked)}\n`);
    return error instanceof InterruptedError ? error.exitCode : 1;
  }
}

function stageCommand<Options extends RunOptions>(
  program: ExampleProgram<Options>,
  { name, description }: StageDescription,
  stage: string = name,
): Command {
  const command = withRunOptions(new Command(name), program.presets).description(description);
  return (program.addOptions?.(command) ?? command).action(async (options: Options) =>
    program.runUpTo(stage, options),
  );
}

/** Gives a command the options that say how networks run, and what becomes of images that cannot be read. */
export function withNetworkOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--provider <name>", "where networks run").choices(["cpu", "webgpu"]).default("cpu"),
    )
    .option("--threads <n>", "threads for networks", wholeNumber(1), availableParallelism())
    .option("--skip-corrupt", "leave images out that cannot be decoded, instead of stopping", false);
}

/** Gives a command the options that every example takes. */
export function withRunOptions(command: Command, presets: readonly string[]): Command {
  return withNetworkOptions(quiet(command))
    .addOption(new Option("--preset <name>", "settings to run with").choices(presets).default(presets[0]!))
    .option("--data <dir>", "a GLDv2 tree, or a folder of photos with one sub-folder per place")
    .option("--run <dir>", "where to keep the run; an interrupted run goes on")
    .option("--seed <n>", "seed of data, weights and sampling", wholeNumber(0))
    .option("--epochs <n>", "passes over the training images, in each training", wholeNumber(1))
    .option("--batch-size <n>", "images per training step", wholeNumber(2))
    .option(
      "--init <[backbone=]file>",
      "weights to start from: .safetensors, PyTorch or ONNX; once for each backbone",
      initFile,
    )
    .option(
      "--trainings <n>",
      "networks trained at once, each in a process with its share of the threads",
      wholeNumber(1),
    )
    .allowExcessArguments(false);
}

/** Lets several processes share a stage. */
function withSharing<Options extends RunOptions>(
  command: Command,
  program: ExampleProgram<Options>,
  { name, shared }: StageDescription,
  argv: readonly string[],
  started: StartedProgram,
): Command {
  if (!shared) return command;
  return command
    .option(
      "--shard <i/n>",
      "do only this share, from 0; auto or auto/n takes i from the cluster's scheduler",
      (text) => parseShard(text, process.env),
    )
    .option(
      "--workers <n>",
      "share the stage among n processes of this machine, which divide its threads among them",
      wholeNumber(1),
    )
    .action(async ({ shard, workers, ...options }: Options & SharingOptions) => {
      const stageOptions = options as unknown as Options;
      if (shard !== undefined && workers !== undefined) {
        throw new UserError("--shard and --workers: expected one of them, got both");
      }
      if (shard !== undefined) {
        return program.runUpTo(name, { ...stageOptions, sharing: { target: name, shard } });
      }
      if (workers !== undefined) {
        await runUpToBefore(program, name, stageOptions);
        await runShards(workers, argv, started);
      }
      return program.runUpTo(name, stageOptions);
    });
}

async function runUpToBefore<Options extends RunOptions>(
  { stages, runUpTo }: ExampleProgram<Options>,
  name: string,
  options: Options,
): Promise<void> {
  const before = stages[stages.findIndex((stage) => stage.name === name) - 1];
  if (before !== undefined) await runUpTo(before.name, options);
}

/** Runs a stage's command again in processes of their own, each with its shard instead of `--workers`. */
async function runShards(count: number, argv: readonly string[], started: StartedProgram): Promise<void> {
  const shared = withoutOption(argv, "--workers");
  const threads = Math.max(1, Math.floor(availableParallelism() / count));
  const args = hasOption(argv, "--threads") ? shared : [...shared, "--threads", `${threads}`];
  await runWorkers({
    count,
    command: programCommand(args, started),
    env: process.env,
    onLine: (line) => process.stdout.write(`${line}\n`),
  });
}

function mergeCommand<Options extends RunOptions>(
  program: ExampleProgram<Options>,
  shared: readonly StageDescription[],
): Command {
  const merge = quiet(new Command("merge"))
    .description("join the parts of a stage that its shards made")
    .helpCommand(false);
  for (const stage of shared) {
    const described = { name: stage.name, description: `join the parts of ${stage.name}` };
    const command = stageCommand(program, described);
    merge.addCommand(
      command.action(async (options: Options) =>
        program.runUpTo(stage.name, { ...options, mergeOnly: true }),
      ),
    );
  }
  return merge;
}

function launchCommandOf<Options extends RunOptions>(
  program: ExampleProgram<Options>,
  shared: readonly StageDescription[],
  started: StartedProgram,
): Command {
  return launchCommand({
    name: program.name,
    stages: shared.map(({ name }) => name),
    hoursOf: authorsHours,
    started,
    workingFolder: process.cwd(),
    env: process.env,
    say: (line) => process.stdout.write(`${line}\n`),
    runFolderOf(stage, stageArguments) {
      let folder = "";
      const command = stageCommand(program, shared.find(({ name }) => name === stage)!);
      command.action((options: Options) => {
        folder = program.runFolderOf(options);
      });
      command.parse([...stageArguments], { from: "user" });
      return folder;
    },
  });
}

/** A command that throws where commander would end the process. */
function quiet(command: Command): Command {
  return command.exitOverride().configureOutput({ outputError: () => {} });
}

function initFile(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const [, backbone = "*", file = text] = /^([a-z0-9_]+)=(.+)$/.exec(text) ?? [];
  return { ...before, [backbone]: file };
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

/** @param command - The command that was called, behind a space, whose help says more. */
function errorLine(name: string, error: unknown, command: string): string {
  const noCommand = error instanceof CommanderError && error.code === "commander.help";
  const line = noCommand ? "expected a command, got none" : oneLine(error).replace(/^error: /, "");
  if (error instanceof CommanderError) return `${name}: ${line}; see ${name}${command} --help`;
  const expected = [UserError, InterruptedError, RangeError, TypeError].some((kind) => error instanceof kind);
  const coded = error instanceof Error && "code" in error;
  const where =
    expected || coded || !(error instanceof Error) ? "" : ` (${error.stack?.split("\n")[1]?.trim()})`;
  return `${name}: ${line}${where}`;
}
