import { join } from "node:path";
import { readJsonLinesLog } from "@lmk/train";
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
import type { SystemContext } from "../context.ts";
import { readScores, resultsTable, type Scores } from "./evaluate.ts";
import { type Method, methods, readRanking } from "./rank.ts";

/** The stages whose output the report shows. */
export interface ReportInputs {
  readonly prepared: PreparedData;
  readonly trained: CompletedStage;
  readonly ranked: ReadonlyMap<string, CompletedStage>;
  readonly evaluated: CompletedStage;
}

/** Writes one HTML file with the results, the training curve, and what was found for some queries. */
export function report(context: SystemContext, inputs: ReportInputs): Promise<CompletedStage> {
  const { prepared, trained, ranked, evaluated } = inputs;
  const after = [trained, evaluated];
  return runStage(context.run, "report", { settings: { layout: 1 }, after }, async (folder) => {
    const scores = readScores(evaluated);
    const { steps } = await readJsonLinesLog(join(trained.folder, "history.jsonl"));
    const { train, landmarks, index, test } = readCounts(prepared);
    const source = context.options.data ?? "Generated landmarks";
    const listOf = (method: Method): Promise<RankedList> => rankedList(prepared, ranked, scores, method);
    writeReport(folder, {
      title: "A retrieval system",
      summary: [
        `${source}: ${train} train images of ${landmarks} landmarks, ${index} index images, ${test} queries.`,
        `Seed ${context.config.seed}.`,
      ],
      tables: [resultsTable(scores)],
      curves: [trainingCurve("network", steps)],
      sections: await rankingSections(prepared, await listOf(methods[0]!), await listOf(methods.at(-1)!)),
    });
  });
}

async function rankedList(
  prepared: PreparedData,
  ranked: ReportInputs["ranked"],
  scores: Scores,
  { name, title }: Method,
): Promise<RankedList> {
  const found = await readRanking(ranked.get(name)!);
  return { label: title, precisions: scores[name]!.averagePrecisions, ranked: rankedIds(prepared, found) };
}
