import type { Neighbors } from "@lmk/index";
import { rerankByVotedReferences } from "@lmk/rerank";
import { firstNeighbors, readRows, takeRows } from "@lmk-example/kit";
import type { NetworkName } from "../chains.ts";
import { rowsOfSet, type SearchedSystem } from "../member-rows.ts";
import { renumbered } from "../neighbor-rows.ts";
import type { RankInputs } from "../rank-inputs.ts";
import type { RetrievalContext } from "../retrieval-context.ts";
import type { ReferenceSet } from "../searched.ts";
import { partRows } from "./search.ts";

/** Whose lists are ranked again, and by which references. */
interface VotedOptions {
  readonly members: readonly NetworkName[];
  readonly set: ReferenceSet;
  readonly list: RankInputs["list"];
}

/**
 * Each network's lists with the images first that are near a reference of the landmarks that the query's first references
 * have.
 *
 * Of each list the first `search.depth` images alone are compared, and those behind left out: a comparison takes all
 * references of a landmark. One network's embeddings are in memory at a time.
 */
export async function votedLists(
  context: RetrievalContext,
  system: SearchedSystem,
  { members, ...options }: VotedOptions,
): Promise<ReadonlyMap<NetworkName, Neighbors>> {
  const voted = new Map<NetworkName, Neighbors>();
  for (const network of members) voted.set(network, await votedBy(context, system, network, options));
  return voted;
}

async function votedBy(
  context: RetrievalContext,
  system: SearchedSystem,
  network: NetworkName,
  { set, list }: Omit<VotedOptions, "members">,
): Promise<Neighbors> {
  const { inference, search } = context.config;
  const { references } = system.searched;
  const voters = firstNeighbors(list(`${network}/query-${set}`), inference.VOTE_NUM);
  const all = rowsOfSet(partRows(context, system, network, "references"), references, set);
  const rows = referencesOfVoted(voters.ids, references.classes.subarray(0, all.rows));
  const found = firstNeighbors(list(`${network}/index`), search.depth);
  return rerankByVotedReferences(found, await readRows(partRows(context, system, network, "index")), {
    references: await takeRows(all, rows),
    labels: rows.map((row) => references.classes[row]!),
    referenceNeighbors: renumbered(voters, rows),
    neighborCount: inference.VOTE_NUM,
  });
}

/** The rows of all references of the classes that the voters have, ascending. */
export function referencesOfVoted(voters: Int32Array, classes: Int32Array): Int32Array {
  const voted = new Set(Array.from(voters, (id) => (id < 0 ? -1 : classes[id]!)));
  return Int32Array.from(classes.keys()).filter((row) => voted.has(classes[row]!));
}
