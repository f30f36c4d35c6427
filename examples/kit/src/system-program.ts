import { join, resolve } from "node:path";
import type { ExampleProgram, RunOptions, StageDescription } from "./command-line.ts";
import { type Context, createContext, say } from "./context.ts";
import { downloadData } from "./download.ts";
import type { InitFiles } from "./init-files.ts";

/** A system, whose stages work with a config in the folder of a run. */
export interface System<Config, Options extends RunOptions>
  extends Omit<ExampleProgram<Options>, "runFolderOf" | "runUpTo"> {
  /** Begins the name of the folder that a run is kept in where `--run` names none. */
  readonly folder: string;
  /** The preset with what the command line changes. */
  readonly configOf: (options: Options) => Config;
  /** Refuses files of `--init` that are not there, are of no known name, or leave open what they are of. */
  readonly requireInits?: (config: Config, init: InitFiles | undefined) => void;
  /** Does the work up to and including the stage. */
  readonly runUpTo: (stage: string, context: Context<Config, Options>) => Promise<void>;
}

/** A system as a program: its options are checked and the data set is there before its first stage. */
export function systemProgram<Config, Options extends RunOptions>({
  folder,
  configOf,
  requireInits,
  runUpTo,
  ...described
}: System<Config, Options>): ExampleProgram<Options> {
  const folderOf = (options: Options): string => runFolderOf(folder, options);
  return {
    ...described,
    runFolderOf: folderOf,
    async runUpTo(stage, options) {
      const config = configOf(options);
      requireInits?.(config, options.init);
      if (!(await downloadData(options, say))) return;
      await runUpTo(stage, createContext(folderOf(options), config, options));
    },
  };
}

/** Where a run is kept: the folder of `--run`, or `runs/<name>-<preset>`. */
export function runFolderOf(name: string, { run, preset }: Pick<RunOptions, "run" | "preset">): string {
  return resolve(run ?? join("runs", `${name}-${preset}`));
}

/** The first stage of a system: `prepareLandmarks`. */
export const prepareStage: StageDescription = {
  name: "prepare",
  description: "bring the data set, measure every image",
};

/** The last stages of a system that hands one submission in. */
export const resultStages: readonly StageDescription[] = [
  { name: "evaluate", description: "score every method" },
  { name: "submit", description: "write the submission" },
  { name: "report", description: "write the HTML report" },
];
