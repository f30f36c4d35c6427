import { join } from "node:path";
import {
  type CompletedStage,
  type RecognitionScores,
  type RetrievalScores,
  readJson,
  readPredictions,
  runStage,
  scorePredictions,
  scoreRanking,
  solutionsOf,
  writeJson,
} from "@lmk-example/kit";
import type { EmbeddedSystem, SystemContext } from "../system.ts";
import { readRanking } from "./retrieve.ts";

/** What both tasks gave, by the names of their methods. */
export interface Results {
  readonly retrieval: ReadonlyMap<string, CompletedStage>;
  readonly recognition: ReadonlyMap<string, CompletedStage>;
}

/** Scores by the names of the methods. */
export interface Scores {
  /** mAP@100. */
  readonly retrieval: Readonly<Record<string, RetrievalScores>>;
  /** GAP. */
  readonly recognition: Readonly<Record<string, RecognitionScores>>;
}

/** The name of the stage, and of the file in it. */
export const evaluateStage = "evaluate";
const scoresFile = "scores.json";

/** Scores every method of both tasks, as the challenges do. */
export async function evaluate(
  { run }: SystemContext,
  { data: { prepared } }: EmbeddedSystem,
  results: Results,
): Promise<CompletedStage> {
  const { retrieval, recognition } = results;
  const settings = { retrieval: [...retrieval.keys()], recognition: [...recognition.keys()] };
  const after = [prepared.stage, ...retrieval.values(), ...recognition.values()];
  return runStage(run, evaluateStage, { settings, after }, async (folder) => {
    const solutions = solutionsOf(prepared.data);
    const ranked: Record<string, RetrievalScores> = {};
    for (const [name, stage] of retrieval) {
      ranked[name] = scoreRanking(prepared, await readRanking(stage), solutions);
    }
    const recognized: Record<string, RecognitionScores> = {};
    for (const [name, stage] of recognition) {
      recognized[name] = scorePredictions(await readPredictions(stage), solutions.recognition);
    }
    writeJson(join(folder, scoresFile), {
      retrieval: ranked,
      recognition: recognized,
    } satisfies Scores);
  });
}

/** What {@link evaluate} found. */
export function readScores({ folder }: Pick<CompletedStage, "folder">): Scores {
  return readJson<Scores>(join(folder, scoresFile))!;
}
