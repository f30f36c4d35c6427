import { join } from "node:path";
import type { Neighbors } from "@lmk/rerank";
import { type CompletedStage, readLists, readNeighbors, runStage, writeNeighbors } from "@lmk-example/kit";
import type { MemberName } from "../ensembles.ts";
import { pairsOfRanking, type RetrievalPair, retrievalList } from "../list-names.ts";
import { membersOf } from "../methods.ts";
import { mergeRankings, type RetrievalEvidence, rankHard, rankSoftly } from "../retrieval-ranking.ts";
import type { EmbeddedSystem, SystemContext } from "../system.ts";
import type { Method, RetrievalWay } from "../way.ts";
import type { Lists } from "./search.ts";

const file = "ranking";

/** Index images that are given for each query. */
const given = 100;

/** Ranks the index for all test images in one way. */
export async function retrieveBy(
  context: SystemContext,
  system: EmbeddedSystem,
  lists: Lists,
  { name, way }: Method<RetrievalWay>,
): Promise<CompletedStage> {
  const members = way.networks === "ensemble" ? membersOf(context.config, "retrieval") : [way.networks];
  const rankings: CompletedStage[] = [];
  for (const member of members) rankings.push(await rankBy(context, system, lists, { member, way }));
  return runStage(
    context.run,
    `retrieve/${name}`,
    { settings: { way, members, given }, after: [system.data.prepared.stage, ...rankings] },
    async (folder) => {
      const read = await Promise.all(rankings.map(readRanking));
      await writeNeighbors(join(folder, file), mergeRankings(read, given));
    },
  );
}

/** One network's ranking, which several ways share. */
function rankBy(
  { run, config }: SystemContext,
  { data }: EmbeddedSystem,
  lists: Lists,
  { member, way }: { readonly member: MemberName; readonly way: RetrievalWay },
): Promise<CompletedStage> {
  const { rerank, labelScore } = way;
  const { neighborCount, up, down, kept } = config.retrieval;
  const stageOf = (pair: RetrievalPair): CompletedStage => lists.get(retrievalList(member, pair))!;
  const after = [data.lists, ...pairsOfRanking(way).map(stageOf)];
  const options = { labelScore, neighborCount };
  const settings = { rerank, ...options, up, down, kept, gallery: config.gallery };
  const name = `rank/${member}/${rerank === "soft" ? `soft-${labelScore}` : rerank}`;
  return runStage(run, name, { settings, after }, async (folder) => {
    const queryIndex = await readLists(stageOf("test-index"));
    const write = (ranking: Neighbors): Promise<void> => writeNeighbors(join(folder, file), ranking);
    if (rerank === "none") return write(mergeRankings([queryIndex], kept));
    const evidence: RetrievalEvidence = {
      queryIndex,
      queryLabelled: await readLists(stageOf("test-gallery")),
      indexLabelled: await readLists(stageOf("index-gallery")),
      labels: data.gallery.labels,
    };
    return write(
      rerank === "soft"
        ? rankSoftly(evidence, { ...options, up, down, k: kept })
        : rankHard(evidence, { ...options, depth: given }),
    );
  });
}

/** What {@link retrieveBy} wrote: ids count usable index rows. */
export async function readRanking({ folder }: CompletedStage): Promise<Neighbors> {
  return (await readNeighbors(join(folder, file)))!;
}
