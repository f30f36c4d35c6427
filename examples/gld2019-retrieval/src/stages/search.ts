import { join } from "node:path";
import { exactSearch, type Matrix, type Neighbors, stackRows } from "@lmk/index";
import { hnswUnavailableReason } from "@lmk/index/hnsw";
import { expandQueries } from "@lmk/rerank";
import {
  type CompletedStage,
  readJson,
  readNeighbors,
  runStage,
  writeJson,
  writeNeighbors,
} from "@lmk-example/kit";
import type { Context, PreparedData } from "../context.ts";
import { readEmbeddings } from "./extract.ts";

/** Which queries are searched with: of the untrained network, of the trained one, or those expanded by αQE. */
export type QueryKind = "untrained" | "trained" | "expanded";

/** What is found for the queries of one kind. */
export interface SearchResult {
  /** Nearest index images of each query. */
  readonly index: Neighbors;
  /** Nearest train images of each query. */
  readonly train: Neighbors;
  /** Time to expand the queries and search the index with them, in seconds. */
  readonly seconds: number;
}

/** Finds the nearest index and train images of every query, and the nearest train images of every index image. */
export async function search(
  context: Context,
  prepared: PreparedData,
  extracted: CompletedStage,
): Promise<CompletedStage> {
  const { config, run, notice } = context;
  const settings = {
    search: config.search,
    expansion: config.queryExpansion,
    votes: config.labelReranking.neighborCount,
  };
  return runStage(run, "search", { settings, after: [prepared.stage, extracted] }, async (folder) => {
    const reason = await hnswUnavailableReason();
    notice(`search backends: exact · HNSW ${reason === undefined ? "present" : `absent (${reason})`}`);
    const votes = config.labelReranking.neighborCount;
    const seconds: Partial<Record<QueryKind, number>> = {};

    for (const version of ["untrained", "trained"] as const) {
      const [test, index, train] = await Promise.all(
        (["test", "index", "train"] as const).map((split) => readEmbeddings(extracted, version, split)),
      );
      seconds[version] = await searchWith(
        folder,
        version,
        { queries: () => test!, index: index!, train: train! },
        config,
      );
      if (version === "untrained") continue;
      const expand = (): Matrix => expandByPool(test!, index!, config.queryExpansion);
      seconds.expanded = await searchWith(
        folder,
        "expanded",
        { queries: expand, index: index!, train: train! },
        config,
      );
      await writeNeighbors(join(folder, "index-train"), exactSearch(index!, train!, { k: votes }));
    }
    writeJson(join(folder, "seconds.json"), seconds);
  });
}

async function searchWith(
  folder: string,
  kind: QueryKind,
  { queries: prepareQueries, index, train }: { queries: () => Matrix; index: Matrix; train: Matrix },
  { search: { depth }, labelReranking }: Context["config"],
): Promise<number> {
  const started = performance.now();
  const queries = prepareQueries();
  const found = exactSearch(queries, index, { k: depth });
  const seconds = (performance.now() - started) / 1000;
  await writeNeighbors(join(folder, `${kind}-index`), found);
  await writeNeighbors(
    join(folder, `${kind}-train`),
    exactSearch(queries, train, { k: labelReranking.neighborCount }),
  );
  return seconds;
}

/** αQE over the union of test and index images, where each query is its own first neighbor, as in the 2019 code. */
function expandByPool(
  queries: Matrix,
  index: Matrix,
  { neighborCount, alpha }: Context["config"]["queryExpansion"],
): Matrix {
  const pool = stackRows([queries, index]);
  const neighbors = exactSearch(queries, pool, { k: neighborCount });
  return expandQueries(queries, pool, neighbors, { neighborCount, alpha, includeQuery: false });
}

/** What `search` found for the queries of one kind. */
export async function readSearch(stage: CompletedStage, kind: QueryKind): Promise<SearchResult> {
  const seconds = readJson<Record<QueryKind, number>>(join(stage.folder, "seconds.json"))!;
  return {
    index: (await readNeighbors(join(stage.folder, `${kind}-index`)))!,
    train: (await readNeighbors(join(stage.folder, `${kind}-train`)))!,
    seconds: seconds[kind],
  };
}

/** The nearest train images of every index image, by the trained network. */
export async function readIndexVotes(stage: CompletedStage): Promise<Neighbors> {
  return (await readNeighbors(join(stage.folder, "index-train")))!;
}
