import type { TrainingSet } from "@lmk/data";
import { trainingSetTables } from "@lmk/data";
import type { PreparedData } from "@lmk-example/kit";

/** The class of each row of a set, -1 for images that cannot be read: then they are not trained on. */
export function readableClasses(
  { tables, rows, classIds }: Pick<TrainingSet, "tables" | "rows" | "classIds">,
  { sizes }: Pick<PreparedData, "sizes">,
): Int32Array {
  const widths = trainingSetTables.map((split) => sizes[split].widths);
  return classIds.map((classId, place) => (widths[tables[place]!]![rows[place]!]! > 0 ? classId : -1));
}
