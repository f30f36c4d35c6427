import { publishedRecognition, publishedRecognitionWinner } from "@lmk-example/gld2019-kit";
import { largestIn, percent, percentColumns, type ReportCell, type ReportTable } from "@lmk-example/kit";
import type { Method } from "./methods.ts";
import type { Scores } from "./stages/evaluate.ts";

/** The score of each method, beside the published one where there is one. */
export function resultsTable(methods: readonly Method[], scores: Scores, dataset: string): ReportTable {
  const rows = methods.map(({ name, title, published }): ReportCell[] => {
    const { gap, accuracy } = scores[name]!;
    return [
      title,
      publishedRecognition.find(({ system }) => system === published)?.private,
      ...[gap.private, gap.public, gap.all, accuracy].map(percent),
    ];
  });
  const winner: ReportCell[] = [
    "first place of the challenge",
    publishedRecognitionWinner.private,
    ...Array<undefined>(4).fill(undefined),
  ];
  return {
    title: "Results",
    caption: "GAP in percent",
    notes: [
      `Published: Private GAP on the 117,577 test images of the challenge. Ours: ${dataset}, which is another, smaller set; the two sides cannot be compared number by number.`,
      "Accuracy: share of the test images with a landmark that are recognized, however sure.",
      "Whether the published row of the ensemble without a ban has the inliers is not said.",
    ],
    columns: [
      { title: "system" },
      ...percentColumns(["Private"], "published"),
      ...percentColumns(["Private", "Public", "all", "accuracy"], "ours"),
    ],
    rows: [...rows, winner],
    emphasis: largestIn(rows, [2, 3, 4, 5]),
  };
}
