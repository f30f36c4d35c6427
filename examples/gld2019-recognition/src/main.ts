import { join } from "node:path";
import {
  addEnsembleOptions,
  type EnsembleOptions,
  ensembleConfigOf,
  ensembleStages,
  type PresetName,
  runEnsemble,
  runsFolder,
} from "@lmk-example/gld2019-kit";
import {
  type CompletedStage,
  compareCommand,
  createContext,
  resultStages,
  runFolderOf,
  runProgram,
  sayFile,
  sayTable,
  stageOfEach,
  systemProgram,
  type TuningPlan,
  tuningCommand,
  withRunOptions,
} from "@lmk-example/kit";
import { comparison } from "./compare.ts";
import { type Config, presets } from "./config.ts";
import { needsOf, type RecognitionContext, withShared } from "./context.ts";
import { type Method, methodsOf, submittedMethod } from "./methods.ts";
import { resultsTable } from "./results-table.ts";
import { ablate } from "./stages/ablate.ts";
import { evaluate, readScores } from "./stages/evaluate.ts";
import { recognizeBy } from "./stages/recognize.ts";
import { datasetLine, report } from "./stages/report.ts";
import { augmentAll, searchAll, verifyNeighbors } from "./stages/search.ts";
import { submit } from "./stages/submit.ts";
import { defaultSpace, tuneRecognition } from "./stages/tuning.ts";

const allStages = [
  ...ensembleStages,
  { name: "search", description: "find the train images nearest to each test image", shared: true },
  { name: "verify", description: "compare them place by place", shared: true },
  { name: "augment", description: "average train images with their neighbors, as the authors tried" },
  { name: "ablate", description: "search again in the ways that the authors tried" },
  { name: "recognize", description: "name the landmark of each test image" },
  ...resultStages,
];

/** The system, stage by stage, up to the one that is asked for. */
async function runUpTo(last: string, context: RecognitionContext): Promise<void> {
  const ensemble = await runEnsemble(context, last, needsOf(context));
  if (ensemble === undefined) return;
  // What is handed in needs no other method.
  const methods = last === "submit" ? [submittedMethod(context.config)] : methodsOf(context.config);
  await searchAll(context, ensemble, methods);
  if (last === "search") return;
  const verified = await verifyNeighbors(context, ensemble);
  if (last === "verify") return;
  await augmentAll(context, ensemble, methods);
  if (last === "augment") return;
  const lists = await ablate(context, ensemble, verified, methods);
  if (last === "ablate") return;
  const recognized = await stageOfEach(methods, (method) =>
    recognizeBy(context, ensemble, lists.get(method.name)!, method),
  );
  if (last === "recognize") return;
  if (last === "submit") return showSubmission(context, recognized, methods);
  const evaluated = await evaluate(context, ensemble, recognized);
  sayTable(resultsTable(methods, readScores(evaluated), datasetLine(context, ensemble)));
  if (last === "evaluate") return;
  await showSubmission(context, recognized, methods);
  const stages = lists.get(methods[0]!.name)!;
  const written = await report(context, { ensemble, stages, methods, recognized, evaluated });
  sayFile("report", join(written.folder, "report.html"));
}

async function showSubmission(
  context: RecognitionContext,
  recognized: ReadonlyMap<string, CompletedStage>,
  [submitted]: readonly Method[],
): Promise<void> {
  const { folder } = await submit(context, recognized.get(submitted!.name)!);
  sayFile("submission", join(folder, "submission.csv"));
}

async function tune(plan: TuningPlan, options: EnsembleOptions): Promise<void> {
  const folder = runFolderOf(runsFolder, options);
  const context = withShared(createContext(folder, configOf(options), options));
  const ensemble = (await runEnsemble(context, "verify", needsOf(context)))!;
  const verified = await verifyNeighbors(context, ensemble);
  await tuneRecognition(context, ensemble, verified, plan);
}

/** The preset with what the command line changes. */
function configOf(options: EnsembleOptions): Config {
  return { ...presets[options.preset as PresetName], ...ensembleConfigOf(options) };
}

const program = systemProgram<Config, EnsembleOptions>({
  name: "gld2019-recognition",
  description: "The 3rd place system of the Google Landmark Recognition challenge 2019.",
  folder: runsFolder,
  stages: allStages,
  presets: Object.keys(presets),
  addOptions: addEnsembleOptions,
  commands: [
    withRunOptions(
      addEnsembleOptions(tuningCommand({ space: defaultSpace, run: tune })),
      Object.keys(presets),
    ),
    compareCommand(comparison),
  ],
  configOf,
  runUpTo: (stage, context) => runUpTo(stage, withShared(context)),
});

process.exitCode = await runProgram(program, process.argv.slice(2));
