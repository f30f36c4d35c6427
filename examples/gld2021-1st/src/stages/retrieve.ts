import type { Neighbors } from "@lmk/rerank";
import { type CompletedStage, makeLists, readLists, usableRows } from "@lmk-example/kit";
import { readListRows } from "../list-rows.ts";
import { membersOf } from "../methods.ts";
import { mergeRankings } from "../retrieval-ranking.ts";
import type { EmbeddedSystem, SystemContext } from "../system.ts";
import type { Method, RetrievalWay } from "../way.ts";
import { type RankingSources, rankBy, rowsAtOnce } from "./rank.ts";

/** Index images that are given for each query. */
const given = 100;

/** Ranks the index for all test images in one way. */
export async function retrieveBy(
  context: SystemContext,
  system: EmbeddedSystem,
  sources: RankingSources,
  { name, way }: Method<RetrievalWay>,
): Promise<CompletedStage> {
  const members = way.networks === "ensemble" ? membersOf(context.config, "retrieval") : [way.networks];
  const rankings: CompletedStage[] = [];
  for (const member of members) rankings.push(await rankBy(context, system, sources, { member, way, given }));
  const { prepared } = system.data;
  return makeLists(context, {
    name: `retrieve/${name}`,
    settings: { way, members, given },
    after: [prepared.stage, ...rankings],
    rows: usableRows(prepared, "test").length,
    rowsPerPart: rowsAtOnce,
    rowsAtOnce,
    async listsOf(first, end) {
      const read = await Promise.all(rankings.map((ranking) => readListRows(ranking, { first, end })));
      return mergeRankings(read, given);
    },
  });
}

/** What {@link retrieveBy} wrote: ids count usable index rows. */
export function readRanking(stage: CompletedStage): Promise<Neighbors> {
  return readLists(stage);
}
