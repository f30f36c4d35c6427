import { createReadStream } from "node:fs";
import { evaluateRecognition, type RecognitionAnswer, type RecognitionPrediction } from "@lmk/eval";
import { readRecognitionPredictions } from "@lmk/eval/files";
import type { ChallengeScores } from "./landmark-results.ts";

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

/** Reads a submission of the recognition challenge. */
export function readPredictionsFile(path: string): Promise<RecognitionPrediction[]> {
  return readRecognitionPredictions(createReadStream(path));
}
