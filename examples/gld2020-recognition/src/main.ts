import { join, resolve } from "node:path";
import {
  type CompletedStage,
  compareCommand,
  createContext,
  downloadData,
  type ExampleProgram,
  nameList,
  nonLandmarksOf,
  runProgram,
  say,
  textTable,
  wholeNumber,
} from "@lmk-example/kit";
import type { Command } from "commander";
import { notebookCommand } from "./commands/notebook.ts";
import { planCommand } from "./commands/plan.ts";
import { preprocessCommand } from "./commands/preprocess.ts";
import { trainCommand } from "./commands/train.ts";
import { comparison } from "./compare.ts";
import type { Config } from "./config.ts";
import { requireInits } from "./init-files.ts";
import { methodsOf, submittedMethod } from "./methods.ts";
import { type PresetName, presets, withMembers } from "./presets.ts";
import { resultsTable } from "./results-table.ts";
import { evaluate, readScores } from "./stages/evaluate.ts";
import { rankClassesAll } from "./stages/head.ts";
import { recognizeBy } from "./stages/recognize.ts";
import { datasetLine, report } from "./stages/report.ts";
import { quantilesAll, searchAll } from "./stages/search.ts";
import { submit } from "./stages/submit.ts";
import type { SystemContext, SystemOptions } from "./system.ts";
import { embedSystem } from "./system-run.ts";
import { memberNames } from "./train-run.ts";

const stages = [
  { name: "prepare", description: "bring the data set, measure every image" },
  { name: "folds", description: "deal the cleaned images into folds" },
  { name: "chains", description: "train the networks, step by step" },
  { name: "embed", description: "embed the test images and the gallery with every network", shared: true },
  { name: "quantiles", description: "learn the transform of the first place's ranking" },
  { name: "search", description: "find nearest neighbors", shared: true },
  { name: "head", description: "find the best classes of each test image", shared: true },
  { name: "recognize", description: "name the landmark of each test image by every method" },
  { name: "evaluate", description: "score every method" },
  { name: "submit", description: "write the submission" },
  { name: "report", description: "write the HTML report" },
];

/** The system, stage by stage, up to the one that is asked for. */
async function runUpTo(last: string, context: SystemContext): Promise<void> {
  const { config } = context;
  const system = await embedSystem(context, last);
  if (system === undefined) return;
  const nonLandmarks = nonLandmarksOf(system.data.prepared);
  // What is handed in needs no other method.
  const methods =
    last === "submit"
      ? [submittedMethod(config)]
      : methodsOf(config, { nonLandmarks: nonLandmarks !== undefined });
  await quantilesAll(context, system, methods);
  if (last === "quantiles") return;
  const found = await searchAll(context, system, { methods, nonLandmarks });
  if (last === "search") return;
  const lists = new Map([...found, ...(await rankClassesAll(context, system, methods))]);
  if (last === "head") return;
  const recognized = new Map<string, CompletedStage>();
  for (const method of methods) {
    recognized.set(method.name, await recognizeBy(context, system, lists, method));
  }
  if (last === "recognize") return;
  if (last === "submit") return showSubmission(context, recognized);
  const evaluated = await evaluate(context, system, recognized);
  const table = resultsTable(methods, readScores(evaluated), datasetLine(context, system));
  say(`\n${textTable(table)}\n`);
  if (last === "evaluate") return;
  await showSubmission(context, recognized);
  const written = await report(context, { system, lists, methods, recognized, evaluated });
  say(`report      ${join(written.folder, "report.html")}`);
}

async function showSubmission(
  context: SystemContext,
  recognized: ReadonlyMap<string, CompletedStage>,
): Promise<void> {
  const { folder } = await submit(context, recognized.get(submittedMethod(context.config).name)!);
  say(`submission  ${join(folder, "submission.csv")}`);
}

/** Gives a command the options of {@link SystemOptions}. */
function addSystemOptions(command: Command): Command {
  return command
    .option("--members <names>", "networks of the ensemble, such as b7,rex20", nameList(memberNames))
    .option("--max-steps <n>", "end every training after so many steps", wholeNumber(1))
    .option("--head-classes <n>", "give heads at least so many classes", wholeNumber(2));
}

/** The preset with what the command line changes. */
function configOf({ preset, seed, members, epochs, batchSize }: SystemOptions): Config {
  const config = presets[preset as PresetName];
  const chosen = members === undefined ? config : withMembers(config, members);
  return {
    ...chosen,
    seed: seed ?? config.seed,
    chains: chosen.chains.map((chain) => ({
      ...chain,
      runs: chain.runs.map((run) => ({
        ...run,
        ...(epochs === undefined ? {} : { epochs: Math.max(2, epochs), stopAtEpoch: epochs }),
        ...(batchSize === undefined ? {} : { batchSize, devices: 1 }),
      })),
    })),
  };
}

/** Where a run of the system is kept. */
function runFolderOf({ run, preset }: SystemOptions): string {
  return resolve(run ?? join("runs", `gld2020-${preset}`));
}

const program: ExampleProgram<SystemOptions> = {
  name: "gld2020-recognition",
  description: "The 3rd place system of the Google Landmark Recognition challenge 2020.",
  stages,
  presets: Object.keys(presets),
  addOptions: addSystemOptions,
  commands: [preprocessCommand, trainCommand, planCommand, notebookCommand, compareCommand(comparison)],
  runFolderOf,
  async runUpTo(stage, options) {
    const config = configOf(options);
    requireInits(config, options.init);
    if (!(await downloadData(options, say))) return;
    await runUpTo(stage, createContext(runFolderOf(options), config, options));
  },
};

process.exitCode = await runProgram(program, process.argv.slice(2));
