import { PredictionError } from "../prediction-error.ts";

/** What a system says about one image. */
export interface RecognitionPrediction<
  Id extends string | number = string,
  Label extends string | number = number,
> {
  /** The image. */
  readonly id: Id;
  /** The landmark it is said to show. */
  readonly label: Label;
  /** Confidence on any scale, comparable between images; higher is surer. */
  readonly score: number;
}

/** Predictions by id; refuses what the challenge's readers refuse. */
export function indexPredictions<Id extends string | number, Label extends string | number>(
  caller: string,
  predictions: readonly RecognitionPrediction<Id, Label>[],
  solution: ReadonlyMap<Id, unknown>,
): Map<Id, RecognitionPrediction<Id, Label>> {
  const byId = new Map<Id, RecognitionPrediction<Id, Label>>();
  for (const prediction of predictions) {
    const { id, score } = prediction;
    if (!solution.has(id)) {
      throw new PredictionError(
        `${caller}: expected \`predictions\` to be for images of the solution, got ${JSON.stringify(id)}`,
        "unknown-id",
        id,
      );
    }
    if (byId.has(id)) {
      throw new PredictionError(
        `${caller}: expected \`predictions\` to name each image once, got ${JSON.stringify(id)} twice`,
        "repeated-id",
        id,
      );
    }
    if (Number.isNaN(score)) {
      throw new PredictionError(
        `${caller}: expected the score of ${JSON.stringify(id)} to be a number, got NaN`,
        "bad-score",
        id,
      );
    }
    byId.set(id, prediction);
  }
  return byId;
}
