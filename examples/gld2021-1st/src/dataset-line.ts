import { readCounts } from "@lmk-example/kit";
import type { EmbeddedSystem, SystemContext } from "./system.ts";

/** What the report says first. */
export function summaryOf(context: SystemContext, { data }: EmbeddedSystem): string[] {
  const { recipes, retrieval, seed } = context.config;
  const steps = recipes.reduce((sum, recipe) => sum + recipe.steps.length, 0);
  const names = recipes.map(({ member }) => member).join(", ");
  return [
    `${datasetLine(context, data)}.`,
    `Networks: ${names}, trained in ${steps} steps; seed ${seed}.`,
    `Retrieval as submitted: each network gives ${retrieval.kept} index images of each query, and their scores are added up. What images show is told by labelled train images and, as the authors say, by index images whose landmark is known, of which none tells its own; where a data set has no such labels, by train images alone.`,
    "Recognition as submitted: the mean of the networks of each kind, and the means side by side.",
  ];
}

/** What is compared, in words. */
export function datasetLine(
  { options }: Pick<SystemContext, "options">,
  { prepared, gallery, labelledIndex, nonLandmarks }: EmbeddedSystem["data"],
): string {
  const { train, landmarks, index, test } = readCounts(prepared);
  const source = options.data ?? "generated landmarks";
  const without = nonLandmarks?.length ?? 0;
  const labelled = labelledIndex?.places.length ?? 0;
  return `${source}: ${test} test images, ${without} of them without a landmark; ${index} index images; ${gallery.rows.length} labelled images, of ${train} train images of ${landmarks} landmarks; for retrieval also ${labelled} index images of the same landmarks`;
}
