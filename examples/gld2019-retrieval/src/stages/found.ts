import type { Landmark2019Settings } from "@lmk/rerank";
import { expandQueriesAsync } from "@lmk/rerank";
import {
  type Ensemble,
  neededRows,
  partRows,
  readLists,
  readRows,
  rowsOf,
  rowsOfFile,
  searchRows,
  writeRows,
} from "@lmk-example/gld2019-kit";
import { type CompletedStage, runStage } from "@lmk-example/kit";
import type { RetrievalContext } from "../config.ts";
import { membersOf, type Searched } from "./search.ts";

/** What is found by one kind of queries, and how it is re-ranked by labels. */
export interface Found {
  readonly index: CompletedStage;
  readonly train: CompletedStage;
  /** The train images that vote for the labels of the index; `undefined` where no method asks for them. */
  readonly indexTrain: CompletedStage | undefined;
  readonly labels: Landmark2019Settings;
  /** Time that was spent on all queries so far, in seconds. */
  readonly seconds: number;
}

/** What was found with the embeddings as they are. */
export function foundPlain({ config }: RetrievalContext, searched: Searched, name: string): Found {
  const lists = searched.get(name)!;
  return {
    index: lists["test-index"]!,
    train: lists["test-train"]!,
    indexTrain: lists["index-train"],
    labels: config.retrieval.labels,
    seconds: lists["test-index"]!.seconds,
  };
}

/** αQE over the union of test and index images, where each query is its own first neighbor, as in the 2019 code. */
export async function findExpanded(
  context: RetrievalContext,
  ensemble: Ensemble,
  searched: Searched,
  name: string,
): Promise<Found> {
  const { config, options, run } = context;
  const { queryExpansion, depth, labels } = config.retrieval;
  const { members } = membersOf(config, name);
  const lists = searched.get(name)!;
  const pool = lists["test-pool"]!;
  const test = rowsOf(ensemble, members, "test");
  const folder = `rerank/alpha-qe/${name}`;
  const settings = { settings: queryExpansion, after: [pool] };
  const expanded = await runStage(run, `${folder}/queries`, settings, async (folder) => {
    const near = await neededRows(partRows(ensemble, members, "pool"), await readLists(pool));
    const expansion = { ...queryExpansion, includeQuery: false, threads: options.threads };
    await writeRows(
      folder,
      await expandQueriesAsync(await readRows(test), near.database, near.lists, expansion),
    );
  });
  const queries = rowsOfFile(expanded, test.rows);
  const index = await searchRows(context, {
    name: `${folder}/test-index`,
    queries,
    database: rowsOf(ensemble, members, "index"),
    k: depth,
  });
  const train = await searchRows(context, {
    name: `${folder}/test-train`,
    queries,
    database: rowsOf(ensemble, members, "train"),
    k: labels.predictLabels.neighborCount,
  });
  const seconds = pool.seconds + expanded.seconds + index.seconds;
  return { index, train, indexTrain: lists["index-train"], labels, seconds };
}
