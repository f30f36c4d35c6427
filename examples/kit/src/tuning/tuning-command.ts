import { Command, Option } from "commander";
import { readJson } from "../run-folder.ts";
import { UserError } from "../user-error.ts";
import { wholeNumber } from "../whole-number.ts";
import type { TuningPlan } from "./run-tuning.ts";
import { checkSpaces, parseSpace, type SearchSpace } from "./space.ts";

/** How the command takes part in a program. */
export interface TuningCommandOptions<Extra> {
  /** The settings to try where the command line names none. */
  readonly space: SearchSpace | readonly SearchSpace[];
  /** Does the work. `extra` has the options that the program added to the command. */
  readonly run: (plan: TuningPlan, extra: Extra) => Promise<void>;
}

interface ParsedOptions {
  readonly set: readonly string[];
  readonly space?: string;
  readonly mode: TuningPlan["mode"];
  readonly iterations: number;
  readonly drawSeed: number;
  readonly blocks: number;
  readonly block: number;
  readonly workers: number;
}

/**
 * The command `tuning`, as the authors' scripts have it: which settings, every combination or some drawn at random, which
 * block of them, how many at the same time.
 *
 * The program may add options of its own; they reach `run` with the rest.
 */
export function tuningCommand<Extra>({ space, run }: TuningCommandOptions<Extra>): Command {
  return new Command("tuning")
    .description("train and score several settings, and compare them")
    .option("--set <setting=values...>", "values to try, such as margin=0.2,0.3 loss=arcface,cosface", [])
    .option("--space <file>", "JSON with the settings and their values, in place of --set")
    .addOption(
      new Option("--mode <name>", "every combination, or some at random")
        .choices(["grid", "random"])
        .default("grid"),
    )
    .option("--iterations <n>", "combinations to draw in random mode", wholeNumber(1), 10)
    .option("--draw-seed <n>", "seed of the drawing", wholeNumber(0), 0)
    .option("-n, --blocks <n>", "cut the combinations into this many blocks", wholeNumber(1), 1)
    .option("-i, --block <n>", "and run only this one, from 0", wholeNumber(0), 0)
    .option("--workers <n>", "combinations to run at the same time", wholeNumber(1), 1)
    .allowExcessArguments(false)
    .action(async (options: ParsedOptions) => {
      const { set, space: file, mode, iterations, drawSeed, blocks, block, workers, ...extra } = options;
      const chosen = chooseSpace(set, file) ?? space;
      const plan: TuningPlan = { space: chosen, mode, iterations, seed: drawSeed, blocks, block, workers };
      await run(plan, extra as Extra);
    });
}

function chooseSpace(
  set: readonly string[],
  file: string | undefined,
): SearchSpace | readonly SearchSpace[] | undefined {
  if (set.length > 0 && file !== undefined) throw new UserError("expected --set or --space, got both");
  if (set.length > 0) return parseSpace(set);
  if (file === undefined) return undefined;
  const value = readJson<unknown>(file);
  if (value === undefined) throw new UserError(`${file}: expected a file with settings, got none`);
  return checkSpaces(value, file);
}
