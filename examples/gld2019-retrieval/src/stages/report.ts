import { type Ensemble, readCleaning, readHistory } from "@lmk-example/gld2019-kit";
import {
  type CompletedStage,
  chooseQueries,
  type PreparedData,
  type Report,
  rankedIds,
  readCounts,
  reportQuery,
  runStage,
  type ShownQuery,
  trainingCurve,
  writeReport,
} from "@lmk-example/kit";
import type { RetrievalContext } from "../config.ts";
import { baselineOf, type Method } from "../methods.ts";
import { tablesOf } from "../tables.ts";
import { type MethodScore, readScores } from "./evaluate.ts";
import { type Reranked, readRanked } from "./rerank.ts";

const shownResults = 10;

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
  const after = [data.v2.stage, evaluated, ...trained.values(), ...reranked.values()];
  return runStage(run, "report", { settings: { layout: 4 }, after }, async (folder) => {
    const scores = readScores(evaluated);
    const cleaning = lists === undefined ? undefined : readCleaning(lists);
    const counts = readCounts(data.v2);
    writeReport(folder, {
      title: "Google Landmark Retrieval 2019, 1st place",
      summary: summaryOf(context, data.v2),
      tables: tablesOf(config, scores, { counts, cleaning }),
      curves: await Promise.all(
        [...trained].map(async ([job, stage]) => {
          const history = await readHistory(stage);
          return trainingCurve(job, {
            step: history.map(({ step }) => step),
            loss: history.map(({ loss }) => loss),
            learningRate: history.map(({ learningRate }) => learningRate),
          });
        }),
      ),
      sections: await querySections(data.v2, reranked, shown, scores.methods),
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

/** The best, the median and the worst queries by the final method, among those that count. */
async function querySections(
  prepared: PreparedData,
  reranked: Reranked,
  [before, after]: readonly [Method, Method],
  scores: readonly MethodScore[],
): Promise<Report["sections"]> {
  const listOf = async (method: Method): Promise<RankedList> => ({
    label: method.title,
    precisions: scores.find((one) => one.method === method.name)!.averagePrecisions,
    ranked: rankedIds(prepared, (await readRanked(reranked, method.name)).ranking),
  });
  const [first, last] = [await listOf(before), await listOf(after)];
  const known = Object.entries(last.precisions).filter(([id]) => last.ranked.has(id));
  const gains = Object.fromEntries(known.map(([id, value]) => [id, value - first.precisions[id]!]));
  return Promise.all(
    chooseQueries(Object.fromEntries(known), gains).map(async ({ title, ids }) => ({
      title,
      queries: await Promise.all(ids.map((id) => reportQuery(showQuery(prepared, id, first, last)))),
    })),
  );
}

interface RankedList {
  readonly label: string;
  readonly precisions: Readonly<Record<string, number>>;
  readonly ranked: ReadonlyMap<string, readonly string[]>;
}

function showQuery({ data }: PreparedData, id: string, before: RankedList, after: RankedList): ShownQuery {
  const { test, index, retrieval } = data;
  const row = test.ids.rowOf(id);
  const relevant = new Set(retrieval!.relevant[retrieval!.queries.indexOf(row)]);
  const results = ({ label, precisions, ranked }: RankedList): ShownQuery["before"] => ({
    label: `${label} · average precision ${precisions[id]!.toFixed(3)}`,
    images: ranked
      .get(id)!
      .slice(0, shownResults)
      .map((image, rank) => {
        const imageRow = index.ids.rowOf(image);
        return { path: index.paths.at(imageRow), caption: `${rank + 1}`, right: relevant.has(imageRow) };
      }),
  });
  return {
    query: { path: test.paths.at(row), caption: `query ${id} · ${relevant.size} right answers` },
    before: results(before),
    after: results(after),
  };
}
