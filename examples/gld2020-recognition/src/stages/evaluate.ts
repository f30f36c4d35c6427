import { join } from "node:path";
import { readClassLandmarksPickle } from "@lmk/data";
import { evaluateRecognition, type RecognitionAnswer, type RecognitionPrediction } from "@lmk/eval";
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
import { foldsFiles } from "../folds-files.ts";
import type { EmbeddedSystem, SystemContext } from "../system.ts";

/** How well a method recognizes; all from 0 to 1. */
export interface MethodScores extends RecognitionScores {
  /** GAP by the protocol of the first place of 2020: see {@link protocolOf}. */
  readonly protocol: number;
}

/** Scores by the name of the method. */
export type Scores = Readonly<Record<string, MethodScores>>;

/** Scores the predictions of each method. */
export async function evaluate(
  { run }: SystemContext,
  { data }: Pick<EmbeddedSystem, "data">,
  recognized: ReadonlyMap<string, CompletedStage>,
): Promise<CompletedStage> {
  const { prepared, folds } = data;
  const settings = { methods: [...recognized.keys()] };
  const after = [prepared.stage, folds, ...recognized.values()];
  return runStage(run, evaluateStage, { settings, after }, async (folder) => {
    const solution = recognitionSolutionOf(prepared.data);
    const landmarks = new Set(await readClassLandmarksPickle(join(folds.folder, foldsFiles.classes)));
    const scores: Record<string, MethodScores> = {};
    for (const [name, stage] of recognized) {
      scores[name] = score(await readPredictions(stage), solution, landmarks);
    }
    writeJson(join(folder, scoresFile), scores);
  });
}

/** The name of the stage, and of the file in it. */
export const evaluateStage = "evaluate";
export const scoresFile = "scores.json";

/**
 * Scores predictions.
 *
 * @param landmarks - Those with a class.
 */
export function score(
  predictions: readonly RecognitionPrediction[],
  solution: readonly RecognitionAnswer[],
  landmarks: ReadonlySet<number>,
): MethodScores {
  const protocol = protocolOf(solution, landmarks);
  const counted = new Set(protocol.map(({ id }) => id));
  return {
    ...scorePredictions(predictions, solution),
    protocol: evaluateRecognition(
      predictions.filter(({ id }) => counted.has(id)),
      protocol,
    ).globalAveragePrecision,
  };
}

/**
 * The answers of 2019 as the first place of 2020 validated on them: of several landmarks the first alone is right, and
 * images of a landmark that no class has are left out.
 */
export function protocolOf(
  solution: readonly RecognitionAnswer[],
  landmarks: ReadonlySet<number>,
): readonly RecognitionAnswer[] {
  return solution
    .map((answer) => ({ ...answer, landmarks: answer.landmarks.slice(0, 1) }))
    .filter((answer) => answer.landmarks.every((landmark) => landmarks.has(landmark)));
}

/** What {@link evaluate} found. */
export function readScores({ folder }: Pick<CompletedStage, "folder">): Scores {
  return readJson<Scores>(join(folder, scoresFile))!;
}
