import { besidePublished, largestIn, percent, percentColumns, type ReportTable } from "@lmk-example/kit";
import type { Method } from "./method.ts";
import { publishedResults } from "./published-results.ts";
import type { Scores } from "./stages/evaluate.ts";

/** The score of each method, beside the published one where there is one. */
export function resultsTable(methods: readonly Method[], scores: Scores, dataset: string): ReportTable {
  const { rows, others } = besidePublished(
    methods,
    publishedResults,
    (result) => [result?.private, result?.public, result?.local],
    ({ name }) => {
      const { gap, protocol, accuracy } = scores[name]!;
      return [gap.private, gap.public, gap.all, protocol, accuracy].map(percent);
    },
  );
  return {
    title: "Results",
    caption: "GAP in percent",
    notes: [
      `Published: Private and Public on the hidden test images of the challenge of 2020, protocol on those of 2019, and of each place by its own networks. Ours: ${dataset}, which is another set; the two sides cannot be compared number by number.`,
      "Rows without a network's name are of all networks together. Head: the best class, by the networks' mean cosine. Neighbors: the nearest searched images vote with a power of their cosine. Fusion: both, multiplied.",
      "A: cosine of a test image and a searched one. B: how near the searched image is to images without a landmark, C: how near the test image is. Non-landmark rules: two of the second place's, against test images near such images and against landmarks that are named often.",
      "A − B − C and the rules are told which test images show no landmark, as in the first place's own validation; for hidden test images they need other photos without landmarks.",
      "Protocol: GAP as the first place validated: of several landmarks the first alone is right, and images of a landmark without a class are left out.",
      "Accuracy: share of the test images with a landmark that are recognized, however sure.",
    ],
    columns: [
      { title: "system" },
      ...percentColumns(["Private", "Public", "protocol"], "published"),
      ...percentColumns(["Private", "Public", "all", "protocol", "accuracy"], "ours"),
    ],
    rows: [...rows, ...others],
    emphasis: largestIn(rows, [4, 5, 6, 7, 8]),
  };
}
