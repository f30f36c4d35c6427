import { largestIn, type ReportCell, type ReportTable } from "@lmk-example/kit";
import type { Method } from "./methods.ts";
import { type PublishedResult, publishedResults } from "./published-results.ts";
import type { Scores } from "./stages/evaluate.ts";

/** The score of each method, beside the published one where there is one. */
export function resultsTable(methods: readonly Method[], scores: Scores, dataset: string): ReportTable {
  const rows = methods.map(({ name, title, published }): ReportCell[] => {
    const { gap, protocol, accuracy } = scores[name]!;
    const result = publishedResults.find(({ system }) => system === published);
    return [
      title,
      ...cellsOf(result),
      ...[gap.private, gap.public, gap.all, protocol, accuracy].map(percent),
    ];
  });
  const shown = new Set(methods.map(({ published }) => published));
  const others = publishedResults
    .filter(({ system }) => !shown.has(system))
    .map((result): ReportCell[] => [
      `published: ${result.system}`,
      ...cellsOf(result),
      ...Array<undefined>(5).fill(undefined),
    ]);
  return {
    title: "Results",
    caption: "GAP in percent",
    notes: [
      `Published: Public and Private on the hidden test images of the challenge of 2020, 2019 on the test images of that year. Ours: ${dataset}, which is another set; the two sides cannot be compared number by number.`,
      "2019: of several landmarks the first alone is right, and images of a landmark without a class are left out.",
      "Accuracy: share of the test images with a landmark that are recognized, however sure.",
      "A − B − C and the rules know which test images show no landmark, as in the first place's own validation; on hidden test images it takes others.",
      "The first place's numbers are of its own networks.",
    ],
    columns: [
      { title: "system" },
      ...["Public", "Private", "2019"].map((title) => ({ title, group: "published", decimals: 2 })),
      ...["Private", "Public", "all", "2019", "accuracy"].map((title) => ({
        title,
        group: "ours",
        decimals: 2,
      })),
    ],
    rows: [...rows, ...others],
    emphasis: largestIn(rows, [4, 5, 6, 7, 8]),
  };
}

function cellsOf(result: PublishedResult | undefined): ReportCell[] {
  return [result?.public, result?.private, result?.local];
}

/** In percent; missing where a part of the data set has no test images. */
function percent(share: number): number | undefined {
  return Number.isFinite(share) ? 100 * share : undefined;
}
