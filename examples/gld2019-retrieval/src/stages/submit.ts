import { join } from "node:path";
import { writeRecognitionSubmission, writeRetrievalSubmission } from "@lmk/data";
import { type CompletedStage, runStage } from "@lmk-example/kit";
import { type Context, type PreparedData, usableRows } from "../context.ts";
import { rankedIds } from "./evaluate.ts";
import { readRanking } from "./rerank.ts";

/** Writes what would be handed in: the best method's ranking and recognition of every test image, in Kaggle's format. */
export async function submit(
  context: Context,
  prepared: PreparedData,
  reranked: CompletedStage,
): Promise<CompletedStage> {
  return runStage(
    context.run,
    "submit",
    { settings: {}, after: [prepared.stage, reranked] },
    async (folder) => {
      const { test } = prepared.data;
      const { ranking, recognition } = await readRanking(reranked, "both");
      const ranked = rankedIds(prepared, ranking);
      const positions = new Map([...usableRows(prepared, "test")].map((row, position) => [row, position]));
      const rows = Array.from({ length: test.ids.length }, (_, row) => ({
        id: test.ids.at(row),
        position: positions.get(row),
      }));
      await writeRetrievalSubmission(
        join(folder, "submission.csv"),
        rows.map(({ id }) => ({ id, images: ranked.get(id) ?? [] })),
      );
      await writeRecognitionSubmission(
        join(folder, "submission-recognition.csv"),
        rows.map(({ id, position }) => ({
          id,
          prediction:
            position === undefined
              ? undefined
              : { landmarkId: recognition.landmarkIds[position]!, score: recognition.scores[position]! },
        })),
      );
    },
  );
}
