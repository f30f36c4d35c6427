import { createReadStream } from "node:fs";
import { join } from "node:path";
import { evaluateRecognition, type RecognitionAnswer, type RecognitionPrediction } from "@lmk/eval";
import { readRecognitionPredictions } from "@lmk/eval/files";
import type { ChallengeScores } from "./landmark-results.ts";
import type { CompletedStage } from "./run-folder.ts";

/** How well a method recognizes; all from 0 to 1. */
export interface RecognitionScores {
  /** GAP, as the challenges score it. */
  readonly gap: ChallengeScores;
  /** Share of the test images with a landmark that are recognized, however sure. */
  readonly accuracy: number;
}

/** Scores predictions as the challenges do. */
export function scorePredictions(
  predictions: readonly RecognitionPrediction[],
  solution: readonly RecognitionAnswer[],
): RecognitionScores {
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

/** The file of what a method recognizes, in the folder of its stage. */
export const predictionsName = "predictions.csv";

/** Where a stage wrote what its method recognizes. */
export function predictionsFile({ folder }: Pick<CompletedStage, "folder">): string {
  return join(folder, predictionsName);
}

/** What a method recognizes, as its stage wrote it. */
export function readPredictions(stage: Pick<CompletedStage, "folder">): Promise<RecognitionPrediction[]> {
  return readRecognitionPredictions(createReadStream(predictionsFile(stage)));
}
