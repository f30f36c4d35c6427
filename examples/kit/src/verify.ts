import type { Neighbors } from "@lmk/index";
import { type CountInliersOptions, countInliersAsync } from "@lmk/rerank/geometry";
import type { Context } from "./context.ts";
import { type LocalFeatureStore, openLocalFeatures } from "./local-feature-store.ts";
import { makeLists, readLists } from "./neighbor-lists.ts";
import type { CompletedStage } from "./run-folder.ts";

/** Pairs of images that are to be compared place by place. */
export interface VerifyOptions {
  /** The stage's name. */
  readonly name: string;
  /** Local features of the images that are compared, and of those they are compared with. */
  readonly queries: CompletedStage;
  readonly database: CompletedStage;
  /** The stage of the lists: for each query the images it is compared with. */
  readonly lists: CompletedStage;
  /** How many queries there are. */
  readonly rows: number;
  /** How places are matched, and which of them agree. */
  readonly verification: Omit<CountInliersOptions, "depth" | "threads">;
}

type VerifyContext = Pick<Context<unknown>, "run" | "progress" | "options">;

/**
 * Counts for every query and each image of its list the places that agree with one affine transform. The lists of the
 * stage, read by {@link readLists}, come by falling counts, which are the scores.
 */
export async function verify(context: VerifyContext, options: VerifyOptions): Promise<CompletedStage> {
  const { name, queries, database, lists, rows, verification } = options;
  const { threads } = context.options;
  let opening: Promise<Opened> | undefined;
  try {
    return await makeLists(context, {
      name,
      settings: { verification },
      after: [queries, database, lists],
      rows,
      rowsPerPart: 256,
      // Of each of these all candidates are in memory: at a thousand places of 40 numbers each, half a gigabyte.
      rowsAtOnce: 32,
      async listsOf(first, end) {
        opening ??= Promise.all([openLocalFeatures(queries), openLocalFeatures(database), readLists(lists)]);
        const opened = await opening;
        return countInliersOf(opened, first, end, { depth: opened[2].k, ...verification, threads });
      },
    });
  } finally {
    const [ofQueries, ofDatabase] = (await opening) ?? [];
    await ofQueries?.close();
    await ofDatabase?.close();
  }
}

/** Features of the queries and of the images that they are compared with, and which these are. */
type Opened = readonly [queries: LocalFeatureStore, database: LocalFeatureStore, lists: Neighbors];

/** Inliers of the rows from `first` to before `end` with the images of their lists. */
async function countInliersOf(
  [queries, database, lists]: Opened,
  first: number,
  end: number,
  options: Parameters<typeof countInliersAsync>[3],
): Promise<Neighbors> {
  const ids = lists.ids.subarray(first * lists.k, end * lists.k);
  const candidates = Int32Array.from(new Set(ids.filter((id) => id >= 0))).sort();
  const places = new Map([...candidates].map((id, place) => [id, place]));
  const rows = Int32Array.from({ length: end - first }, (_, i) => first + i);
  const counted = await countInliersAsync(
    await queries.slice(rows),
    await database.slice(candidates),
    {
      ids: ids.map((id) => places.get(id) ?? -1),
      scores: lists.scores.subarray(first * lists.k, end * lists.k),
      rows: rows.length,
      k: lists.k,
    },
    options,
  );
  return { ...counted, ids: counted.ids.map((place) => (place < 0 ? -1 : candidates[place]!)) };
}
