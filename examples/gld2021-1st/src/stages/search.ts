import { type CompletedStage, ownPlaces, pickedRows, searchRows } from "@lmk-example/kit";
import {
  type ListName,
  pairsOfRanking,
  pairsOfRecognition,
  type RecognitionPair,
  type RetrievalPair,
  recognitionList,
  retrievalList,
} from "../list-names.ts";
import { comparedRows, rowsOf } from "../member-rows.ts";
import { membersOf } from "../methods.ts";
import { searchDepth } from "../search-depth.ts";
import type { EmbeddedSystem, SystemContext } from "../system.ts";
import type { Method, RecognitionWay, Way } from "../way.ts";

/** Stages whose lists `readLists` reads, by the lists' name. */
export type Lists = Map<ListName, CompletedStage>;

/** Makes the lists of nearest images that the methods read, each once; all are exact. */
export async function searchAll(
  context: SystemContext,
  system: EmbeddedSystem,
  methods: readonly Method<Way>[],
): Promise<Lists> {
  const lists: Lists = new Map();
  for (const { way } of methods) {
    if (way.task === "retrieval") {
      const members = way.networks === "ensemble" ? membersOf(context.config, "retrieval") : [way.networks];
      for (const member of members) {
        for (const pair of pairsOfRanking(way)) {
          const name = retrievalList(member, pair);
          if (!lists.has(name)) lists.set(name, await searchIndex(context, system, { name, member, pair }));
        }
      }
      continue;
    }
    for (const pair of pairsOfRecognition(way)) {
      const name = recognitionList(way, pair);
      if (!lists.has(name)) lists.set(name, await searchLandmarks(context, system, { name, way, pair }));
    }
  }
  return lists;
}

/** Lists of one network. */
function searchIndex(
  context: SystemContext,
  system: EmbeddedSystem,
  { name, member, pair }: { name: ListName; member: Parameters<typeof rowsOf>[1]; pair: RetrievalPair },
): Promise<CompletedStage> {
  const [queries, database] = pair.split("-") as ["test" | "index", "index" | "gallery"];
  const { retrieval } = context.config;
  const rows = rowsOf(system, member, queries);
  return searchRows(context, {
    name: `search/${name}`,
    queries: rows,
    database: rowsOf(system, member, database),
    k: database === "index" ? searchDepth(retrieval, rows.rows) : retrieval.neighborCount,
  });
}

/** Lists of a descriptor. Made normal, its rows are no longer of length 1. */
function searchLandmarks(
  context: SystemContext,
  system: EmbeddedSystem,
  { name, way, pair }: { name: ListName; way: RecognitionWay; pair: RecognitionPair },
): Promise<CompletedStage> {
  const { galleryCount, testCount, shortlist } = context.config.recognition;
  const options = { name: `search/${name}`, metric: way.quantiles ? "cosine" : "dot" } as const;
  const test = comparedRows(system, way, "test");
  if (pair === "test-gallery") {
    const database = comparedRows(system, way, "gallery");
    return searchRows(context, { ...options, queries: test, database, k: shortlist });
  }
  const { nonLandmarks } = system.data;
  if (nonLandmarks === undefined) {
    throw new RangeError(`expected images without a landmark for ${name}, got none`);
  }
  const database = pickedRows(test, nonLandmarks);
  if (pair === "gallery-non-landmarks") {
    const queries = comparedRows(system, way, "gallery");
    return searchRows(context, { ...options, queries, database, k: galleryCount });
  }
  // A test image without a landmark does not find itself.
  const exclude = ownPlaces(nonLandmarks, test.rows);
  return searchRows(context, { ...options, queries: test, database, k: testCount, exclude });
}
