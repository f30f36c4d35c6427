import { type CompletedStage, ownPlaces, pickedRows, searchRows } from "@lmk-example/kit";
import type { MemberName } from "../ensembles.ts";
import type { LabelledIndex } from "../labelled-index.ts";
import {
  type ListName,
  pairsOfRanking,
  pairsOfRecognition,
  type RecognitionPair,
  type RetrievalPair,
  recognitionList,
  retrievalList,
} from "../list-names.ts";
import { type ComparedRows, createComparedRows, rowsOf } from "../member-rows.ts";
import { membersOf } from "../methods.ts";
import { searchDepth } from "../search-depth.ts";
import type { EmbeddedSystem, SystemContext } from "../system.ts";
import type { Method, RecognitionWay, Way } from "../way.ts";

/** Stages whose lists `readLists` reads, by the lists' name. */
export type Lists = Map<ListName, CompletedStage>;

/** What is searched besides the embeddings of the system. */
export interface SearchOptions {
  readonly methods: readonly Method<Way>[];
  /** Index images whose landmark is known, where a method names landmarks by them. */
  readonly labelledIndex: LabelledIndex | undefined;
}

/** Makes the lists of nearest images that the methods read, each once; all are exact. */
export async function searchAll(
  context: SystemContext,
  system: EmbeddedSystem,
  { methods, labelledIndex }: SearchOptions,
): Promise<Lists> {
  const lists: Lists = new Map();
  const compared = createComparedRows(system);
  for (const { way } of methods) {
    if (way.task === "retrieval") {
      const members = way.networks === "ensemble" ? membersOf(context.config, "retrieval") : [way.networks];
      for (const member of members) {
        for (const pair of pairsOfRanking(way)) {
          const name = retrievalList(member, pair);
          if (lists.has(name)) continue;
          lists.set(name, await searchIndex(context, system, { name, member, pair, labelledIndex }));
        }
      }
      continue;
    }
    for (const pair of pairsOfRecognition(way)) {
      const name = recognitionList(way, pair);
      if (lists.has(name)) continue;
      lists.set(name, await searchLandmarks(context, system, { name, way, pair, compared }));
    }
  }
  return lists;
}

/** Lists of one network. */
interface IndexSearch extends Pick<SearchOptions, "labelledIndex"> {
  readonly name: ListName;
  readonly member: MemberName;
  readonly pair: RetrievalPair;
}

function searchIndex(
  context: SystemContext,
  system: EmbeddedSystem,
  { name, member, pair, labelledIndex }: IndexSearch,
): Promise<CompletedStage> {
  const [searcher, database] = pair.split("-") as ["test" | "index", "index" | "gallery" | "labelled"];
  const { retrieval } = context.config;
  const index = rowsOf(system, member, "index");
  const queries = searcher === "index" ? index : rowsOf(system, member, "test");
  const options = { name: `search/${name}`, queries };
  if (database === "index") {
    const k = searchDepth(retrieval, { tests: queries.rows, index: index.rows });
    return searchRows(context, { ...options, database: index, k });
  }
  const k = retrieval.neighborCount;
  if (database === "gallery") {
    return searchRows(context, { ...options, database: rowsOf(system, member, "gallery"), k });
  }
  if (labelledIndex === undefined)
    throw new RangeError(`expected labelled index images for ${name}, got none`);
  const { places } = labelledIndex;
  // An index image does not name itself.
  const own = searcher === "index" ? { exclude: ownPlaces(places, index.rows) } : {};
  return searchRows(context, { ...options, database: pickedRows(index, places), k, ...own });
}

/** Lists of a descriptor. */
interface LandmarkSearch {
  readonly name: ListName;
  readonly way: RecognitionWay;
  readonly pair: RecognitionPair;
  readonly compared: ComparedRows;
}

/** The rows of a descriptor that was made normal are not of length 1. */
function searchLandmarks(
  context: SystemContext,
  system: EmbeddedSystem,
  { name, way, pair, compared }: LandmarkSearch,
): Promise<CompletedStage> {
  const { galleryCount, testCount, shortlist } = context.config.recognition;
  const options = { name: `search/${name}`, metric: way.quantiles ? "cosine" : "dot" } as const;
  const test = compared(way, "test");
  if (pair === "test-gallery") {
    const database = compared(way, "gallery");
    return searchRows(context, { ...options, queries: test, database, k: shortlist });
  }
  const { nonLandmarks } = system.data;
  if (nonLandmarks === undefined) {
    throw new RangeError(`expected images without a landmark for ${name}, got none`);
  }
  const database = pickedRows(test, nonLandmarks);
  if (pair === "gallery-non-landmarks") {
    const queries = compared(way, "gallery");
    return searchRows(context, { ...options, queries, database, k: galleryCount });
  }
  // A test image without a landmark does not find itself.
  const exclude = ownPlaces(nonLandmarks, test.rows);
  return searchRows(context, { ...options, queries: test, database, k: testCount, exclude });
}
