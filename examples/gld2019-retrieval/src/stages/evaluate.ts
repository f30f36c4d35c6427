import { join } from "node:path";
import { type Ensemble, readLists } from "@lmk-example/gld2019-kit";
import {
  type ChallengeScores,
  type CompletedStage,
  type RetrievalScores,
  readJson,
  runStage,
  scoreRanking,
  scoreRecognition,
  solutionsOf,
  writeJson,
} from "@lmk-example/kit";
import type { RetrievalContext } from "../config.ts";
import { type Reranked, readRanked } from "./rerank.ts";
import type { Searched } from "./search.ts";

/** One row of the results table. */
export interface MethodScore extends RetrievalScores {
  readonly method: string;
  /** GAP. */
  readonly globalAveragePrecision: ChallengeScores;
  /** Time to search and rank all queries, in seconds. */
  readonly seconds: number;
}

/** What `evaluate` found. */
export interface Scores {
  readonly methods: readonly MethodScore[];
  /** mAP@100 of a search with the embeddings of one network, or of all together, by name. */
  readonly networks: Readonly<Record<string, ChallengeScores>>;
}

/** The name of the stage. */
export const evaluateStage = "evaluate";

/** Scores every method, and every network alone, as the challenges do. */
export async function evaluate(
  context: RetrievalContext,
  { data: { v2 } }: Ensemble,
  searched: Searched,
  reranked: Reranked,
): Promise<CompletedStage> {
  const lists = [...searched].flatMap(([name, { "test-index": stage }]) =>
    stage === undefined ? [] : [{ name, stage }],
  );
  const after = [v2.stage, ...lists.map(({ stage }) => stage), ...reranked.values()];
  return runStage(context.run, evaluateStage, { settings: {}, after }, async (folder) => {
    const solutions = solutionsOf(v2.data);
    const methods: MethodScore[] = [];
    for (const method of reranked.keys()) {
      const { ranking, recognition, seconds } = await readRanked(reranked, method);
      methods.push({
        method,
        ...scoreRanking(v2, ranking, solutions),
        globalAveragePrecision: scoreRecognition(v2, recognition, solutions),
        seconds,
      });
    }
    const networks: Record<string, ChallengeScores> = {};
    for (const { name, stage } of lists) {
      networks[name] = scoreRanking(v2, await readLists(stage), solutions).meanAveragePrecision;
    }
    const scores: Scores = { methods, networks };
    writeJson(join(folder, "scores.json"), scores);
  });
}

/** The scores that `evaluate` wrote. */
export function readScores(stage: CompletedStage): Scores {
  return readJson<Scores>(join(stage.folder, "scores.json"))!;
}
