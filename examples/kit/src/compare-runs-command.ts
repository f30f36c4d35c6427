import { existsSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { Command, Option } from "commander";
import { type ComparedMethod, comparisonTable } from "./compare-runs.ts";
import { markdownTable, textTable } from "./report-text.ts";
import { readJson } from "./run-folder.ts";
import { UserError } from "./user-error.ts";

/** What an example gives to have its runs compared. */
export interface CompareCommandOptions<Preset extends string = string> {
  /** What was measured: titles by name; the first is compared where the command line names none. */
  readonly measures: Readonly<Record<string, string>>;
  /** Whose titles of the methods can be shown; the first is the default. */
  readonly presets: readonly Preset[];
  /** The scores in the folder of a run, see {@link readRunScores}. */
  readonly readScores: (runFolder: string, preset: Preset) => readonly ComparedMethod[];
  readonly say: (line: string) => void;
}

interface ParsedOptions<Preset> {
  readonly measure: string;
  readonly preset: Preset;
  readonly markdown: boolean;
}

/** The command `compare`: one table of what several runs of an example scored, such as with other seeds. */
export function compareCommand<Preset extends string>({
  measures,
  presets,
  readScores,
  say,
}: CompareCommandOptions<Preset>): Command {
  const names = Object.keys(measures);
  return new Command("compare")
    .description("compare what several runs scored: each run, their mean and range")
    .argument("<runs...>", "folders of runs that are evaluated")
    .addOption(new Option("--measure <name>", "what is compared").choices(names).default(names[0]))
    .addOption(
      new Option("--preset <name>", "preset of the runs, which names their methods")
        .choices(presets)
        .default(presets[0]),
    )
    .option("--markdown", "print the table for a read-me", false)
    .action((folders: readonly string[], { measure, preset, markdown }: ParsedOptions<Preset>) => {
      requireDifferent(folders);
      const labels = labelsOf(folders);
      const runs = folders.map((folder, i) => ({ name: labels[i]!, methods: readScores(folder, preset) }));
      const table = comparisonTable(runs, { measure, title: measures[measure]! });
      say(markdown ? markdownTable(table) : textTable(table));
    });
}

/** What the stage that evaluates wrote in a run: the value of its `scores.json`. */
export function readRunScores<T>(runFolder: string, stage: string): T {
  const folder = join(runFolder, stage);
  const scores = existsSync(join(folder, "done.json")) ? readJson<T>(join(folder, "scores.json")) : undefined;
  if (scores !== undefined) return scores;
  throw new UserError(
    `compare: expected ${runFolder} to hold the scores of a run, got no complete ${stage}; run its stage evaluate first`,
  );
}

function requireDifferent(folders: readonly string[]): void {
  if (folders.length < 2) {
    throw new UserError(`compare: expected two runs or more, got ${folders.length}; name their folders`);
  }
  const paths = folders.map((folder) => resolve(folder));
  const again = folders.find((_, i) => paths.indexOf(paths[i]!) < i);
  if (again === undefined) return;
  throw new UserError(`compare: expected each run once, got ${again} again; leave it out`);
}

/** The names of the folders; where two have the same, all as they were given. */
function labelsOf(folders: readonly string[]): readonly string[] {
  const names = folders.map((folder) => basename(resolve(folder)));
  return new Set(names).size === names.length ? names : folders;
}
