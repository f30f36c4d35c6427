import { exactSearchAsync, type Metric } from "@lmk/index";
import type { Context } from "./context.ts";
import { type EmbeddingRows, readRows } from "./embedding-rows.ts";
import { makeLists } from "./neighbor-lists.ts";
import { type CompletedStage, hashOf } from "./run-folder.ts";

/** What is searched, and where. */
export interface SearchRowsOptions {
  /** The stage's name. */
  readonly name: string;
  readonly queries: EmbeddingRows;
  readonly database: EmbeddingRows;
  /** Most neighbors of a query; fewer where the database has fewer rows. */
  readonly k: number;
  /** @defaultValue "dot", the cosine of rows of length 1 */
  readonly metric?: Metric;
  /** For each query the database row that is not to be found, such as the query itself; −1 for none. */
  readonly exclude?: Int32Array;
}

/** Entries of lists that are searched at once: each thread holds them all, 128 MiB, and hands as much over. */
const mostEntries = 2 ** 24;

/** Queries for which the database is read once: 4096, fewer where their lists are longer than 4096. */
export function queriesAtOnce(k: number): number {
  return Math.max(1, Math.min(4096, Math.floor(mostEntries / k)));
}

/** A stage that finds the nearest rows of each query exactly; `readLists` reads them. */
export function searchRows(
  context: Pick<Context<unknown>, "run" | "progress" | "options">,
  { name, queries, database, k, metric = "dot", exclude }: SearchRowsOptions,
): Promise<CompletedStage> {
  const settings = { queries: queries.settings, database: database.settings, k, metric };
  return makeLists(context, {
    name,
    settings: exclude === undefined ? settings : { ...settings, exclude: hashOf([...exclude]) },
    after: [...queries.stages, ...database.stages],
    rows: queries.rows,
    rowsPerPart: 4096,
    rowsAtOnce: queriesAtOnce(Math.min(k, database.rows)),
    async listsOf(first, end) {
      const some = await readRows(queries, { first, end });
      await using source = await database.open();
      const options = { k: Math.min(k, database.rows), metric, threads: context.options.threads };
      return await exactSearchAsync(
        some,
        source,
        exclude === undefined ? options : { ...options, exclude: exclude.subarray(first, end) },
      );
    },
  });
}
