import type { RecognitionAnswer, RecognitionPrediction } from "@lmk/eval";
import type { ReportCurve } from "@lmk-example/kit";

/** Predictions of a method. */
export interface NamedPredictions {
  readonly title: string;
  readonly predictions: readonly RecognitionPrediction[];
}

const mostPoints = 300;

/**
 * The precision of each method's surest predictions, by how many of them are taken. GAP is the mean of this curve over
 * the right ones, with 0 for the test images whose landmark is not recognized.
 */
export function precisionCurve(
  methods: readonly NamedPredictions[],
  solution: readonly RecognitionAnswer[],
): ReportCurve {
  const answers = new Map(
    solution.filter(({ usage }) => usage !== "Ignored").map(({ id, landmarks }) => [id, landmarks]),
  );
  const curves = methods.map(({ predictions }) => precisions(predictions, answers));
  const longest = Math.max(0, ...curves.map(({ length }) => length));
  const step = Math.max(1, Math.ceil(longest / mostPoints));
  const ranks = Array.from({ length: Math.ceil(longest / step) }, (_, i) =>
    Math.min((i + 1) * step, longest),
  );
  return {
    title: "Precision of the surest predictions",
    x: { label: "predictions, surest first", values: ranks },
    y: "share of right ones",
    series: methods.map(({ title }, i) => ({
      label: title,
      values: ranks.map((rank) => curves[i]![rank - 1] ?? null),
    })),
  };
}

/** The share of right ones among the surest 1, 2, 3 … predictions. */
export function precisions(
  predictions: readonly RecognitionPrediction[],
  answers: ReadonlyMap<string, readonly number[]>,
): number[] {
  let right = 0;
  return predictions
    .filter(({ id }) => answers.has(id))
    .sort((a, b) => b.score - a.score)
    .map(({ id, label }, i) => {
      if (answers.get(id)!.includes(label)) right += 1;
      return right / (i + 1);
    });
}
