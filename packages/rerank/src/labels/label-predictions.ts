import { requireRows } from "../require.ts";

/** A label for each image, with how sure it is. */
export interface LabelPredictions {
  /** One label per image; -1 for none. */
  readonly labels: Int32Array;
  /** One confidence per image, higher is surer; -Infinity where the label is -1. */
  readonly scores: Float64Array;
}

/** No label for any image. */
export function emptyPredictions(rows: number): LabelPredictions {
  return { labels: new Int32Array(rows).fill(-1), scores: new Float64Array(rows).fill(-Infinity) };
}

export function addToLabel(sums: Map<number, number>, label: number, value: number): void {
  sums.set(label, (sums.get(label) ?? 0) + value);
}

/** Writes the label with the highest sum into a row that holds none; of equal sums the label added first. */
export function writeBestLabel(
  target: LabelPredictions,
  row: number,
  sums: ReadonlyMap<number, number>,
): void {
  let best = -Infinity;
  for (const [label, sum] of sums) {
    if (sum <= best) continue;
    best = sum;
    target.labels[row] = label;
  }
  target.scores[row] = best;
}

/** Checks that every row has a label: 0 or more. */
export function requireLabels(caller: string, argument: string, labels: Int32Array): void {
  const negative = labels.findIndex((label) => label < 0);
  if (negative >= 0) {
    throw new RangeError(
      `${caller}: expected \`${argument}\` to be 0 or more, got ${labels[negative]} for row ${negative}`,
    );
  }
}

/** Checks that every label has a finite confidence. */
export function requireFiniteConfidences(
  caller: string,
  argument: string,
  { labels, scores }: LabelPredictions,
): void {
  const bad = scores.findIndex((score, row) => labels[row]! >= 0 && !Number.isFinite(score));
  if (bad < 0) return;
  throw new RangeError(
    `${caller}: expected \`${argument}.scores\` to be finite where there is a label, got ${scores[bad]} in row ${bad}`,
  );
}

/** Checks that predictions are one per image and that no confidence is NaN. */
export function requirePredictions(
  caller: string,
  argument: string,
  predictions: LabelPredictions,
  rows: number,
): void {
  requireRows(caller, `${argument}.labels`, predictions.labels.length, rows);
  requireRows(caller, `${argument}.scores`, predictions.scores.length, rows);
  const bad = predictions.scores.findIndex((score) => Number.isNaN(score));
  if (bad >= 0) {
    throw new RangeError(`${caller}: expected \`${argument}.scores\` to be numbers, got NaN in row ${bad}`);
  }
}
