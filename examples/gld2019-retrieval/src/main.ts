import { join, resolve } from "node:path";
import { createProgressBar } from "@lmk/train/progress";
import {
  type CompletedStage,
  downloadData,
  type ExampleProgram,
  openRunFolder,
  type RunOptions,
  runProgram,
  type StageEvent,
  UserError,
} from "@lmk-example/kit";
import Table from "cli-table3";
import { type Config, presets } from "./config.ts";
import type { Context } from "./context.ts";
import { evaluate, readScores, scoreTable } from "./stages/evaluate.ts";
import { extract } from "./stages/extract.ts";
import { prepare } from "./stages/prepare.ts";
import { report } from "./stages/report.ts";
import { rerank } from "./stages/rerank.ts";
import { search } from "./stages/search.ts";
import { submit } from "./stages/submit.ts";
import { trainNetwork } from "./stages/train.ts";

const stages = [
  { name: "prepare", description: "bring the data set, measure every image" },
  { name: "train", description: "train the network" },
  { name: "extract", description: "embed every image" },
  { name: "search", description: "find nearest neighbors" },
  { name: "rerank", description: "expand queries, re-rank by labels" },
  { name: "evaluate", description: "score every method" },
  { name: "submit", description: "write the submission" },
  { name: "report", description: "write the HTML report" },
] as const;

type StageName = (typeof stages)[number]["name"];

/** The system, stage by stage, up to the one that is asked for. */
async function runUpTo(last: StageName, context: Context): Promise<void> {
  const prepared = await prepare(context);
  if (last === "prepare") return;
  const trained = await trainNetwork(context, prepared);
  if (last === "train") return;
  const extracted = await extract(context, prepared, trained);
  if (last === "extract") return;
  const searched = await search(context, prepared, extracted);
  if (last === "search") return;
  const reranked = await rerank(context, prepared, searched);
  if (last === "rerank") return;
  if (last === "submit" && prepared.data.retrieval === undefined) {
    return showSubmission(await submit(context, prepared, reranked));
  }
  const evaluated = await evaluate(context, prepared, reranked);
  showScores(context.config, evaluated);
  if (last === "evaluate") return;
  showSubmission(await submit(context, prepared, reranked));
  if (last === "submit") return;
  const written = await report(context, { prepared, trained, reranked, evaluated });
  say(`report      ${join(written.folder, "report.html")}`);
}

function showScores(config: Config, evaluated: CompletedStage): void {
  const { header, rows } = scoreTable(config, readScores(evaluated));
  const table = new Table({
    head: header,
    colAligns: ["left", "right", "right", "right"],
    style: { head: [], border: [] },
  });
  table.push(...rows);
  say(`\n${table.toString()}\nmAP@100 and GAP in percent; seconds to search and rank all queries\n`);
}

function showSubmission({ folder }: CompletedStage): void {
  say(`submission  ${join(folder, "submission.csv")}`);
}

/** The preset with what the command line changes. */
function configOf(options: RunOptions): Config {
  const preset = presets[options.preset as keyof typeof presets];
  const config: Config = {
    ...preset,
    seed: options.seed ?? preset.seed,
    training: {
      ...preset.training,
      batchSize: options.batchSize ?? preset.training.batchSize,
      stages: preset.training.stages.map((stage) => ({ ...stage, epochs: options.epochs ?? stage.epochs })),
    },
  };
  if (config.training.stages.length === 0 && options.init === undefined) {
    throw new UserError(`preset ${options.preset} trains nothing: expected its weights by --init, got none`);
  }
  return config;
}

function createContext(config: Config, options: RunOptions): Context {
  const folder = resolve(options.run ?? join("runs", `gld2019-retrieval-${options.preset}`));
  return {
    run: openRunFolder(folder, showStage),
    config,
    options,
    progress: (label, total, unit = "images", done = 0) =>
      createProgressBar({ label: `  ${label}`, total, unit, done }),
    notice: (line) => say(`  ${line}`),
  };
}

function showStage(name: string, event: StageEvent): void {
  const text = {
    begin: "",
    resume: ": goes on where it stopped",
    skip: ": complete",
    done: event.kind === "done" ? `: done in ${event.seconds.toFixed(1)} s` : "",
  }[event.kind];
  say(`${name}${text}`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

const program: ExampleProgram = {
  name: "gld2019-retrieval",
  description: "The 1st place system of the Google Landmark Retrieval challenge 2019.",
  stages,
  presets: Object.keys(presets),
  async runUpTo(stage, options) {
    const known = stages.find(({ name }) => name === stage);
    if (!known) throw new UserError(`expected a stage, got ${stage}`);
    const config = configOf(options);
    if (await downloadData(options, say)) await runUpTo(known.name, createContext(config, options));
  },
};

process.exitCode = await runProgram(program, process.argv.slice(2));
