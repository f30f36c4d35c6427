import {
  type CompletedStage,
  type EmbeddingRows,
  ownPlaces,
  pickedRows,
  type SearchRowsOptions,
  searchRows,
} from "@lmk-example/kit";
import { listLength } from "../list-length.ts";
import { allNeededLists, isHeadName, type ListName } from "../list-names.ts";
import { rowsOf } from "../member-rows.ts";
import type { Method } from "../method.ts";
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
  const names = allNeededLists(methods, membersOf(system)).filter((name) => !isHeadName(name));
  const mapped = await quantilesAll(context, system, methods);
  const lists = new Map<ListName, CompletedStage>();
  for (const name of names) {
    const [space, pair] = name.split("/") as [string, string];
    const rows = comparedRows(system, mapped, space);
    const metric = space.endsWith(ending) ? "cosine" : "dot";
    lists.set(name, await searchOne(context, { name: `search/${name}`, metric, pair, rows, nonLandmarks }));
  }
  return lists;
}

/**
 * Makes each number of the networks' embeddings normal, where any method compares them so: a stage of its own, before the
 * searches that several processes share.
 */
export async function quantilesAll(
  context: SystemContext,
  system: EmbeddedSystem,
  methods: readonly Method[],
): Promise<ReadonlyMap<MemberName, RowsOfParts>> {
  const mapped = new Map<MemberName, RowsOfParts>();
  if (!methods.some(({ way }) => way.kind === "summed" && way.quantiles)) return mapped;
  for (const member of membersOf(system)) mapped.set(member, await quantiles(context, system, member));
  return mapped;
}

/** The networks of the ensemble, in the order in which their embeddings stand side by side. */
export function membersOf({ embeddings }: Pick<EmbeddedSystem, "embeddings">): readonly MemberName[] {
  return [...embeddings.keys()];
}

/** What is searched in what, and the test images without a landmark. */
interface Search extends Pick<SearchRowsOptions, "name" | "metric"> {
  readonly pair: string;
  readonly rows: RowsOfParts;
  readonly nonLandmarks: Int32Array | undefined;
}

async function searchOne(
  context: SystemContext,
  { pair, rows, nonLandmarks, ...options }: Search,
): Promise<CompletedStage> {
  const { recognition } = context.config;
  const { nonLandmarkRanking, nonLandmarkRules } = recognition;
  if (pair === "test-gallery") {
    const k = listLength(recognition, rows.test.rows);
    return searchRows(context, { ...options, queries: rows.test, database: rows.gallery, k });
  }
  if (nonLandmarks === undefined) {
    throw new RangeError(`expected images without a landmark for ${options.name}, got none`);
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

type RowsOfParts = Readonly<Record<Part, EmbeddingRows>>;

const ending = "-quantiles";

/** The embeddings that a space compares. */
function comparedRows(
  system: EmbeddedSystem,
  mapped: ReadonlyMap<MemberName, RowsOfParts>,
  space: string,
): RowsOfParts {
  const networks = space.endsWith(ending) ? space.slice(0, -ending.length) : space;
  const members = networks === "ensemble" ? membersOf(system) : [networks as MemberName];
  if (networks === space) {
    return { test: rowsOf(system, members, "test"), gallery: rowsOf(system, members, "gallery") };
  }
  const parts = members.map((member) => mapped.get(member)!);
  return {
    test: sideBySide(parts.map(({ test }) => test)),
    gallery: sideBySide(parts.map(({ gallery }) => gallery)),
  };
}
