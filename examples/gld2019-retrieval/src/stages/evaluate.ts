import { join } from "node:path";
import type { LandmarkData } from "@lmk/data";
import {
  evaluateRecognition,
  evaluateRetrieval,
  type RecognitionAnswer,
  type RetrievalAnswer,
} from "@lmk/eval";
import { type CompletedStage, readJson, runStage, UserError, writeJson } from "@lmk-example/kit";
import type { Config } from "../config.ts";
import { type Context, type PreparedData, usableRows } from "../context.ts";
import { type Method, methods, methodTitles, readRanking } from "./rerank.ts";

/** One row of the results table. */
export interface MethodScore {
  readonly method: Method;
  /** mAP@100, from 0 to 1. */
  readonly meanAveragePrecision: number;
  /** GAP, from 0 to 1. */
  readonly globalAveragePrecision: number;
  /** Time to search and rank all queries, in seconds. */
  readonly seconds: number;
  /** Average precision of each scored query, by its id. */
  readonly averagePrecisions: Readonly<Record<string, number>>;
}

/** Scores every method as the challenges do, over the Public and Private queries together. */
export async function evaluate(
  context: Context,
  prepared: PreparedData,
  reranked: CompletedStage,
): Promise<CompletedStage> {
  return runStage(
    context.run,
    "evaluate",
    { settings: {}, after: [prepared.stage, reranked] },
    async (folder) => {
      const { retrieval, recognition } = solutionsOf(prepared.data);
      const scores: MethodScore[] = [];
      for (const method of methods) {
        const ranked = await readRanking(reranked, method);
        const predictions = rankedIds(prepared, ranked.ranking);
        const known = new Set(retrieval.map(({ id }) => id));
        const scored = evaluateRetrieval(
          new Map([...predictions].filter(([id]) => known.has(id))),
          retrieval,
        );
        const rows = usableRows(prepared, "test");
        const recognised = evaluateRecognition(
          ranked.recognition.landmarkIds.map((landmarkId, i) => ({
            id: prepared.data.test.ids.at(rows[i]!),
            label: landmarkId,
            score: ranked.recognition.scores[i]!,
          })),
          recognition,
        );
        scores.push({
          method,
          meanAveragePrecision: scored.meanAveragePrecision,
          globalAveragePrecision: recognised.globalAveragePrecision,
          seconds: ranked.seconds,
          averagePrecisions: Object.fromEntries(
            scored.ids.map((id, i) => [id, scored.averagePrecisions[i]!]),
          ),
        });
      }
      writeJson(join(folder, "scores.json"), scores);
    },
  );
}

/** The scores that `evaluate` wrote. */
export function readScores(stage: CompletedStage): readonly MethodScore[] {
  return readJson<MethodScore[]>(join(stage.folder, "scores.json"))!;
}

/** The results as a table of text: the header and a row per method. */
export function scoreTable(
  config: Config,
  scores: readonly MethodScore[],
): { header: string[]; rows: string[][] } {
  const titles = methodTitles(config);
  return {
    header: ["method", "mAP@100", "GAP", "seconds"],
    rows: scores.map(({ method, meanAveragePrecision, globalAveragePrecision, seconds }) => [
      titles[method],
      (100 * meanAveragePrecision).toFixed(2),
      (100 * globalAveragePrecision).toFixed(2),
      seconds.toFixed(2),
    ]),
  };
}

/** Ids of the index images ranked for each query, by the query's id. */
export function rankedIds(
  prepared: PreparedData,
  { ids, rows, k }: { readonly ids: Int32Array; readonly rows: number; readonly k: number },
): Map<string, string[]> {
  const { test, index } = prepared.data;
  const testRows = usableRows(prepared, "test");
  const indexRows = usableRows(prepared, "index");
  return new Map(
    Array.from({ length: rows }, (_, row) => {
      const found = [...ids.subarray(row * k, (row + 1) * k)].filter((id) => id >= 0);
      return [test.ids.at(testRows[row]!), found.map((id) => index.ids.at(indexRows[id]!))];
    }),
  );
}

function solutionsOf({ test, index, retrieval, recognition }: LandmarkData): {
  readonly retrieval: RetrievalAnswer[];
  readonly recognition: RecognitionAnswer[];
} {
  if (retrieval === undefined || recognition === undefined) {
    const missing = retrieval === undefined ? "retrieval_solution_v2.1.csv" : "recognition_solution_v2.1.csv";
    throw new UserError(
      `evaluate: expected ${missing} beside test.csv, got none; without it run submit alone`,
    );
  }
  return {
    retrieval: [...retrieval.queries].map((row, i) => ({
      id: test.ids.at(row),
      usage: retrieval.usages[i]!,
      images: [...retrieval.relevant[i]!].map((image) => index.ids.at(image)),
    })),
    recognition: [...recognition.queries].map((row, i) => ({
      id: test.ids.at(row),
      usage: recognition.usages[i]!,
      landmarks: [...recognition.landmarkIds[i]!],
    })),
  };
}
