import { type CompletedStage, type PreparedData, usableRows } from "@lmk-example/kit";
import type { EnsembleConfig, TrainingData } from "./config.ts";
import { type EnsembleContext, listName } from "./context.ts";

/** What a training on a list that is made here says of it. */
export type CleanData = Extract<TrainingData, { set: "v2-clean" }>;

/** The clean lists of the train images of v2, by name. */
export interface CleanLists {
  /** Of each list, by name. */
  readonly stages: ReadonlyMap<string, CompletedStage>;
  /** Of the counts for other thresholds. */
  readonly grid: CompletedStage;
  /** Rows of the train table, ascending. */
  readonly rows: ReadonlyMap<string, Int32Array>;
}

/** The list whose images are augmented before they vote. */
export function augmentedList(thresholds: EnsembleConfig["cleaning"]["augmented"]): CleanData {
  return { set: "v2-clean", ...thresholds };
}

/** Its stage, and its rows, counted among the usable train rows, ascending. */
export function readAugmented(
  { config }: EnsembleContext,
  lists: CleanLists,
  prepared: PreparedData,
): { readonly stage: CompletedStage; readonly rows: Int32Array } {
  const data = augmentedList(config.cleaning.augmented);
  const listed = new Set(rowsOfList(lists, data));
  const usable = usableRows(prepared, "train");
  const rows = Int32Array.from(usable.keys()).filter((place) => listed.has(usable[place]!));
  return { stage: stageOfList(lists, data), rows };
}

/** The rows that a training on a clean list may use. */
export function rowsOfList({ rows }: CleanLists, data: CleanData): Int32Array {
  return rows.get(listName(data))!;
}

/** The stage of the list that a training uses. */
export function stageOfList({ stages }: CleanLists, data: CleanData): CompletedStage {
  return stages.get(listName(data))!;
}
