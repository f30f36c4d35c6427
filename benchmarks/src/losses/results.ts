import type { GenerateOptions } from "@lmk/data/landmarks";
import type { Report } from "../measure/report.ts";
import type { LossEntry } from "./entry.ts";
import type { TrainingSettings } from "./settings.ts";
import type { Trial } from "./trials.ts";

/** One row of the table. Scores are mAP@100, from 0 to 1. */
export interface LossRow {
  readonly name: string;
  readonly settings: string;
  readonly rate?: number;
  /** Of each seed. */
  readonly values: readonly number[];
  readonly mean: number;
  /** Standard deviation over the seeds, of the sample. */
  readonly deviation: number;
  /** Mean seconds of a training, its network compiled and scored. */
  readonly seconds?: number;
  /** The 2019 table's private mAP@100 of ResNet-50 and ResNet-101 trained on Google Landmarks v1, in percent. */
  readonly paper?: LossEntry["paper"];
}

/** A result of the comparison of losses. */
export type LossesReport = Report<{
  readonly landmarks: GenerateOptions;
  readonly otherLandmarks: GenerateOptions;
  readonly training: TrainingSettings;
  readonly seeds: readonly number[];
  readonly minutes: number;
  /** Queries that are scored. */
  readonly queries: number;
  readonly classes: number;
  readonly rows: readonly LossRow[];
}>;

/** The scores of random weights, and of those that all trainings of the seed start from. */
export interface StartScores {
  readonly random: number;
  readonly start: number;
}

/** The row of a loss. */
export function rowOf({ name, settings, rate, paper }: LossEntry, trials: readonly Trial[]): LossRow {
  const seconds = mean(trials.map((trial) => trial.seconds));
  // The score of a network that a training destroyed is a number all the same.
  const values = trials.map(({ loss, meanAveragePrecision }) =>
    Number.isFinite(loss) ? meanAveragePrecision : Number.NaN,
  );
  return { name, settings, rate, seconds, ...(paper ? { paper } : {}), ...spread(values) };
}

/** The rows of networks that have not been trained on the data set. */
export function startRows(scores: readonly StartScores[]): readonly LossRow[] {
  return [
    { name: "random weights", settings: "", ...spread(scores.map(({ random }) => random)) },
    {
      name: "weights before",
      settings: "softmax on other landmarks",
      ...spread(scores.map(({ start }) => start)),
    },
  ];
}

function spread(values: readonly number[]): Pick<LossRow, "values" | "mean" | "deviation"> {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  return { values, mean: middle, deviation: Math.sqrt(squares / Math.max(1, values.length - 1)) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
