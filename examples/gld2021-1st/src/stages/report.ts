import {
  answerPhotos,
  answerSections,
  type CompletedStage,
  historyCurve,
  type RankedList,
  type Report,
  rankedIds,
  rankingSections,
  readLists,
  readPredictions,
  recognitionSolutionOf,
  runStage,
  writeReport,
} from "@lmk-example/kit";
import { datasetLine, summaryOf } from "../dataset-line.ts";
import { recognitionList } from "../list-names.ts";
import { handedIn } from "../methods.ts";
import { publishedTable, recognitionTable, retrievalTable } from "../results-table.ts";
import type { EmbeddedSystem, SystemContext } from "../system.ts";
import type { Method, RecognitionWay, RetrievalWay } from "../way.ts";
import { type Results, readScores, type Scores } from "./evaluate.ts";
import { readRanking } from "./retrieve.ts";
import type { Lists } from "./search.ts";

/** The stages whose output the report shows. */
export interface ReportInputs {
  readonly system: EmbeddedSystem;
  readonly lists: Lists;
  /** In the order of the tables. */
  readonly methods: {
    readonly retrieval: readonly Method<RetrievalWay>[];
    readonly recognition: readonly Method<RecognitionWay>[];
  };
  readonly results: Results;
  readonly evaluated: CompletedStage;
}

/** The tables of both tasks. */
export function tablesOf(
  methods: ReportInputs["methods"],
  scores: Scores,
  dataset: string,
): Report["tables"] {
  return [
    publishedTable(scores, dataset),
    ...(methods.retrieval.length === 0 ? [] : [retrievalTable(methods.retrieval, scores.retrieval)]),
    ...(methods.recognition.length === 0 ? [] : [recognitionTable(methods.recognition, scores.recognition)]),
  ];
}

/** Writes one HTML file with the results of both tasks, and what the systems as submitted say about some test images. */
export async function report(context: SystemContext, inputs: ReportInputs): Promise<CompletedStage> {
  const { system, methods, results, evaluated } = inputs;
  const { trained, data } = system;
  const after = [
    evaluated,
    ...trained.values(),
    ...results.retrieval.values(),
    ...results.recognition.values(),
  ];
  return runStage(context.run, "report", { settings: { layout: 1 }, after }, async (folder) => {
    const scores = readScores(evaluated);
    const curves = await Promise.all(
      [...trained].map(([member, stage]) => historyCurve(member, stage.folder)),
    );
    writeReport(folder, {
      title: "Google Landmark Recognition and Retrieval 2021, 1st place",
      summary: summaryOf(context, system),
      tables: tablesOf(methods, scores, datasetLine(context, data)),
      curves: curves.filter((curve) => curve !== undefined),
      curvesTitle: "Training, last steps",
      sections: [
        ...(await retrievalSections(inputs, scores)),
        ...(await recognitionSections(context, inputs)),
      ],
    });
  });
}

async function retrievalSections(
  { system, results }: ReportInputs,
  { retrieval: scores }: Scores,
): Promise<Report["sections"]> {
  const [before, after] = [results.retrieval.get("cosine"), results.retrieval.get("submitted")];
  if (before === undefined || after === undefined) return [];
  const { prepared } = system.data;
  const listOf = async (label: string, name: string, stage: CompletedStage): Promise<RankedList> => ({
    label,
    precisions: scores[name]!.averagePrecisions,
    ranked: rankedIds(prepared, await readRanking(stage)),
  });
  const sections = await rankingSections(
    prepared,
    await listOf("cosine alone", "cosine", before),
    await listOf("soft re-ranking", "submitted", after),
  );
  return sections.map(({ title, queries }) => ({ title: `Retrieval: ${title.toLowerCase()}`, queries }));
}

async function recognitionSections(
  context: SystemContext,
  { system, lists, methods, results }: ReportInputs,
): Promise<Report["sections"]> {
  if (methods.recognition.length === 0) return [];
  const { prepared, gallery } = system.data;
  const method = handedIn(methods.recognition);
  const { neighborCount } = context.config.recognition;
  const { ids, scores, k } = await readLists(lists.get(recognitionList(method.way, "test-gallery"))!);
  const predictions = await readPredictions(results.recognition.get(method.name)!);
  return answerPhotos(
    {
      prepared,
      exampleRows: gallery.rows,
      exampleCount: neighborCount,
      supportOf: (place) =>
        [...ids.subarray(place * k, place * k + Math.min(k, neighborCount))].flatMap((id, rank) =>
          id < 0
            ? []
            : [{ row: gallery.rows[id]!, caption: `cosine ${scores[place * k + rank]!.toFixed(2)}` }],
        ),
    },
    answerSections(predictions, recognitionSolutionOf(prepared.data)).map(({ title, answered }) => ({
      title: `Recognition: ${title.toLowerCase()}`,
      answered,
    })),
  );
}
