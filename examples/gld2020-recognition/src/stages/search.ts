import { type CompletedStage, type EmbeddingRows, pickedRows, searchRows } from "@lmk-example/kit";
import { allNeededLists, isHeadName, type ListName, type SearchName } from "../list-names.ts";
import { rowsOf } from "../member-rows.ts";
import type { Method } from "../methods.ts";
import { ownPlaces } from "../non-landmarks.ts";
import { sideBySide } from "../side-by-side.ts";
import type { EmbeddedSystem, Part, SystemContext } from "../system.ts";
import type { MemberName } from "../train-run.ts";
import { quantiles } from "./quantiles.ts";

/** Stages whose lists `readLists` reads, by the lists' name. */
export type Lists = ReadonlyMap<ListName, CompletedStage>;

/** What is searched for. */
export interface SearchOptions {
  readonly methods: readonly Method[];
  /** Images without a landmark, by their place among the usable test images, ascending; for methods that need them. */
  readonly nonLandmarks?: Int32Array | undefined;
}

/** Makes the lists of nearest images that the methods read, each once; all are exact. */
export async function searchAll(
  context: SystemContext,
  system: EmbeddedSystem,
  { methods, nonLandmarks }: SearchOptions,
): Promise<Lists> {
  const lists = new Map<ListName, CompletedStage>();
  for (const name of allNeededLists(methods, membersOf(system))) {
    if (!isHeadName(name)) lists.set(name, await searchOne(context, system, name, nonLandmarks));
  }
  return lists;
}

/** Makes what of the embeddings the methods compare besides as they are, before a search that several processes share. */
export async function quantilesAll(
  context: SystemContext,
  system: EmbeddedSystem,
  methods: readonly Method[],
): Promise<void> {
  const needed = methods.some(({ way }) => way.kind === "summed" && way.quantiles);
  if (!needed) return;
  for (const member of membersOf(system)) await quantiles(context, system, member);
}

/** The networks of the ensemble, in the order in which their embeddings stand side by side. */
export function membersOf({ embeddings }: Pick<EmbeddedSystem, "embeddings">): readonly MemberName[] {
  return [...embeddings.keys()];
}

async function searchOne(
  context: SystemContext,
  system: EmbeddedSystem,
  name: SearchName,
  nonLandmarks: Int32Array | undefined,
): Promise<CompletedStage> {
  const [space, pair] = name.split("/") as [string, string];
  const { fusion, nonLandmarkRanking, nonLandmarkRules } = context.config.recognition;
  const rows = await comparedRows(context, system, space);
  const options = { name: `search/${name}`, metric: space.endsWith(ending) ? "cosine" : "dot" } as const;
  if (pair === "test-gallery") {
    const k = Math.max(fusion.neighborCount, nonLandmarkRanking.shortlist);
    return searchRows(context, { ...options, queries: rows.test, database: rows.gallery, k });
  }
  if (nonLandmarks === undefined) {
    throw new RangeError(`expected images without a landmark for ${name}, got none`);
  }
  const database = pickedRows(rows.test, nonLandmarks);
  if (pair === "gallery-non-landmarks") {
    const k = nonLandmarkRanking.galleryCount;
    return searchRows(context, { ...options, queries: rows.gallery, database, k });
  }
  const k = Math.max(nonLandmarkRanking.queryCount, nonLandmarkRules.rank);
  // A test image without a landmark does not find itself.
  const exclude = ownPlaces(nonLandmarks, rows.test.rows);
  return searchRows(context, { ...options, queries: rows.test, database, k, exclude });
}

const ending = "-quantiles";

/** The embeddings that a space compares. */
async function comparedRows(
  context: SystemContext,
  system: EmbeddedSystem,
  space: string,
): Promise<Readonly<Record<Part, EmbeddingRows>>> {
  const networks = space.endsWith(ending) ? space.slice(0, -ending.length) : space;
  const members = networks === "ensemble" ? membersOf(system) : [networks as MemberName];
  if (networks === space) {
    return { test: rowsOf(system, members, "test"), gallery: rowsOf(system, members, "gallery") };
  }
  const mapped: Readonly<Record<Part, EmbeddingRows>>[] = [];
  for (const member of members) mapped.push(await quantiles(context, system, member));
  return {
    test: sideBySide(mapped.map(({ test }) => test)),
    gallery: sideBySide(mapped.map(({ gallery }) => gallery)),
  };
}
