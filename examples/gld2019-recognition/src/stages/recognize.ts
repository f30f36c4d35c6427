import { type RecognitionSubmissionRow, writeRecognitionSubmission } from "@lmk/data";
import type { LabelPredictions } from "@lmk/rerank/recognition";
import type { Ensemble } from "@lmk-example/gld2019-kit";
import {
  type CompletedStage,
  type PreparedData,
  predictionsFile,
  runStage,
  usableRows,
} from "@lmk-example/kit";
import type { RecognitionContext } from "../context.ts";
import type { Method } from "../methods.ts";
import { ban, recognize } from "../recognize.ts";
import { type EvidenceStages, readBanned, readEvidence } from "./evidence.ts";

/** Recognizes the landmarks of all test images in one way, and writes them as they could be handed in: `readPredictions`. */
export async function recognizeBy(
  context: RecognitionContext,
  ensemble: Ensemble,
  stages: EvidenceStages,
  { name, recognition }: Method,
): Promise<CompletedStage> {
  const { reciprocalCount, banNeighbors } = context.config.ablations;
  const settings = { recognition, reciprocalCount, above: banNeighbors.above };
  const after = [ensemble.data.v2.stage, ...Object.values(stages)].filter((stage) => stage !== undefined);
  return runStage(context.run, `recognize/${name}`, { settings, after }, async (folder) => {
    const evidence = await readEvidence(context, ensemble, stages, recognition);
    const before = recognize(evidence, recognition);
    const near = await readBanned(context, stages, evidence, recognition);
    const final = ban(before, recognition, near);
    await writeRecognitionSubmission(
      predictionsFile({ folder }),
      submissionRows(ensemble.data.v2, before, final),
    );
  });
}

/**
 * Every test image with its landmark, the surest first as they were before any was banned; images that cannot be read
 * come last, without a landmark.
 */
export function* submissionRows(
  prepared: PreparedData,
  before: LabelPredictions,
  final: LabelPredictions,
): Generator<RecognitionSubmissionRow> {
  const { ids } = prepared.data.test;
  const rows = usableRows(prepared, "test");
  const places = [...rows.keys()].sort((a, b) => before.scores[b]! - before.scores[a]!);
  for (const place of places) {
    const landmarkId = final.labels[place]!;
    const prediction = landmarkId < 0 ? undefined : { landmarkId, score: final.scores[place]! };
    yield { id: ids.at(rows[place]!), prediction };
  }
  const usable = new Set(rows);
  for (let row = 0; row < ids.length; row++) {
    if (!usable.has(row)) yield { id: ids.at(row), prediction: undefined };
  }
}
