import { join } from "node:path";
import {
  addEnsembleOptions,
  type EnsembleOptions,
  ensembleConfigOf,
  ensembleStages,
  runEnsemble,
  runsFolder,
} from "@lmk-example/gld2019-kit";
import {
  type CompletedStage,
  compareCommand,
  evaluateCheckpointCommand,
  runProgram,
  say,
  sayFile,
  sayTable,
  showProgress,
  showStage,
  systemProgram,
} from "@lmk-example/kit";
import { comparison } from "./compare.ts";
import { presets, type RetrievalConfig, type RetrievalContext, retrievalSettings } from "./config.ts";
import { evaluate, readScores } from "./stages/evaluate.ts";
import { report } from "./stages/report.ts";
import { rerank } from "./stages/rerank.ts";
import { needsVerification, search, verify } from "./stages/search.ts";
import { submit } from "./stages/submit.ts";
import { resultsTable } from "./tables.ts";
import { retrievalTuning } from "./tuning.ts";

const stages = [
  ...ensembleStages,
  { name: "search", description: "find nearest neighbors", shared: true },
  { name: "verify", description: "compare neighbors place by place", shared: true },
  { name: "rerank", description: "re-rank by every method" },
  { name: "evaluate", description: "score every method and every network" },
  { name: "submit", description: "write the submission" },
  { name: "report", description: "write the HTML report" },
] as const;

/** The system, stage by stage, up to the one that is asked for. */
async function runUpTo(last: string, context: RetrievalContext): Promise<void> {
  const { config } = context;
  const { tables, methods } = config.retrieval;
  const isJob = (name: string): boolean => config.jobs.some((job) => job.name === name);
  const ensemble = await runEnsemble(context, last, {
    extra: [
      { jobs: tables, splits: ["index", "test"] },
      { jobs: methods.map(({ of }) => of).filter(isJob), splits: ["train", "index", "test"] },
    ],
    features: needsVerification(config) ? ["train", "index", "test"] : [],
  });
  if (ensemble === undefined) return;
  const searched = await search(context, ensemble);
  if (last === "search") return;
  const verified = await verify(context, ensemble, searched);
  if (last === "verify") return;
  const reranked = await rerank(context, ensemble, searched, verified);
  if (last === "rerank") return;
  if (last === "submit" && ensemble.data.v2.data.retrieval === undefined) {
    return showSubmission(await submit(context, ensemble, reranked));
  }
  const evaluated = await evaluate(context, ensemble, searched, reranked);
  sayTable(resultsTable(config, readScores(evaluated)));
  if (last === "evaluate") return;
  showSubmission(await submit(context, ensemble, reranked));
  if (last === "submit") return;
  const written = await report(context, ensemble, reranked, evaluated);
  sayFile("report", join(written.folder, "report.html"));
}

function showSubmission({ folder }: CompletedStage): void {
  sayFile("submission", join(folder, "submission.csv"));
}

/** The preset with what the command line changes. */
function configOf(options: EnsembleOptions): RetrievalConfig {
  return { ...ensembleConfigOf(options), retrieval: retrievalSettings(options.preset) };
}

const program = systemProgram<RetrievalConfig, EnsembleOptions>({
  name: "gld2019-retrieval",
  description: "The 1st place system of the Google Landmark Retrieval challenge 2019.",
  folder: runsFolder,
  stages,
  presets: Object.keys(presets),
  addOptions: addEnsembleOptions,
  commands: [
    retrievalTuning(configOf),
    evaluateCheckpointCommand({ say, progress: showProgress, onStage: showStage }),
    compareCommand(comparison),
  ],
  configOf,
  runUpTo,
});

process.exitCode = await runProgram(program, process.argv.slice(2));
