import { exactSearchAsync, type Neighbors } from "@lmk/index";
import { augmentDatabaseAsync, augmentDatabaseByInliers, expandQueriesByInliers } from "@lmk/rerank";
import {
  type EmbeddingRows,
  type Ensemble,
  neededRows,
  readAugmented,
  readLists,
  readRows,
  replaceRows,
  rowsOf,
  rowsOfFile,
  searchRows,
  stackedRows,
  takeRows,
  writeRows,
} from "@lmk-example/gld2019-kit";
import { type CompletedStage, runStage, trainLabels } from "@lmk-example/kit";
import type { RetrievalContext } from "../config.ts";
import type { Found } from "./found.ts";
import type { Verified } from "./search.ts";

/**
 * What is found by the contest's pipeline. Queries and index images are averaged with those that agree with them place by
 * place, which decides what is found; clean train images are averaged with their neighbors of the same label, which
 * decides what labels queries and index images get.
 */
export async function findAsInContest(
  context: RetrievalContext,
  ensemble: Ensemble,
  verified: Verified,
): Promise<Found> {
  const { config } = context;
  const { contest, depth } = config.retrieval;
  const rows = (split: "train" | "index" | "test"): EmbeddingRows => rowsOf(ensemble, config.members, split);
  const [test, index] = [rows("test"), rows("index")];
  const queries = await expandTest(context, test, index, rows("train"), verified);
  const augmented = await augmentIndex(context, index, verified["index-index"]);
  const train = await augmentTrain(context, ensemble, rows("train"));
  const k = contest.labels.predictLabels.neighborCount;
  const found = await searchRows(context, {
    name: "rerank/contest/test-index",
    queries: rowsOfFile(queries, test.rows),
    database: rowsOfFile(augmented, index.rows),
    k: depth,
    // The averages are not of length 1.
    metric: "l2",
  });
  const votes = { database: train, k };
  return {
    index: found,
    train: await searchRows(context, { ...votes, name: "rerank/contest/test-train", queries: test }),
    indexTrain: await searchRows(context, { ...votes, name: "rerank/contest/index-train", queries: index }),
    labels: contest.labels,
    seconds: queries.seconds + found.seconds,
  };
}

function expandTest(
  { config, run }: RetrievalContext,
  test: EmbeddingRows,
  index: EmbeddingRows,
  train: EmbeddingRows,
  verified: Verified,
): Promise<CompletedStage> {
  const { minInliers: threshold, neighborCount } = config.retrieval.contest;
  const lists = [verified["test-index"], verified["test-train"]] as const;
  const settings = {
    settings: { threshold, neighborCount, weights: config.members },
    after: [...lists, ...test.stages, ...index.stages, ...train.stages],
  };
  return runStage(run, "rerank/contest/queries", settings, async (folder) => {
    const ofIndex = strongMatches(await readLists(lists[0]), threshold);
    const ofTrain = strongMatches(await readLists(lists[1]), threshold);
    const matches = sideBySide(ofIndex, ofTrain, index.rows);
    const needed = await neededRows(stackedRows([index, train]), matches);
    const options = { threshold, neighborCount };
    await writeRows(
      folder,
      expandQueriesByInliers(await readRows(test), needed.database, needed.lists, options),
    );
  });
}

function augmentIndex(
  { config, run }: RetrievalContext,
  index: EmbeddingRows,
  verified: CompletedStage,
): Promise<CompletedStage> {
  const { minInliers: threshold, neighborCount } = config.retrieval.contest;
  const settings = {
    settings: { threshold, neighborCount, weights: config.members },
    after: [verified, ...index.stages],
  };
  return runStage(run, "rerank/contest/index", settings, async (folder) => {
    const matches = await readLists(verified);
    const options = { threshold, neighborCount };
    await writeRows(folder, augmentDatabaseByInliers(await readRows(index), matches, options));
  });
}

/** The train images, of which the clean ones are averaged. */
async function augmentTrain(
  context: RetrievalContext,
  { data, lists }: Ensemble,
  train: EmbeddingRows,
): Promise<EmbeddingRows> {
  const { config, options, run } = context;
  const { neighborCount, alpha } = config.retrieval.contest.augmentation;
  const { stage, rows: clean } = readAugmented(context, lists!, data.v2);
  if (clean.length === 0) return train;
  const settings = {
    settings: { neighborCount, alpha, weights: config.members },
    after: [stage, ...train.stages],
  };
  const augmented = await runStage(run, "rerank/contest/train", settings, async (folder) => {
    const all = trainLabels(data.v2);
    const labels = clean.map((row) => all[row]!);
    const rows = await takeRows(train, clean);
    const { threads } = options;
    const graph = await exactSearchAsync(rows, rows, { k: neighborCount + 1, threads });
    const augmentation = { neighborCount, alpha, labels, threads };
    await writeRows(folder, await augmentDatabaseAsync(rows, graph, augmentation));
  });
  return replaceRows(train, clean, augmented);
}

/** Matches with at least so many inliers. */
function strongMatches({ ids, scores, ...shape }: Neighbors, minInliers: number): Neighbors {
  return { ...shape, scores, ids: ids.map((id, i) => (scores[i]! >= minInliers ? id : -1)) };
}

/** Two lists for each query as one, the second's ids behind the rows of the first. */
function sideBySide(first: Neighbors, second: Neighbors, rowsOfFirst: number): Neighbors {
  const k = first.k + second.k;
  const ids = new Int32Array(first.rows * k).fill(-1);
  const scores = new Float32Array(first.rows * k);
  for (let row = 0; row < first.rows; row++) {
    const ofSecond = { from: row * second.k, to: (row + 1) * second.k };
    ids.set(first.ids.subarray(row * first.k, (row + 1) * first.k), row * k);
    scores.set(first.scores.subarray(row * first.k, (row + 1) * first.k), row * k);
    const behind = second.ids
      .subarray(ofSecond.from, ofSecond.to)
      .map((id) => (id < 0 ? -1 : id + rowsOfFirst));
    ids.set(behind, row * k + first.k);
    scores.set(second.scores.subarray(ofSecond.from, ofSecond.to), row * k + first.k);
  }
  return { ids, scores, rows: first.rows, k };
}
