import { availableParallelism } from "node:os";
import type { Communicator } from "@lmk/train";
import { type Command, Option } from "commander";
import { say } from "./context.ts";
import type { TrainingContext } from "./train-in-stage.ts";
import type { TrainingRunOptions } from "./training-run.ts";
import { wholeNumber } from "./whole-number.ts";

/** What every command `train` takes. */
export interface TrainProcessOptions {
  /** Steps that are trained at most, for a look at the first of them. */
  readonly maxSteps?: number;
  /** Least classes of the head, for a look at a full-size one on little data. */
  readonly headClasses?: number;
  readonly seed: number;
  readonly provider: "cpu" | "cuda" | "webgpu";
  /** Of each process. */
  readonly threads?: number;
}

/** Gives a command the options of {@link TrainProcessOptions}. */
export function addTrainProcessOptions(command: Command): Command {
  return command
    .option("--max-steps <n>", "stop after so many steps, for a look at them", wholeNumber(1))
    .option("--head-classes <n>", "least classes of the head, for a look at a full-size one", wholeNumber(1))
    .option("--seed <n>", "seed of new weights, order and augmentation", wholeNumber(0), 0)
    .addOption(
      new Option("--provider <name>", "where the network runs")
        .choices(["cpu", "cuda", "webgpu"])
        .default("cpu"),
    )
    .option("--threads <n>", "threads of a process (default: its share of the cores)", wholeNumber(1));
}

/** One of the processes that train together, or the only one. */
export interface TrainProcess {
  /** How many there are. */
  readonly ranks: number;
  /** Whether it is the one that shows things. */
  readonly isFirst: boolean;
  readonly context: TrainingContext;
}

/** What a process of a command `train` is, and how it trains; by default it has its share of the cores. */
export function trainProcess(
  { provider, threads }: Pick<TrainProcessOptions, "provider" | "threads">,
  communicator: Communicator | undefined,
): TrainProcess {
  const ranks = communicator?.size ?? 1;
  const own = threads ?? Math.max(1, Math.floor(availableParallelism() / ranks));
  return {
    ranks,
    isFirst: communicator === undefined || communicator.rank === 0,
    context: { options: { provider, threads: own }, notice: (line) => say(`  ${line}`) },
  };
}

/** The options of a training that make it a look at its first steps or at a larger head, as far as they are given. */
export function looksOf({
  maxSteps,
  headClasses,
}: Pick<TrainProcessOptions, "maxSteps" | "headClasses">): Pick<
  TrainingRunOptions,
  "maxSteps" | "headClasses"
> {
  return {
    ...(maxSteps === undefined ? {} : { maxSteps }),
    ...(headClasses === undefined ? {} : { headClasses }),
  };
}
