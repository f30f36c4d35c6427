import type { RecognitionAnswer, RecognitionPrediction } from "@lmk/eval";
import { readPredictions } from "./recognition-scores.ts";
import { isRight, surestFirst } from "./report-answers.ts";
import type { ReportCurve } from "./report-curve.ts";
import type { CompletedStage } from "./run-folder.ts";

/** Predictions of a method. */
export interface NamedPredictions {
  readonly title: string;
  readonly predictions: readonly RecognitionPrediction[];
}

const mostPoints = 300;

/**
 * How sure methods are, and how often rightly: their {@link precisionCurve} and their {@link gapCurve}.
 *
 * @param recognized - The stage of each method, by its name: `readPredictions`.
 */
export async function confidenceCurves(
  methods: readonly { readonly name: string; readonly title: string }[],
  recognized: ReadonlyMap<string, CompletedStage>,
  solution: readonly RecognitionAnswer[],
): Promise<ReportCurve[]> {
  const drawn = await Promise.all(
    methods.map(async ({ name, title }) => ({
      title,
      predictions: await readPredictions(recognized.get(name)!),
    })),
  );
  return [precisionCurve(drawn, solution), gapCurve(drawn, solution)];
}

/**
 * The precision of each method's surest predictions, by how many of them are taken. GAP is the mean of this curve over
 * the right ones, with 0 for the test images whose landmark is not recognized.
 */
export function precisionCurve(
  methods: readonly NamedPredictions[],
  solution: readonly RecognitionAnswer[],
): ReportCurve {
  const curves = methods.map(({ predictions }) => precisions(predictions, solution));
  const ranks = thinned(Math.max(0, ...curves.map(({ length }) => length)));
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

/**
 * The GAP of each method if only its surest predictions are kept, by their share of the test images that count; all in
 * percent. A line ends at the method's GAP, and is flat where predictions are wrong: what stands there could be left out.
 */
export function gapCurve(
  methods: readonly NamedPredictions[],
  solution: readonly RecognitionAnswer[],
): ReportCurve {
  const images = solution.filter(({ usage }) => usage !== "Ignored").length;
  const curves = methods.map(({ predictions }) => gaps(predictions, solution));
  const ranks = thinned(Math.max(0, ...curves.map(({ length }) => length)));
  return {
    title: "GAP of the surest predictions",
    x: {
      label: "percent of the test images, surest first",
      values: ranks.map((rank) => (100 * rank) / images),
    },
    y: "GAP in percent",
    series: methods.map(({ title }, i) => ({
      label: title,
      values: ranks.map((rank) => 100 * (curves[i]![rank - 1] ?? curves[i]!.at(-1) ?? 0)),
    })),
  };
}

/** The share of right ones among the surest 1, 2, 3 … predictions that count. */
export function precisions(
  predictions: readonly RecognitionPrediction[],
  solution: readonly RecognitionAnswer[],
): number[] {
  let right = 0;
  return surestFirst(predictions, solution).map((image, i) => {
    if (isRight(image)) right += 1;
    return right / (i + 1);
  });
}

/** GAP, from 0 to 1, with the surest 1, 2, 3 … predictions that count. */
export function gaps(
  predictions: readonly RecognitionPrediction[],
  solution: readonly RecognitionAnswer[],
): number[] {
  const shown = solution.filter(({ usage, landmarks }) => usage !== "Ignored" && landmarks.length > 0).length;
  const precision = precisions(predictions, solution);
  let sum = 0;
  return surestFirst(predictions, solution).map((image, i) => {
    if (isRight(image)) sum += precision[i]!;
    return shown === 0 ? 0 : sum / shown;
  });
}

/** Ranks from 1 to `count`, the last among them; not more than are drawn. */
function thinned(count: number): number[] {
  const step = Math.max(1, Math.ceil(count / mostPoints));
  return Array.from({ length: Math.ceil(count / step) }, (_, i) => Math.min((i + 1) * step, count));
}
