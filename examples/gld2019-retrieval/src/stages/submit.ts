import type { Ensemble } from "@lmk-example/gld2019-kit";
import { type CompletedStage, runStage, writeRanking, writeRecognition } from "@lmk-example/kit";
import type { RetrievalContext } from "../config.ts";
import { type Reranked, readRanked } from "./rerank.ts";

/** Writes what would be handed in, in Kaggle's format: the final method's ranking and recognition of every test image. */
export async function submit(
  { config, run }: RetrievalContext,
  { data: { v2 } }: Ensemble,
  reranked: Reranked,
): Promise<CompletedStage> {
  const { final } = config.retrieval;
  const after = [v2.stage, reranked.get(final)!];
  return runStage(run, "submit", { settings: {}, after }, async (folder) => {
    const { ranking, recognition } = await readRanked(reranked, final);
    await writeRanking(folder, "submission.csv", v2, ranking);
    await writeRecognition(folder, "submission-recognition.csv", v2, recognition);
  });
}
