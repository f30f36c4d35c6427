import { join } from "node:path";
import { type ChallengeScores, type CompletedStage, readJson, runStage, writeJson } from "@lmk-example/kit";
import { checksum } from "../checksum.ts";
import type { SystemContext } from "../system.ts";
import { challengeScores, validationPrecisions, validationScore } from "../validation.ts";
import type { SearchableSystem } from "./embed.ts";
import { type Reranked, readRanking } from "./rerank.ts";

/** How well a method ranks; all from 0 to 1. */
export interface MethodScores {
  /** mAP@100 as the challenge counts it. */
  readonly challenge: ChallengeScores;
  /** mAP on the validation set as the authors count it. */
  readonly validation: number;
  /** Average precision on the validation set, by the query's id. */
  readonly averagePrecisions: Readonly<Record<string, number>>;
}

/** Scores by the name of the method. */
export type Scores = Readonly<Record<string, MethodScores>>;

/** The name of the stage, and of the file in it. */
export const evaluateStage = "evaluate";
export const scoresFile = "scores.json";

/** Scores the ranking of each method. */
export async function evaluate(
  { run }: Pick<SystemContext, "run">,
  { data, searched }: Pick<SearchableSystem, "data" | "searched">,
  reranked: Reranked,
): Promise<CompletedStage> {
  const { prepared, expand } = data;
  const { queries, images, relevant, ignored } = expand;
  const validation = checksum([queries, images, ...relevant, ...ignored]);
  const settings = { methods: [...reranked.keys()], validation };
  const after = [prepared.stage, ...reranked.values()];
  return runStage(run, evaluateStage, { settings, after }, async (folder) => {
    const scores: Record<string, MethodScores> = {};
    for (const [name, stage] of reranked) {
      const ranking = await readRanking(stage);
      const precisions = validationPrecisions(searched, ranking, expand);
      const ids = Array.from(expand.queries, (row) => prepared.data.test.ids.at(row));
      scores[name] = {
        challenge: challengeScores(searched, ranking),
        validation: validationScore(precisions),
        averagePrecisions: Object.fromEntries(
          ids.map((id, i) => [id, precisions[i]!] as const).filter(([, value]) => Number.isFinite(value)),
        ),
      };
    }
    writeJson(join(folder, scoresFile), scores);
  });
}

/** What {@link evaluate} found. */
export function readScores({ folder }: Pick<CompletedStage, "folder">): Scores {
  return readJson<Scores>(join(folder, scoresFile))!;
}
