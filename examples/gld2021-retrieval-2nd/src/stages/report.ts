import {
  type CompletedStage,
  type RankedList,
  type ReportCurve,
  rankingSections,
  readCounts,
  runStage,
  writeReport,
} from "@lmk-example/kit";
import { leaderboardTable } from "../leaderboard-table.ts";
import type { Method } from "../method.ts";
import { submittedMethod } from "../methods.ts";
import { rankedIdsOf } from "../ranked-ids.ts";
import { resultsTable } from "../results-table.ts";
import type { SystemContext } from "../system.ts";
import type { SearchableSystem } from "./embed.ts";
import { readScores, type Scores } from "./evaluate.ts";
import { type Reranked, readRanking } from "./rerank.ts";

/** The stages whose output the report shows. */
export interface ReportInputs {
  readonly system: SearchableSystem;
  /** In the order of the table. */
  readonly methods: readonly Method[];
  readonly reranked: Reranked;
  readonly evaluated: CompletedStage;
  /**
   * What the trainings recorded.
   *
   * @defaultValue nothing
   */
  readonly curves?: readonly ReportCurve[];
}

/** Writes one HTML file with the results, the training curves, and what was found for some queries. */
export async function report(context: SystemContext, inputs: ReportInputs): Promise<CompletedStage> {
  const { system, methods, reranked, evaluated, curves = [] } = inputs;
  const after = [evaluated, ...system.trained.values(), ...reranked.values()];
  const settings = { layout: 2, curves: curves.map(({ title }) => title) };
  return runStage(context.run, "report", { settings, after }, async (folder) => {
    const scores = readScores(evaluated);
    const [before, last] = shownMethods(context.config, methods);
    writeReport(folder, {
      title: "Google Landmark Retrieval 2021, 2nd place",
      summary: summaryOf(context, system),
      tables: [resultsTable(methods, scores, datasetLine(context, system)), leaderboardTable()],
      curves,
      sections: await rankingSections(
        system.data.prepared,
        await rankedList(inputs, before, scores),
        await rankedList(inputs, last, scores),
      ),
    });
  });
}

function summaryOf(context: SystemContext, system: SearchableSystem): string[] {
  const { chains, inference, seed } = context.config;
  const { VOTE_NUM, alpha, beta } = inference;
  return [
    `${datasetLine(context, system)}.`,
    `Networks: ${chains.map(({ network }) => network).join(", ")}; seed ${seed}.`,
    `As submitted, ${VOTE_NUM} labelled images vote for the landmark and the country of a query, and index images gain ${alpha} times the share of their landmark and ${beta} times that of their country.`,
  ];
}

/** What was searched, in words. */
export function datasetLine(
  { options }: Pick<SystemContext, "options">,
  { data, searched }: Pick<SearchableSystem, "data" | "searched">,
): string {
  const { train, landmarks } = readCounts(searched.prepared);
  const { queries, images, references } = searched;
  const source = options.data ?? "generated landmarks";
  return `${source}: ${queries.length} queries in ${images.length} index images, ${data.expand.added} of them added to those of the contest; ${references.rows.length} labelled images that vote, of ${train} train images of ${landmarks} landmarks and the index`;
}

/** What is handed in, and what was found before. */
function shownMethods(
  config: SystemContext["config"],
  methods: readonly Method[],
): readonly [Method, Method] {
  return [methods.find(({ name }) => name === "off") ?? methods[0]!, submittedMethod(config)];
}

async function rankedList(
  { system, reranked }: ReportInputs,
  { name, title }: Method,
  scores: Scores,
): Promise<RankedList> {
  return {
    label: title,
    precisions: scores[name]!.averagePrecisions,
    ranked: rankedIdsOf(system.searched, await readRanking(reranked.get(name)!)),
  };
}
