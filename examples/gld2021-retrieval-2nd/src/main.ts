import { join } from "node:path";
import {
  compareCommand,
  prepareStage,
  resultStages,
  runProgram,
  sayFile,
  sayTable,
  systemProgram,
} from "@lmk-example/kit";
import { generateListCommand } from "./commands/generate-list.ts";
import { keysCommand } from "./commands/keys.ts";
import { planCommand } from "./commands/plan.ts";
import { retrieveCommand } from "./commands/retrieve.ts";
import { trainCommand } from "./commands/train.ts";
import { comparisonOf } from "./compare.ts";
import type { Config } from "./config.ts";
import { requireInits } from "./init-files.ts";
import { methodsOf, submittedMethod } from "./methods.ts";
import { configOf } from "./options-config.ts";
import { presets } from "./presets.ts";
import { resultsTable } from "./results-table.ts";
import type { SearchableSystem } from "./stages/embed.ts";
import { evaluate, readScores } from "./stages/evaluate.ts";
import { datasetLine, report } from "./stages/report.ts";
import { type Reranked, rerankAll } from "./stages/rerank.ts";
import { searchAll } from "./stages/search.ts";
import { submissionFile, submit } from "./stages/submit.ts";
import { graphAll, voteAll } from "./stages/tags.ts";
import type { SystemContext, SystemOptions } from "./system.ts";
import { addSystemOptions } from "./system-options.ts";
import { embedSystem } from "./system-run.ts";
import { trainingCurves } from "./training-curves.ts";

const stages = [
  prepareStage,
  { name: "lists", description: "make the lists of images to train on and to re-rank by" },
  { name: "chains", description: "train the networks, run by run" },
  { name: "embed", description: "embed queries, index and references with every network", shared: true },
  { name: "search", description: "find nearest images in the index and among the references", shared: true },
  { name: "graph", description: "find the nearest references of references", shared: true },
  { name: "tags", description: "rank the references that vote for the landmarks of queries", shared: true },
  { name: "rerank", description: "rank index images by every method" },
  ...resultStages,
];

/** The system, stage by stage, up to the one that is asked for. */
async function runUpTo(last: string, context: SystemContext): Promise<void> {
  const { config } = context;
  const system = await embedSystem(context, last);
  if (system === undefined) return;
  // What is handed in needs no other method.
  const methods = last === "submit" ? [submittedMethod(config)] : methodsOf(config);
  const lists = await searchAll(context, system, methods);
  if (last === "search") return;
  const graphs = await graphAll(context, system, lists, methods);
  if (last === "graph") return;
  const voted = await voteAll(context, system, lists, { graphs, methods });
  if (last === "tags") return;
  const reranked = await rerankAll(context, system, voted, methods);
  if (last === "rerank") return;
  if (last === "submit") return showSubmission(context, system, reranked);
  const evaluated = await evaluate(context, system, reranked);
  sayTable(resultsTable(methods, readScores(evaluated), datasetLine(context, system)));
  if (last === "evaluate") return;
  await showSubmission(context, system, reranked);
  const curves = await trainingCurves(context.run, config);
  const written = await report(context, { system, methods, reranked, evaluated, curves });
  sayFile("report", join(written.folder, "report.html"));
}

async function showSubmission(
  context: SystemContext,
  { searched }: SearchableSystem,
  reranked: Reranked,
): Promise<void> {
  const { folder } = await submit(context, searched, reranked.get(submittedMethod(context.config).name)!);
  sayFile("submission", join(folder, submissionFile));
}

const program = systemProgram<Config, SystemOptions>({
  name: "gld2021-retrieval-2nd",
  description: "The 2nd place system of the Google Landmark Retrieval challenge 2021.",
  folder: "gld2021-2nd",
  stages,
  presets: Object.keys(presets),
  addOptions: addSystemOptions,
  commands: [
    generateListCommand,
    trainCommand,
    planCommand,
    retrieveCommand,
    keysCommand,
    compareCommand(comparisonOf(presets)),
  ],
  configOf,
  requireInits,
  runUpTo,
});

process.exitCode = await runProgram(program, process.argv.slice(2));
