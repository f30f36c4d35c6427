import type { Ensemble } from "@lmk-example/gld2019-kit";
import {
  answerPhotos,
  answerSections,
  type CompletedStage,
  confidenceCurves,
  readCounts,
  readPredictions,
  recognitionSolutionOf,
  runStage,
  writeReport,
} from "@lmk-example/kit";
import type { RecognitionContext } from "../context.ts";
import type { Method } from "../methods.ts";
import { resultsTable } from "../results-table.ts";
import { readScores } from "./evaluate.ts";
import { type EvidenceStages, readEvidence } from "./evidence.ts";
import { shownAnswers } from "./shown-answers.ts";

/** The stages whose output the report shows. */
export interface ReportInputs {
  readonly ensemble: Ensemble;
  /** The lists that the submitted system reads. */
  readonly stages: EvidenceStages;
  /** The submitted one first. */
  readonly methods: readonly Method[];
  readonly recognized: ReadonlyMap<string, CompletedStage>;
  readonly evaluated: CompletedStage;
}

/** Writes one HTML file with the results, and with what the system as submitted says about some test images. */
export async function report(context: RecognitionContext, inputs: ReportInputs): Promise<CompletedStage> {
  const { ensemble, stages, methods, recognized, evaluated } = inputs;
  const [submitted] = methods;
  const settings = { layout: 3 };
  const after = [evaluated];
  return runStage(context.run, "recognition/report", { settings, after }, async (folder) => {
    const { data } = ensemble.data.v2;
    const evidence = await readEvidence(context, ensemble, stages, submitted!.recognition);
    const solution = recognitionSolutionOf(data);
    const predictions = await readPredictions(recognized.get(submitted!.name)!);
    const shown = shownAnswers(ensemble.data.v2, evidence, submitted!.recognition.neighborCount);
    const sections = await answerPhotos(shown, answerSections(predictions, solution));
    const drawn = methods.filter(({ name }) => ["submitted", "no-ban", "single-soft-voting"].includes(name));
    writeReport(folder, {
      title: "Google Landmark Recognition 2019, 3rd place",
      summary: summaryOf(context, ensemble),
      tables: [resultsTable(methods, readScores(evaluated), datasetLine(context, ensemble))],
      curves: await confidenceCurves(drawn, recognized, solution),
      curvesTitle: "Confidence",
      sections,
    });
  });
}

function summaryOf(context: RecognitionContext, ensemble: Ensemble): string[] {
  const { members, recognition, seed } = context.config;
  const { neighborCount, inlierCap, mostPredictions } = recognition;
  const networks = members.map(({ job, weight }) => `${job} × ${weight}`).join(", ");
  const bonus = inlierCap === 0 ? "" : `, with a bonus of 1 for ${inlierCap} inliers`;
  return [
    `${datasetLine(context, ensemble)}.`,
    `Networks: ${networks}; seed ${seed}.`,
    `The ${neighborCount} nearest train images vote${bonus}; landmarks of more than ${mostPredictions} test images come last.`,
  ];
}

/** What was recognized in, in words. */
export function datasetLine({ options }: RecognitionContext, { data: { v2 } }: Ensemble): string {
  const { train, landmarks, test } = readCounts(v2);
  const source = options.data ?? "generated landmarks";
  return `${source}: ${test} test images, ${train} train images of ${landmarks} landmarks`;
}
