import { type CompletedStage, type PreparedData, runStage, writeRanking } from "@lmk-example/kit";
import type { SystemContext } from "../context.ts";
import { readRanking } from "./rank.ts";

/** Writes `submission.csv` in Kaggle's format of the retrieval challenges. */
export function submit(
  { run }: SystemContext,
  prepared: PreparedData,
  ranked: CompletedStage,
): Promise<CompletedStage> {
  return runStage(run, "submit", { settings: {}, after: [prepared.stage, ranked] }, async (folder) =>
    writeRanking(folder, "submission.csv", prepared, await readRanking(ranked)),
  );
}
