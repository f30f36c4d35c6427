import { basename, join } from "node:path";
import {
  type CompletedStage,
  type ReportPhoto,
  type ReportQuery,
  renderReport,
  runStage,
  thumbnail,
  writeWhole,
} from "@lmk-example/kit";
import type { Config, LossConfig } from "../config.ts";
import type { Context, PreparedData } from "../context.ts";
import { type MethodScore, rankedIds, readScores, scoreTable } from "./evaluate.ts";
import { readCounts } from "./prepare.ts";
import { methodTitles, readRanking } from "./rerank.ts";
import { readTrainingHistory } from "./train.ts";

const shownResults = 10;
const queriesPerSection = 4;

/** The stages whose output the report shows. */
export interface ReportInputs {
  readonly prepared: PreparedData;
  readonly trained: CompletedStage;
  readonly reranked: CompletedStage;
  readonly evaluated: CompletedStage;
}

/** Writes one HTML file with the results, the training curve, and what was found for some queries. */
export async function report(context: Context, inputs: ReportInputs): Promise<CompletedStage> {
  const { prepared, trained, reranked, evaluated } = inputs;
  const after = [prepared.stage, trained, reranked, evaluated];
  return runStage(context.run, "report", { settings: { layout: 1 }, after }, async (folder) => {
    const scores = readScores(evaluated);
    const before = rankedIds(prepared, (await readRanking(reranked, "trained")).ranking);
    const final = rankedIds(prepared, (await readRanking(reranked, "both")).ranking);
    const show = (id: string): Promise<ReportQuery> =>
      showQuery(context.config, prepared, scores, id, before.get(id)!, final.get(id)!);
    const sections = await Promise.all(
      chooseQueries(scores, new Set(final.keys())).map(async ({ title, ids }) => ({
        title,
        queries: await Promise.all(ids.map(show)),
      })),
    );
    const history = await readTrainingHistory(context.config, trained);
    const html = renderReport({
      title: "Google Landmark Retrieval 2019, 1st place",
      summary: summaryOf(context, prepared),
      table: scoreTable(context.config, scores),
      curve: {
        step: history.map(({ step }) => step),
        loss: history.map(({ loss }) => loss),
        learningRate: history.map(({ learningRate }) => learningRate),
      },
      sections,
    });
    writeWhole(join(folder, "report.html"), html);
  });
}

function summaryOf({ config, options }: Context, { stage }: PreparedData): string[] {
  const counts = readCounts(stage.folder);
  const { model, training } = config;
  const trained = training.stages.map(({ loss, epochs }) => `${epochs} epochs of ${describeLoss(loss)}`);
  const recipe =
    trained.length > 0 ? trained.join(", then ") : `weights of ${basename(options.init ?? "")} as they are`;
  const network = model.backbone.startsWith("resnet")
    ? `${model.backbone} of width ${model.width}`
    : model.backbone;
  const dimensions = model.dimension === "pooled" ? "pooled features" : `${model.dimension} dimensions`;
  return [
    `${options.data ?? "Generated landmarks"}: ${counts.train} train images of ${counts.landmarks} landmarks, ${counts.index} index images, ${counts.test} queries.`,
    `${network}, GeM p = ${model.poolingPower}, ${dimensions}; ${recipe}; seed ${config.seed}.`,
  ];
}

function describeLoss(loss: LossConfig): string {
  return loss.kind === "arcface" ? `ArcFace (s = ${loss.scale}, m = ${loss.margin})` : "softmax";
}

/** The best, the median and the worst queries by the final method, among those that count. */
function chooseQueries(
  scores: readonly MethodScore[],
  known: ReadonlySet<string>,
): { title: string; ids: string[] }[] {
  const final = scores.find(({ method }) => method === "both")!.averagePrecisions;
  const baseline = scores.find(({ method }) => method === "trained")!.averagePrecisions;
  const gain = (id: string): number => final[id]! - baseline[id]!;
  // Of equally good queries those come first that re-ranking moved most.
  const ids = Object.keys(final)
    .filter((id) => known.has(id) && Number.isFinite(final[id]))
    .sort((a, b) => final[b]! - final[a]! || gain(b) - gain(a) || (a < b ? -1 : 1));
  const count = Math.min(queriesPerSection, Math.floor(ids.length / 3));
  const middle = Math.floor((ids.length - count) / 2);
  return [
    { title: "Best queries", ids: ids.slice(0, count) },
    { title: "Median queries", ids: ids.slice(middle, middle + count) },
    { title: "Worst queries", ids: ids.slice(ids.length - count) },
  ];
}

async function showQuery(
  config: Config,
  { data }: PreparedData,
  scores: readonly MethodScore[],
  id: string,
  before: readonly string[],
  after: readonly string[],
): Promise<ReportQuery> {
  const { test, index, retrieval } = data;
  const row = test.ids.rowOf(id);
  const solution = retrieval!.queries.indexOf(row);
  const relevant = new Set(retrieval!.relevant[solution]);
  const score = (method: MethodScore["method"]): string => {
    const value = scores.find((one) => one.method === method)!.averagePrecisions[id]!;
    return `average precision ${value.toFixed(3)}`;
  };
  const result = async (image: string, rank: number): Promise<ReportPhoto> => {
    const imageRow = index.ids.rowOf(image);
    const jpeg = await thumbnail(index.paths.at(imageRow));
    return { jpeg, caption: `${rank + 1}`, right: relevant.has(imageRow) };
  };
  return {
    query: {
      jpeg: await thumbnail(test.paths.at(row), 340),
      caption: `query ${id} · ${relevant.size} right answers`,
    },
    before: {
      label: `${methodTitles(config).trained} · ${score("trained")}`,
      photos: await Promise.all(before.slice(0, shownResults).map(result)),
    },
    after: {
      label: `αQE and label re-ranking · ${score("both")}`,
      photos: await Promise.all(after.slice(0, shownResults).map(result)),
    },
  };
}
