import type { Command } from "commander";
import type { RunOptions } from "./command-line.ts";
import { wholeNumber } from "./whole-number.ts";

/** What the commands of a system of several networks take besides what every example takes. */
export interface EnsembleRunOptions<Name extends string = string> extends RunOptions {
  /** Networks of the ensemble, instead of all that the preset has. */
  readonly members?: readonly Name[];
  /** Steps of each training, for a look at the first of them. */
  readonly maxSteps?: number;
  /** Least classes of every head, for a look at full-size ones on little data. */
  readonly headClasses?: number;
}

/** What {@link addEnsembleRunOptions} is told. */
export interface MembersOption {
  /** Some names, as the help shows them. */
  readonly example: string;
  /** Reads the names, such as by `nameList`. */
  readonly read: (text: string) => readonly string[];
}

/** Gives a command the options of {@link EnsembleRunOptions}. */
export function addEnsembleRunOptions(command: Command, { example, read }: MembersOption): Command {
  return command
    .option("--members <names>", `networks of the ensemble, such as ${example}`, read)
    .option("--max-steps <n>", "end every training after so many steps", wholeNumber(1))
    .option("--head-classes <n>", "give heads at least so many classes", wholeNumber(2));
}
