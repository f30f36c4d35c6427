import { join } from "node:path";
import {
  addEnsembleRunOptions,
  type CompletedStage,
  compareCommand,
  nameList,
  nonLandmarksOf,
  prepareStage,
  resultStages,
  runProgram,
  sayFile,
  sayTable,
  stageOfEach,
  systemProgram,
} from "@lmk-example/kit";
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
  prepareStage,
  { name: "folds", description: "deal the cleaned images into folds" },
  { name: "chains", description: "train the networks, step by step" },
  { name: "embed", description: "embed the test images and the gallery with every network", shared: true },
  { name: "quantiles", description: "learn the transform of the first place's ranking" },
  { name: "search", description: "find nearest neighbors", shared: true },
  { name: "head", description: "find the best classes of each test image", shared: true },
  { name: "recognize", description: "name the landmark of each test image by every method" },
  ...resultStages,
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
  const recognized = await stageOfEach(methods, (method) => recognizeBy(context, system, lists, method));
  if (last === "recognize") return;
  if (last === "submit") return showSubmission(context, recognized);
  const evaluated = await evaluate(context, system, recognized);
  sayTable(resultsTable(methods, readScores(evaluated), datasetLine(context, system)));
  if (last === "evaluate") return;
  await showSubmission(context, recognized);
  const written = await report(context, { system, lists, methods, recognized, evaluated });
  sayFile("report", join(written.folder, "report.html"));
}

async function showSubmission(
  context: SystemContext,
  recognized: ReadonlyMap<string, CompletedStage>,
): Promise<void> {
  const { folder } = await submit(context, recognized.get(submittedMethod(context.config).name)!);
  sayFile("submission", join(folder, "submission.csv"));
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

const program = systemProgram<Config, SystemOptions>({
  name: "gld2020-recognition",
  description: "The 3rd place system of the Google Landmark Recognition challenge 2020.",
  folder: "gld2020",
  stages,
  presets: Object.keys(presets),
  addOptions: (command) =>
    addEnsembleRunOptions(command, { example: "b7,rex20", read: nameList(memberNames) }),
  commands: [preprocessCommand, trainCommand, planCommand, notebookCommand, compareCommand(comparison)],
  configOf,
  requireInits,
  runUpTo,
});

process.exitCode = await runProgram(program, process.argv.slice(2));
