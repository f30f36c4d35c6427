import { join } from "node:path";
import type { Neighbors } from "@lmk/index";
import {
  type LabelPredictions,
  predictLabels,
  prepareOfflineDiffusionAsync,
  rerankByEgtAsync,
  rerankByLabel,
  rerankByOfflineDiffusionAsync,
} from "@lmk/rerank";
import { type Ensemble, readLists } from "@lmk-example/gld2019-kit";
import {
  type CompletedStage,
  firstNeighbors,
  type Recognition,
  readJson,
  readNeighbors,
  runStage,
  trainLabels,
  writeJson,
  writeNeighbors,
} from "@lmk-example/kit";
import type { RetrievalContext } from "../config.ts";
import { type Method, usesLabels } from "../methods.ts";
import { findAsInContest } from "./contest.ts";
import { type Found, findExpanded, foundPlain } from "./found.ts";
import type { Searched, Verified } from "./search.ts";

/** The stage of each method, by its name. */
export type Reranked = ReadonlyMap<string, CompletedStage>;

/** What a method ranked and recognized. Rows and ids count usable rows of test and index. */
export interface Ranked {
  readonly ranking: Neighbors;
  readonly recognition: Recognition;
  /** Time to search for all queries and to rank what was found. */
  readonly seconds: number;
}

/** Ranks index images and recognizes landmarks by every method. */
export async function rerank(
  context: RetrievalContext,
  ensemble: Ensemble,
  searched: Searched,
  verified: Verified | undefined,
): Promise<Reranked> {
  const found = new Map<string, Found>();
  const reranked = new Map<string, CompletedStage>();
  for (const method of context.config.retrieval.methods) {
    const { of, queries } = method;
    const key = `${queries} ${of}`;
    const known = found.get(key) ?? (await find(context, ensemble, searched, verified, method));
    found.set(key, known);
    reranked.set(method.name, await rank(context, ensemble, searched, known, method));
  }
  return reranked;
}

async function find(
  context: RetrievalContext,
  ensemble: Ensemble,
  searched: Searched,
  verified: Verified | undefined,
  { of, queries }: Method,
): Promise<Found> {
  switch (queries) {
    case "plain":
      return foundPlain(context, searched, of);
    case "alpha-qe":
      return findExpanded(context, ensemble, searched, of);
    case "contest":
      return findAsInContest(context, ensemble, verified!);
  }
}

function rank(
  context: RetrievalContext,
  { data }: Ensemble,
  searched: Searched,
  found: Found,
  method: Method,
): Promise<CompletedStage> {
  const { run, config } = context;
  const { depth, diffusion, egt } = config.retrieval;
  const { name, ranking } = method;
  const graph = graphOf(searched, method);
  const lists = [found.index, found.train, found.indexTrain, graph];
  const settings = {
    settings: { ranking, depth, labels: found.labels, diffusion, egt },
    after: [data.v2.stage, ...lists.filter((stage) => stage !== undefined)],
  };
  return runStage(run, `rerank/ranked/${name}`, settings, async (folder) => {
    const first = firstNeighbors(await readLists(found.index), depth);
    const ofTrain = await readLists(found.train);
    const labels = trainLabels(data.v2);
    // Without re-ranking by labels the nearest train image alone names the landmark.
    const voting = usesLabels(method) ? found.labels.predictLabels : { neighborCount: 1 };
    const predicted = predictLabels(ofTrain, labels, voting);
    const started = performance.now();
    const ranked = await rankFound(context, method, { found, first, predicted, labels, graph });
    const seconds = found.seconds + (performance.now() - started) / 1000;
    await writeNeighbors(join(folder, "ranking"), ranked);
    const recognition = { landmarkIds: [...predicted.labels], scores: [...predicted.scores] };
    writeJson(join(folder, "ranked.json"), { recognition, seconds });
  });
}

/** The lists that a method walks along, if it does. */
function graphOf(searched: Searched, { of, ranking }: Method): CompletedStage | undefined {
  if (ranking === "egt") return searched.get(of)!["index-index"];
  return ranking === "diffusion" ? searched.get(of)!["pool-pool"] : undefined;
}

interface RankInputs {
  readonly found: Found;
  readonly first: Neighbors;
  readonly predicted: LabelPredictions;
  readonly labels: Int32Array;
  readonly graph: CompletedStage | undefined;
}

async function rankFound(
  { config, options }: RetrievalContext,
  { ranking }: Method,
  { found, first, predicted, labels, graph }: RankInputs,
): Promise<Neighbors> {
  const { depth, diffusion, egt } = config.retrieval;
  const { threads } = options;
  switch (ranking) {
    case "search":
      return first;
    case "diffusion": {
      const near = await readLists(graph!);
      const offline = await prepareOfflineDiffusionAsync(near, near, { ...diffusion, threads });
      return rerankByOfflineDiffusionAsync(first, offline, { scoring: "rows", k: depth, threads });
    }
    case "egt":
      return rerankByEgtAsync(first, await readLists(graph!), {
        ...egt,
        compat: "landmark-2019",
        k: depth,
        threads,
      });
    case "sort":
    case "sort+insert": {
      const ofIndex = await readLists(found.indexTrain!);
      const indexLabels = predictLabels(ofIndex, labels, found.labels.predictLabels);
      return rerankByLabel(first, predicted, indexLabels, {
        ...found.labels.rerankByLabel,
        depth,
        insert: ranking === "sort+insert",
      });
    }
  }
}

/** What {@link rerank} wrote for a method. */
export async function readRanked(reranked: Reranked, name: string): Promise<Ranked> {
  const { folder } = reranked.get(name)!;
  const { recognition, seconds } = readJson<Omit<Ranked, "ranking">>(join(folder, "ranked.json"))!;
  return { ranking: (await readNeighbors(join(folder, "ranking")))!, recognition, seconds };
}
