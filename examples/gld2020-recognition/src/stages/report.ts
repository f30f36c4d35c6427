import {
  answerPhotos,
  answerSections,
  type CompletedStage,
  confidenceCurves,
  nonLandmarksOf,
  readCounts,
  readLists,
  readPredictions,
  recognitionSolutionOf,
  runStage,
  writeReport,
} from "@lmk-example/kit";
import type { Method } from "../method.ts";
import { submittedMethod } from "../methods.ts";
import { resultsTable } from "../results-table.ts";
import { type ShownLists, shownAnswers } from "../shown-answers.ts";
import type { EmbeddedSystem, SystemContext } from "../system.ts";
import { lastRun } from "../train-run.ts";
import { readScores } from "./evaluate.ts";
import type { Lists } from "./search.ts";

/** The stages whose output the report shows. */
export interface ReportInputs {
  readonly system: EmbeddedSystem;
  /** Those of `searchAll` and of `rankClassesAll`. */
  readonly lists: Lists;
  /** In the order of the table. */
  readonly methods: readonly Method[];
  /** By the name of the method. */
  readonly recognized: ReadonlyMap<string, CompletedStage>;
  readonly evaluated: CompletedStage;
}

/** Methods whose curves are drawn: what was handed in, its two halves, and all that is done about images without a landmark. */
const drawn: readonly string[] = ["submitted", "fusion-both", "nearest", "head"];

/** Writes one HTML file with the results, and with what the system as submitted says about some test images. */
export async function report(context: SystemContext, inputs: ReportInputs): Promise<CompletedStage> {
  const { system, lists, methods, recognized, evaluated } = inputs;
  const shownLists = [lists.get("ensemble/test-gallery")!, lists.get("ensemble/test-classes")!] as const;
  const settings = { layout: 1 };
  const after = [evaluated, ...shownLists];
  return runStage(context.run, "report", { settings, after }, async (folder) => {
    const solution = recognitionSolutionOf(system.data.prepared.data);
    const submitted = submittedMethod(context.config);
    const predictions = await readPredictions(recognized.get(submitted.name)!);
    const [neighbors, classes] = await Promise.all(shownLists.map(readLists));
    const shown: ShownLists = { neighbors: neighbors!, classes: classes! };
    const { neighborCount } = context.config.recognition.fusion;
    const shownMethods = methods.filter(({ name }) => drawn.includes(name));
    writeReport(folder, {
      title: "Google Landmark Recognition 2020, 3rd place",
      summary: summaryOf(context, system),
      tables: [resultsTable(methods, readScores(evaluated), datasetLine(context, system))],
      curves: await confidenceCurves(shownMethods, recognized, solution),
      curvesTitle: "Confidence",
      sections: await answerPhotos(
        shownAnswers(system.data, shown, neighborCount),
        answerSections(predictions, solution),
      ),
    });
  });
}

function summaryOf(context: SystemContext, system: EmbeddedSystem): string[] {
  const { chains, recognition, seed } = context.config;
  const { neighborCount, neighborPower, classCount, headPower } = recognition.fusion;
  const networks = chains.map((chain) => `${chain.name} (${lastRun(chain).enetType})`).join(", ");
  return [
    `${datasetLine(context, system)}.`,
    `Networks: ${networks}; seed ${seed}.`,
    `Fusion as submitted: the ${neighborCount} nearest searched images vote for their landmarks with cosine^${neighborPower} × head^${headPower}, where head is the mean cosine of the test image to the landmark's class; of a landmark that is not among the heads' ${classCount} best it is 1e-8.`,
  ];
}

/** What was recognized in, in words. */
export function datasetLine(
  { options }: Pick<SystemContext, "options">,
  { data: { prepared, gallery } }: Pick<EmbeddedSystem, "data">,
): string {
  const { train, landmarks, test } = readCounts(prepared);
  const without = nonLandmarksOf(prepared)?.length ?? 0;
  const source = options.data ?? "generated landmarks";
  return `${source}: ${test} test images, ${without} of them without a landmark; ${gallery.rows.length} searched images, of ${train} train images of ${landmarks} landmarks`;
}
