import { join } from "node:path";
import type { Ensemble } from "@lmk-example/gld2019-kit";
import {
  type CompletedStage,
  hashOf,
  recognitionSolutionOf,
  runTuning,
  type SearchSpace,
  say,
  scorePredictions,
  type TuningPlan,
  UserError,
  usableRows,
  withOverrides,
} from "@lmk-example/kit";
import type { RecognitionConfig } from "../config.ts";
import type { RecognitionContext } from "../context.ts";
import { ban, recognize } from "../recognize.ts";
import { gather } from "./ablate.ts";

import { readBanned, readEvidence } from "./evidence.ts";

/** What is tried where the command line names nothing; for presets without local features without inliers. */
export const defaultSpace: SearchSpace = {
  neighborCount: [1, 3, 5, 10],
  weight: ["squared-l2", "cosine"],
  inlierCap: [0, 20, 70],
  mostPredictions: [0, 10, 30],
};

const { inlierCap: _, ...withoutInliers } = defaultSpace;

/**
 * Scores several ways to recognize with the networks as they are; the best by GAP on all test images comes first. Nothing
 * is trained, so candidates run one after another in this process.
 */
export async function tuneRecognition(
  context: RecognitionContext,
  ensemble: Ensemble,
  verified: CompletedStage | undefined,
  plan: TuningPlan,
): Promise<void> {
  if (plan.workers > 1) {
    throw new UserError(`--workers: expected 1, as nothing is trained here, got ${plan.workers}`);
  }
  const { v2 } = ensemble.data;
  const solution = recognitionSolutionOf(v2.data);
  const rows = usableRows(v2, "test");
  const base = context.config.recognition;
  const { neighbors } = await gather(context, ensemble, verified, base);
  await runTuning({
    ...plan,
    space: plan.space === defaultSpace && verified === undefined ? withoutInliers : plan.space,
    // Scores of other networks, or of other settings around what is tried, are in another folder.
    folder: join(context.run.path, "tuning", `recognition-${hashOf([neighbors.key, verified?.key, base])}`),
    best: { measure: "all", order: "highest" },
    say,
    async runCandidate({ candidate }) {
      const recognition: RecognitionConfig = withOverrides(base, candidate);
      if (recognition.inlierCap > 0 && verified === undefined) {
        throw new UserError(
          `inlierCap: expected 0, as this preset verifies nothing, got ${recognition.inlierCap}`,
        );
      }
      const stages = await gather(context, ensemble, verified, recognition);
      const evidence = await readEvidence(context, ensemble, stages, recognition);
      const near = await readBanned(context, stages, evidence, recognition);
      const { labels, scores } = ban(recognize(evidence, recognition), recognition, near);
      const predictions = [...rows].flatMap((row, place) =>
        labels[place]! < 0
          ? []
          : [{ id: v2.data.test.ids.at(row), label: labels[place]!, score: scores[place]! }],
      );
      const { gap, accuracy } = scorePredictions(predictions, solution);
      return { ...gap, accuracy };
    },
  });
}
