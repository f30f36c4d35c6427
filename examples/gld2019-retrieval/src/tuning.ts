import { join } from "node:path";
import {
  addEnsembleOptions,
  type Ensemble,
  type EnsembleNeeds,
  type EnsembleOptions,
  jobOf,
  readLists,
  runEnsemble,
  runsFolder,
  searchEnsemble,
} from "@lmk-example/gld2019-kit";
import {
  createContext,
  runFolderOf,
  runTuning,
  say,
  scoreRanking,
  solutionsOf,
  type TuningJob,
  type TuningPlan,
  type TuningScores,
  tuningCommand,
  withOverrides,
  withRunOptions,
} from "@lmk-example/kit";
import type { Command } from "commander";
import { presets, type RetrievalConfig, type RetrievalContext } from "./config.ts";
import { membersOf } from "./stages/search.ts";

interface TuningOptions extends EnsembleOptions {
  readonly job: string;
}

/** The command `tuning`: trains one job with other settings, and scores what a search with each network finds. */
export function retrievalTuning(configOf: (options: EnsembleOptions) => RetrievalConfig): Command {
  const command = tuningCommand<TuningOptions>({
    space: { "loss.margin": [0.2, 0.3, 0.4] },
    run: (plan, options) => tune(configOf(options), plan, options),
  });
  return addEnsembleOptions(withRunOptions(command, Object.keys(presets)))
    .description("train one network with several settings, and compare them by mAP@100")
    .option("--job <name>", "the training whose settings are changed", "v2clean");
}

async function tune(config: RetrievalConfig, plan: TuningPlan, options: TuningOptions): Promise<void> {
  const folder = runFolderOf(runsFolder, options);
  const contextOf = (jobs: RetrievalConfig["jobs"]): RetrievalContext =>
    createContext(folder, { ...config, jobs, members: [] }, options);
  // What all candidates start from is made once, and their lists one after the other.
  const { from } = jobOf(config, options.job);
  if (typeof from === "object") await runEnsemble(contextOf(config.jobs), "train", only(from.job));
  let turn: Promise<unknown> = Promise.resolve();

  const runCandidate = async ({ candidate, name }: TuningJob): Promise<TuningScores> => {
    const job = {
      ...withOverrides(jobOf(config, options.job), candidate),
      name: `tuning/${options.job}/${name}`,
    };
    const context = contextOf([...config.jobs, job]);
    const cleaned = turn.then(() => runEnsemble(context, "clean", only(job.name)));
    turn = cleaned.catch(() => undefined);
    await cleaned;
    const ensemble = (await runEnsemble(context, "search", only(job.name)))!;
    return scoreSearch(context, ensemble, job.name);
  };
  await runTuning({
    ...plan,
    folder: join(folder, "tuning", options.job),
    best: { measure: "all", order: "highest" },
    runCandidate,
    say,
  });
}

/** What a search of the index needs of one network. */
function only(job: string): EnsembleNeeds {
  return { extra: [{ jobs: [job], splits: ["index", "test"] }], features: [] };
}

/** mAP@100 of a search, in percent. */
async function scoreSearch(
  context: RetrievalContext,
  ensemble: Ensemble,
  name: string,
): Promise<TuningScores> {
  const { retrieval } = context.config;
  const counts = { "test-index": retrieval.depth };
  const lists = await searchEnsemble(context, ensemble, counts, membersOf(context.config, name));
  const { v2 } = ensemble.data;
  const ranking = await readLists(lists["test-index"]);
  const { meanAveragePrecision } = scoreRanking(v2, ranking, solutionsOf(v2.data));
  const { private: ofPrivate, public: ofPublic, all } = meanAveragePrecision;
  return { private: 100 * ofPrivate, public: 100 * ofPublic, all: 100 * all };
}
