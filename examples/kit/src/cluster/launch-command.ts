import { join, resolve } from "node:path";
import { Argument, Command, InvalidArgumentError, Option } from "commander";
import { UserError } from "../user-error.ts";
import { wholeNumber } from "../whole-number.ts";
import { type LaunchHost, launchJob, type SchedulerName, schedulerNames } from "./launch.ts";
import { programCommand, type StartedProgram } from "./program-command.ts";
import { hasOption } from "./words.ts";

/** What `launch` needs to know of the program that it launches. */
export interface LaunchableProgram {
  readonly name: string;
  /** Stages that can be shared. */
  readonly stages: readonly string[];
  /** Reads a stage's own options as the stage does, refuses wrong ones, and tells its run folder. */
  readonly runFolderOf: (stage: string, stageArguments: readonly string[]) => string;
  /** Hours of a stage when `--hours` is not given; see {@link authorsHours}. */
  readonly hoursOf: (stage: string) => number;
  readonly started: StartedProgram;
  readonly workingFolder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

interface ParsedOptions {
  readonly tasks: number;
  readonly cpus: number;
  readonly memory?: string;
  readonly hours?: number;
  readonly gpus: number;
  readonly image?: string;
  readonly volume?: string;
  readonly extra: readonly string[];
  readonly dryRun: boolean;
}

/**
 * Hours that the authors of the 1st place of 2019 gave a job: 72 for training, 18 for predicting.
 *
 * @see Their `launch-qsub`, networks v19c to v24c.
 */
export function authorsHours(stage: string): number {
  return ["train", "tune"].includes(stage) ? 72 : 18;
}

/**
 * The sub-command `launch <scheduler> <stage>`: the stage as an array job, and `merge <stage>` as a job after it.
 *
 * What it does not know itself are options of the stage. `--threads` is `--cpus` unless it is given: every task and the
 * merge then agree on it.
 */
export function launchCommand(program: LaunchableProgram): Command {
  return new Command("launch")
    .description("give a stage to a cluster: an array of tasks that share it, then a job that merges")
    .addArgument(new Argument("<scheduler>", "where to submit").choices(schedulerNames))
    .addArgument(new Argument("<stage>", "what to run").choices(program.stages))
    .argument("[options...]", "the stage's own options")
    .option("--tasks <n>", "tasks that share the stage", wholeNumber(1), 4)
    .option("--cpus <n>", "cores of each task", wholeNumber(1), 1)
    .option("--memory <size>", "memory of each task, such as 16G", memorySize)
    .option(
      "--hours <n>",
      "time after which a task is ended (default: 72 to train or tune, 18 else)",
      hoursNumber,
    )
    .option("--gpus <n>", "GPUs of each task", wholeNumber(0), 0)
    .addOption(
      new Option("--extra <line>", "one more directive for the scheduler, such as --extra=--partition=long")
        .argParser((line: string, lines: readonly string[]) => [...lines, line])
        .default([], "none"),
    )
    .option("--image <name>", "kubernetes: container image with Node")
    .option(
      "--volume <claim:path>",
      "kubernetes: volume claim with program, data and run, and where to mount it",
    )
    .option("--dry-run", "show scripts and commands, write and submit nothing", false)
    .allowUnknownOption()
    .exitOverride()
    .configureOutput({ outputError: () => {} })
    .action(
      async (scheduler: SchedulerName, stage: string, rest: readonly string[], parsed: ParsedOptions) => {
        await launchStage(program, scheduler, stage, rest, parsed);
      },
    );
}

async function launchStage(
  program: LaunchableProgram,
  scheduler: SchedulerName,
  stage: string,
  rest: readonly string[],
  { dryRun, ...parsed }: ParsedOptions,
): Promise<void> {
  for (const option of ["--shard", "--workers"]) {
    if (hasOption(rest, option))
      throw new UserError(`launch: expected no ${option}, got one; --tasks shares the stage`);
  }
  const stageArguments = hasOption(rest, "--threads") ? rest : [...rest, "--threads", `${parsed.cpus}`];
  const run = program.runFolderOf(stage, stageArguments);
  // An image has its own Node.
  const started = scheduler === "kubernetes" ? { ...program.started, execPath: "node" } : program.started;
  const host: LaunchHost = { dryRun, env: program.env, say: program.say };
  await launchJob(
    scheduler,
    {
      ...parsed,
      hours: parsed.hours ?? program.hoursOf(stage),
      name: `${program.name}-${stage}`,
      command: programCommand([stage, ...stageArguments], started),
      mergeCommand: programCommand(["merge", stage, ...stageArguments], started),
      workingFolder: program.workingFolder,
      folder: join(resolve(program.workingFolder, run), "launch"),
    },
    host,
  );
}

function hoursNumber(text: string): number {
  const hours = Number(text);
  if (text.trim() !== "" && Number.isFinite(hours) && hours > 0) return hours;
  throw new InvalidArgumentError(`expected hours above 0, got ${text}.`);
}

function memorySize(text: string): string {
  if (/^[1-9]\d*[MG]$/.test(text)) return text;
  throw new InvalidArgumentError(`expected a size such as 16G or 500M, got ${text}.`);
}
