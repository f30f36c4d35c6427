import { join } from "node:path";
import type { Ensemble } from "@lmk-example/gld2019-kit";
import {
  type CompletedStage,
  type RecognitionScores,
  readJson,
  readPredictions,
  recognitionSolutionOf,
  runStage,
  scorePredictions,
  writeJson,
} from "@lmk-example/kit";
import type { RecognitionContext } from "../context.ts";

/** Scores by the name of the method. */
export type Scores = Readonly<Record<string, RecognitionScores>>;

/** The name of the stage. */
export const evaluateStage = "recognition/evaluate";

/** Scores the predictions of each method as the challenge does. */
export async function evaluate(
  { run }: RecognitionContext,
  { data }: Ensemble,
  recognized: ReadonlyMap<string, CompletedStage>,
): Promise<CompletedStage> {
  const settings = { methods: [...recognized.keys()] };
  const after = [data.v2.stage, ...recognized.values()];
  return runStage(run, evaluateStage, { settings, after }, async (folder) => {
    const solution = recognitionSolutionOf(data.v2.data);
    const scores: Record<string, RecognitionScores> = {};
    for (const [name, stage] of recognized)
      scores[name] = scorePredictions(await readPredictions(stage), solution);
    writeJson(join(folder, "scores.json"), scores);
  });
}

/** What {@link evaluate} found. */
export function readScores({ folder }: CompletedStage): Scores {
  return readJson<Scores>(join(folder, "scores.json"))!;
}
