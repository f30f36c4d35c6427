import { type Ensemble, readCleaning, readHistory } from "@lmk-example/gld2019-kit";
import {
  type CompletedStage,
  type PreparedData,
  type RankedList,
  rankedIds,
  rankingSections,
  readCounts,
  runStage,
  trainingCurve,
  writeReport,
} from "@lmk-example/kit";
import type { RetrievalContext } from "../config.ts";
import { baselineOf, type Method } from "../methods.ts";
import { tablesOf } from "../tables.ts";
import { type MethodScore, readScores } from "./evaluate.ts";
import { type Reranked, readRanked } from "./rerank.ts";

/** Writes one HTML file with the results, the training curves, and what was found for some queries. */
export async function report(
  context: RetrievalContext,
  ensemble: Ensemble,
  reranked: Reranked,
  evaluated: CompletedStage,
): Promise<CompletedStage> {
  const { config, run } = context;
  const { data, trained, lists } = ensemble;
  const final = config.retrieval.methods.find(({ name }) => name === config.retrieval.final)!;
  const shown = [baselineOf(config.retrieval.methods, final), final] as const;
  const inputs = [data.v2.stage, evaluated, ...trained.values(), ...reranked.values()];
  return runStage(run, "report", { settings: { layout: 4 }, after: inputs }, async (folder) => {
    const scores = readScores(evaluated);
    const [before, after] = await Promise.all(
      shown.map((method) => rankedList(data.v2, reranked, method, scores.methods)),
    );
    const cleaning = lists === undefined ? undefined : readCleaning(lists);
    const counts = readCounts(data.v2);
    writeReport(folder, {
      title: "Google Landmark Retrieval 2019, 1st place",
      summary: summaryOf(context, data.v2),
      tables: tablesOf(config, scores, { counts, cleaning }),
      curves: await Promise.all(
        [...trained].map(async ([job, stage]) => {
          return trainingCurve(job, await readHistory(stage));
        }),
      ),
      sections: await rankingSections(data.v2, before!, after!),
    });
  });
}

function summaryOf({ config, options }: RetrievalContext, prepared: PreparedData): string[] {
  const { train, landmarks, index, test } = readCounts(prepared);
  const networks = config.members.map(({ job, weight }) => {
    const { network } = config.jobs.find(({ name }) => name === job)!;
    const { backbone, width } = network;
    const size = width === undefined ? backbone : `${backbone} of width ${width}`;
    return `${job} (${size}, weight ${weight})`;
  });
  return [
    `${options.data ?? "Generated landmarks"}: ${train} train images of ${landmarks} landmarks, ${index} index images, ${test} queries.`,
    `Networks: ${networks.join(", ")}; seed ${config.seed}.`,
  ];
}

async function rankedList(
  prepared: PreparedData,
  reranked: Reranked,
  { name, title }: Method,
  scores: readonly MethodScore[],
): Promise<RankedList> {
  return {
    label: title,
    precisions: scores.find(({ method }) => method === name)!.averagePrecisions,
    ranked: rankedIds(prepared, (await readRanked(reranked, name)).ranking),
  };
}
