import {
  type ChallengeScores,
  largestIn,
  percent,
  percentColumns,
  type RecognitionScores,
  type ReportCell,
  type ReportTable,
} from "@lmk-example/kit";
import type { Task } from "./ensembles.ts";
import { type PublishedScores, publishedResults } from "./published-results.ts";
import type { Scores } from "./stages/evaluate.ts";
import type { Method } from "./way.ts";

const usages = ["private", "public", "all"] as const;

/** The authors' table with ours beside it: each network alone and the ensembles, in both tasks. */
export function publishedTable(scores: Scores, dataset: string): ReportTable {
  const rows = publishedResults.map((published): ReportCell[] => {
    const { system, size, stemStride, data } = published;
    const ours = oursOf(scores, system);
    return [
      system,
      size,
      stemStride,
      data,
      ...cellsOf(published.recognition),
      ...challengeCells(ours.recognition),
      ...cellsOf(published.retrieval),
      ...challengeCells(ours.retrieval),
    ];
  });
  return {
    title: "Networks and ensembles",
    caption: "recognition: GAP, retrieval: mAP@100; in percent",
    notes: [
      `Size, stride and data are the published ones, and so are their scores, on the hidden test images of the challenges of 2021. Ours: ${dataset}, which is another set; the two sides cannot be compared number by number.`,
      "Networks alone are ranked as the ensemble is: by A − B − C, and with soft re-ranking.",
    ],
    columns: [
      { title: "network" },
      { title: "size" },
      { title: "stem stride" },
      { title: "data" },
      ...percentColumns(usages.slice(0, 2), "recognition, published"),
      ...percentColumns(usages, "recognition, ours"),
      ...percentColumns(usages.slice(0, 2), "retrieval, published"),
      ...percentColumns(usages, "retrieval, ours"),
    ],
    rows,
    emphasis: largestIn(rows, [6, 7, 8, 11, 12, 13]),
  };
}

function oursOf(
  { recognition, retrieval }: Scores,
  system: string,
): { readonly [task in Task]?: ChallengeScores | undefined } {
  const isEnsemble = system === "ensemble";
  return {
    // Where images without a landmark are not known, A alone is handed in.
    recognition: (isEnsemble ? (recognition.submitted ?? recognition.A) : recognition[system])?.gap,
    retrieval: retrieval[isEnsemble ? "submitted" : `${system}-soft`]?.meanAveragePrecision,
  };
}

/** How the ensemble ranks the index, in every way, and single networks. */
export function retrievalTable(methods: readonly Method[], scores: Scores["retrieval"]): ReportTable {
  const rows = methods.map(({ name, title }): ReportCell[] => [
    title,
    ...challengeCells(scores[name]?.meanAveragePrecision),
  ]);
  return {
    title: "Retrieval",
    caption: "mAP@100 in percent",
    notes: [
      "Rows without a network's name are of the ensemble, whose networks' scores of an index image are added up.",
      "Soft: an index image whose label is the query's goes up by how sure its label is, others down by a tenth of it. Hard: images with the query's label come first, then others of it that were not found; the ensemble then adds up places.",
      labelledNote(methods),
    ],
    columns: [{ title: "ranking" }, ...percentColumns(usages)],
    rows,
    emphasis: largestIn(rows, [1, 2, 3]),
  };
}

/** What tells which landmark an image shows. */
function labelledNote(methods: readonly Method[]): string {
  const isLabelled = methods.some(
    ({ way }) => way.task === "retrieval" && way.labelled === "train-and-index",
  );
  const train = "Labels are those of the nearest labelled train images";
  return isLabelled
    ? `${train} and, where a row does not say otherwise, index images of the same landmarks, whose landmarks are known; an index image does not name itself. Of a hidden index no landmark is known.`
    : `${train}; the data set has no landmarks of index images, which the authors also used.`;
}

/** How landmarks are recognized, in every way. */
export function recognitionTable(
  methods: readonly Method[],
  scores: Readonly<Record<string, RecognitionScores>>,
): ReportTable {
  const rows = methods.map(({ name, title }): ReportCell[] => [
    title,
    ...challengeCells(scores[name]?.gap),
    percent(scores[name]?.accuracy),
  ]);
  return {
    title: "Recognition",
    caption: "GAP in percent",
    notes: [
      "A: cosine of a test image and a gallery image. B: how near the gallery image is to images without a landmark, C: how near the test image is.",
      "B and C are told which test images show no landmark; for hidden test images they need other photos without landmarks.",
      "Accuracy: share of the test images with a landmark that are recognized, however sure.",
    ],
    columns: [{ title: "recognition" }, ...percentColumns([...usages, "accuracy"])],
    rows,
    emphasis: largestIn(rows, [1, 2, 3, 4]),
  };
}

function cellsOf(scores: PublishedScores | undefined): ReportCell[] {
  return [scores?.private, scores?.public];
}

function challengeCells(scores: ChallengeScores | undefined): ReportCell[] {
  return usages.map((usage) => percent(scores?.[usage]));
}
