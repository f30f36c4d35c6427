import { type CompletedStage, searchRows, stackedRows } from "@lmk-example/kit";
import type { NetworkName } from "../chains.ts";
import { rowsOf, rowsOfSet, type SearchedSystem, weightOf } from "../member-rows.ts";
import type { Method } from "../method.ts";
import type { RetrievalContext } from "../retrieval-context.ts";
import { searchDepth } from "../search-depth.ts";
import { allNeededLists, type ListName, partsOfName } from "../search-lists.ts";
import type { ReferenceSet } from "../searched.ts";
import type { Part } from "../system.ts";
import type { Networks } from "../way.ts";

/** Stages whose lists `readLists` reads, by the lists' name. */
export type Lists = ReadonlyMap<ListName, CompletedStage>;

/** Makes the lists of nearest images that the methods read, each once, but for those of votes; all are exact. */
export async function searchAll(
  context: RetrievalContext,
  system: SearchedSystem,
  methods: readonly Pick<Method, "way">[],
): Promise<Lists> {
  const { queries, images } = system.searched;
  const depth = searchDepth(context.config.search.depth, queries.length, images.length);
  if (depth < images.length) {
    context.notice(
      `lists of ${queries.length} queries end at ${depth} of ${images.length} index images; those behind stay behind`,
    );
  }
  const lists = new Map<ListName, CompletedStage>();
  for (const name of neededBy(context, methods)) {
    if (!name.includes("/votes-")) lists.set(name, await searchOne(context, system, name, depth));
  }
  return lists;
}

/** The lists that methods read. */
export function neededBy(
  { config }: Pick<RetrievalContext, "config">,
  methods: readonly Pick<Method, "way">[],
): readonly ListName[] {
  return allNeededLists(
    methods.map(({ way }) => way),
    networksOf(config),
  );
}

/** The networks of the ensemble, in its order. */
export function networksOf({ chains }: Pick<RetrievalContext["config"], "chains">): readonly NetworkName[] {
  return chains.map(({ network }) => network);
}

function searchOne(
  context: RetrievalContext,
  system: SearchedSystem,
  name: ListName,
  depth: number,
): Promise<CompletedStage> {
  const { inference, search } = context.config;
  const { networks, kind } = partsOfName(name);
  const of = (part: Part): ReturnType<typeof rowsOf> => partRows(context, system, networks, part);
  const found = (queries: Part, set: ReferenceSet, k: number): Promise<CompletedStage> => {
    const database = rowsOfSet(of("references"), system.searched.references, set);
    return searchRows(context, { name: `search/${name}`, queries: of(queries), database, k });
  };
  if (kind === "index") {
    const options = { queries: of("queries"), database: of("index"), k: depth };
    return searchRows(context, { name: `search/${name}`, ...options });
  }
  if (kind === "pool") {
    const pool = stackedRows([of("queries"), of("index")]);
    // Each row may find itself; of twice as many neighbors as are looked at hardly any pair is missed.
    const k = 1 + 2 * Math.max(inference.K1, inference.K2);
    return searchRows(context, { name: `search/${name}`, queries: pool, database: pool, k });
  }
  const [part, set] = kind.split("-") as ["query" | "index" | "votes", ReferenceSet];
  return part === "index" ? found("index", set, 1) : found("queries", set, search.referenceDepth);
}

/** The embeddings of a part by one network, or by all of them together. */
export function partRows(
  { config }: Pick<RetrievalContext, "config">,
  system: SearchedSystem,
  networks: Networks,
  part: Part,
): ReturnType<typeof rowsOf> {
  const members = networks === "ensemble" ? networksOf(config) : [networks];
  return rowsOf(
    system,
    part,
    members.map((network) => ({ network, weight: weightOf(config.inference, network) })),
  );
}
