import type { Split } from "@lmk/data";
import {
  type CompletedStage,
  type EmbeddingRows,
  searchRows,
  stackedRows,
  usableRows,
  verify,
} from "@lmk-example/kit";
import type { Member } from "../config.ts";
import type { EnsembleContext } from "../context.ts";
import type { Ensemble } from "../ensemble.ts";
import { rowsOf } from "../member-rows.ts";

/** Where a list's queries and neighbors are from. The pool is the test images and, behind them, the index images. */
export type Part = Split | "pool";

/** Lists are called by the parts of their queries and of their database. */
export type ListName = `${Part}-${Part}`;

/** Stages of lists by their name. */
export type Lists<Name extends ListName = ListName> = Readonly<Record<Name, CompletedStage>>;

/** Networks that are searched with together, and what their lists' stages are called. */
export interface NamedMembers {
  readonly name: string;
  readonly members: readonly Member[];
}

/** Finds lists of the ensemble's embeddings, or of other networks', each with so many neighbors as it says. */
export async function searchEnsemble<Name extends ListName>(
  context: EnsembleContext,
  ensemble: Ensemble,
  counts: Readonly<Record<Name, number>>,
  { name, members }: NamedMembers = { name: "ensemble", members: context.config.members },
): Promise<Lists<Name>> {
  const stages: Partial<Record<ListName, CompletedStage>> = {};
  for (const [list, k] of Object.entries(counts) as [Name, number][]) {
    const [queries, database] = partsOf(list);
    stages[list] = await searchRows(context, {
      name: `search/${name}/${list}`,
      queries: partRows(ensemble, members, queries),
      database: partRows(ensemble, members, database),
      k,
    });
  }
  return stages as Lists<Name>;
}

/** The embeddings of a part by some networks. */
export function partRows(ensemble: Ensemble, members: readonly Member[], part: Part): EmbeddingRows {
  if (part !== "pool") return rowsOf(ensemble, members, part);
  return stackedRows([rowsOf(ensemble, members, "test"), rowsOf(ensemble, members, "index")]);
}

/** Compares the images of lists place by place; the lists come by falling counts of inliers, which are the scores. */
export async function verifyLists<Name extends `${Split}-${Split}`>(
  context: EnsembleContext,
  { features, data }: Ensemble,
  lists: Lists<Name>,
): Promise<Lists<Name>> {
  const stages: Partial<Record<ListName, CompletedStage>> = {};
  for (const [name, list] of Object.entries(lists) as [Name, CompletedStage][]) {
    const [queries, database] = partsOf(name) as [Split, Split];
    stages[name] = await verify(context, {
      name: `verify/${name}`,
      queries: features[queries]!,
      database: features[database]!,
      lists: list,
      rows: usableRows(data.v2, queries).length,
      verification: context.config.verification,
    });
  }
  return stages as Lists<Name>;
}

function partsOf(name: ListName): readonly [queries: Part, database: Part] {
  const [queries, database] = name.split("-");
  return [queries as Part, database as Part];
}
