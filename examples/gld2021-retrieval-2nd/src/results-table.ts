import { largestIn, type ReportCell, type ReportTable } from "@lmk-example/kit";
import type { Method } from "./method.ts";
import { type PublishedResult, publishedResults } from "./published-results.ts";
import type { Scores } from "./stages/evaluate.ts";

/** The score of each method, beside the published one where there is one. */
export function resultsTable(methods: readonly Method[], scores: Scores, dataset: string): ReportTable {
  const rows = methods.map(({ name, title, published }): ReportCell[] => {
    const { validation, challenge } = scores[name]!;
    const result = publishedResults.find(({ system }) => system === published);
    return [
      title,
      ...cellsOf(result),
      ...[validation, challenge.private, challenge.public, challenge.all].map(percent),
    ];
  });
  const shown = new Set(methods.map(({ published }) => published));
  const others = publishedResults
    .filter(({ system }) => !shown.has(system))
    .map((result): ReportCell[] => [
      `published: ${result.system}`,
      ...cellsOf(result),
      ...Array<undefined>(4).fill(undefined),
    ]);
  return {
    title: "Results",
    caption: "mAP@100 in percent",
    notes: [
      `Published: private and public on the test images of the challenge of 2021, validation on the authors' set; all but the last of ResNet-50 at 256 pixels. Ours: ${dataset}, which is another set; the two sides cannot be compared number by number.`,
      "Validation: as the authors count, where a query with more than a hundred right images cannot reach 100; the other columns as the challenge counts.",
      "Rows without a network's name are of all networks together. Votes: three labelled images near a query say which landmark and which country it may show, and index images of these gain.",
    ],
    columns: [
      { title: "system" },
      ...["validation", "private", "public"].map((title) => ({ title, group: "published", decimals: 2 })),
      ...["validation", "private", "public", "all"].map((title) => ({ title, group: "ours", decimals: 2 })),
    ],
    rows: [...rows, ...others],
    emphasis: largestIn(rows, [4, 5, 6, 7]),
  };
}

function cellsOf(result: PublishedResult | undefined): ReportCell[] {
  return [result?.validation, result?.private, result?.public];
}

/** In percent; missing where a part of the data set has no test images, which JSON gives back as `null`. */
function percent(share: number | null): number | undefined {
  return typeof share === "number" && Number.isFinite(share) ? 100 * share : undefined;
}
