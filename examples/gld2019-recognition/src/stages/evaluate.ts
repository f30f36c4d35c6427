import { join } from "node:path";
import { evaluateRecognition, type RecognitionAnswer, type RecognitionPrediction } from "@lmk/eval";
import type { Ensemble } from "@lmk-example/gld2019-kit";
import {
  type ChallengeScores,
  type CompletedStage,
  readJson,
  recognitionSolutionOf,
  runStage,
  writeJson,
} from "@lmk-example/kit";
import type { RecognitionContext } from "../context.ts";
import { readPredictions } from "./recognize.ts";

/** How well a method recognizes; all from 0 to 1. */
export interface MethodScores {
  /** GAP. */
  readonly gap: ChallengeScores;
  /** Share of the test images with a landmark that are recognized, however sure. */
  readonly accuracy: number;
}

/** Scores by the name of the method. */
export type Scores = Readonly<Record<string, MethodScores>>;

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
    const scores: Record<string, MethodScores> = {};
    for (const [name, stage] of recognized) scores[name] = score(await readPredictions(stage), solution);
    writeJson(join(folder, "scores.json"), scores);
  });
}

/** Scores predictions as the challenge does. */
export function score(
  predictions: readonly RecognitionPrediction[],
  solution: readonly RecognitionAnswer[],
): MethodScores {
  const of = (usage: "Private" | "Public" | "both"): ReturnType<typeof evaluateRecognition> =>
    evaluateRecognition(predictions, solution, { usage });
  const all = of("both");
  return {
    gap: {
      private: of("Private").globalAveragePrecision,
      public: of("Public").globalAveragePrecision,
      all: all.globalAveragePrecision,
    },
    accuracy: all.topOneAccuracy,
  };
}

/** What {@link evaluate} found. */
export function readScores({ folder }: CompletedStage): Scores {
  return readJson<Scores>(join(folder, "scores.json"))!;
}
