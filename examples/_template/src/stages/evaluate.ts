import { join } from "node:path";
import {
  type CompletedStage,
  largestIn,
  type PreparedData,
  type ReportTable,
  type RetrievalScores,
  readJson,
  runStage,
  scoreRanking,
  solutionsOf,
  writeJson,
} from "@lmk-example/kit";
import type { SystemContext } from "../context.ts";
import { methods, readRanking } from "./rank.ts";

/** Scores by the name of the method. */
export type Scores = Readonly<Record<string, RetrievalScores>>;

/** Scores every method as the retrieval challenges do. */
export function evaluate(
  { run }: SystemContext,
  prepared: PreparedData,
  ranked: ReadonlyMap<string, CompletedStage>,
): Promise<CompletedStage> {
  const after = [prepared.stage, ...ranked.values()];
  return runStage(run, "evaluate", { settings: {}, after }, async (folder) => {
    const solutions = solutionsOf(prepared.data);
    const scores: Record<string, RetrievalScores> = {};
    for (const [name, stage] of ranked) {
      scores[name] = scoreRanking(prepared, await readRanking(stage), solutions);
    }
    writeJson(join(folder, "scores.json"), scores);
  });
}

/** What {@link evaluate} found. */
export function readScores({ folder }: CompletedStage): Scores {
  return readJson<Scores>(join(folder, "scores.json"))!;
}

/** The table of the results. */
export function resultsTable(scores: Scores): ReportTable {
  const rows = methods.map(({ name, title }) => {
    const { private: ofPrivate, public: ofPublic, all } = scores[name]!.meanAveragePrecision;
    return [title, ...[ofPrivate, ofPublic, all].map((value) => 100 * value)];
  });
  return {
    title: "Results",
    caption: "mAP@100 in percent",
    columns: [{ title: "system" }, ...["Private", "Public", "all"].map((title) => ({ title, decimals: 2 }))],
    rows,
    emphasis: largestIn(rows, [1, 2, 3]),
  };
}
