import { firstNeighbors, readRows, takeRows } from "@lmk-example/kit";
import type { NetworkName } from "../chains.ts";
import { rowsOfSet, type SearchedSystem } from "../member-rows.ts";
import { renumbered } from "../neighbor-rows.ts";
import type { ComparedImages, RankInputs } from "../rank-inputs.ts";
import type { RetrievalContext } from "../retrieval-context.ts";
import type { ReferenceSet } from "../searched.ts";
import { partRows } from "./search.ts";

/** What is compared, and by which networks. */
interface ComparedOptions {
  readonly members: readonly NetworkName[];
  readonly set: ReferenceSet;
  readonly list: RankInputs["list"];
}

/** Reads the index images and all references of the landmarks that the first references of any query have. */
export async function comparedImages(
  context: RetrievalContext,
  system: SearchedSystem,
  { members, set, list }: ComparedOptions,
): Promise<(network: NetworkName) => ComparedImages> {
  const { references } = system.searched;
  const compared = new Map<NetworkName, ComparedImages>();
  for (const network of members) {
    const first = firstNeighbors(list(`${network}/query-${set}`), context.config.inference.VOTE_NUM);
    const all = rowsOfSet(partRows(context, system, network, "references"), references, set);
    const rows = referencesOfVoted(first.ids, references.classes.subarray(0, all.rows));
    compared.set(network, {
      index: await readRows(partRows(context, system, network, "index")),
      references: await takeRows(all, rows),
      classes: rows.map((row) => references.classes[row]!),
      ofQueries: renumbered(first, rows),
    });
  }
  return (network) => compared.get(network)!;
}

/** The rows of all references of the classes that the voters have, ascending. */
export function referencesOfVoted(voters: Int32Array, classes: Int32Array): Int32Array {
  const voted = new Set(Array.from(voters, (id) => (id < 0 ? -1 : classes[id]!)));
  return Int32Array.from(classes.keys()).filter((row) => voted.has(classes[row]!));
}
