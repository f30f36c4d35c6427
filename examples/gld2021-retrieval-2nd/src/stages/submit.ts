import { join } from "node:path";
import { writeRetrievalSubmission } from "@lmk/data";
import { type CompletedStage, runStage } from "@lmk-example/kit";
import { rankedIdsOf } from "../ranked-ids.ts";
import type { RetrievalContext } from "../retrieval-context.ts";
import type { Searched } from "../searched.ts";
import { readRanking } from "./rerank.ts";

/** The file of the stage. */
export const submissionFile = "submission.csv";

/**
 * Writes what would be handed in, `submission.csv`: the first hundred images of each query, in the order of the test table;
 * test images that are no queries or cannot be read have none.
 *
 * @param submitted - The stage of the method that is handed in.
 */
export function submit(
  { run }: Pick<RetrievalContext, "run">,
  searched: Searched,
  submitted: CompletedStage,
): Promise<CompletedStage> {
  const after = [searched.prepared.stage, submitted];
  return runStage(run, "submit", { settings: {}, after }, async (folder) => {
    const ranked = rankedIdsOf(searched, await readRanking(submitted));
    const { ids } = searched.prepared.data.test;
    const rows = Array.from({ length: ids.length }, (_, row) => {
      const id = ids.at(row);
      return { id, images: ranked.get(id) ?? [] };
    });
    await writeRetrievalSubmission(join(folder, submissionFile), rows);
  });
}
