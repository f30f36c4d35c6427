import {
  type CleaningSummary,
  type PublishedNetwork,
  publishedCleaningGrid,
  publishedLosses,
  publishedMeasuredOn,
  publishedMembers,
  publishedTrainingData,
} from "@lmk-example/gld2019-kit";
import {
  type ChallengeScores,
  gridTable,
  largestIn,
  type ReportCell,
  type ReportColumn,
  type ReportTable,
} from "@lmk-example/kit";
import type { RetrievalConfig } from "./config.ts";
import { ensembleName } from "./methods.ts";
import type { Scores } from "./stages/evaluate.ts";

/** What the scores were measured on, and what the cleaning left. */
export interface TableInputs {
  readonly counts: Readonly<Record<"index" | "test", number>>;
  readonly cleaning: CleaningSummary | undefined;
}

/** The authors' tables with their numbers beside those of this run: as many as the settings have something for. */
export function tablesOf(
  config: RetrievalConfig,
  scores: Scores,
  { counts, cleaning }: TableInputs,
): ReportTable[] {
  const notes = [
    publishedMeasuredOn,
    `Ours: ${counts.test} queries in ${counts.index} index images, and networks of the size that the settings say.`,
  ];
  const results = resultsTable(config, scores);
  const isPublished = config.retrieval.methods.some(({ published }) => published !== undefined);
  return [
    isPublished ? { ...results, notes } : results,
    ...(config.retrieval.tables.length === 0 ? [] : [lossTable(scores, notes), dataTable(scores, notes)]),
    ...(config.members.length < 2 ? [] : [memberTable(config, scores, notes)]),
    ...(cleaning === undefined ? [] : [cleaningTable(cleaning, notes)]),
  ];
}

const caption = "mAP@100 in percent";
const ours = [
  { title: "private", group: "ours", decimals: 2 },
  { title: "public", group: "ours", decimals: 2 },
  { title: "all", group: "ours", decimals: 2 },
] as const satisfies readonly ReportColumn[];
const published = [
  { title: "private", group: "published", decimals: 2 },
  { title: "public", group: "published", decimals: 2 },
] as const satisfies readonly ReportColumn[];

/** The authors' scores of a network on Oxford and Paris with new labels; with the other published ones in one group. */
const publishedRevisited = ["ROxf M", "ROxf H", "RPar M", "RPar H"].map(
  (title): ReportColumn => ({ title, group: "published", decimals: 2 }),
);
const revisitedNote =
  "ROxf, RPar: mAP in percent on revisited Oxford and Paris, Medium (M) and Hard (H), as published; those sets are not of this run.";
/** The columns of {@link networkCells}. */
const networkColumns: readonly ReportColumn[] = [...published, ...publishedRevisited, ...ours];

/** The methods, with the authors' scores where they have the same one. */
export function resultsTable({ retrieval }: RetrievalConfig, scores: Scores): ReportTable {
  const isPublished = retrieval.methods.some(({ published }) => published !== undefined);
  const rows = retrieval.methods.map(({ name, title, published }): ReportCell[] => {
    const found = scores.methods.find(({ method }) => method === name)!;
    const { meanAveragePrecision, globalAveragePrecision, seconds } = found;
    return [
      title,
      ...(isPublished ? [published?.private, published?.public] : []),
      ...percents(meanAveragePrecision),
      100 * globalAveragePrecision.all,
      seconds,
    ];
  });
  return {
    title: "Results",
    caption:
      "mAP@100 and GAP (all) in percent; seconds to search and rank all queries, without comparing places",
    columns: [
      { title: "method" },
      ...(isPublished ? published : []),
      ...(isPublished ? ours : ours.map(({ title, decimals }) => ({ title, decimals }))),
      { title: "GAP", decimals: 2 },
      { title: "seconds", decimals: 2 },
    ],
    rows,
    emphasis: largestIn(rows, isPublished ? [3, 4, 5, 6] : [1, 2, 3, 4]),
  };
}

function lossTable(scores: Scores, notes: readonly string[]): ReportTable {
  return {
    title: "Losses, trained on Google Landmarks v1",
    caption,
    notes: [...notes, revisitedNote],
    columns: [{ title: "network" }, { title: "loss", align: "left" }, ...networkColumns],
    rows: publishedLosses.map((row) => {
      const job = row.backbone === "resnet50" ? `v1only-r50-${row.loss}` : `v1only-${row.loss}`;
      return [row.backbone, row.loss, ...networkCells(row, scores, job)];
    }),
  };
}

/** Which training is of which row. */
const trainings: Readonly<Record<string, string>> = {
  "v1 arcface": "v1only-arcface",
  "v2 arcface": "v2noisy-only",
  "v1+v2 arcface": "v2noisy",
  "v2-clean arcface": "v2clean-only",
  "v1+v2-clean arcface": "v2clean",
  "v1+v2 softmax": "v2noisy-softmax",
};

function dataTable(scores: Scores, notes: readonly string[]): ReportTable {
  return {
    title: "Training data",
    caption,
    notes: [...notes, revisitedNote],
    columns: [{ title: "data" }, { title: "loss", align: "left" }, ...networkColumns],
    rows: publishedTrainingData.map((row) => [
      row.data,
      row.loss,
      ...networkCells(row, scores, trainings[`${row.data} ${row.loss}`]!),
    ]),
  };
}

function memberTable(
  { members, jobs, retrieval }: RetrievalConfig,
  { networks }: Scores,
  notes: readonly string[],
): ReportTable {
  const together = retrieval.methods.find(({ name }) => name === ensembleName)?.published;
  const rows: ReportCell[][] = members.map(({ job, weight }) => [
    job,
    jobs.find(({ name }) => name === job)!.network.backbone,
    weight,
    publishedMembers.find((row) => row.job === job)?.score,
    ...percents(networks[job]),
  ]);
  return {
    title: "The ensemble's networks",
    caption,
    notes: [
      ...notes,
      "Published: for single networks the part of the queries is not said; together it is the private one.",
    ],
    columns: [
      { title: "network" },
      { title: "backbone", align: "left" },
      { title: "weight" },
      { title: "score", group: "published", decimals: 2 },
      ...ours,
    ],
    rows: [
      ...rows,
      ["together", undefined, undefined, together?.private, ...percents(networks[ensembleName])],
    ],
  };
}

function cleaningTable({ grid }: CleaningSummary, notes: readonly string[]): ReportTable {
  const frequencies = [
    ...new Set([
      ...publishedCleaningGrid.map((row) => row.frequency),
      ...grid.map((cell) => cell.minVerified),
    ]),
  ];
  const ascending = (values: readonly number[]): number[] => [...new Set(values)].sort((a, b) => a - b);
  const publishedInliers = ascending(publishedCleaningGrid.map(({ inliers }) => inliers));
  const at = (frequency: number, inliers: number) =>
    publishedCleaningGrid.find((row) => row.frequency === frequency && row.inliers === inliers);
  return gridTable({
    title: "Cleaning",
    caption:
      "Train images that are left, by fewest inliers of a pair (V) and fewest such pairs of an image (F)",
    notes,
    row: { name: "F", values: ascending(frequencies) },
    columnName: "V",
    groups: [
      {
        title: "published mAP@100, private",
        columns: publishedInliers,
        valueAt: (row, column) => at(row, column)?.private,
        decimals: 2,
      },
      {
        title: "published images",
        columns: publishedInliers,
        valueAt: (row, column) => at(row, column)?.images,
      },
      {
        title: "our images",
        columns: ascending(grid.map(({ minInliers }) => minInliers)),
        valueAt: (row, column) =>
          grid.find((cell) => cell.minVerified === row && cell.minInliers === column)?.images,
      },
    ],
  });
}

function networkCells(row: PublishedNetwork, { networks }: Scores, job: string): ReportCell[] {
  const { roxford5k, rparis6k } = row;
  const revisited = [roxford5k, rparis6k].flatMap(({ medium, hard }) => [medium, hard]);
  return [row.private, row.public, ...revisited, ...percents(networks[job])];
}

function percents(scores: ChallengeScores | undefined): ReportCell[] {
  if (scores === undefined) return [undefined, undefined, undefined];
  return [100 * scores.private, 100 * scores.public, 100 * scores.all];
}
