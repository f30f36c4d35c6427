import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type BoxedQueries,
  DataFormatError,
  type ImageTable,
  type RelevantAndIgnored,
  readOxfordParis,
  readRevisited,
  revisitedProtocol,
} from "@lmk/data";
import { type ImageSizes, readImageSizes } from "@lmk/data/images";
import { UserError } from "./user-error.ts";

/** The sets with boxed queries: Oxford and Paris with both labels, and what `generateRevisited` makes. */
export const revisitedSetNames = ["roxford5k", "rparis6k", "oxford5k", "paris6k", "generated"] as const;

export type RevisitedSetName = (typeof revisitedSetNames)[number];

/** What a set is scored by: three protocols, or one of the sets with the first labels. */
export type ProtocolName = "easy" | "medium" | "hard" | "original";

/** What a set asks for. */
export interface RevisitedSet extends BoxedQueries {
  readonly name: RevisitedSetName;
  readonly protocols: ReadonlyMap<ProtocolName, RelevantAndIgnored>;
}

/** A set with the size of each of its images, as the files have it. */
export interface MeasuredSet extends RevisitedSet {
  readonly indexSizes: ImageSizes;
  readonly querySizes: ImageSizes;
}

/** Finds out which of the sets a folder holds. */
export function findRevisitedSet(folder: string): RevisitedSetName {
  const found = revisitedSetNames.filter((name) =>
    ["pkl", "json"].some((ending) => existsSync(join(folder, `gnd_${name}.${ending}`))),
  );
  if (found.length === 1) return found[0]!;
  const got = found.length === 0 ? "none" : `those of ${found.join(", ")}`;
  throw new UserError(`${folder}: expected one file gnd_<set>.pkl or gnd_<set>.json, got ${got}; pass --set`);
}

/** Reads a set's ground truth; nothing is asked of its images yet. */
export async function readRevisitedSet(folder: string, name: RevisitedSetName): Promise<RevisitedSet> {
  try {
    if (name === "oxford5k" || name === "paris6k") {
      const data = await readOxfordParis(folder, { name });
      return { ...data, name, protocols: new Map([["original", data]]) };
    }
    const data = await readRevisited(folder, { name });
    const protocols = (["easy", "medium", "hard"] as const).map(
      (protocol) => [protocol, revisitedProtocol(data, protocol)] as const,
    );
    return { ...data, name, protocols: new Map(protocols) };
  } catch (error) {
    if (!DataFormatError.isInstance(error) || error.code !== "missing-file") throw error;
    throw new UserError(`${error.message}; ${wayTo(name, folder)}`);
  }
}

/** Measures every image of a set, and refuses a set that lacks some. */
export async function measureRevisitedSet(
  set: RevisitedSet,
  folder: string,
  onProgress: (done: number) => void = () => {},
): Promise<MeasuredSet> {
  const measure = (table: ImageTable, before: number): Promise<ImageSizes> =>
    readImageSizes(table.paths, { autoOrient: false, onProgress: (done) => onProgress(before + done) });
  const indexSizes = await measure(set.index, 0);
  const querySizes = await measure(set.queries, set.index.ids.length);
  const failures = [...indexSizes.failures, ...querySizes.failures];
  const [first] = failures;
  if (first === undefined) return { ...set, indexSizes, querySizes };
  const all = set.index.ids.length + set.queries.ids.length;
  throw new UserError(
    `${set.name}: expected ${all} images, got ${all - failures.length}; ${first.path}: ${first.message}; ${wayTo(set.name, folder)}`,
  );
}

/** How to get a set. */
function wayTo(name: RevisitedSetName, folder: string): string {
  switch (name) {
    case "roxford5k":
    case "rparis6k":
      return `fetch the set by prepare --download ${name} --data ${folder}`;
    case "generated":
      return "leave --data out to have the set made";
    default:
      return `put gnd_${name}.pkl and its images, in jpg/, into ${folder}`;
  }
}
