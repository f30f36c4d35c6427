import { besidePublished, largestIn, percent, percentColumns, type ReportTable } from "@lmk-example/kit";
import type { Method } from "./method.ts";
import { publishedResults } from "./published-results.ts";
import type { Scores } from "./stages/evaluate.ts";

/** The score of each method, beside the published one where there is one. */
export function resultsTable(methods: readonly Method[], scores: Scores, dataset: string): ReportTable {
  const { rows, others } = besidePublished(
    methods,
    publishedResults,
    (result) => [result?.validation, result?.private, result?.public],
    ({ name }) => {
      const { validation, challenge } = scores[name]!;
      return [validation, challenge.private, challenge.public, challenge.all].map(percent);
    },
  );
  return {
    title: "Results",
    caption: "mAP@100 in percent",
    notes: [
      `Published: private and public on the test images of the challenge of 2021, validation on the authors' set; all but the last of ResNet-50 at 256 pixels, the fast script without votes. Ours: ${dataset}, which is another set; the two sides cannot be compared number by number.`,
      "The last run of each network but ResNet-50 has the test images with their landmarks among those that it learns, as the original's has: ours are scores of images that were trained on.",
      "Validation: as the authors count, where a query with more than a hundred right images cannot reach 100; the other columns as the challenge counts.",
      "Rows without a network's name are of all networks together. Votes: three labelled images near a query say which landmark and which country it may show, and index images of these gain.",
    ],
    columns: [
      { title: "system" },
      ...percentColumns(["validation", "private", "public"], "published"),
      ...percentColumns(["validation", "private", "public", "all"], "ours"),
    ],
    rows: [...rows, ...others],
    emphasis: largestIn(rows, [4, 5, 6, 7]),
  };
}
