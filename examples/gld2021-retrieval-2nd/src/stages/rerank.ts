import type { Neighbors } from "@lmk/index";
import { rerankByInliers } from "@lmk/rerank/geometry";
import { type CompletedStage, readLists, readRows, runStage, stackedRows } from "@lmk-example/kit";
import { checksum } from "../checksum.ts";
import { writeListsFile } from "../lists-file.ts";
import type { SearchedSystem } from "../member-rows.ts";
import type { Method } from "../method.ts";
import { rank } from "../rank.ts";
import type { RankInputs } from "../rank-inputs.ts";
import type { RetrievalContext } from "../retrieval-context.ts";
import { type ListName, neededLists } from "../search-lists.ts";
import type { Way } from "../way.ts";
import { matchLocally } from "./match-locally.ts";
import { type Lists, networksOf, partRows } from "./search.ts";
import { votedLists } from "./voted-references.ts";

/** The stage of each method, by its name; {@link readRanking} reads it. */
export type Reranked = ReadonlyMap<string, CompletedStage>;

/** Ranks index images by every method. */
export async function rerankAll(
  context: RetrievalContext,
  system: SearchedSystem,
  lists: Lists,
  methods: readonly Method[],
): Promise<Reranked> {
  const reranked = new Map<string, CompletedStage>();
  for (const method of methods) {
    reranked.set(method.name, await rerankBy(context, system, lists, method));
  }
  return reranked;
}

/** Ranks index images for all queries in one way: the first hundred of each, by their places. */
export async function rerankBy(
  context: RetrievalContext,
  system: SearchedSystem,
  lists: Lists,
  { name, way }: Pick<Method, "name" | "way">,
): Promise<CompletedStage> {
  if (!way.local) return rankBy(context, system, lists, { name, way });
  const { SPG_RERANK_NUM: depth, LOCAL_WEIGHT: weight, MAX_INLIERS: cap } = context.config.inference;
  const before = await rankBy(context, system, lists, {
    name: `${name}-before`,
    way: { ...way, local: false },
  });
  const matched = await matchLocally(context, system.searched, { name, ranked: before });
  const fusion = { kind: "add-capped", weight, cap } as const;
  const settings = { depth, fusion };
  return runStage(
    context.run,
    `rerank/${name}`,
    { settings, after: [before, matched.stage] },
    async (folder) =>
      writeListsFile(
        folder,
        rerankByInliers(await readLists(before), await matched.read(), { depth, fusion }),
      ),
  );
}

function rankBy(
  context: RetrievalContext,
  system: SearchedSystem,
  lists: Lists,
  { name, way }: Pick<Method, "name" | "way">,
): Promise<CompletedStage> {
  const { run, config } = context;
  const { MODEL_LIST, MODEL_WEIGHT, K1, K2, LAMBDA, VOTE_NUM } = config.inference;
  const numbers = { MODEL_LIST, MODEL_WEIGHT, K1, K2, LAMBDA, VOTE_NUM };
  const networks = networksOf(config);
  const needed = neededLists(way, networks).map((list) => [list, stageOf(lists, list)] as const);
  const { classes, countries } = system.searched.references;
  const tags = way.category === undefined ? undefined : checksum([classes, countries]);
  const depth = way.category?.kind === "voted-references" ? config.search.depth : undefined;
  const settings = { way, ...numbers, tags, depth };
  const after = [system.searched.prepared.stage, ...needed.map(([, stage]) => stage)];
  return runStage(run, `rerank/${name}`, { settings, after }, async (folder) => {
    const read = new Map<ListName, Neighbors>();
    for (const [list, stage] of needed) read.set(list, await readLists(stage));
    const inputs: RankInputs = {
      networks,
      references: system.searched.references,
      settings: numbers,
      list: (list) => read.get(list)!,
      ...(await embeddingsFor(context, system, way, (list) => read.get(list)!)),
    };
    await writeListsFile(folder, rank(way, inputs));
  });
}

/** What is made of the embeddings themselves, where a way compares more than lists hold. */
async function embeddingsFor(
  context: RetrievalContext,
  system: SearchedSystem,
  way: Way,
  list: RankInputs["list"],
): Promise<Pick<RankInputs, "pool" | "voted">> {
  const { networks, similarity, category } = way;
  if (similarity === "k-reciprocal") {
    const parts = (["queries", "index"] as const).map((part) => partRows(context, system, networks, part));
    return { pool: await readRows(stackedRows(parts)) };
  }
  if (category?.kind !== "voted-references") return {};
  const members = networks === "ensemble" ? networksOf(context.config) : [networks];
  return { voted: await votedLists(context, system, { members, set: category.references, list }) };
}

function stageOf(lists: Lists, name: ListName): CompletedStage {
  const stage = lists.get(name);
  if (stage === undefined) throw new RangeError(`expected lists ${name}, got none`);
  return stage;
}

/** What {@link rerankBy} wrote: ids are places in `searched.images`. */
export function readRanking(stage: CompletedStage): Promise<Neighbors> {
  return readLists(stage);
}
