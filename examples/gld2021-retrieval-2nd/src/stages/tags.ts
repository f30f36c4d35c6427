import { rerankByFastKReciprocalAsync } from "@lmk/rerank";
import {
  type CompletedStage,
  type EmbeddingRows,
  makeLists,
  pickedRows,
  readLists,
  readRows,
  searchRows,
  takeRows,
} from "@lmk-example/kit";
import type { NetworkName } from "../chains.ts";
import { type FoundGraph, localGraph, readFoundGraph } from "../local-graph.ts";
import { rowsOfSet, type SearchedSystem } from "../member-rows.ts";
import type { Method } from "../method.ts";
import { namedIds, rowsBetween } from "../neighbor-rows.ts";
import type { RetrievalContext } from "../retrieval-context.ts";
import { type ListName, partsOfName } from "../search-lists.ts";
import type { ReferenceSet } from "../searched.ts";
import { type Lists, neededBy, partRows } from "./search.ts";

/** Stages of {@link graphAll}: for each reference that any query has found its nearest references, by the votes' name. */
export type Graphs = ReadonlyMap<ListName, CompletedStage>;

/** Finds the nearest references of those that the queries have found, for the votes that the methods ask for. */
export async function graphAll(
  context: RetrievalContext,
  system: SearchedSystem,
  lists: Lists,
  methods: readonly Pick<Method, "way">[],
): Promise<Graphs> {
  const graphs = new Map<ListName, CompletedStage>();
  for (const name of votesOf(context, methods)) {
    const { network, set } = partsOf(name);
    const database = referencesOf(context, system, network, set);
    const found = await readLists(lists.get(`${network}/query-${set}`)!);
    const queries = pickedRows(database, namedIds(found));
    const k = context.config.search.referenceDepth;
    graphs.set(name, await searchRows(context, { name: `graph/${network}/${set}`, queries, database, k }));
  }
  return graphs;
}

/**
 * Ranks the references of each query by k-reciprocal neighbors around it, for the votes that the methods ask for.
 *
 * @returns The lists, and those of votes.
 */
export async function voteAll(
  context: RetrievalContext,
  system: SearchedSystem,
  lists: Lists,
  { graphs, methods }: { readonly graphs: Graphs; readonly methods: readonly Pick<Method, "way">[] },
): Promise<Lists> {
  const all = new Map(lists);
  for (const name of votesOf(context, methods)) {
    all.set(name, await vote(context, system, lists, { name, graph: graphs.get(name)! }));
  }
  return all;
}

async function vote(
  context: RetrievalContext,
  system: SearchedSystem,
  lists: Lists,
  { name, graph }: { readonly name: ListName; readonly graph: CompletedStage },
): Promise<CompletedStage> {
  const { config, options } = context;
  const { K1, K2 } = config.inference;
  const { network, set } = partsOf(name);
  const found = lists.get(`${network}/query-${set}`)!;
  const queries = partRows(context, system, network, "queries");
  const references = referencesOf(context, system, network, set);
  let opening: Promise<FoundGraph> | undefined;
  const settings = {
    expansionCount: config.search.referenceDepth,
    reciprocalCount: K1,
    averageCount: K2,
  };
  return makeLists(context, {
    name: `tags/${network}/${set}`,
    settings,
    after: [found, graph],
    rows: queries.rows,
    // Of so many queries all that is looked at is in memory: at 30 references of 30 references each, half a gigabyte.
    rowsPerPart: 256,
    rowsAtOnce: 256,
    async listsOf(first, end) {
      opening ??= readFoundGraph(found, graph);
      const { near, around, rowOf } = await opening;
      const some = rowsBetween(near, first, end);
      const { ids, neighbors, graph: local } = localGraph(some, around, rowOf);
      const rows = await readRows(queries, { first, end });
      const compared = await takeRows(references, ids);
      const ranked = await rerankByFastKReciprocalAsync(rows, compared, neighbors, local, {
        ...settings,
        threads: options.threads,
      });
      return { ...ranked, ids: ranked.ids.map((place) => (place < 0 ? -1 : ids[place]!)) };
    },
  });
}

function votesOf(
  context: Pick<RetrievalContext, "config">,
  methods: readonly Pick<Method, "way">[],
): readonly ListName[] {
  return neededBy(context, methods).filter((name) => name.includes("/votes-"));
}

function partsOf(name: ListName): { readonly network: NetworkName; readonly set: ReferenceSet } {
  const { networks, kind } = partsOfName(name);
  return { network: networks as NetworkName, set: kind.slice("votes-".length) as ReferenceSet };
}

function referencesOf(
  context: RetrievalContext,
  system: SearchedSystem,
  network: NetworkName,
  set: ReferenceSet,
): EmbeddingRows {
  return rowsOfSet(partRows(context, system, network, "references"), system.searched.references, set);
}
